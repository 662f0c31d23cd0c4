// Reports on the pipe that the parent reads: written when this returns, so that it survives the end of the process.

import { createHash } from "node:crypto";
import { writeSync } from "node:fs";

const REPORT_FD = 4;

export function report(value) {
  let bytes = Buffer.from(`${JSON.stringify(value)}\n`);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(REPORT_FD, bytes));
    } catch (error) {
      // A full pipe of a parent that is busy.
      if (error.code !== "EAGAIN") throw error;
    }
  }
}

/** Resolves with the next message of the parent. */
export function told() {
  return new Promise((resolve) => process.once("message", resolve));
}

/** What tells one message from another: its tag, and a hash of all that it says. */
function stampOf(text) {
  return `${text.slice(0, text.indexOf("|"))} ${createHash("sha1").update(text).digest("hex").slice(0, 12)}`;
}

/** The stamps of the messages of a history. */
export function stampsOf(items) {
  return items
    .filter(({ item }) => item.type === "response_item")
    .map(({ item }) => stampOf(item.payload.content[0].text));
}

export function messageOf(text) {
  return { type: "response_item", payload: { type: "message", role: "user", content: [{ type: "input_text", text }] } };
}
