import {
  asJsonObject,
  type CreateThreadParams,
  type EventPersistenceMode,
  ThreadStoreError,
  textField,
} from "@threadstore/core";
import { type CreateThreadRequest, ThreadEventPersistenceMode } from "../gen/codex/thread_store/v1/thread_store_pb.js";
import { readSource } from "./session-source.js";

/** What the wire never tells: the folder, where an older client sends none, and which program it was. */
const UNKNOWN_CWD = "/";
const ORIGINATOR = "codex_remote";

/** A creation as the real Codex asks for it. Threads that it makes are legacy: it reads no others. @throws `invalid_request` */
export function createParams(request: CreateThreadRequest): CreateThreadParams {
  const { threadId, metadataJson, baseInstructionsJson, dynamicToolsJson, forkedFromId } = request;
  const told = parse("metadata_json", metadataJson) ?? {};
  const fields = asJsonObject(told) ?? {};
  const instructions = asJsonObject(parse("base_instructions_json", baseInstructionsJson) ?? null);
  const text = instructions && textField(instructions, "text");
  return {
    threadId,
    historyMode: "legacy",
    eventPersistenceMode: persistenceMode(request.eventPersistenceMode),
    metadata: {
      cwd: textField(fields, "cwd") || UNKNOWN_CWD,
      originator: ORIGINATOR,
      cliVersion: "",
      source: readSource(request.source),
      modelProvider: textField(fields, "model_provider") ?? "",
      ...(textField(fields, "memory_mode") === "disabled" ? { memoryMode: "disabled" as const } : {}),
      ...(typeof text === "string" ? { baseInstructions: { text } } : {}),
      ...(dynamicToolsJson.length > 0
        ? { dynamicTools: dynamicToolsJson.map((tool) => parse("dynamic_tools_json", tool)) }
        : {}),
    },
    ...(forkedFromId ? { fork: { from: forkedFromId } } : {}),
  };
}

export function persistenceMode(mode: ThreadEventPersistenceMode): EventPersistenceMode {
  return mode === ThreadEventPersistenceMode.EXTENDED ? "extended" : "limited";
}

function parse(field: string, text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ThreadStoreError("invalid_request", `${field} is no JSON`, { cause });
  }
}
