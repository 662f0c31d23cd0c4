/** The bytes that are not zero, in their order; the same buffer when all of them are not. */
export function withoutZeros(bytes: Buffer): Buffer {
  if (!bytes.includes(0)) return bytes;
  const kept = Buffer.allocUnsafe(bytes.length);
  let count = 0;
  for (const byte of bytes) if (byte !== 0) kept[count++] = byte;
  return kept.subarray(0, count);
}
