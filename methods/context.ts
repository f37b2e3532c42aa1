/** What a method is given to build its training of: networks, players, the teacher, all seeds side by side. */
import type { Found } from '../base/aggregation.ts';
import type { Backend } from '../engine/backend.ts';
import { Arena } from '../engine/optim/arena.ts';
import type { Parameters } from '../engine/optim/options.ts';
import type { Player, PlayerOptions } from '../engine/optim/player.ts';
import { cosine } from '../engine/optim/schedules.ts';
import type { Weight } from '../losses/matching/match-networks.ts';
import { mlp } from '../models/mlp.ts';
import type { Model } from '../models/model.ts';
import type { StudentNetworks, StudyNetworks } from '../models/network.ts';
import type { Named } from '../models/parameters.ts';
import { type Role, seedsOf } from '../models/roles.ts';
import type { Task } from '../tasks/task.ts';
import { Players } from '../train/players.ts';
import { type Ramp, RampSlots } from '../train/ramp.ts';
import type { Route } from './artifacts/route.ts';

export interface Sizes {
  /** Numbers a row that networks are given, and that they put out. */
  readonly inputs: number;
  readonly outputs: number;
  /** Of a batch. */
  readonly rows: number;
  /** Updates of a student. */
  readonly steps: number;
  /** Updates that see each of its rows once: whole numbers are rare. */
  readonly epochSteps: number;
}

export interface SmallNetwork {
  readonly inputs: number;
  readonly outputs: number;
  readonly widths: readonly number[];
}

/** What a network is of. */
interface Tensors {
  readonly parameters: Named;
  readonly buffers: Named;
}

export interface MakeOptions {
  readonly backend: Backend;
  readonly seed: readonly number[];
  readonly arena: Arena;
}

export interface TrainingContext {
  readonly backend: Backend;
  /** The method as it was asked for, for messages: 'tor+pm'. */
  readonly name: string;
  /** Of each model side by side: for networks and draws. */
  readonly seeds: readonly number[];
  /** Axes that losses keep: that of the seeds. */
  readonly leadingAxes: 1;
  readonly task: Task;
  readonly sizes: Sizes;
  /** The student of every method: same seed, same initial weights. @param heads Their names, the deployed one first. */
  student(heads?: readonly string[]): StudentNetworks;
  /** A network beside the student, with random numbers of its own; `text` is its name on the command line, '' one like it. */
  peer(index: number, text: string): StudentNetworks;
  /** An MLP (tanh) in a role, which keeps its random numbers apart; `index` where there are several. */
  network(role: Role, shape: SmallNetwork, index?: number): Model;
  /** Any other network in a role. */
  make<T extends Tensors>(role: Role, build: (given: MakeOptions) => T, index?: number): T;
  /** Adam at the student's learning rate and schedule unless told otherwise; a seed stops as a whole. */
  player(of: Parameters | readonly Parameters[], options?: PlayerOptions): Player;
  /** @throws where there are only predictions; a method that asks for it says so in `needs`. */
  teacher(): StudyNetworks;
  /** The teacher's checkpoints. @throws where there are none; a method that asks for them says so in `needs`. */
  route(): Route;
  /** A number that may change over a stage, as losses want it. */
  schedule(number: Ramp): Weight;
  /** Peak of the student's cosine schedule. */
  readonly learningRate: number;
  /** Of each seed the training rows that its student learns from. */
  readonly rows: readonly Uint32Array[];
  /** What an earlier study found, if one is given. */
  readonly aggregation: Found | undefined;
  /** The same training's, with another network as teacher, or with as many steps to the schedule of its players. */
  with(others: Others): TrainingContext;
}

interface Others {
  readonly teacher?: StudyNetworks | undefined;
  readonly steps?: number;
}

export interface ContextOptions
  extends Pick<TrainingContext, 'backend' | 'name' | 'seeds' | 'task' | 'sizes'> {
  /** Of all seeds; undefined where there is none, or only its predictions. Of several networks the mean, without blocks. */
  readonly teacher: StudyNetworks | undefined;
  readonly route?: Route | undefined;
  /** Peak of the students' cosine schedule. */
  readonly learningRate: number;
  studentOf(heads: readonly string[], arena: Arena, peer?: PeerName): StudentNetworks;
  /** Left out where no method asks. */
  readonly rows?: readonly Uint32Array[];
  readonly aggregation?: Found | undefined;
}

/** Which network, '' for one like the student, and which of them. */
export interface PeerName {
  readonly text: string;
  readonly seed: readonly number[];
}

