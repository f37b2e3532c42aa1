/** `Tensor`: a shape on a backend's memory. It holds; functions compute. */
import type { Backend, Binding, DType, Values } from './backend.ts';
import { checkFunction, checkNumbers, inWords } from './borders.ts';
import { nextSerial } from './serial.ts';
import { Storage, type Writes } from './storage.ts';
import { ShapeError, type Shape, show, sizeOf } from './shape.ts';
import type { TapeNodeOf } from './tape-node.ts';
import { checkMaking, type TensorOptions } from './tensor-options.ts';

let scope: Tensor[] | undefined;

/** What a program forgets outside of `tidy` is given back when JavaScript collects it. */
const forgotten = new FinalizationRegistry<Storage>((storage) => storage.release());

/**
 * A contiguous array of float32 (uint32 for indices; float64 on the CPU backend) with a shape.
 *
 * Made by `tensor`, `zeros`, `ones` and the ops. Read with `data()`. Freed by `tidy`, by `dispose()`, or when
 * JavaScript collects it.
 */
export class Tensor {
  readonly shape: Shape;
  readonly size: number;
  readonly dtype: DType;
  /** Grows with time: an op's output has a larger one than its inputs. */
  readonly serial: number = nextSerial();
  /** A leaf that `grad` may be asked for. */
  requiresGrad = false;
  /** For messages: the name a model gave it. */
  label = '';
  /** How it was computed, while that is recorded. */
  node: TapeNodeOf<Tensor> | undefined;
  /** Disposed, and with it what was known of how it was computed. */
  wasRecorded = false;
  /** Whether every element is known to be 1: the seed of a gradient, with which nothing need be multiplied. */
  isOne = false;
  /** A recorded step uses it. */
  isBound = false;
  /** What this is a view of, until it is disposed. */
  base: Tensor | undefined;
  /** Known to be 0 everywhere, a gradient that does not flow: nothing has to be multiplied by it, not even infinity. */
  isZero = false;
  #storage: Storage | undefined;
  #offset: number;
  /** Of this range alone, in a buffer of which others write other ranges. */
  #writes: Writes | undefined;
  #disposedBy = '';

  /** Takes a part of `storage` from element `offset` on. For views and the engine; users call `tensor`. */
  constructor(
    storage: Storage,
    shape: Shape,
    {
      offset = 0,
      dtype = 'f32',
      base,
      writes,
    }: { offset?: number; dtype?: DType; base?: Tensor | undefined; writes?: Writes | undefined } = {},
  ) {
    this.shape = shape;
    this.size = sizeOf(shape);
    this.dtype = dtype;
    this.#storage = storage;
    this.#offset = offset;
    this.base = base;
    this.#writes = writes;
    storage.retain();
    this.entrust(scope);
  }

  /** Makes `tidy`, or else the garbage collector, responsible. Registering every temporary would cost more than it. */
  entrust(to: Tensor[] | undefined): void {
    if (to) to.push(this);
    else forgotten.register(this, this.storage, this);
  }

  get backend(): Backend {
    return this.storage.backend;
  }

  /** Throws on a tensor that was disposed. */
  get storage(): Storage {
    this.checkAlive();
    return this.#storage!;
  }

  /** What counts the in-place writes to its numbers, for all views of them. Throws on a tensor that was disposed. */
  get writes(): Writes {
    const { storage } = this;
    return this.#writes ?? storage;
  }

