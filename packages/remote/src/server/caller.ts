import { type Metadata, status } from "@grpc/grpc-js";
import { CallRefused } from "../grpc/status.js";
import type { IncomingCall } from "../grpc/unary-handlers.js";
import type { TokenFile, TokenGrant } from "./tokens.js";

/** Who everybody is on a server without tokens. */
const ANYBODY: TokenGrant = { tenantId: "default", isReadOnly: false };

/** Methods that change nothing. */
const READS: ReadonlySet<string> = new Set(["ReadThread", "LoadHistory", "ListThreads"]);

/** Who calls. @throws CallRefused nobody gave the token out, or it may not do this. */
export function callerOf({ method, host, metadata }: IncomingCall, tokens: TokenFile | null): TokenGrant {
  if (!tokens) return ANYBODY;
  const token = bearerOf(metadata) ?? userOf(host);
  const grant = token === undefined ? null : tokens.find(token);
  if (!grant) throw new CallRefused(status.UNAUTHENTICATED, "this server needs a token that it knows");
  if (grant.isReadOnly && !READS.has(method)) throw new CallRefused(status.PERMISSION_DENIED, "this token only reads");
  return grant;
}

function bearerOf(metadata: Metadata): string | undefined {
  const [value] = metadata.get("authorization");
  return typeof value === "string" ? /^Bearer\s+(\S+)$/i.exec(value)?.[1] : undefined;
}

/** The user part of the URL that the client was given: the only thing the real Codex can be told to send. */
function userOf(host: string): string | undefined {
  const end = host.lastIndexOf("@");
  const [user] = end < 0 ? [] : host.slice(0, end).split(":");
  if (user === undefined) return undefined;
  try {
    return decodeURIComponent(user);
  } catch {
    return user;
  }
}