/** One training's. */
export class MethodContext implements TrainingContext {
  readonly backend: Backend;
  readonly name: string;
  readonly seeds: readonly number[];
  readonly leadingAxes = 1;
  readonly task: Task;
  readonly sizes: Sizes;
  readonly rows: readonly Uint32Array[];
  readonly aggregation: Found | undefined;
  readonly learningRate: number;
  readonly players: Players;
  readonly #given: ContextOptions;
  readonly #arena: Arena;
  readonly #slots: RampSlots;
  readonly #networks = new Map<string, Tensors>();

  constructor(given: ContextOptions) {
    this.#given = given;
    this.backend = given.backend;
    this.name = given.name;
    this.seeds = given.seeds;
    this.task = given.task;
    this.sizes = given.sizes;
    this.rows = given.rows ?? [];
    this.learningRate = given.learningRate;
    this.aggregation = given.aggregation;
    this.players = new Players({ backend: given.backend, seeds: this.seeds.length });
    this.#arena = new Arena(given.backend);
    this.#slots = new RampSlots(given.backend, given.sizes.steps);
    // Players count updates from here.
    given.backend.step.reset();
  }

  /** Every tensor of its networks, by role and name. */
  get networks(): Named {
    return Object.fromEntries(
      [...this.#networks].flatMap(([role, { parameters, buffers }]) =>
        Object.entries({ ...parameters, ...buffers }).map(([name, x]) => [`${role}.${name}`, x] as const),
      ),
    );
  }

  student(heads: readonly string[] = ['label']): StudentNetworks {
    const made = this.#given.studentOf(heads, this.#arena);
    this.#add('student', made);
    return made;
  }

  peer(index: number, text: string): StudentNetworks {
    const seed = seedsOf('peer', this.seeds, index);
    const made = this.#given.studentOf(['label'], this.#arena, { text, seed });
    this.#add(`peer${index}`, made);
    return made;
  }

  network(role: Role, shape: SmallNetwork, index = 0): Model {
    return this.make(role, (given) => mlp({ ...given, ...shape }), index);
  }

  make<T extends Tensors>(role: Role, build: (given: MakeOptions) => T, index = 0): T {
    const { backend } = this;
    const made = build({ backend, seed: seedsOf(role, this.seeds, index), arena: this.#arena });
    this.#add(index === 0 ? role : `${role}${index}`, made);
    return made;
  }

  player(of: Parameters | readonly Parameters[], options: PlayerOptions = {}): Player {
    const learningRate = cosine(this.learningRate, { updates: this.sizes.steps });
    return this.players.make(of, { learningRate, ...options });
  }

  teacher(): StudyNetworks {
    const { teacher, name } = this.#given;
    if (teacher) return teacher;
    throw new Error(`${name}: no teacher's network is at hand; the method must say needs: 'network'`);
  }

  route(): Route {
    const { route, name } = this.#given;
    if (route) return route;
    throw new Error(`${name}: no checkpoints of a teacher are at hand; the method must say needs: 'route'`);
  }

  schedule(number: Ramp): Weight {
    return this.#slots.of(number);
  }

  with({ teacher, steps = this.sizes.steps }: Others): TrainingContext {
    const { backend, name, seeds, leadingAxes, task, learningRate, rows, aggregation } = this;
    const schedule = cosine(learningRate, { updates: steps });
    return {
      ...{ backend, name, seeds, leadingAxes, task, sizes: { ...this.sizes, steps } },
      ...{ learningRate, rows, aggregation },
      student: (heads) => this.student(heads),
      peer: (...asked) => this.peer(...asked),
      network: (...asked) => this.network(...asked),
      make: (...asked) => this.make(...asked),
      player: (of, options) => this.players.make(of, { learningRate: schedule, ...options }),
      teacher: () => teacher ?? this.teacher(),
      route: () => this.route(),
      schedule: (number) => this.schedule(number),
      with: (others) => this.with({ teacher, steps, ...others }),
    };
  }

  /** What changes over a stage goes its whole way in each: to be called before one begins. */
  beginStage(steps: number): void {
    this.#slots.steps = steps;
  }

  dispose(): void {
    this.#slots.free();
    this.players.dispose();
    for (const x of Object.values(this.networks)) x.dispose();
    this.#arena.dispose();
  }

  #add(name: string, network: Tensors): void {
    if (this.#networks.has(name)) throw new Error(`${this.name}: there is a network '${name}' already`);
    this.#networks.set(name, network);
  }
}
