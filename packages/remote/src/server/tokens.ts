import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { ThreadStoreError } from "@threadstore/core";

/** Who a token speaks for. */
export interface TokenGrant {
  readonly tenantId: string;
  readonly isReadOnly: boolean;
}

interface TokenEntry extends TokenGrant {
  readonly hash: Buffer;
}

/** A line: the SHA-256 of a token in hexadecimal digits, the tenant, and `read-only` when it is. */
const LINE = /^([0-9a-f]{64})\s+([a-z0-9][a-z0-9._-]{0,63})(?:\s+(read-only))?$/i;

/** The tokens of a file, read again when the file changes. @see docs/remote.md */
export class TokenFile {
  readonly #path: string;
  #entries: readonly TokenEntry[] = [];
  #version = "";

  /** @throws `invalid_request` the file cannot be read, or a line of it. */
  constructor(path: string) {
    this.#path = path;
    this.#reload();
  }

  /** Who a token speaks for; null when nobody gave it out. Every entry is compared, so that time tells nothing. */
  find(token: string): TokenGrant | null {
    this.#reloadWhenChanged();
    const hash = createHash("sha256").update(token).digest();
    let found: TokenGrant | null = null;
    for (const { hash: known, tenantId, isReadOnly } of this.#entries) {
      if (timingSafeEqual(known, hash)) found = { tenantId, isReadOnly };
    }
    return found;
  }

  /** A file that is being written, or gone, changes nothing: the tokens of before go on. */
  #reloadWhenChanged(): void {
    try {
      if (this.#currentVersion() !== this.#version) this.#reload();
    } catch {
      // Whoever changes the file is told when the server starts next.
    }
  }

  #reload(): void {
    try {
      const version = this.#currentVersion();
      this.#entries = parseTokens(readFileSync(this.#path, "utf8"));
      this.#version = version;
    } catch (cause) {
      if (cause instanceof ThreadStoreError) throw cause;
      throw new ThreadStoreError("invalid_request", `the tokens in ${this.#path} cannot be read`, { cause });
    }
  }

  #currentVersion(): string {
    const { mtimeMs, size, ino } = statSync(this.#path);
    return `${ino}:${size}:${mtimeMs}`;
  }
}

/** Blank lines and those that begin with # are passed over. @throws `invalid_request` a line that is no token's. */
export function parseTokens(text: string): TokenEntry[] {
  return text.split("\n").flatMap((raw, at) => {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) return [];
    const [, hash, tenantId, readOnly] = LINE.exec(line) ?? [];
    if (hash === undefined || tenantId === undefined) {
      throw new ThreadStoreError("invalid_request", `line ${at + 1} of the tokens is not: SHA-256, tenant [read-only]`);
    }
    return [{ hash: Buffer.from(hash, "hex"), tenantId, isReadOnly: readOnly !== undefined }];
  });
}
