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

export interface AnswerParams {
  /** Counts the requests of one server; it makes the ids. */
  readonly number: number;
  /** What to answer; undefined answers with a text. */
  readonly output: readonly OutputItem[] | undefined;
}

/** The events of one whole answer: created, each output item, completed with usage counts. */
export function listAnswerEvents(input: readonly unknown[], params: AnswerParams): ResponseEvent[] {
  const response = { id: makeId("resp", params.number) };
  const output = params.output ?? [makeMessage(`Answer to: ${findLastUserText(input)}`, params.number)];
  return [
    { type: "response.created", response },
    ...output.flatMap((item, index) => listItemEvents(item, index)),
    { type: "response.completed", response: { ...response, status: "completed", output, usage: countUsage(input) } },
  ];
}

function listItemEvents(item: OutputItem, index: number): ResponseEvent[] {
  return [
    { type: "response.output_item.added", output_index: index, item },
    { type: "response.output_item.done", output_index: index, item },
  ];
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
