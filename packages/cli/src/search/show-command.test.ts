import { describe, expect, it } from "vitest";
import { showCommand } from "./show-command.js";

const threadId = "01a1f895-826b-73c3-a163-00d01a88d765";

describe("the command that shows a thread", () => {
  it.each([
    ["names the turn", { turnId: "turn-1" }, `threadstore show ${threadId} --at turn-1`],
    ["names no turn where there is none", {}, `threadstore show ${threadId}`],
    ["quotes a turn", { turnId: "it's one" }, `threadstore show ${threadId} --at 'it'\\''s one'`],
    ["names no turn that a terminal would obey", { turnId: "\u001b[31m" }, `threadstore show ${threadId}`],
    ["names the home", { home: "/my home" }, `threadstore --home '/my home' show ${threadId}`],
    ["names a server", { home: "grpc://host:1" }, `threadstore --home grpc://host:1 show ${threadId}`],
    ["tells no token", { home: "grpcs://secret@host:1" }, `threadstore show ${threadId}`],
  ])("%s", (_what, place, command) => {
    expect(showCommand({ threadId, ...place })).toBe(command);
  });
});
