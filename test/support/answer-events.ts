/** One server-sent event of the Responses API. */
export interface ResponseEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** One output item of the Responses API: a message, a function call, reasoning. */
export interface OutputItem {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** What a provider answers to one request, or how it fails. */
export interface Answer {
  /** What to answer; default: a text. */
  readonly output?: readonly OutputItem[];
  /** Messages and the summaries of thoughts come in pieces of one word too. Default false. */
  readonly hasDeltas?: boolean;
  /** The answer is none but this error. */
  readonly refusal?: { readonly status: number; readonly code: string; readonly message: string };
  /** The answer ends with this error instead of its end. */
  readonly failure?: { readonly code: string; readonly message: string };
  /** The answer is cut off by the model: this is why. */
  readonly incompleteReason?: string;
  /** The connection is closed after so many events. */
  readonly breaksAfterEvents?: number;
  /** After so many events nothing more comes, and the connection stays open. */
  readonly stallsAfterEvents?: number;
}

export interface AnswerParams extends Answer {
  /** Counts the requests of one server; it makes the ids. */
  readonly number: number;
}

/** The events of one whole answer: created, each output item, completed with usage counts. */
export function listAnswerEvents(input: readonly unknown[], params: AnswerParams): ResponseEvent[] {
  const response = { id: makeId("resp", params.number) };
  const { output = [makeMessage(`Answer to: ${findLastUserText(input)}`, params.number)], hasDeltas = false } = params;
  return [
    { type: "response.created", response },
    ...output.flatMap((item, index) => listItemEvents(item, { index, hasDeltas })),
    endEvent({ ...response, output, usage: countUsage(input) }, params),
  ];
}

function endEvent(response: object, { failure, incompleteReason }: Answer): ResponseEvent {
  if (failure) return { type: "response.failed", response: { ...response, status: "failed", error: failure } };
  if (incompleteReason === undefined) {
    return { type: "response.completed", response: { ...response, status: "completed" } };
  }
  const incomplete_details = { reason: incompleteReason };
  return { type: "response.incomplete", response: { ...response, status: "incomplete", incomplete_details } };
}

function listItemEvents(
  item: OutputItem,
  { index, hasDeltas }: { readonly index: number; readonly hasDeltas: boolean },
): ResponseEvent[] {
  return [
    { type: "response.output_item.added", output_index: index, item },
    ...(hasDeltas ? listDeltas(item, index) : []),
    { type: "response.output_item.done", output_index: index, item },
  ];
}

function listDeltas({ type, id, content, summary }: OutputItem, index: number): ResponseEvent[] {
  const place = { item_id: id, output_index: index };
  const said = { type: "response.output_text.delta", ...place, content_index: 0 };
  const thought = { type: "response.reasoning_summary_text.delta", ...place, summary_index: 0 };
  if (type === "message") return wordsOf(content).map((delta) => ({ ...said, delta }));
  return type === "reasoning" ? wordsOf(summary).map((delta) => ({ ...thought, delta })) : [];
}

function wordsOf(parts: unknown): readonly string[] {
  const [part] = parts as readonly { readonly text: string }[];
  return part?.text.match(/\S+\s*/g) ?? [];
}

function makeMessage(text: string, number: number): OutputItem {
  return {
    type: "message",
    id: makeId("msg", number),
    role: "assistant",
    status: "completed",
    content: [{ type: "output_text", text, annotations: [] }],
  };
}

function makeId(prefix: string, number: number): string {
  return `${prefix}_${String(number).padStart(6, "0")}`;
}

function findLastUserText(input: readonly unknown[]): string {
  const texts = (input as readonly InputItem[])
    .filter((item) => item.role === "user")
    .flatMap((item) => item.content ?? [])
    .map((part) => part.text ?? "");
  return texts.at(-1) ?? "";
}

interface InputItem {
  readonly role?: string;
  readonly content?: readonly { readonly text?: string }[];
}

/** Counts that depend on the request alone, so that two runs write the same. */
function countUsage(input: readonly unknown[]): Readonly<Record<string, unknown>> {
  const inputTokens = 100 * input.length;
  const outputTokens = 10;
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + outputTokens,
  };
}
