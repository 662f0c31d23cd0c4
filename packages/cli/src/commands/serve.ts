import { readFileSync } from "node:fs";
import { ThreadStoreError } from "@threadstore/core";
import { type Command, Option } from "commander";
import { folderOf } from "../open-store.js";
import { parseAddress } from "../serve/parse-address.js";
import type { ServeOptions } from "../serve/serve.js";

interface ServeCommandOptions {
  readonly grpc: string;
  readonly memory?: true;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tokens?: string;
  readonly http?: string;
  readonly logLevel: ServeOptions["logLevel"];
}

export function addServe(program: Command): void {
  program
    .command("serve")
    .description("Serve the threads of a home to other machines, and to the real Codex, until interrupted.")
    .requiredOption("--grpc <host:port>", "where to listen; port 0: any that is free")
    .addOption(new Option("--memory", "keep threads in memory instead of a home"))
    .option("--tls-cert <file>", "the certificate chain, PEM; with --tls-key")
    .option("--tls-key <file>", "its private key, PEM")
    .option("--tokens <file>", "who may call, and for which tenant; without it only loopback addresses are served")
    .option("--http <host:port>", "answer /healthz and /metrics there")
    .addOption(
      new Option("--log-level <level>", "what is logged, as JSON on standard error")
        .choices(["debug", "info", "warn", "error", "silent"])
        .default("info"),
    )
    .action(async (options: ServeCommandOptions, command: Command) => {
      // Loading gRPC takes longer than most commands.
      const { serve } = await import("../serve/serve.js");
      await serve(serveOptions(options, command));
    });
}

function serveOptions(options: ServeCommandOptions, command: Command): ServeOptions {
  const { tokens, http, logLevel } = options;
  const tls = tlsOf(options);
  return {
    address: parseAddress(options.grpc),
    home: options.memory ? null : folderOf(command),
    logLevel,
    ...(tls ? { tls } : {}),
    ...(tokens === undefined ? {} : { tokens }),
    ...(http === undefined ? {} : { monitor: parseAddress(http) }),
  };
}

function tlsOf({ tlsCert, tlsKey }: ServeCommandOptions): ServeOptions["tls"] {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new ThreadStoreError("invalid_request", "--tls-cert and --tls-key go together");
  }
  return { certificate: readFile(tlsCert), key: readFile(tlsKey) };
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new ThreadStoreError("invalid_request", `${path} cannot be read`, { cause });
  }
}
