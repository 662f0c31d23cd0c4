const HEADER = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]);
const BLOCK_HEADER_BYTES = 3;
const BLOCK_BYTES = 128 * 1024;

/** Writes a frame of zstd that holds bytes as they are, in as many blocks as it takes. */
export class ZstdFrameWriter {
  readonly #write: (bytes: Buffer) => void;

  constructor(write: (bytes: Buffer) => void) {
    this.#write = write;
    write(HEADER);
  }

  write(content: Buffer): void {
    for (let at = 0; at < content.length; at += BLOCK_BYTES) this.#block(content.subarray(at, at + BLOCK_BYTES), false);
  }

  end(): void {
    this.#block(Buffer.alloc(0), true);
  }

  #block(content: Buffer, isLast: boolean): void {
    const header = Buffer.alloc(BLOCK_HEADER_BYTES);
    header.writeUIntLE((content.length << 3) | (isLast ? 1 : 0), 0, BLOCK_HEADER_BYTES);
    this.#write(Buffer.concat([header, content]));
  }
}

/** A frame of zstd that holds bytes as they are. */
export function zstdFrame(content: Buffer): Buffer {
  const parts: Buffer[] = [];
  const writer = new ZstdFrameWriter((bytes) => parts.push(bytes));
  writer.write(content);
  writer.end();
  return Buffer.concat(parts);
}

/** The bytes that such a frame holds. */
export function contentOfFrame(frame: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = HEADER.length; at < frame.length; ) {
    const size = frame.readUIntLE(at, BLOCK_HEADER_BYTES) >> 3;
    at += BLOCK_HEADER_BYTES + size;
    blocks.push(frame.subarray(at - size, at));
  }
  return Buffer.concat(blocks);
}
