import type { AnsweredCall } from "@threadstore/remote";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

const SECONDS_MS = 1_000;

/** Counts what a server answers, in the text format of Prometheus. */
export class CallMetrics {
  readonly #registry = new Registry();
  readonly #calls: Counter<"method" | "status">;
  readonly #seconds: Histogram<"method">;
  readonly #bytes: Counter<"method">;

  constructor(countOpenThreads: () => Promise<number>) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#calls = new Counter({
      name: "threadstore_calls_total",
      help: "Calls answered, by the status of gRPC.",
      labelNames: ["method", "status"],
      registers,
    });
    this.#seconds = new Histogram({
      name: "threadstore_call_seconds",
      help: "How long calls took.",
      labelNames: ["method"],
      buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
      registers,
    });
    this.#bytes = new Counter({
      name: "threadstore_answer_bytes_total",
      help: "Bytes of answers.",
      labelNames: ["method"],
      registers,
    });
    new Gauge({
      name: "threadstore_open_threads",
      help: "Threads that clients are writing.",
      registers,
      async collect() {
        this.set(await countOpenThreads());
      },
    });
  }

  count({ method, status, ms, bytes }: AnsweredCall): void {
    this.#calls.inc({ method, status });
    this.#seconds.observe({ method }, ms / SECONDS_MS);
    this.#bytes.inc({ method }, bytes);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
