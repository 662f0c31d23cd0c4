import type { ApiThreadItem } from "@threadstore/codex-wire";
import { describe, expect, it } from "vitest";
import { colorsFor } from "../output/colors.js";
import { formatItem } from "./format-item.js";

const PLAIN = colorsFor({});

function format(type: string, fields: object, { isFull = false } = {}): string {
  const item: ApiThreadItem = { ...fields, type, id: "1", startedAtMs: null, completedAtMs: null };
  return formatItem(item, { colors: PLAIN, isFull });
}

const numbered = (count: number) => Array.from({ length: count }, (_, at) => `line ${at + 1}`).join("\n");
const command = (aggregatedOutput: string, text = "cat file") => ({
  command: text,
  aggregatedOutput,
  exitCode: 0,
  durationMs: 1_500,
  status: "completed",
});

describe("formatItem", () => {
  it("prints messages whole, however long they are", () => {
    const text = numbered(500);
    expect(format("agentMessage", { text: `${text}\n\n` })).toBe(`agent\n${text}\n`);
  });

  it("prints the first lines of an output, and how many more there are", () => {
    expect(format("commandExecution", command(numbered(133)))).toBe(
      `$ cat file\n${numbered(10).replace(/^/gm, "  ")}\n  … 123 more lines\n  exit 0, 1.5 s\n`,
    );
    expect(format("commandExecution", command(numbered(11)))).toContain("  … 1 more line\n");
    expect(format("commandExecution", command(numbered(10)))).not.toContain("…");
  });

  it("cuts lines that are too long for any screen", () => {
    const [, line] = format("commandExecution", command("x".repeat(1_000_000))).split("\n");
    expect(line).toBe(`  ${"x".repeat(399)}…`);
  });

  it("prints all of it in full", () => {
    const output = `${numbered(133)}\n${"x".repeat(5_000)}`;
    expect(format("commandExecution", command(output), { isFull: true })).toBe(
      `$ cat file\n${output.replace(/^/gm, "  ")}\n  exit 0, 1.5 s\n`,
    );
  });

  it("indents the further lines of a command", () => {
    expect(format("commandExecution", command("", "cat <<EOF\nhello\nEOF"))).toBe(
      "$ cat <<EOF\n  hello\n  EOF\n  exit 0, 1.5 s\n",
    );
    expect(format("commandExecution", command("", numbered(9)))).toContain("  … 4 more lines\n");
  });

  it("prints little of what the agent thought", () => {
    const summary = ["**Planning**", numbered(4)];
    expect(format("reasoning", { summary })).toBe("reasoning\n  **Planning**\n  line 1\n  line 2\n  … 2 more lines\n");
    expect(format("reasoning", { summary }, { isFull: true })).toContain("  line 4\n");
  });

  it("prints diffs in full only", () => {
    const change = { path: "/a", kind: { type: "update" }, diff: "@@ -1 +1 @@\n-old\n+new\n" };
    const changes = { changes: [change], status: "completed" };
    expect(format("fileChange", changes)).toBe("files\n  update /a +1 -1\n");
    expect(format("fileChange", changes, { isFull: true })).toBe(
      "files\n  update /a +1 -1\n  @@ -1 +1 @@\n  -old\n  +new\n",
    );
  });

  it.each([
    ["userMessage", { content: [{ type: "text", text: "\u001b]0;owned\u0007a\u009b2Jb" }] }],
    ["commandExecution", command("\u001b[2J\u0007out", "echo \u001b[31m\u0008")],
    ["fileChange", { changes: [{ path: "/\u001b[31m", kind: { type: "add\u0007" }, diff: "\u001b" }] }],
    ["mcpToolCall", { server: "\u001b[1m", tool: "\u0007", error: { message: "\u001b[1m" }, status: "\u001bfailed" }],
    ["new\u001b[31mKind", { value: "\u009b" }],
  ])("lets nothing of a %s through that a terminal would obey", (type, fields) => {
    for (const isFull of [false, true]) {
      expect(format(type, fields, { isFull }).replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    }
  });

  it("colours failures on a terminal", () => {
    const item = {
      type: "commandExecution",
      id: "1",
      startedAtMs: null,
      completedAtMs: null,
      command: "x",
      exitCode: 2,
    };
    const style = { colors: colorsFor({ isTTY: true }, {}), isFull: false };
    expect(formatItem(item, style)).toBe("\u001b[36m$\u001b[39m x\n  \u001b[31mexit 2\u001b[39m\n");
  });
});
