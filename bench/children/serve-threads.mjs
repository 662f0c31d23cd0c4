// Serves threads over gRPC: those of a home, or of a new store in memory. Answers each question with what it used so far.
import { serveRemote } from "@threadstore/remote";
import { answerQuestions } from "../measure/answer-questions.mjs";
import { usedResources } from "../measure/used-resources.mjs";
import { openBenchStore } from "../remote/bench-threads.mjs";

const [where, group] = process.argv.slice(2);
const store = await openBenchStore({ where, isListed: group === "lists" });
const server = await serveRemote({ stores: { forTenant: async () => store }, host: "127.0.0.1", port: 0 });
await answerQuestions({ port: server.port }, usedResources);
await server.drain();
await store[Symbol.asyncDispose]();
