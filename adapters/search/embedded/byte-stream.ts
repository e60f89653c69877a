/** Bytes that grow at their end. */
export class ByteWriter {
  private bytes = new Uint8Array(4096);
  length = 0;

  writeByte(byte: number): void {
    if (this.length === this.bytes.length) this.grow(1);
    this.bytes[this.length++] = byte;
  }

  /** Seven bits a byte, lowest first; the top bit says that more follow. At most 31 bits. */
  writeVarint(value: number): void {
    let rest = value;
    for (; rest > 127; rest >>>= 7) this.writeByte((rest & 127) | 128);
    this.writeByte(rest);
  }

  writeBytes(source: Uint8Array, start = 0, end = source.length): void {
    if (this.length + end - start > this.bytes.length) this.grow(end - start);
    if (end - start > 32) this.bytes.set(source.subarray(start, end), this.length);
    else for (let at = start; at < end; at++) this.bytes[this.length + at - start] = source[at] as number;
    this.length += end - start;
  }

  /** What was written, valid until the next write. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** What was written, and begins anew. */
  take(): Uint8Array {
    const taken = this.view().slice();
    this.length = 0;
    return taken;
  }

  private grow(byteCount: number): void {
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + byteCount));
    grown.set(this.view());
    this.bytes = grown;
  }
}

/** Reads what a ByteWriter wrote; the caller sees to the end. */
export class ByteReader {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  readByte(): number {
    return this.bytes[this.at++] as number;
  }

  readVarint(): number {
    let byte = this.bytes[this.at++] as number;
    let value = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = this.bytes[this.at++] as number;
      value |= (byte & 127) << shift;
    }
    return value;
  }

  readBytes(length: number): Uint8Array {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}