  /** Throws if the tensor was disposed, and names the op that wanted it. */
  checkAlive(op?: string): void {
    if (this.#storage) return;
    const wanted = op ? `${op}: ` : '';
    throw new Error(
      `${wanted}${this.#name()} was disposed${this.#disposedBy}; return it from tidy to keep it`,
    );
  }

  get binding(): Binding {
    return { memory: this.storage.memory, offset: this.#offset, size: this.size, holder: this };
  }

  get offset(): number {
    return this.#offset;
  }

  get isDisposed(): boolean {
    return this.#storage === undefined;
  }

  /** Its numbers, in row-major order. Waits for the GPU: nothing inside a training step should. */
  data(): Promise<Values> {
    return this.backend.read(this.binding, this.dtype);
  }

  /** The one number of a tensor of size 1. */
  async item(): Promise<number> {
    if (this.size !== 1) throw new ShapeError(`item: wants one element, got ${show(this.shape)}`);
    return (await this.data())[0]!;
  }

  /** Gives the memory back once no view needs it. Twice is fine. */
  dispose(by = ''): void {
    if (!this.#storage) return;
    forgotten.unregister(this);
    if (this.isBound) this.backend.step.departures++;
    this.#storage.release();
    this.#storage = undefined;
    this.base = undefined;
    this.#disposedBy = by;
    this.wasRecorded = this.node !== undefined;
    this.node = undefined;
  }

  /** Points the tensor at another place that holds the same numbers: how an arena makes parameters views. */
  moveTo(storage: Storage, offset: number, writes: Writes): void {
    storage.retain();
    if (this.isBound) this.backend.step.departures++;
    const wasRegistered = forgotten.unregister(this);
    this.storage.release();
    this.#storage = storage;
    this.#offset = offset;
    this.#writes = writes;
    if (wasRegistered) forgotten.register(this, storage, this);
  }

  toString(): string {
    const where = this.isDisposed ? 'disposed' : `on ${this.backend.name}`;
    return `Tensor ${this.label ? `'${this.label}' ` : ''}${show(this.shape)} ${this.dtype}, ${where}`;
  }

  /** What Node's console shows instead of the engine's own fields. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  #name(): string {
    return `tensor ${this.label ? `'${this.label}' ` : ''}${show(this.shape)}`;
  }
}

/** Memory for `size` elements, contents unspecified. */
export function allocate(backend: Backend, size: number, label: string): Storage {
  return new Storage(backend, backend.allocate(size, label));
}

/** A tensor whose contents are not set yet. */
export function empty(
  shape: Shape,
  backend: Backend,
  { dtype = 'f32' as DType, label = 'tensor' } = {},
): Tensor {
  return new Tensor(allocate(backend, sizeOf(shape), label), shape, { dtype });
}

/** Refuses what is no tensor, by the name of the op and of its argument. */
export function checkTensor(where: string, name: string, x: Tensor): void {
  if (!(x instanceof Tensor)) throw new Error(`${where}: ${name} must be a tensor, got ${inWords(x)}`);
}

/** Refuses a tensor of another type: the bits of an integer are another number as float32. */
export function checkDtype(where: string, name: string, x: Tensor, wanted: DType): void {
  checkTensor(where, name, x);
  if (x.dtype !== wanted)
    throw new Error(`${where}: ${name} is ${x.dtype}, wants ${wanted}; convert it with cast(x, '${wanted}')`);
}

/** Refuses what are no tensors of float32; those of `optional` may be left out. */
export function checkFloats(
  where: string,
  wanted: Readonly<Record<string, Tensor>>,
  optional: Readonly<Record<string, Tensor | undefined | null>> = {},
): void {
  for (const name in wanted) checkDtype(where, name, wanted[name]!, 'f32');
  for (const name in optional) {
    const x = optional[name];
    if (x !== undefined && x !== null) checkDtype(where, name, x, 'f32');
  }
}

/**
 * A tensor with the numbers of `values` in row-major order. On a GPU a number of f32 is rounded to the nearest float32,
 * so that one beyond 3.4e38 is infinite; NaN and the infinities stay. Numbers of u32 are integers from 0 to 2^32 - 1.
 *
 * @throws ShapeError if `values` has another length than `shape` says; Error, with its index, for a value that is no
 *   number, or no such integer for u32.
 */
export function tensor(
  values: ArrayLike<number>,
  shape: Shape,
  backend: Backend,
  options: TensorOptions = {},
): Tensor {
  checkMaking('tensor', shape, backend, options);
  const { requiresGrad = false, dtype = 'f32', label = '' } = options;
  checkNumbers('tensor', values, dtype);
  if (values.length !== sizeOf(shape)) {
    throw new ShapeError(`tensor: ${show(shape)} wants ${sizeOf(shape)} values, got ${values.length}`);
  }
  const result = empty(shape, backend, { dtype, label: label || 'tensor' });
  backend.upload(result.binding, values, dtype);
  result.requiresGrad = requiresGrad;
  result.label = label;
  return result;
}

export function zeros(
  shape: Shape,
  backend: Backend,
  options: Omit<TensorOptions, 'requiresGrad'> = {},
): Tensor {
  checkMaking('zeros', shape, backend, options);
  const { dtype = 'f32', label = 'zeros' } = options;
  const result = empty(shape, backend, { dtype, label });
  backend.clear(result.storage.memory);
  return result;
}

/** The same memory under another shape of the same size: no copy, and no gradient. `reshape` is the op. */
export function view(x: Tensor, shape: Shape): Tensor {
  // Only a recorded step asks; otherwise the view would keep alive how `x` was computed.
  const base = x.backend.step.recorder && x;
  return new Tensor(x.storage, shape, { offset: x.offset, dtype: x.dtype, base, writes: x.writes });
}

/**
 * Frees every tensor made inside, except those that `f` returns (alone, in an array or in an object's values).
 *
 * @throws if `f` is async: what it makes after its first await would escape.
 */
export function tidy<T>(f: () => T): T {
  checkFunction('tidy', 'what it is given', f);
  const outer = scope;
  const inner: Tensor[] = [];
  scope = inner;
  let kept: Set<Tensor>;
  let result: T;
  try {
    result = f();
    if (result instanceof Promise) throw new Error('tidy: the function is async; await outside of tidy');
    kept = tensorsIn(result);
  } catch (error) {
    kept = new Set();
    throw error;
  } finally {
    scope = outer;
    for (const made of inner) {
      if (kept!.has(made)) made.entrust(outer);
      else made.dispose(' by tidy');
    }
  }
  return result;
}

/** Runs `f` so that no surrounding `tidy` frees what it makes: for caches and states. */
export function outsideTidy<T>(f: () => T): T {
  const outer = scope;
  scope = undefined;
  try {
    return f();
  } finally {
    scope = outer;
  }
}

/** The tensors of a value: alone, in an array, or in an object's values. */
export function tensorsIn(value: unknown, found = new Set<Tensor>()): Set<Tensor> {
  if (value instanceof Tensor) found.add(value);
  else if (Array.isArray(value)) for (const item of value) tensorsIn(item, found);
  else if (value && Object.getPrototypeOf(value) === Object.prototype) {
    for (const item of Object.values(value)) tensorsIn(item, found);
  }
  return found;
}
