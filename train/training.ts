/** What a training is made of: stages, one after another, and the network that comes out. */
import type { Aggregation } from '../base/aggregation.ts';
import type { Player } from '../engine/optim/player.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { NetworkInput, StudyNetworks } from '../models/network.ts';
import type { Named } from '../models/parameters.ts';

/** One batch: what the network is given as `x` (and `extras`), and columns by their names; (seeds, rows, width) each. */
export type Batch = Readonly<Record<string, Tensor>>;

/** By name, of every seed a number for each label of its training rows. */
export type Columns = Readonly<Record<string, readonly Float32Array[]>>;

/**
 * Rows that batches are drawn of: those that students learn from, or some of each seed's training part, listed; 'none' for
 * a stage that makes its own points.
 */
export type RowSet = 'student' | 'none' | readonly Uint32Array[];

export interface StepInput {
  /** Of `Stage.rows`, or of its first set; nothing where there are no rows. */
  readonly batch: Batch;
  /** Where `Stage.rows` names several sets: a batch of each, by those names. */
  readonly batches: Readonly<Record<string, Batch>>;
  /** What `Stage.phaseOf` said; '' without it. */
  readonly phase: string;
}

/** What is known of a stage before there is a device. */
export interface StagePlan {
  /** 'train', 'search': for progress and messages; no two of a training have the same. */
  readonly name: string;
  /** Updates, at least 1. */
  readonly steps: number;
  /** 'student' unless given; several sets by names of their own. */
  readonly rows?: RowSet | Readonly<Record<string, RowSet>> | undefined;
  /** It trains something else than what is deployed: nothing of it is evaluated, and its steps are not the student's. */
  readonly isPreparation?: true | undefined;
  /**
   * It goes on where the stage before stops, as if both were one: the order of batches, random numbers, what changes over
   * a stage, and the steps that `phaseOf` is told. What it does, and what it learns from, may be something else.
   */
  readonly continues?: true | undefined;
}

export interface Stage extends StagePlan {
  /** Called when the stage begins, also when a saved training is taken up in it: a function of what is saved. */
  before?(): Promise<void> | void;
  /** Called when its last step is done; also where it is taken up there, with what was saved. */
  after?(): Promise<void> | void;
  /** Columns in place of those of the training's batches, of every seed; asked for once `before` is done. */
  columns?(): Columns;
  /** Where steps differ in what they do: the name of the next one's kind, after so many steps. Each is captured once. */
  phaseOf?(done: number): string;
  /**
   * Everything that a step does, its updates too; captured (see `capture`), so numbers that it takes from JavaScript stay
   * what they were. Returns its loss, (seeds) for networks side by side, else a scalar; with `signals` those besides.
   */
  step(input: StepInput): Tensor | (Readonly<Record<string, Tensor>> & { readonly loss: Tensor });
  /**
   * Names of what `step` returns besides `loss`: (seeds), of peers (seeds, networks), without the axis of seeds where there is
   * none. Read with the loss, as means.
   */
  readonly signals?: readonly string[] | undefined;
  /**
   * Where that is no more than one update by one loss of the batch: so that a kernel may do many such steps in one dispatch
   * (docs/small-networks.md).
   */
  readonly only?:
    | {
        readonly player: Player;
        loss(batch: Batch): Tensor;
        /** The stage's: of one that was given another step it says nothing. */
        readonly step: Stage['step'];
      }
    | undefined;
}

/** How hard what a stage learns from was for the student. */
export interface StageHardness {
  /** Its name. */
  readonly stage: string;
  /** Share of the teacher's training after which it was taken. */
  readonly share: number;
  /** When the stage began, and when it was over: 0 for a student that does the same, 1 for one that predicts the mean. */
  readonly before: number;
  readonly after: number;
}

/** Means since the last reading of what `Stage.signals` names. */
export type Signals = Readonly<Record<string, number>>;

/** Rows of every model, for evaluation: in parts that fit the memory, to be asked for within `tidy`. */
export interface Rows {
  readonly rows: number;
  part(from: number, to: number): NetworkInput;
}

/** What is found out of one network besides its errors, by name. */
export type Findings = Readonly<Record<string, number>>;

/** Networks that train together, a row of the table each. */
export interface Peers {
  readonly peers: readonly StudyNetworks[];
}

export interface Training {
  readonly stages: readonly Stage[];
  /** What is evaluated, saved and exported. */
  readonly deployed: StudyNetworks | Peers;
  /** Further heads whose predictions are worth an error of their own, by name: the label head first. */
  readonly heads?: Readonly<Record<string, (input: NetworkInput) => Tensor>> | undefined;
  /** What belongs to the training besides networks and players: saved with it. */
  readonly state?: Named | undefined;
  /** Of one network, its signals so far, reading after reading: a line on what goes wrong, which is told once. */
  watch?(signals: readonly Signals[]): string | undefined;
  /** Of each network that is deployed, for each model: what is worth knowing before the first stage, and after the last. */
  examine?(
    rows: Readonly<Record<'training' | 'test', Rows>>,
    when: 'before' | 'after',
  ): Promise<readonly (readonly Findings[])[]>;
  /** Called at every reading, before its state is saved: to note how far something has come, in `state`. */
  observe?(stage: StagePlan, step: number): Promise<void>;
  /** Mixtures of the teacher's layers that were found, one for each model. */
  aggregations?(): Promise<readonly Aggregation[]>;
  /** Of each model, stage by stage, how hard the checkpoints of its teacher were: asked for once it is trained. */
  hardness?(): Promise<readonly (readonly StageHardness[])[]>;
  dispose?(): void;
}

/** The networks that come out, peers in their order. */
export function deployedOf<N extends object>({
  deployed,
}: {
  readonly deployed: N | { readonly peers: readonly N[] };
}): readonly N[] {
  return 'peers' in deployed ? deployed.peers : [deployed];
}
