/** Inflates a piece of a file by the host's DecompressionStream, into as many bytes as the piece is known to hold. */

export interface InflateOptions {
  /** `deflate` has zlib's header and checksum, `deflate-raw` has neither. */
  readonly format: 'deflate' | 'deflate-raw';
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
