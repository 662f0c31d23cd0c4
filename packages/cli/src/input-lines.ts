import { isUtf8 } from "node:buffer";
import { DEFAULT_LIMITS, ThreadStoreError } from "@threadstore/core";

/** One line of an input that is not blank, and its number, from 1. */
export interface InputLine {
  readonly number: number;
  readonly text: string;
}

const NEWLINE = 10;

/**
 * The lines of an input, as many at a time as have come. @throws `resource_exhausted` a line is longer than an item may
 * be; `invalid_request` one is not UTF-8.
 */
export async function* readInputLines(input: AsyncIterable<Buffer>): AsyncGenerator<readonly InputLine[]> {
  let number = 0;
  let rest: Buffer[] = [];
  let restBytes = 0;
  const lineOf = (bytes: Buffer): InputLine[] => {
    number++;
    if (!isUtf8(bytes)) throw new ThreadStoreError("invalid_request", `line ${number} is not UTF-8`);
    const text = bytes.toString("utf8").trim();
    return text === "" ? [] : [{ number, text }];
  };
  for await (const chunk of input) {
    const lines: InputLine[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      lines.push(...lineOf(Buffer.concat([...rest, chunk.subarray(start, end)])));
      rest = [];
      restBytes = 0;
      start = end + 1;
    }
    rest.push(chunk.subarray(start));
    restBytes += chunk.length - start;
    if (lines.length > 0) yield lines;
    if (restBytes > DEFAULT_LIMITS.lineMaxBytes) {
      const bound = `an item has at most ${DEFAULT_LIMITS.lineMaxBytes} bytes`;
      throw new ThreadStoreError("resource_exhausted", `line ${number + 1} is too long: ${bound}`);
    }
  }
  const last = restBytes > 0 ? lineOf(Buffer.concat(rest)) : [];
  if (last.length > 0) yield last;
}
