import { AskedChild } from "../measure/asked-child.mjs";

/** A server and a client of it, each in a process of its own. */
export class ServedPair {
  #server;
  #client;

  /** Threads of a home, or of a new store in memory. */
  static startThreads(where, group) {
    return ServedPair.#start({
      serve: ["serve-threads.mjs", [where, group]],
      callOf: (port) => ["call-threads.mjs", [port, group]],
    });
  }

  /** Echoes of some sizes: `{ requestBytes, answerBytes }`. */
  static startEcho(sizes) {
    return ServedPair.#start({
      serve: ["serve-echo.mjs", sizes.map(({ answerBytes }) => answerBytes)],
      callOf: (port) => ["call-echo.mjs", [port]],
    });
  }

  static async #start({ serve, callOf }) {
    const pair = new ServedPair();
    pair.#server = await AskedChild.start(...serve);
    try {
      pair.#client = await AskedChild.start(...callOf(pair.#server.ready.port));
      return pair;
    } catch (error) {
      await pair.close();
      throw error;
    }
  }

  /** Has calls made; resolves to the times of one, and the memory of both processes so far. */
  async measure(question) {
    const before = await this.#server.ask();
    const { calls, elapsedUs, processorUs, memoryMb } = await this.#client.ask(question);
    const after = await this.#server.ask();
    return {
      callUs: elapsedUs / calls,
      processorUs: { server: (after.processorUs - before.processorUs) / calls, client: processorUs / calls },
      memoryMb: { server: after.memoryMb, client: memoryMb },
    };
  }

  async close() {
    try {
      await this.#client?.close();
    } finally {
      await this.#server.close();
    }
  }
}
