/** The features of teacher and student that a method compares: whose they are, and how they come to the same width. */
import { UserError } from '../base/errors.ts';
import { valuesFor } from '../base/option.ts';
import { type Shape, ShapeError } from '../engine/shape.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { MatchedMethod } from '../methods/matched-method.ts';
import type { BlockPair } from '../methods/method.ts';
import { featureRows, hintRegressor, pairedFeatures } from '../models/hint-regressor.ts';
import type { NetworkInput, StudentNetworks, StudyNetworks } from '../models/network.ts';
import type { Named } from '../models/parameters.ts';
import type { StudyConfig } from './results.ts';
import type { StudentsTask } from './students-task.ts';

export interface FeatureHint {
  /** Of the regressor, if the method wants one. */
  readonly parameters: Named;
  /** The student's block; undefined for what its trunk computes. */
  readonly block: string | undefined;
  ofStudent(features: Tensor): Tensor;
  ofTeacher(input: NetworkInput): Tensor;
  dispose(): void;
}

/** Undefined of methods that compare no features. */
export function featureHint(
  { name, method }: MatchedMethod,
  { config, data, teachers, backend }: StudentsTask,
  { deployed }: StudentNetworks,
): FeatureHint | undefined {
  if (!method.needs?.includes('teacherFeatures')) return undefined;
  const blocks = blocksOf({ method }, config);
  const teacherShapes = teachers!.shapes!;
  const pair = blocks
    ? checkBlocks(`--methods: '${name}'`, blocks, { teacher: teacherShapes, student: deployed.shapes! })
    : { teacher: teachers!.featureCount!, student: deployed.featureCount! };
  const isMap = blocks !== undefined && teacherShapes[blocks.teacher]!.length > 1;
  const regressor = method.hasRegressor
    ? hintRegressor({
        ...{ backend, seed: data.networkSeed },
        ...{ studentFeatures: pair.student, teacherFeatures: pair.teacher },
      })
    : undefined;
  return {
    parameters: regressor?.parameters ?? {},
    block: blocks?.student,
    ofStudent(features) {
      const rows = featureRows(features, { isMap });
      return regressor ? regressor.forward(rows) : rows;
    },
    ofTeacher: (input) => featureRows(teachers!.features!(input, blocks?.teacher), { isMap }),
    dispose() {
      for (const x of Object.values(regressor?.parameters ?? {})) x.dispose();
    },
  };
}

/** Whose outputs a method compares, if not those of the trunks. */
export function blocksOf(
  { method }: Pick<MatchedMethod, 'method'>,
  config: StudyConfig,
): BlockPair | undefined {
  return method.blocks?.(valuesFor(method.options, { ...config }));
}

type Shapes = NonNullable<StudyNetworks['shapes']>;

/**
 * Numbers in a row of each block's output.
 *
 * @throws UserError, which begins with `label`, for a block that a network lacks, and for two that cannot be compared.
 */
export function checkBlocks(
  label: string,
  blocks: BlockPair,
  shapes: { readonly teacher: Shapes; readonly student: Shapes },
): { teacher: number; student: number } {
  try {
    return pairedFeatures(
      shapeOf(label, 'teacher', blocks.teacher, shapes.teacher),
      shapeOf(label, 'student', blocks.student, shapes.student),
    );
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const { teacher, student } = blocks;
    throw new UserError(`${label}: blocks ${teacher} and ${student} put out ${error.message}`, {
      cause: error,
    });
  }
}

function shapeOf(label: string, whose: string, block: string, shapes: Shapes): Shape {
  const shape = Object.hasOwn(shapes, block) ? shapes[block] : undefined;
  if (shape) return shape;
  throw new UserError(
    `${label}: the ${whose} has no block '${block}'; it has ${Object.keys(shapes).join(', ') || 'none'}`,
  );
}
