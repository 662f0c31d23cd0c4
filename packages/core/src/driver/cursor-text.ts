/** Writes the fields of a cursor as text that fits anywhere. */
export function encodeCursorFields(fields: readonly unknown[]): string {
  return btoa(asBytes(JSON.stringify(fields)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** The fields of a cursor; null when the text is none. */
export function decodeCursorFields(cursor: string): readonly unknown[] | null {
  try {
    const fields: unknown = JSON.parse(fromBytes(atob(cursor.replaceAll("-", "+").replaceAll("_", "/"))));
    return Array.isArray(fields) ? fields : null;
  } catch {
    return null;
  }
}

/** Two FNV-1a lanes: enough to tell queries apart, which is all it is for; it protects nothing. */
export function hashText(text: string): string {
  let low = 0x811c9dc5;
  let high = 0xcbf29ce4;
  for (let at = 0; at < text.length; at++) {
    low = Math.imul(low ^ text.charCodeAt(at), 0x01000193);
    high = Math.imul(high ^ text.charCodeAt(at), 0x01000197) ^ (low >>> 7);
  }
  return (low >>> 0).toString(36) + (high >>> 0).toString(36);
}

/** Text as one character for each byte of its UTF-8, which is what base64 takes. */
function asBytes(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

function fromBytes(bytes: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
}
