import { asJsonObject, type JsonObject, textField, visibleUserText } from "@threadstore/core";
import type { UIMessage } from "ai";
import { objectParts } from "./object-parts.js";

type Part = UIMessage["parts"][number];

/** The parts of a message that a user is seen to write; null for an event that shows none. */
export function seenUserParts(event: JsonObject): Part[] | null {
  if (event.type === "user_message") return legacyParts(event);
  const item = event.type === "item_completed" ? asJsonObject(event.item) : null;
  return item?.type === "UserMessage" ? objectParts(item.content).flatMap(partOf) : null;
}

function legacyParts(event: JsonObject): Part[] {
  const text = visibleUserText(textField(event, "message") ?? "");
  const images: readonly unknown[] = Array.isArray(event.images) ? event.images : [];
  const pictures = images.flatMap((url) => (typeof url === "string" ? [picture(url)] : []));
  return [...(text === "" && pictures.length > 0 ? [] : [{ type: "text", text } as const]), ...pictures];
}

/** Parts of other kinds, such as pictures on the disk of whoever wrote them, have nothing that a chat can show. */
function partOf(part: JsonObject): Part[] {
  const url = textField(part, "image_url");
  if (url !== undefined) return [picture(url)];
  const text = textField(part, "text");
  return part.type === "text" && text !== undefined ? [{ type: "text", text: visibleUserText(text) }] : [];
}

function picture(url: string): Part {
  return { type: "file", mediaType: /^data:([^;,]+)/.exec(url)?.[1] ?? "image/*", url };
}
