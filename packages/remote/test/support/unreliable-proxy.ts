import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** How a proxy treats its connections; bytes and milliseconds are drawn from these anew each time. */
export interface Trouble {
  /** Bytes to the server, and from it, after which a connection is cut. */
  readonly cutAfterBytes: { readonly up: readonly [number, number]; readonly down: readonly [number, number] };
  /** Milliseconds that a piece waits. */
  readonly delayMs: readonly [number, number];
  /** Gives a whole number within bounds. */
  readonly draw: (bounds: readonly [number, number]) => number;
}

/** A proxy that delays what goes through it, cuts connections in the middle, and can be away for a while. */
export class UnreliableProxy implements AsyncDisposable {
  readonly #target: number;
  readonly #trouble: Trouble;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #port = 0;
  /** Connections that were cut so far. */
  cuts = 0;

  constructor(target: number, trouble: Trouble) {
    this.#target = target;
    this.#trouble = trouble;
  }

  get port(): number {
    return this.#port;
  }

  /** Listens, on the same port as before. */
  async start(): Promise<void> {
    this.#server = createServer((client) => this.#forward(client));
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Cuts every connection and listens no more. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const server = this.#server;
    this.#server = null;
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #forward(client: Socket): void {
    const server = connect(this.#target, "127.0.0.1");
    const cut = () => {
      client.destroy();
      server.destroy();
    };
    const { cutAfterBytes, draw } = this.#trouble;
    this.#pass(client, server, draw(cutAfterBytes.up), cut);
    this.#pass(server, client, draw(cutAfterBytes.down), cut);
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", cut);
      socket.on("close", () => {
        this.#sockets.delete(socket);
        cut();
      });
    }
  }

  /** Pieces keep their order: each waits for the one before. */
  #pass(from: Socket, to: Socket, cutAfterBytes: number, cut: () => void): void {
    const { delayMs, draw } = this.#trouble;
    let last = Promise.resolve();
    let bytes = 0;
    from.on("data", (piece) => {
      last = last
        .then(() => delay(draw(delayMs)))
        .then(() => {
          const rest = cutAfterBytes - bytes;
          bytes += piece.length;
          if (!to.destroyed) to.write(piece.subarray(0, Math.max(rest, 0)));
          if (bytes < cutAfterBytes || to.destroyed) return;
          this.cuts++;
          // What was passed on shall arrive before the end does.
          to.end(cut);
        });
    });
  }
}

function delay(ms: number): Promise<void> {
  return ms === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}
