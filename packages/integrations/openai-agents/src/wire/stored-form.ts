import type { AgentInputItem } from "@openai/agents-core";
import { asJsonObject, type JsonObject, type ResponseItem, textField } from "@threadstore/core";
import { fromWire, type NamedCall } from "./from-wire.js";
import { type KeptFields, keptFieldsOf, withKeptFields } from "./kept-fields.js";
import { itemOf, type PlainItem, plainItemOf } from "./plain-item.js";
import { toWire } from "./to-wire.js";

/** How an item is stored: what the Responses API has of it, and the rest. */
export interface StoredForm {
  readonly plain: PlainItem;
  readonly wire: ResponseItem;
  readonly kept?: KeptFields;
}

/** Turns items of one conversation into what is stored of them and back. Calls come before their outputs, or with them. */
export class StoredForms {
  readonly #calls = new Map<string, NamedCall>();

  write(item: AgentInputItem): StoredForm {
    const plain = plainItemOf(item);
    const wire = toWire(plain);
    const kept = keptFieldsOf(plain, fromWire(wire, this.#calls));
    this.#remember(wire);
    return { plain, wire, ...(kept ? { kept } : {}) };
  }

  /** The item of a form; null for what is no item of a conversation. */
  read(payload: unknown, kept: unknown): AgentInputItem | null {
    const wire = asJsonObject(payload) as ResponseItem | null;
    if (typeof wire?.type !== "string") return null;
    const plain = withKeptFields(fromWire(wire, this.#calls), kept);
    this.#remember(wire);
    return itemOf(plain);
  }

  #remember(wire: ResponseItem): void {
    if (wire.type !== "function_call") return;
    const call = callOf(wire);
    if (call) this.#calls.set(String(wire.call_id), call);
  }
}

function callOf(wire: JsonObject): NamedCall | null {
  const name = textField(wire, "name");
  const namespace = textField(wire, "namespace");
  return name === undefined ? null : { name, ...(namespace === undefined ? {} : { namespace }) };
}
