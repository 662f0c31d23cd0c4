import {
  type Model,
  type ModelRequest,
  type ModelResponse,
  type protocol,
  type StreamEvent,
  Usage,
} from "@openai/agents-core";

/** A model that gives answers in order and remembers what it was told. An answer that is an error is thrown. */
export class ScriptedModel implements Model {
  readonly requests: ModelRequest[] = [];
  readonly #answers: (protocol.OutputModelItem[] | Error)[];

  constructor(answers: (protocol.OutputModelItem[] | Error)[]) {
    this.#answers = [...answers];
  }

  /** What the model was told the last time. */
  get lastInput(): ModelRequest["input"] | undefined {
    return this.requests.at(-1)?.input;
  }

  async getResponse(request: ModelRequest): Promise<ModelResponse> {
    this.requests.push(structuredClone({ ...request, signal: undefined }) as unknown as ModelRequest);
    const output = this.#answers.shift();
    if (output === undefined) throw new Error("the script has no more answers");
    if (output instanceof Error) throw output;
    return { usage: new Usage({ inputTokens: 1, outputTokens: 1, totalTokens: 2 }), output };
  }

  async *getStreamedResponse(request: ModelRequest): AsyncIterable<StreamEvent> {
    const output = (await this.getResponse(request)).output as protocol.OutputModelItem[];
    const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2 };
    yield { type: "response_done", response: { id: `resp_${this.requests.length}`, usage, output } };
  }
}

export function says(text: string, id = `msg_${text.length}`): protocol.OutputModelItem {
  return { type: "message", id, role: "assistant", status: "completed", content: [{ type: "output_text", text }] };
}

export function calls(name: string, args: object, callId: string): protocol.OutputModelItem {
  return { type: "function_call", callId, name, arguments: JSON.stringify(args), status: "completed" };
}

export function thinks(text: string): protocol.OutputModelItem {
  return { type: "reasoning", id: "rs_1", content: [{ type: "input_text", text }], providerData: { effort: "low" } };
}
