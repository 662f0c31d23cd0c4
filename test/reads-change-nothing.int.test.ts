import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { copyFixtureHome, type FixtureHome } from "./support/fixture-home.js";

const COMMAND = fileURLToPath(new URL("../packages/cli/bin/threadstore.js", import.meta.url));
const run = promisify(execFile);

/** Every file and folder of a home but our own folder: name, size, mode, time, and a hash of the bytes. */
function fingerprint(home: string): Record<string, unknown> {
  const entries: Record<string, unknown> = {};
  const visit = (path: string) => {
    for (const entry of fs.readdirSync(join(home, path), { withFileTypes: true })) {
      const inner = join(path, entry.name);
      if (inner === "threadstore") continue;
      const { size, mode, mtimeNs } = fs.statSync(join(home, inner), { bigint: true });
      const bytes = entry.isFile()
        ? createHash("sha256")
            .update(fs.readFileSync(join(home, inner)))
            .digest("hex")
        : "";
      entries[inner] = [entry.isDirectory() ? 0n : size, mode, mtimeNs, bytes].map(String);
      if (entry.isDirectory()) visit(inner);
    }
  };
  visit("");
  return entries;
}

describe.each(["home169", "home128", "foreign"] as const)("reading %s", (name) => {
  let home: FixtureHome;

  afterEach(() => home.remove());

  it("changes no name, size, mode, time or byte outside threadstore/", async () => {
    home = copyFixtureHome(name);
    const before = fingerprint(home.path);
    expect(Object.keys(before).length).toBeGreaterThan(50);
    const thread = Object.values(home.ids).find(
      (id) => fs.existsSync(home.path) && JSON.stringify(before).includes(id),
    );
    const id = thread ?? "019a9b3f-0000-7000-8000-000000000001";
    const commands = [
      ["list", "--all-sources", "--limit", "1000"],
      ["list", "--search", "turn", "--json"],
      ["show", id],
      ["show", id, "--json"],
      ["history", id, "--json"],
      ["edges", id, "--recursive"],
      ["doctor"],
      ["reindex"],
      ["list", "--archived", "--sort", "updated", "--asc"],
    ];
    for (const command of commands) {
      await run(process.execPath, [COMMAND, "--home", home.path, ...command]).catch((error: { code?: number }) => {
        // doctor ends with 1 when it found something.
        if (error.code !== 1 || command[0] !== "doctor") throw error;
      });
      expect(fingerprint(home.path), command.join(" ")).toEqual(before);
    }
    const beside = fs.readdirSync(home.path).filter((file) => /-(wal|shm|journal)$|\.lock$/.test(file));
    expect(beside).toEqual([]);
  });
});
