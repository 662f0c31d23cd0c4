import { ThreadStoreError } from "@threadstore/core";

/** Where a server is, and as whom it is called. */
export interface Endpoint {
  /** `host:port`, as gRPC names it. */
  readonly target: string;
  readonly isSecure: boolean;
  readonly token?: string;
}

/** The schemes of an endpoint; the real Codex has those of HTTP for the same servers. */
const IS_SECURE: ReadonlyMap<string, boolean> = new Map([
  ["grpc:", false],
  ["http:", false],
  ["grpcs:", true],
  ["https:", true],
]);

/** What a header can hold. */
const HEADER_TEXT = /^[\x21-\x7e]*$/;

/**
 * Reads `grpc://[TOKEN@]HOST:PORT`, or `grpcs://` for TLS.
 *
 * @throws ThreadStoreError `invalid_request` another scheme, no host or no port. The text, which may hold a token, is not repeated.
 */
export function readEndpoint(text: string): Endpoint {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isSecure = url ? IS_SECURE.get(url.protocol) : undefined;
  // What follows the port may be the rest of a token that was not encoded.
  const isWhole = url && ["", "/"].includes(url.pathname) && url.search === "" && url.hash === "";
  if (!isWhole || isSecure === undefined || url.hostname === "") {
    throw new ThreadStoreError("invalid_request", "an endpoint is grpc://HOST:PORT or grpcs://HOST:PORT");
  }
  // The ports of HTTP are left out of its URLs.
  const port = url.port || { "http:": "80", "https:": "443" }[url.protocol];
  if (!port) throw new ThreadStoreError("invalid_request", "the endpoint names no port: it is grpc://HOST:PORT");
  const token = decoded(url.username);
  if (!HEADER_TEXT.test(token)) throw new ThreadStoreError("invalid_request", "the endpoint's token cannot be sent");
  return { target: `${url.hostname}:${port}`, isSecure, ...(token === "" ? {} : { token }) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
