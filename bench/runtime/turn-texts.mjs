/** What is said in a turn, and with what it runs. */
export const QUESTION = "What did we find out about the failing test? ".repeat(4);
export const ANSWER = "It fails when two writers open the same thread. ".repeat(12);

export const AGENT = {
  settings: { cwd: "/bench", model: "bench", modelProvider: "bench" },
  originator: "bench",
  version: "1.0.0",
};
