import { isThreadStoreError } from "@threadstore/core";
import type { Finding } from "./check-threads.js";

/** Stands in every text that is appended, and must not stand in any error. */
export const CONVERSATION = "said:";

/** What is wrong with an error: that it came at all, its kind, or what it tells. */
export function judgeError(
  error: unknown,
  { doing, wasHit }: { readonly doing: string; readonly wasHit: boolean },
): readonly Finding[] {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const detail = `${doing}: ${text}${error instanceof Error && error.cause ? ` (${String(error.cause)})` : ""}`;
  const findings: Finding[] = [];
  if (!wasHit) findings.push({ kind: "stuck", detail });
  else if (!isThreadStoreError(error)) findings.push({ kind: "error", detail: `no error of a store: ${detail}` });
  else if (!EXPECTED.has(error.code)) findings.push({ kind: "error", detail: `${error.code}: ${detail}` });
  if (text.includes(CONVERSATION)) findings.push({ kind: "error", detail: `conversation text in an error: ${text}` });
  return findings;
}

/** What a failing medium may be told as. */
const EXPECTED: ReadonlySet<string> = new Set(["unavailable", "internal"]);
