/** What a step did, command by command: to compare it with the step before, and to carry it out again. */
import type { Kernel } from '../../kernels/kernel.ts';
import type { Binding, Call, Holder } from '../backend.ts';
import type { GpuMemory } from './buffer-pool.ts';
import { nextSerial } from '../serial.ts';
import { numberKey } from '../number-key.ts';
import { forbidInside, type StepRecorder, type StepSlot } from '../step.ts';

/** One dispatch as the GPU gets it. */
export interface EncodedDispatch {
  readonly kernel: Kernel;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

/** Memory set to zero between two dispatches. */
export interface EncodedClear {
  readonly cleared: GpuMemory;
}

/** Bytes from one buffer to another between two dispatches. */
export interface EncodedCopy {
  readonly source: GpuMemory;
  readonly sourceOffset: number;
  readonly target: GpuMemory;
  readonly targetOffset: number;
  readonly sizeBytes: number;
}

export type EncodedCommand = EncodedDispatch | EncodedClear | EncodedCopy;

export function isDispatch(command: EncodedCommand): command is EncodedDispatch {
  return 'pipeline' in command;
}

/** Clears and copies stand between compute passes. */
export function encodeBetweenPasses(encoder: GPUCommandEncoder, command: EncodedClear | EncodedCopy): void {
  if ('cleared' in command) {
    encoder.clearBuffer(command.cleared.buffer);
    return;
  }
  const { source, sourceOffset, target, targetOffset, sizeBytes } = command;
  encoder.copyBufferToBuffer(source.buffer, sourceOffset, target.buffer, targetOffset, sizeBytes);
}

/** The buffers that a command without bindings uses. */
export function memoriesOf(command: EncodedClear | EncodedCopy): GpuMemory[] {
  return 'cleared' in command ? [command.cleared] : [command.source, command.target];
}

/** Commands in a row, and what JavaScript does before them in each replay. */
export interface RecordedPart {
  readonly hooks: (() => void)[];
  readonly commands: EncodedCommand[];
}

/** What a command uses under one of its names. */
interface Use {
  readonly name: string;
  /** Where that comes from: a command before, or memory that was not made in the step, which is given in each replay. */
  readonly source: string;
  /** In words, for messages. */
  readonly label: string;
  readonly given: Given | undefined;
}

interface Given {
  readonly memory: GpuMemory;
  readonly turn: number;
  /** The tensor that held it before the step began, and where that began. */
  readonly holder: Holder | undefined;
  readonly offset: number;
}

interface Entry {
  /** The command in words: which kernel, and what must not change from step to step. */
  readonly text: string;
  readonly uses: readonly Use[];
}

export class Recording implements StepRecorder {
  /** One, and another for each step that begins inside. */
  readonly parts: RecordedPart[] = [{ hooks: [], commands: [] }];
  /** Every buffer that a command binds. */
  readonly memories = new Set<GpuMemory>();
  /** Those that are written. */
  readonly written = new Set<GpuMemory>();
  /** Buffers that were allocated in the step, and not filled by the host: which command wrote them last. */
  readonly #made = new Map<GpuMemory, string>();
  /** Tensors made from here on are the step's own. */
  readonly since: number = nextSerial();
  /** What replays write anew and give out again. */
  results: readonly Holder[] = [];
  readonly #entries: Entry[] = [];
  /** Filled by the host in the step: constants, which the next step finds. */
  readonly #constants = new Set<GpuMemory>();
  #returned: readonly string[] = [];
  readonly #slots = new Set<StepSlot>();
  readonly #where: string;
  #departures: number;
  #like: Recording | undefined;

  constructor(where: string, departures: number, like?: Recording) {
    this.#where = where;
    this.#departures = departures;
    this.#like = like;
  }

  get commands(): readonly EncodedCommand[] {
    return this.parts.flatMap(({ commands }) => commands);
  }

