import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { copyFixtureHome, type FixtureHome } from "../../../test/support/fixture-home.js";
import { runCommand as run } from "./support/run-command.js";

const TORN = "019a9b3f-0000-7000-8000-000000000024";

describe("looking after a home", () => {
  let home: FixtureHome;
  let elsewhere: string;

  beforeEach(() => {
    home = copyFixtureHome("foreign");
    elsewhere = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), "threadstore-care-"));
  });

  afterEach(() => {
    home.remove();
    fs.rmSync(elsewhere, { recursive: true });
  });

  const at = (...args: string[]) => run(["--home", home.path, ...args]);
  const json = async (...args: string[]) => JSON.parse((await at(...args, "--json")).stdout);
  const tornPath = () => fs.readdirSync(home.path, { recursive: true }).find((name) => String(name).includes(TORN));

  it("doctor explains each finding to a person, without what was said", async () => {
    const { code, stdout } = await at("doctor");
    expect(code).toBe(1);
    const [, finding] = /^(torn_end [^\n]*\n(?: {2}.*\n)+)/m.exec(stdout) ?? [];
    expect(finding?.split("\n").map((line) => line.slice(0, 12).trim())).toEqual([
      expect.stringContaining("torn_end"),
      "found",
      "readers",
      "Codex",
      "do",
      "",
    ]);
    expect(stdout).toMatch(/line 4, byte 526/);
    expect(stdout).not.toContain("foreign hello");
  });

  it("doctor --repair writes a copy that the commands it prints put in place", async () => {
    const path = join(home.path, String(tornPath()));
    const before = fs.readFileSync(path, "utf8");
    const { code, stdout, stderr } = await at("doctor", "--repair", TORN);
    expect([code, stderr, fs.readFileSync(path, "utf8")]).toEqual([0, "", before]);
    const command = stdout.split("\n").find((line) => line.startsWith("    mv "));
    const { execSync } = await import("node:child_process");
    execSync(command as string);
    expect(before.startsWith(fs.readFileSync(path, "utf8"))).toBe(true);
    expect((await json("doctor")).findings.map((finding: { path: string }) => finding.path)).not.toContain(path);
    expect((await at("doctor", "--repair", TORN)).stdout).toBe("nothing to mend\n");
    expect(await json("doctor", "--repair", TORN)).toEqual({ folder: null, mended: [], unmended: [] });
  });

  it("doctor --repair ends with 1 when it cannot mend everything, and with 3 for an unknown thread", async () => {
    const all = await at("doctor", "--repair");
    expect([all.code, all.stdout]).toEqual([
      1,
      expect.stringMatching(/18 rollouts mended, report in .*report\.json\n$/),
    ]);
    expect((await at("doctor", "--repair", "019a9b3f-0000-7000-8000-0000000000ff")).code).toBe(3);
    expect((await at("doctor", TORN)).code).toBe(2);
  });

  it("backup, verify and restore tell what they did", async () => {
    const folder = join(elsewhere, "backup");
    const target = join(elsewhere, "home");
    const made = await at("backup", folder);
    expect([made.code, made.stdout]).toEqual([0, expect.stringMatching(/^54 threads in 57 files.*\n57 files copied/)]);
    expect(await json("backup", folder)).toMatchObject({ copied: 0, unchanged: 57, failed: [] });
    expect((await at("backup", "--verify", folder)).stdout).toMatch(/^57 files, .*: 0 damaged\n$/);
    expect((await at("restore", folder, "--to", target)).stdout).toMatch(/^57 files restored .* 0 conflicts\n$/);
    const path = String(tornPath());
    fs.appendFileSync(join(target, path), "more");
    const again = await at("restore", folder, "--to", target);
    expect([again.code, again.stdout]).toEqual([4, expect.stringMatching(/^in the way of .*\n0 files restored/)]);
    fs.truncateSync(join(folder, "files", path), 3);
    expect((await at("backup", "--verify", folder)).code).toBe(1);
    expect((await at("restore", folder)).code).toBe(2);
    expect((await at("restore", elsewhere, "--to", target)).code).toBe(2);
    expect((await at("restore", folder, "--to", target, "--thread", "short")).code).toBe(2);
    expect((await at("restore", folder, "--to", join(elsewhere, "one"), "--thread", TORN)).code).toBe(1);
  });

  it("prune says what would go, moves it with --yes, and brings it back", async () => {
    const dry = await at("prune", "--older-than", "0d");
    expect([dry.code, dry.stdout]).toEqual([0, expect.stringMatching(/54 threads, .* add --yes to do it\n$/)]);
    const { trash, pruned } = await json("prune", "--older-than", "0d", "--yes");
    expect(pruned.length).toBe(54);
    expect((await at("prune", "--empty-trash", "--yes")).stdout).toBe("0 folders, 0 B deleted; 1 younger ones stay\n");
    expect((await at("prune", "--undo", trash)).stdout).toBe("54 files brought back\n");
    expect((await at("prune", "--undo", trash)).code).toBe(2);
    await at("prune", "--larger-than", "1B", "--yes");
    expect((await at("prune", "--empty-trash", "--grace", "0d")).stdout).toMatch(/would be deleted for good/);
    expect((await at("prune", "--empty-trash", "--grace", "0d", "--yes")).stdout).toMatch(
      /^.*: 54 threads.*\n1 folders/,
    );
    expect(fs.readdirSync(join(home.path, "threadstore/trash"))).toEqual([]);
  });

  it.each([
    ["no criterion", ["prune"]],
    ["--yes alone", ["prune", "--yes"]],
    ["two uses at once", ["prune", "--archived", "--empty-trash"]],
    ["a grace time for nothing", ["prune", "--archived", "--grace", "1d"]],
    ["a strange age", ["prune", "--older-than", "old"]],
    ["a strange size", ["prune", "--larger-than", "100"]],
  ])("refuses %s", async (_what, args) => {
    const { code, stdout, stderr } = await at(...args);
    expect([code, stdout, stderr.length > 10]).toEqual([2, "", true]);
  });
});
