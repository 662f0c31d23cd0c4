import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ThreadStoreError } from "@threadstore/core";
import type { CallMetrics } from "./call-metrics.js";

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Answers /healthz and /metrics over HTTP. */
export class Monitor {
  readonly #server: Server;

  private constructor(metrics: CallMetrics) {
    this.#server = createServer(async (request, response) => {
      if (request.url === "/healthz") response.end("ok\n");
      else if (request.url === "/metrics") {
        response.setHeader("content-type", metrics.contentType).end(await metrics.text());
      } else response.writeHead(404).end("not found\n");
    });
  }

  /** @throws ThreadStoreError `unavailable` the address cannot be listened on. */
  static async start(metrics: CallMetrics, { host, port }: Address): Promise<Monitor> {
    const monitor = new Monitor(metrics);
    await new Promise<void>((resolve, reject) => {
      monitor.#server.once("error", (cause) =>
        reject(new ThreadStoreError("unavailable", `${host}:${port} cannot be listened on`, { cause })),
      );
      monitor.#server.listen(port, host, resolve);
    });
    return monitor;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
