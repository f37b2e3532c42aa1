/** The artifact `route`: the teacher's checkpoints along its training, any of which may stand in its place. */
import { integer } from '../../base/option.ts';
import type { StudyNetworks } from '../../models/network.ts';
import type { Columns } from '../../train/training.ts';

/** Of each seed the place of a checkpoint on its route. */
export type Choice = readonly number[];

/** A network of all seeds that holds a checkpoint of each. */
export interface CheckpointNetwork {
  readonly networks: StudyNetworks;
  /** Parameters and running statistics, in place. */
  load(choice: Choice): void;
  dispose(): void;
}

/** All seeds have as many checkpoints, at the same steps of their teachers' trainings, evenly apart. */
export interface Route {
  /** Of each checkpoint the share of the teacher's steps that were done, ascending; the last one, 1, is the teacher. */
  readonly shares: readonly number[];
  /** What the method's batches have besides inputs and labels, as if those checkpoints were the teachers. */
  columns(choice: Choice): Columns;
  /** Nothing is loaded into it yet. */
  network(): CheckpointNetwork;
  /**
   * How hard checkpoints are for students as they are now, seed by seed: their imitation loss to the checkpoint, over that
   * of the one constant that is the checkpoint's mean prediction. For squared errors MSE(S, C) / Var(C). Over the rows that
   * students are validated on, else over those that they learn from.
   */
  hardness(student: StudyNetworks['forward']): Promise<(choice: Choice) => Promise<readonly number[]>>;
}

/** How many there are. */
export const rcoCheckpoints = integer({
  name: 'rco-checkpoints',
  group: 'training',
  min: 1,
  max: 1000,
  default: 12,
  help: "checkpoints of the teacher's training, evenly apart, that +rco takes its anchors from",
});
