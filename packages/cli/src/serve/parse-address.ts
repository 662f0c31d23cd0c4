import { ThreadStoreError } from "@threadstore/core";
import type { Address } from "./monitor.js";

const PORT_MAX = 65_535;

/** `HOST:PORT`, or `[::1]:PORT`. @throws `invalid_request` */
export function parseAddress(text: string): Address {
  const [, host, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text)?.filter((part) => part !== undefined) ?? [];
  const port = Number(digits);
  if (host === undefined || !(port <= PORT_MAX)) {
    throw new ThreadStoreError("invalid_request", `an address is HOST:PORT, not ${text}`);
  }
  return { host, port };
}
