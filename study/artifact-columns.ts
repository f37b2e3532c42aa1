/** What methods learn from besides labels: a number for each output, of every seed, made once for all methods that ask. */
import { valuesFor } from '../base/option.ts';
import type { Artifact } from '../methods/artifact.ts';
import type { StudyConfig } from './results.ts';
import type { Member } from './seed-result.ts';

export class ArtifactColumns {
  readonly #members: readonly Member[];
  readonly #made = new Map<Artifact, readonly Float32Array[]>();

  constructor(members: readonly Member[]) {
    this.#members = members;
  }

  /** @param hasFailed Of a seed, by its place: it gets zeros, and nobody reads its losses. */
  of(
    artifact: Artifact,
    config: StudyConfig,
    hasFailed: (index: number) => boolean,
  ): readonly Float32Array[] {
    const known = this.#made.get(artifact);
    if (known) return known;
    const predictions = this.#members.map(({ teacher }) => teacher);
    const made = this.from(artifact, config, predictions, hasFailed);
    this.#made.set(artifact, made);
    return made;
  }

  /** As if something else stood for the teacher: by what it predicts, seed by seed. */
  from(
    artifact: Artifact,
    config: StudyConfig,
    predictions: readonly Float32Array[],
    hasFailed: (index: number) => boolean,
  ): readonly Float32Array[] {
    const options = valuesFor(artifact.options, { ...config });
    return this.#members.map(({ data: { label, dataset, coding }, teacherVariance }, i) => {
      const { outputs } = coding;
      if (hasFailed(i)) return new Float32Array(dataset.train.rows * outputs);
      return artifact.make({ label, teacher: predictions[i]!, teacherVariance, outputs }, options);
    });
  }
}
