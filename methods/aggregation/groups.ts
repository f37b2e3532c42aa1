/** Groups of a network's blocks: those in a row whose outputs have one shape, so that they can be mixed. */
import { UserError } from '../../base/errors.ts';
import { type Shape, show } from '../../engine/shape.ts';
import type { Shapes } from '../method.ts';

/** Blocks of teacher and student at one place of their networks. */
export interface GroupPair {
  /** The teacher's, from shallow to deep. */
  readonly layers: readonly string[];
  /** The student's last one. */
  readonly student: string;
  /** Of one sample: what each of them puts out. */
  readonly shapes: { readonly teacher: Shape; readonly student: Shape };
}

interface Group {
  readonly names: readonly string[];
  readonly shape: Shape;
}

/**
 * Of image networks maps alone, (channels, height, width): what pools and layers behind them put out has no place any more; and
 * where they have blocks, those alone: a first convolution and a last normalisation are no layers of a stage.
 */
export function groupsOf(shapes: Shapes): Group[] {
  const all = Object.entries(shapes);
  const maps = all.filter(([, shape]) => shape.length === 3);
  const groups: { names: string[]; shape: Shape }[] = [];
  const blocks = maps.filter(([name]) => /\.block\d+$/.test(name));
  const layers = [blocks, maps, all].find(({ length }) => length > 0) ?? [];
  for (const [name, shape] of layers) {
    const last = groups.at(-1);
    if (last && show(last.shape) === show(shape)) last.names.push(name);
    else groups.push({ names: [name], shape });
  }
  return groups;
}

/**
 * The groups of both networks, in order.
 *
 * @throws UserError, which begins with `label`, where there is nothing to pair or nothing to mix; it says the cure.
 */
export function groupPairs(
  label: string,
  { teacher, student }: { readonly teacher: Shapes; readonly student: Shapes },
): GroupPair[] {
  const [theirs, own] = [groupsOf(teacher), groupsOf(student)];
  if (theirs.length !== own.length || own.length === 0)
    throw new UserError(
      `${label}: the teacher has ${told(theirs)}, the student ${told(own)}; wants as many of both: networks of one family, ` +
        'such as --teacher resnet-cifar20 --student resnet-cifar8, or mlp:64,64,64,32,32,32 and mlp:12,8',
    );
  if (theirs.every(({ names }) => names.length === 1))
    throw new UserError(
      `${label}: the teacher has one layer in each group, ${told(theirs)}, and there is nothing to choose; wants a deeper ` +
        'one, such as resnet-cifar20, or several layers of equal width: mlp:64,64,64,32,32,32',
    );
  return theirs.map(({ names, shape }, i) => {
    const other = own[i]!;
    if (show(shape.slice(1)) !== show(other.shape.slice(1)))
      throw new UserError(
        `${label}: group ${i + 1} has maps ${show(shape)} of the teacher and ${show(other.shape)} of the student; wants one ` +
          'height and width: networks of one family',
      );
    return { layers: names, student: other.names.at(-1)!, shapes: { teacher: shape, student: other.shape } };
  });
}

function told(groups: readonly Group[]): string {
  const sizes = groups.map(({ names, shape }) => `${names.length} of ${show(shape)}`);
  return `${groups.length} group${groups.length === 1 ? '' : 's'} (${sizes.join(', ') || 'no blocks'})`;
}
