/** Inflates a piece of a file, or a gzip file, by the host's DecompressionStream, into as many bytes as it is known to hold. */

export interface InflateOptions {
  /** `deflate` has zlib's header and checksum, `deflate-raw` has neither, `gzip` those of RFC 1952. */
  readonly format: 'deflate' | 'deflate-raw' | 'gzip';
  /** How many bytes come out, from the first ones (8, or all if there are fewer). It throws what it refuses. */
  readonly sizeOf: (head: Uint8Array) => number;
  /** Throws the reader's own error. */
  readonly fail: (problem: string) => never;
}

/** Deflate makes at most 258 bytes of 2 bits. */
const MOST_RATIO = 1032;
const HEAD_BYTES = 8;

/** Asks for no more memory than the result needs, and for none that the compressed bytes could not fill. */
export async function inflate(
  bytes: Uint8Array,
  { format, sizeOf, fail }: InflateOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = streamOf(bytes).pipeThrough(new DecompressionStream(format)).getReader();
  const next = async (): Promise<Uint8Array | undefined> => {
    try {
      return (await reader.read()).value;
    } catch (error) {
      return fail(`the compressed bytes are damaged (${error instanceof Error ? error.message : error})`);
    }
  };
  try {
    let head = new Uint8Array();
    for (let chunk = await next(); chunk; chunk = head.length < HEAD_BYTES ? await next() : undefined)
      head = joined(head, chunk);
    const size = sizeOf(head.subarray(0, HEAD_BYTES));
    if (size > bytes.length * MOST_RATIO + HEAD_BYTES)
      fail(`wants ${size} bytes, which ${bytes.length} compressed ones cannot hold`);
    if (head.length > size) fail(`inflates to more than the ${size} bytes that it should hold`);
    const result = new Uint8Array(size);
    result.set(head);
    let at = head.length;
    // To the end of the stream, for its checksum.
    for (let chunk = await next(); chunk; at += chunk.length, chunk = await next()) {
      if (at + chunk.length > size) fail(`inflates to more than the ${size} bytes that it should hold`);
      result.set(chunk, at);
    }
    if (at < size) fail(`inflates to ${at} bytes instead of ${size}`);
    return result;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Whether bytes begin as a gzip file does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** What a gzip file holds, whose size stands at its end: one member of less than 4 GiB (RFC 1952). */
export async function gunzip(
  bytes: Uint8Array,
  { maxBytes, fail }: Pick<InflateOptions, 'fail'> & { maxBytes: number },
): Promise<Uint8Array<ArrayBuffer>> {
  if (bytes.length < 18) fail('is cut off: a gzip file has at least 18 bytes');
  const size = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(bytes.length - 4, true);
  if (size > maxBytes)
    fail(`inflates to ${size} bytes, over ${maxBytes}; raise maxBytes if you trust the file`);
  return inflate(bytes, { format: 'gzip', sizeOf: () => size, fail });
}

function streamOf(bytes: Uint8Array): ReadableStream<BufferSource> {
  return new ReadableStream<BufferSource>({
    start(controller) {
      controller.enqueue(bytes as Uint8Array<ArrayBuffer>);
      controller.close();
    },
  });
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
