import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyFixtureHome, type FixtureHome } from "../../../test/support/fixture-home.js";
import { runCommand } from "./support/run-command.js";
import { hasTerminals, TerminalCommand, type TerminalSize } from "./support/terminal-command.js";

const DOWN = "\u001b[B";
const ENTER = "\r";
const ESCAPE = "\u001b";
const CTRL_C = "\u0003";
const CTRL_N = "\u000e";
const CTRL_P = "\u0010";
const CTRL_R = "\u0012";
const CTRL_U = "\u0015";

const ENTER_SCREEN = "\u001b[?1049h\u001b[?7l";
const LEAVE_SCREEN = "\u001b[?7h\u001b[?25h\u001b[?1049l";

let home: FixtureHome;

beforeAll(async () => {
  home = copyFixtureHome("home169");
  await runCommand(["--home", home.path, "search", "thread", "--complete"]);
});

afterAll(() => home.remove());

const find = (size: TerminalSize, ...args: string[]) =>
  new TerminalCommand(["--home", home.path, "find", ...args], size);

/** Whether the screen shows all that was found for a text. */
const isFound = (query: string) => (screen: string) =>
  screen.startsWith(query === "" ? ">\n" : `> ${query}\n`) && / threads? · /.test(screen);
const isMarked = (line: number) => (screen: string) => screen.split("\n")[line]?.startsWith("▶") === true;
const marked = (screen: string) => /^▶ (\S+)/m.exec(screen)?.[1];

/** What was printed when the terminal had been given back. */
function printed({ written }: TerminalCommand): string {
  expect(written.split(ENTER_SCREEN).length).toBe(2);
  expect(written.split(LEAVE_SCREEN).length).toBe(2);
  return written.slice(written.indexOf(LEAVE_SCREEN) + LEAVE_SCREEN.length).replaceAll("\r\n", "\n");
}

describe.runIf(hasTerminals)("threadstore find, in a terminal of script(1)", () => {
  it("lists the threads, the last changed first, and leaves with Escape", async () => {
    await using command = find([80, 10]);
    const screen = await command.until(isFound(""));
    const { stdout } = await runCommand(["--home", home.path, "list", "--sort", "updated", "--limit", "8"]);
    const rows = screen.split("\n").slice(1, -1);
    expect(rows.map((row) => row.slice(2, 15))).toEqual(
      stdout
        .split("\n")
        .slice(1, 9)
        .map((row) => row.slice(0, 13)),
    );
    command.send(ESCAPE);
    expect([await command.ended(), printed(command)]).toEqual([0, ""]);
  });

  it("finds what was said while it is typed, and shows the thread of the mark", async () => {
    await using command = find([80, 10]);
    await command.until(isFound(""));
    command.send("zweit");
    const screen = await command.until(isFound("zweit"));
    expect(screen.split("\n")[1]).toMatch(/^▶ 01a1f895-\w{4} \w+ +Zweiter Nâme 🚀$/);
    command.send(`${CTRL_U}turn number 3`);
    const places = await command.until(isFound("turn number 3"));
    expect(places).toMatch(/^▶ 01a1f895-826b .*… {2}Turn number 3 of the/m);
    command.send(ENTER);
    expect(await command.ended()).toBe(0);
    const shown = await runCommand(["--home", home.path, "show", home.ids.multi as string]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal has colours.
    expect(printed(command).replace(/\u001b\[\d+m/g, "")).toBe(shown.stdout);
  });

  it("moves the mark, and prints how the real Codex resumes its thread", async () => {
    for (const keys of [CTRL_R, "r"]) {
      await using command = find([80, 10]);
      const first = await command.until(isFound(""));
      command.send(DOWN);
      await command.until(isMarked(2));
      command.send(CTRL_N);
      await command.until(isMarked(3));
      command.send(CTRL_P);
      const screen = await command.until(isMarked(2));
      expect(marked(screen)).not.toBe(marked(first));
      command.send(keys);
      expect(await command.ended()).toBe(0);
      const told = /^CODEX_HOME=(\S+) codex resume (\S{36})\n$/.exec(printed(command));
      expect([told?.[1], told?.[2]?.slice(0, 13)]).toEqual([home.path, marked(screen)]);
    }
  });

  it("fills a terminal of another size, and leaves with Ctrl-C", async () => {
    await using command = find([80, 10]);
    await command.until(isFound(""));
    command.resize([40, 5]);
    const screen = await command.until((text) => text.split("\n").length === 5);
    expect(Math.max(...screen.split("\n").map((line) => line.length))).toBeLessThanOrEqual(60);
    command.send(CTRL_C);
    expect([await command.ended(), printed(command)]).toEqual([0, ""]);
  });

  it("gives the terminal back when it is ended from outside", async () => {
    await using command = find([80, 10]);
    await command.until(isFound(""));
    command.terminate();
    expect([await command.ended(), printed(command)]).toEqual([0, ""]);
  });

  it("looks only at threads that fit, and says when there are none", async () => {
    await using command = find([80, 5], "--cwd", "/nowhere");
    expect(await command.until(isFound(""))).toContain("0 threads · enter: show");
    command.send(`${ENTER}x${ENTER}`);
    await command.until(isFound("x"));
    command.send(ESCAPE);
    expect([await command.ended(), printed(command)]).toEqual([0, ""]);
  });
});

describe("threadstore find", () => {
  it("needs a terminal", async () => {
    const { code, stdout, stderr } = await runCommand(["--home", home.path, "find"]);
    const told = "threadstore: find needs a terminal; threadstore search TERM works without one\n";
    expect([code, stdout, stderr]).toEqual([2, "", told]);
  });
});
