/** The features of teacher and student that a method compares: whose they are, and as rows of numbers. */
import { UserError } from '../base/errors.ts';
import { type Shape, ShapeError } from '../engine/shape.ts';
import { noGrad } from '../engine/tape.ts';
import type { Tensor } from '../engine/tensor.ts';
import { featureRows, pairedFeatures } from '../models/hint-regressor.ts';
import type { NetworkInput, StudentNetworks } from '../models/network.ts';
import type { TrainingContext } from './context.ts';
import type { Shapes } from './method.ts';

/** Blocks of both networks, by name. */
interface BlockPair {
  readonly teacher: string;
  readonly student: string;
}

export interface FeaturePair {
  /** The student's block, to be tapped. */
  readonly block: string;
  /** Numbers in a row of each. */
  readonly widths: { readonly teacher: number; readonly student: number };
  /** Of what the student's block puts out: (seeds, rows, width), of maps a row a pixel. */
  rowsOf(features: Tensor): Tensor;
  /** What the teacher's block puts out for the same rows, likewise, without a gradient. */
  ofTeacher(input: NetworkInput): Tensor;
}

/** @param blocks A name for both, or TEACHER:STUDENT; '' means the last ones, whose outputs the heads are given. */
export function featurePair(
  context: TrainingContext,
  { deployed }: StudentNetworks,
  blocks = '',
): FeaturePair {
  const teacher = context.teacher();
  const shapes = { teacher: teacher.shapes!, student: deployed.shapes! };
  const pair = pairOf(blocks, shapes);
  const widths = checkBlocks(`--methods: '${context.name}'`, blocks, shapes);
  const isMap = shapes.teacher[pair.teacher]!.length > 1;
  return {
    block: pair.student,
    widths,
    rowsOf: (features) => featureRows(features, { isMap }),
    ofTeacher: (input) =>
      noGrad(() => featureRows(teacher.taps!(input, [pair.teacher])[pair.teacher]!, { isMap })),
  };
}

/**
 * Numbers in a row of each block's output.
 *
 * @throws UserError, which begins with `label`, for a block that a network lacks, and for two that cannot be compared.
 */
export function checkBlocks(
  label: string,
  blocks: string,
  shapes: { readonly teacher: Shapes; readonly student: Shapes },
): { teacher: number; student: number } {
  const { teacher, student } = pairOf(blocks, shapes);
  try {
    return pairedFeatures(
      shapeOf(label, 'teacher', teacher, shapes.teacher),
      shapeOf(label, 'student', student, shapes.student),
    );
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new UserError(`${label}: blocks ${teacher} and ${student} put out ${error.message}`, {
      cause: error,
    });
  }
}

function pairOf(blocks: string, shapes: { readonly teacher: Shapes; readonly student: Shapes }): BlockPair {
  const last = (of: Shapes) => Object.keys(of).at(-1) ?? '';
  if (blocks === '') return { teacher: last(shapes.teacher), student: last(shapes.student) };
  const [teacher = '', ...others] = blocks.split(':');
  return { teacher, student: others.length > 0 ? others.join(':') : teacher };
}

function shapeOf(label: string, whose: string, block: string, shapes: Shapes): Shape {
  const shape = Object.hasOwn(shapes, block) ? shapes[block] : undefined;
  if (shape) return shape;
  throw new UserError(
    `${label}: the ${whose} has no block '${block}'; it has ${Object.keys(shapes).join(', ') || 'none'}`,
  );
}
