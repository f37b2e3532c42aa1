/** A student and what is trained with it, for add-ons that say in which stages, and from whom, it learns. */
import type { Player } from '../../engine/optim/player.ts';
import type { StudyNetworks } from '../../models/network.ts';
import type { Stage, Training } from '../../train/training.ts';
import type { TeacherNeed } from '../artifact.ts';
import type { TrainingContext } from '../context.ts';

/** What the steps of a stage do. */
type Steps = Pick<Stage, 'step' | 'only' | 'phaseOf'>;

export interface Learner extends Pick<Training, 'heads'> {
  readonly deployed: StudyNetworks;
  /** A new optimiser of the student and its modules, at the rate and schedule of the context. */
  player(): Player;
  /** By the method's loss, with everything that other add-ons put to it. */
  byLoss(player: Player): Steps;
  /** By the labels alone, as the task has it, with weight 1. What the labels do not reach has gradients of zero. */
  byLabels(player: Player): Steps;
}

/** A method that is a loss, with the add-ons that join it. */
export interface Base {
  /** What it asks of a teacher. */
  readonly needs: readonly TeacherNeed[];
  /** To be made once, in the training's own context or one that follows from it by `with`. */
  learner(context: TrainingContext): Learner;
}