  /** Throws if the step that this one should be like had another command here, or one on other tensors. */
  add(command: EncodedCommand, bindings: Call['bindings'], call?: Call): void {
    this.parts.at(-1)!.commands.push(command);
    const uses = Object.entries(bindings).map(([name, binding]) => this.#use(name, binding));
    const text = isDispatch(command) ? describe(command.kernel, call!) : describeOther(command);
    const index = this.#entries.push({ text, uses }) - 1;
    const written = isDispatch(command) ? command.kernel.outputs : ['target', 'memory'];
    for (const name of written) {
      const memory = bindings[name]?.memory as GpuMemory | undefined;
      if (!memory) continue;
      this.written.add(memory);
      if (this.#made.has(memory)) this.#made.set(memory, `${index} ${name}`);
    }
    if (this.#like) this.#compare(index, this.#like.#entries[index]);
  }

  noteAllocation(memory: GpuMemory): void {
    this.#made.set(memory, '');
  }

  onReplay(hook: () => void): void {
    this.parts.at(-1)!.hooks.push(hook);
  }

  divide(): void {
    this.parts.push({ hooks: [], commands: [] });
  }

  uses(slot: StepSlot): void {
    this.#slots.add(slot);
  }

  /** Throws if the step that this one should be like returned something else. */
  returns(parts: readonly string[]): void {
    const like = this.#like;
    this.finish();
    this.#returned = parts;
    const before = like ? like.#returned : parts;
    const index = [...before, ...parts].findIndex((_, i) => before[i] !== parts[i]);
    if (index < 0) return;
    throw new Error(
      `${this.#where}: the step returns something else than the one before. It was ${before[index] ?? 'nothing'}, and is now ` +
        `${parts[index] ?? 'nothing'}; return tensors that the step makes, or the same ones each time`,
    );
  }

  /** Whether the step has made this tensor, and will in each replay. */
  isOwn({ serial, binding }: Holder): boolean {
    return serial >= this.since && !this.#constants.has(binding.memory as GpuMemory);
  }

  /** Where the contents come from, which is the same for the same tensor in the next step. */
  sourceOf({ memory, offset }: Binding): string {
    const { id, turn } = memory as GpuMemory;
    const writer = this.#made.get(memory as GpuMemory);
    return `${writer === undefined ? `given ${id}.${turn}` : `made by ${writer}`}.${offset}`;
  }

  /** Throws if the step that this one should be like did more. */
  finish(): void {
    const like = this.#like;
    const more = like && like.#entries[this.#entries.length];
    this.#like = undefined;
    if (more) this.#differs(this.#entries.length, more.text, 'none');
  }

  /** Throws if a tensor or a slot that the commands use is gone. `departures` says whether to look. */
  check(departures: number): void {
    if (departures === this.#departures) return;
    for (const { uses } of this.#entries) for (const use of uses) this.#checkUse(use);
    for (const slot of this.#slots) if (slot.isFree) this.#gone('a slot of backend.step', 'was given back');
    for (const result of this.results)
      if (result.isDisposed)
        this.#gone(
          nameOf(result),
          'was disposed',
          'a result belongs to the captured step, whose dispose() frees it',
        );
    this.#departures = departures;
  }

  /** What the host sends cannot be replayed. The first of two steps may make constants. */
  noteUpload(memory: GpuMemory): void {
    if (this.#like || !this.#made.delete(memory)) this.forbid(`'${memory.label}' is uploaded`);
    this.#constants.add(memory);
  }

  forbid(what: string): never {
    forbidInside(this.#where, what);
  }

  #use(name: string, binding: Binding): Use {
    const memory = binding.memory as GpuMemory;
    this.memories.add(memory);
    const source = this.sourceOf(binding);
    if (this.#made.has(memory)) return { name, source, label: 'a tensor of its own', given: undefined };
    let { holder } = binding;
    while (holder && holder.serial >= this.since) holder = holder.base;
    if (holder) holder.isBound = true;
    const offset = holder && !holder.isDisposed ? holder.binding.offset : binding.offset;
    return {
      name,
      source,
      label: nameOf(holder, memory),
      given: { memory, turn: memory.turn, holder, offset },
    };
  }

  #checkUse({ label, given }: Use): void {
    if (!given) return;
    const { memory, turn, holder, offset } = given;
    if (holder?.isDisposed || (!holder && !(memory.isHeld && memory.turn === turn)))
      this.#gone(
        label,
        'was disposed',
        'keep what it uses, and put new numbers in with assign(tensor, values)',
      );
    const now = holder?.binding;
    if (now && (now.memory !== memory || now.offset !== offset))
      this.#gone(label, 'was moved by an optimiser', 'make optimisers before the first call');
  }

  #gone(name: string, what: string, cure = 'keep what it uses'): never {
    throw new Error(
      `${this.#where}: ${name} ${what} after the step was captured; ${cure}, or capture the step again`,
    );
  }

  #compare(index: number, before: Entry | undefined): void {
    const { text, uses } = this.#entries[index]!;
    if (before?.text !== text) this.#differs(index, before?.text ?? 'none', text);
    // The same text has the same names.
    for (const [i, is] of uses.entries()) {
      const was = before.uses[i]!;
      if (was.source !== is.source) this.#differsIn(`Command ${index}, ${text.split(' (')[0]},`, was, is);
    }
  }

  #differs(index: number, before: string, now: string): never {
    throw new Error(
      `${this.#where}: the step differs from the one before. Command ${index} was ${before}, and is now ` +
        `${now}. What changes from step to step must be on the GPU: a slot of backend.step, or a tensor`,
    );
  }

  #differsIn(command: string, was: Use, is: Use): never {
    const holder = was.given?.holder;
    const now =
      holder && holder === is.given?.holder
        ? 'it at another place now; make optimisers before the first call'
        : `${is.label === was.label ? 'another such one' : is.label} now, which every replay would use again; use the same ` +
          'tensor in each call and put new numbers in with assign(tensor, values); a number that changes belongs in a ' +
          'slot of backend.step';
    throw new Error(
      `${this.#where}: the step uses another tensor than the one before. ${command} had ${was.label} as '${was.name}', ` +
        `and has ${now}`,
    );
  }
}

function nameOf(holder: Holder | undefined, memory?: GpuMemory): string {
  const label = holder?.label || memory?.label;
  return label ? `'${label}'` : 'a tensor without a label';
}

function describeOther(command: EncodedClear | EncodedCopy): string {
  if ('cleared' in command) return `clear of ${command.cleared.sizeBytes} bytes`;
  const { sizeBytes, sourceOffset, targetOffset } = command;
  return `copy of ${sizeBytes} bytes from byte ${sourceOffset} to byte ${targetOffset}`;
}

/** 'matmul (m 3, n 4, k 5; a 15, b 20, y 12; 1×1×1 workgroups)': all that a replay repeats. */
function describe(kernel: Kernel, { uniforms, bindings, workgroups }: Call): string {
  const numbers = Object.keys(kernel.uniforms).map((name) => `${name} ${numberKey(uniforms[name])}`);
  const sizes = Object.entries(bindings).map(([name, { size }]) => `${name} ${size}`);
  return `${kernel.name} (${numbers.join(', ')}; ${sizes.join(', ')}; ${workgroups.join('×')} workgroups)`;
}
