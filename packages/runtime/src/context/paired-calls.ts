import type { ResponseItem } from "@threadstore/core";

/** The kind of the output that each kind of call needs. */
const OUTPUT_OF: ReadonlyMap<string, string> = new Map([
  ["function_call", "function_call_output"],
  ["local_shell_call", "function_call_output"],
  ["custom_tool_call", "custom_tool_call_output"],
]);

const OUTPUTS: ReadonlySet<string> = new Set(OUTPUT_OF.values());

/** What a call came to whose turn ended before it did. */
const ABORTED = "aborted";

/** A model refuses calls without outputs, and outputs without calls: the ones are given one, the others left out. */
export function pairCalls(items: readonly ResponseItem[]): ResponseItem[] {
  const outputs = new Set(items.filter(({ type }) => OUTPUTS.has(type)).map(keyOf));
  const calls = new Set(items.flatMap((item) => keyOfOutput(item) ?? []));
  return items.flatMap((item) => {
    if (OUTPUTS.has(item.type)) return calls.has(keyOf(item)) ? [item] : [];
    const wanted = keyOfOutput(item);
    if (wanted === null || outputs.has(wanted)) return [item];
    return [item, { type: OUTPUT_OF.get(item.type) as string, call_id: item.call_id, output: ABORTED }];
  });
}

function keyOf({ type, call_id }: ResponseItem): string {
  return `${type} ${String(call_id)}`;
}

/** Null for items that need no output. */
function keyOfOutput({ type, call_id }: ResponseItem): string | null {
  const output = OUTPUT_OF.get(type);
  return output === undefined || typeof call_id !== "string" ? null : keyOf({ type: output, call_id });
}
