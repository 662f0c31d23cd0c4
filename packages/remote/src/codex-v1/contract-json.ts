import { asJsonObject, type EventPersistenceMode, type JsonObject, ThreadStoreError } from "@threadstore/core";

/** A live writer on the other side, and how its thread is opened again when the server gave it back meanwhile. */
export interface RemoteWriter {
  /** Unique for each opening of a thread. */
  readonly id: string;
  readonly eventPersistenceMode?: EventPersistenceMode;
  readonly includeArchived?: boolean;
}

/** What `contract_json` says in a request. */
export interface ContractRequest {
  readonly writer?: RemoteWriter;
  /** The arguments of the store's operation; the id of the thread and items stand in fields of their own. */
  readonly params: JsonObject;
}

interface WithContract {
  readonly contractJson: string;
}

/** What a client says that knows the contract; null for the real Codex. @throws `invalid_request` it cannot be read. */
export function readContract(message: WithContract): ContractRequest | null {
  if (message.contractJson === "") return null;
  const told = parseObject(message.contractJson);
  if (told === null) throw new ThreadStoreError("invalid_request", "contract_json is no JSON object");
  const params = asJsonObject(told.params ?? {});
  if (params === null) throw new ThreadStoreError("invalid_request", "contract_json has params that are no object");
  return told.writer === undefined ? { params } : { params, writer: readWriter(told.writer) };
}

/** Takes what a writer may say and nothing else: it becomes arguments of the store, which checks their types. */
function readWriter(told: unknown): RemoteWriter {
  const { id, eventPersistenceMode, includeArchived } = asJsonObject(told) ?? {};
  if (typeof id !== "string" || id === "") {
    throw new ThreadStoreError("invalid_request", "contract_json names no writer");
  }
  return {
    id,
    ...(eventPersistenceMode === undefined
      ? {}
      : { eventPersistenceMode: eventPersistenceMode as EventPersistenceMode }),
    ...(includeArchived === undefined ? {} : { includeArchived: includeArchived as boolean }),
  };
}

/** The same, to be sent. */
export function writeContract(request: { readonly writer?: RemoteWriter; readonly params?: object }): string {
  return JSON.stringify(request);
}

/** What an answer says in the words of the contract. @throws `unsupported` nothing. */
export function readAnswer<T>(message: WithContract | undefined, operation: string): T {
  const told = message && parseObject(message.contractJson);
  if (told) return told as T;
  throw noContract(operation);
}

/** The server answers the real Codex alone: it does not know what it is told beyond that. */
export function noContract(operation: string): ThreadStoreError {
  return new ThreadStoreError("unsupported", `${operation}: the server is no threadstore`, { operation });
}

function parseObject(text: string): JsonObject | null {
  try {
    return asJsonObject(JSON.parse(text));
  } catch {
    return null;
  }
}
