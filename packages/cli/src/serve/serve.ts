import { type AnsweredCall, type RemoteServer, serveRemote } from "@threadstore/remote";
import { destination, type Logger, pino } from "pino";
import { CallMetrics } from "./call-metrics.js";
import { type Address, Monitor } from "./monitor.js";
import { ServedStores } from "./served-stores.js";

export interface ServeOptions {
  readonly address: Address;
  /** Null: threads are kept in memory. */
  readonly home: string | null;
  readonly tls?: { readonly certificate: Buffer; readonly key: Buffer };
  /** A file of token hashes; each tenant has a home of its own then. */
  readonly tokens?: string;
  /** Where /healthz and /metrics are answered. */
  readonly monitor?: Address;
  readonly logLevel: "debug" | "info" | "warn" | "error" | "silent";
}

const STDERR = 2;

/** Serves until a signal: the first lets calls end and flushes every thread, the second ends at once. */
export async function serve(options: ServeOptions): Promise<void> {
  const { address, tls, tokens, logLevel } = options;
  const logger = pino({ level: logLevel, base: null }, destination({ fd: STDERR, sync: true }));
  await using stores = new ServedStores({ home: options.home, hasTenants: tokens !== undefined });
  // Whether there is such a home is told before anything is served.
  if (tokens === undefined) await stores.forTenant("default");
  let metrics: CallMetrics | undefined;
  const server = await serveRemote({
    ...address,
    stores,
    ...(tls ? { tls } : {}),
    ...(tokens === undefined ? {} : { tokens }),
    onCall: (call) => {
      metrics?.count(call);
      logCall(logger, call);
    },
  });
  metrics = new CallMetrics(() => server.countOpenThreads());
  const monitor = options.monitor && (await Monitor.start(metrics, options.monitor));
  // Whoever reads what is printed may interrupt at once.
  const stopped = untilStopped(server, logger);
  logger.info({ grpc: server.port, http: monitor?.port }, "serving");
  process.stdout.write(introduction(options, server.port, monitor));
  await stopped;
  monitor?.stop();
}

/** Ids and numbers: what was said in a thread is never logged. */
function logCall(logger: Logger, { method, tenantId, ms, bytes, status }: AnsweredCall): void {
  const facts = { method, tenant: tenantId, ms: Math.round(ms * 10) / 10, bytes, status };
  if (status === 0) logger.debug(facts, "answered");
  else logger.warn(facts, "refused");
}

function introduction({ address, tls, tokens }: ServeOptions, port: number, monitor: Monitor | undefined): string {
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  const token = tokens === undefined ? "" : "TOKEN@";
  const endpoint = `${tls ? "https" : "http"}://${token}${host}:${port}`;
  const lines = [
    `serving threads at ${endpoint}`,
    "Codex 0.129.0 keeps its threads here with this line in its config.toml:",
    `  experimental_thread_store = { type = "remote", endpoint = "${endpoint}" }`,
    "and threadstore shows them with:",
    `  threadstore --home ${tls ? "grpcs" : "grpc"}://${token}${host}:${port} list`,
    ...(monitor ? [`/healthz and /metrics at http://127.0.0.1:${monitor.port}`] : []),
  ];
  return `${lines.join("\n")}\n`;
}

function untilStopped(server: RemoteServer, logger: Logger): Promise<void> {
  return new Promise((resolve, reject) => {
    let signals = 0;
    const stop = (signal: NodeJS.Signals) => {
      if (signals++ > 0) {
        server.stop();
        process.exit(1);
      }
      logger.info({ signal }, "draining");
      server.drain().then(resolve, reject);
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
}
