/** The regressor of FitNets: from a student's features to as many as the teacher has. */
import type { Backend } from '../engine/backend.ts';
import { reshape, transpose } from '../engine/ops/movement/movement.ts';
import { type Shape, ShapeError, show } from '../engine/shape.ts';
import { mlp } from './mlp.ts';
import type { Seeds } from './parameters.ts';
import { seedsOf } from './roles.ts';
import type { Tensor } from '../engine/tensor.ts';

export interface HintRegressorOptions {
  backend: Backend;
  studentFeatures: number;
  teacherFeatures: number;
  seed?: Seeds;
}

export interface HintRegressor {
  /** `regressor.weight` and `regressor.bias`: to be trained with the student's, and not to be deployed. */
  readonly parameters: Readonly<Record<string, Tensor>>;
  /** (…, rows, student's features) to (…, rows, teacher's features). */
  forward(features: Tensor): Tensor;
}

/** A linear layer between features (Romero et al. 2015, arXiv:1412.6550); a seed each where there are several. */
export function hintRegressor({
  backend,
  studentFeatures,
  teacherFeatures,
  seed = 0,
}: HintRegressorOptions): HintRegressor {
  const model = mlp({
    backend,
    inputs: studentFeatures,
    outputs: teacherFeatures,
    widths: [],
    seed: seedsOf('regressor', seed),
  });
  const { 'label.0.weight': weight, 'label.0.bias': bias } = model.parameters;
  return {
    parameters: { 'regressor.weight': weight!, 'regressor.bias': bias! },
    forward: (features) => model.forward(features),
  };
}

/**
 * Features as rows: those of a table as they are, (…, rows, features); maps, (…, n, channels, height, width), a row a pixel,
 * (…, n·height·width, channels), on which a linear layer is a 1×1 convolution.
 */
export function featureRows(features: Tensor, { isMap }: { isMap: boolean }): Tensor {
  if (!isMap) return features;
  const { shape } = features;
  const lead = shape.slice(0, -4);
  const [n, channels, height, width] = shape.slice(-4) as [number, number, number, number];
  const order = [...lead.keys(), ...[0, 2, 3, 1].map((axis) => lead.length + axis)];
  return reshape(transpose(features, order), [...lead, n * height * width, channels]);
}

/**
 * Numbers in a row of each, for `hintRegressor`, from the shapes of one sample: (features) or (channels, height, width).
 *
 * @throws ShapeError unless both are features, or maps of one height and width.
 */
export function pairedFeatures(teacher: Shape, student: Shape): { teacher: number; student: number } {
  const [teacherFeatures = 0, ...teacherPlace] = teacher;
  const [studentFeatures = 0, ...studentPlace] = student;
  if (show(teacherPlace) !== show(studentPlace))
    throw new ShapeError(
      `the teacher's ${show(teacher)} and the student's ${show(student)}; wants features of both, or maps of one ` +
        'height and width',
    );
  return { teacher: teacherFeatures, student: studentFeatures };
}
