/** What a method is given to build its training of: networks, players, the teacher, all seeds side by side. */
import type { Backend } from '../engine/backend.ts';
import { Arena } from '../engine/optim/arena.ts';
import type { Parameters } from '../engine/optim/options.ts';
import type { Player, PlayerOptions } from '../engine/optim/player.ts';
import { cosine } from '../engine/optim/schedules.ts';
import type { Weight } from '../losses/matching/match-networks.ts';
import { mlp } from '../models/mlp.ts';
import type { Model } from '../models/model.ts';
import type { StudentNetworks, StudyNetworks } from '../models/network.ts';
import type { Named, Seeds } from '../models/parameters.ts';
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

export interface TrainingContext {
  readonly backend: Backend;
  /** The method as it was asked for, for messages: 'tor+pm'. */
  readonly name: string;
  /** Of each model side by side. */
  readonly seeds: readonly number[];
  /** For networks and draws: that list, or the one seed of networks without an axis of seeds. */
  readonly seed: Seeds;
  /** Axes that losses keep: 1 for networks side by side, else 0. */
  readonly leadingAxes: 0 | 1;
  readonly task: Task;
  readonly sizes: Sizes;
  /** The student of every method: same seed, same initial weights. @param heads Their names, the deployed one first. */
  student(heads?: readonly string[]): StudentNetworks;
  /** An MLP (tanh) in a role, which keeps its random numbers apart; `index` where there are several. */
  network(role: Role, shape: SmallNetwork, index?: number): Model;
  /** Adam at the student's learning rate and schedule unless told otherwise; a seed stops as a whole. */
  player(of: Parameters | readonly Parameters[], options?: PlayerOptions): Player;
  /** @throws where there are only predictions; a method that asks for it says so in `needs`. */
  teacher(): StudyNetworks;
  /** The teacher's checkpoints. @throws where there are none; a method that asks for them says so in `needs`. */
  route(): Route;
  /** A number that may change over a stage, as losses want it. */
  schedule(number: Ramp): Weight;
  /** The same training's, with another network as teacher, or with as many steps to the schedule of its players. */
  with(others: Others): TrainingContext;
}

interface Others {
  readonly teacher?: StudyNetworks | undefined;
  readonly steps?: number;
}

export interface ContextOptions
  extends Pick<TrainingContext, 'backend' | 'name' | 'seeds' | 'seed' | 'leadingAxes' | 'task' | 'sizes'> {
  /** Of all seeds; undefined where there is none, or only its predictions. Of several networks the mean, without blocks. */
  readonly teacher: StudyNetworks | undefined;
  readonly route?: Route | undefined;
  /** Peak of the students' cosine schedule. */
  readonly learningRate: number;
  studentOf(heads: readonly string[], arena: Arena): StudentNetworks;
}

/** One training's. */
export class MethodContext implements TrainingContext {
  readonly backend: Backend;
  readonly name: string;
  readonly seeds: readonly number[];
  readonly seed: Seeds;
  readonly leadingAxes: 0 | 1;
  readonly task: Task;
  readonly sizes: Sizes;
  readonly players: Players;
  readonly #given: ContextOptions;
  readonly #arena: Arena;
  readonly #slots: RampSlots;
  readonly #networks = new Map<string, { parameters: Named; buffers: Named }>();

  constructor(given: ContextOptions) {
    this.#given = given;
    this.backend = given.backend;
    this.name = given.name;
    this.seeds = given.seeds;
    this.seed = given.seed;
    this.leadingAxes = given.leadingAxes;
    this.task = given.task;
    this.sizes = given.sizes;
    this.players = new Players({ backend: given.backend, seeds: this.modelCount });
    this.#arena = new Arena(given.backend);
    this.#slots = new RampSlots(given.backend, given.sizes.steps);
    // Players count updates from here.
    given.backend.step.reset();
  }

  /** Models side by side; undefined for one without an axis of seeds. */
  get modelCount(): number | undefined {
    return this.leadingAxes === 1 ? this.seeds.length : undefined;
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

  network(role: Role, { inputs, outputs, widths }: SmallNetwork, index = 0): Model {
    const { backend } = this;
    const seed = seedsOf(role, this.seed, index);
    const made = mlp({ backend, inputs, outputs, widths, seed, arena: this.#arena });
    this.#add(index === 0 ? role : `${role}${index}`, made);
    return made;
  }

  player(of: Parameters | readonly Parameters[], options: PlayerOptions = {}): Player {
    const learningRate = cosine(this.#given.learningRate, { updates: this.sizes.steps });
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
    const { backend, name, seeds, seed, leadingAxes, task } = this;
    const learningRate = cosine(this.#given.learningRate, { updates: steps });
    return {
      ...{ backend, name, seeds, seed, leadingAxes, task, sizes: { ...this.sizes, steps } },
      student: (heads) => this.student(heads),
      network: (...asked) => this.network(...asked),
      player: (of, options) => this.players.make(of, { learningRate, ...options }),
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

  #add(name: string, network: { parameters: Named; buffers: Named }): void {
    if (this.#networks.has(name)) throw new Error(`${this.name}: there is a network '${name}' already`);
    this.#networks.set(name, network);
  }
}
