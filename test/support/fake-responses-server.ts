import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Answer, listAnswerEvents, type OutputItem, type ResponseEvent } from "./answer-events.js";

/** What a client posted to `/v1/responses`, as far as the tests look at it. */
interface ResponsesRequest {
  readonly model: string;
  readonly input: readonly unknown[];
  readonly [field: string]: unknown;
}

export interface FakeResponsesServer {
  /** Base URL of the provider, with `/v1`. */
  readonly url: string;
  /** Every request body so far, in order. */
  readonly requests: readonly ResponsesRequest[];
  /** From now on answers stay open after their first event; resolves when the next one does. */
  hold(): Promise<void>;
  /** Finishes what is held, and holds no more. */
  release(): void;
  /** The next answer that nothing was said of yet gives these output items instead of a text, or fails. */
  answerNext(answer: readonly OutputItem[] | Answer): void;
  close(): Promise<void>;
}

/**
 * Starts a model provider on the loopback interface that answers each request with "Answer to: <last user text>".
 *
 * Item ids count up from 1: use one server for all processes of a home, as Codex keeps items by their id.
 */
export async function startFakeResponsesServer(): Promise<FakeResponsesServer> {
  const provider = new FakeProvider();
  const server = createServer((request, response) => {
    provider.answer(request, response).catch((error: Error) => response.destroy(error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests: provider.requests,
    hold: () => provider.hold(),
    release: () => provider.release(),
    answerNext: (answer) => provider.answerNext("length" in answer ? { output: answer } : answer),
    close: () => closeServer(server),
  };
}

class FakeProvider {
  readonly requests: ResponsesRequest[] = [];
  private readonly scripted: Answer[] = [];
  private held: (() => void)[] = [];
  private onHeld: (() => void) | undefined;
  private isHolding = false;

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readBody(request);
    if (request.method !== "POST" || !request.url?.startsWith("/v1/responses")) {
      response.writeHead(404).end();
      return;
    }
    const body = JSON.parse(text) as ResponsesRequest;
    this.requests.push(body);
    const answer = this.scripted.shift() ?? {};
    if (answer.refusal) return refuse(response, answer.refusal);
    const events = listAnswerEvents(body.input, { number: this.requests.length, ...answer });
    const [first, ...rest] = events.slice(0, answer.breaksAfterEvents ?? answer.stallsAfterEvents);
    response.writeHead(200, { "content-type": "text/event-stream" });
    sendEvents(response, first === undefined ? [] : [first]);
    if (this.isHolding) await this.waitForRelease();
    sendEvents(response, rest);
    if (answer.stallsAfterEvents !== undefined) return;
    if (answer.breaksAfterEvents === undefined) response.end();
    else response.write("", () => response.destroy());
  }

  hold(): Promise<void> {
    this.isHolding = true;
    return new Promise((resolve) => {
      this.onHeld = resolve;
    });
  }

  release(): void {
    this.isHolding = false;
    for (const resolve of this.held.splice(0)) resolve();
  }

  answerNext(answer: Answer): void {
    this.scripted.push(answer);
  }

  private waitForRelease(): Promise<void> {
    this.onHeld?.();
    return new Promise((resolve) => {
      this.held.push(resolve);
    });
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function refuse(response: ServerResponse, { status, code, message }: Required<Answer>["refusal"]): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ error: { message, type: "error", code } }));
}

function sendEvents(response: ServerResponse, events: readonly ResponseEvent[]): void {
  for (const event of events) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}
