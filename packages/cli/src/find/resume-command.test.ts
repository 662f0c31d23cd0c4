import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { resumeCommand } from "./resume-command.js";

const id = "01a1f895-826b-73c3-a163-00d01a88d765";

describe("the command of the real Codex", () => {
  it.each([
    ["of its own home", join(homedir(), ".codex"), {}, `codex resume ${id}`],
    ["of the home it was told", "/my/codex", { CODEX_HOME: "/my/codex/" }, `codex resume ${id}`],
    ["of another home", "/my codex", {}, `CODEX_HOME='/my codex' codex resume ${id}`],
    [
      "of its own home, where it was told another",
      join(homedir(), ".codex"),
      { CODEX_HOME: "/my" },
      `CODEX_HOME=${homedir()}/.codex codex resume ${id}`,
    ],
    ["of a server", "grpc://host:1", {}, `codex resume ${id}`],
  ])("resumes a thread %s", (_what, home, environment, command) => {
    expect(resumeCommand(id, home, environment)).toBe(command);
  });
});
