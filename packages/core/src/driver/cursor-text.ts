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

/** Text as one character for each byte of its UTF-8, which is what base64 takes. */
function asBytes(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

function fromBytes(bytes: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
}
