import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { zstdFrame } from "./zstd-frame.js";

/** What somebody else does with the files of a home. Paths are those in the home. */
export class HomeFiles {
  readonly #home: string;

  constructor(home: string) {
    this.#home = home;
  }

  at(path: string): string {
    return join(this.#home, path);
  }

  write(path: string, text: string): void {
    fs.mkdirSync(dirname(this.at(path)), { recursive: true });
    fs.writeFileSync(this.at(path), text);
  }

  append(path: string, text: string): void {
    fs.appendFileSync(this.at(path), text);
  }

  move(from: string, to: string): void {
    fs.mkdirSync(dirname(this.at(to)), { recursive: true });
    fs.renameSync(this.at(from), this.at(to));
  }

  copy(from: string, to: string): void {
    this.write(to, fs.readFileSync(this.at(from), "utf8"));
  }

  compress(path: string): void {
    fs.writeFileSync(this.at(`${path}.zst`), zstdFrame(fs.readFileSync(this.at(path))));
    fs.rmSync(this.at(path));
  }
}
