/**
 * Sums over the classes of a row, in one order whoever shares the row. Classes lie in columns, every so many in one; the terms of a
 * column are added up, then the columns of each of sixteen, four neighbours in every 64, then those sixteen sums. An invocation alone
 * has one column.
 */
import { addTo, closeSum, openSum } from '../math/math-sum.ts';

/** How a row is shared; bits depend on the columns alone. */
export interface Sharing {
  /** 1, or a multiple of 64. */
  readonly columns: number;
  /** Invocations that share a row, which are the workgroup: 1, or 16, or as many as columns. */
  readonly lanes: number;
  /** Classes that an invocation takes at once; 4 for 16 lanes, and rows of a multiple of 4. */
  readonly width: 1 | 4;
}

/** Terms that are added as they are before their sum is added with what that loses. */
const GROUP = 8;
/** Sums that are put together last. Lanes that meet at a barrier are dear to adapters that are CPUs: 16 are enough for them. */
const LEADERS = 16;

/** Rows of up to so many classes are an invocation's own; up to the next number they have 64 columns, then 256. */
const ALONE = 32;
const FEW = 2048;

/** Columns follow from the shape alone. */
export function sharingOf(classes: number, isSoftware: boolean): Sharing {
  const columns = classes <= ALONE ? 1 : classes <= FEW ? 64 : 256;
  const hasFewLanes = isSoftware && columns > 1;
  return {
    columns,
    lanes: hasFewLanes ? LEADERS : columns,
    width: hasFewLanes && classes % 4 === 0 ? 4 : 1,
  };
}

/** The parts of what an invocation takes at once: '' of a number, '.x' to '.w' of four. */
export function partsOf({ width }: Sharing): readonly string[] {
  return width === 4 ? ['x', 'y', 'z', 'w'] : [''];
}

/** A loop over the places `k_` of an invocation, each of `width` classes, the same as in `sumsOver`. */
export function overClasses(lines: readonly string[], { lanes, width }: Sharing): string {
  return `for (var k_ = ${lanes > 1 ? 'lane_' : '0u'}; k_ < uniforms.classes / ${width}u; k_ += ${lanes}u) {
      ${lines.join('\n      ')}
    }`;
}

/**
 * WGSL of variables that hold sums over a row's classes, each of a term, a number or four, the same on every lane. `setup` comes before
 * the terms of a place, `rest` after.
 */
export function sumsOver(
  terms: Readonly<Record<string, string>>,
  sharing: Sharing,
  { setup = [], rest = [] }: { setup?: readonly string[]; rest?: readonly string[] } = {},
): string {
  const { columns, lanes, width } = sharing;
  const names = Object.keys(terms);
  const type = width === 4 ? 'vec4f' : 'f32';
  const zero = `${type}()`;
  const each = (write: (name: string) => string) => names.map(write).join('\n      ');
  const all = (name: string) => closeSum(`${name}_column`, type);
  const added = (name: string) =>
    width === 1
      ? addTo(name, all(name))
      : `let ${name}_all = ${all(name)};
      ${partsOf(sharing)
        .map((part) => addTo(name, `${name}_all.${part}`))
        .join('\n      ')}`;
  // By itself, or with 16 lanes: every column of one of the sixteen.
  const isOfMany = lanes > 1 && lanes < columns && width === 1;
  const [head, tail] = isOfMany
    ? [
        `for (var four_ = 4u * lane_; four_ < ${columns}u; four_ += ${4 * LEADERS}u) {
      for (var column_ = four_; column_ < four_ + 4u; column_++) {`,
        '}}',
      ]
    : [
        `for (var column_ = ${lanes > 1 ? 'lane_' : '0u'}; column_ < ${columns / width}u; column_ += ${lanes}u) {`,
        '}',
      ];
  return `${each((name) => openSum(name))}
    ${head}
      ${each((name) => openSum(`${name}_column`, zero, zero))}
      for (var k_ = column_; k_ < uniforms.classes / ${width}u;) {
        let end_ = min(k_ + ${(GROUP * columns) / width}u, uniforms.classes / ${width}u);
        ${each((name) => `var ${name}_part = ${zero};`)}
        for (; k_ < end_; k_ += ${columns / width}u) {
          ${setup.join('\n          ')}
          ${each((name) => `${name}_part += ${terms[name]};`)}
          ${rest.join('\n          ')}
        }
        ${each((name) => addTo(`${name}_column`, `${name}_part`, type))}
      }
      ${each(added)}
    ${tail}
    ${each((name) => `${name} = ${closeSum(name)};`)}
    ${totalsOf(names, 'add', sharing)}`;
}

/** WGSL of the memory that `totalsOf` needs for so many variables at once. */
export function sharedMemory(most: number, { lanes }: Sharing): string {
  return lanes > 1 ? `var<workgroup> shared_: array<f32, ${lanes * most}>;` : '';
}

/**
 * WGSL that makes each variable the largest, or the sum, of those of all lanes. `nought_` must be in scope: with it no compiler knows
 * how often the loops run; unrolled they take software adapters seconds to compile.
 */
export function totalsOf(names: readonly string[], rule: 'max' | 'add', { lanes }: Sharing): string {
  if (lanes === 1) return '';
  const at = (i: number, place: string) => `shared_[${i * lanes}u + ${place}]`;
  const each = (write: (name: string, i: number) => string) => names.map(write).join('\n    ');
  const isSum = rule === 'add';
  /** `count` numbers, the j_-th at a place, become `to`. */
  const together = (to: string, i: number, count: number, place: (j: string) => string) => `{
      ${isSum ? openSum('all_', at(i, place('0u'))) : `var all_ = ${at(i, place('0u'))};`}
      for (var j_ = 1u; j_ < ${count}u + nought_; j_++) {
        ${isSum ? addTo('all_', at(i, place('j_'))) : `all_ = max(all_, ${at(i, place('j_'))});`}
      }
      ${to} = ${isSum ? closeSum('all_') : 'all_'};
    }`;
  const ofOne = (j: string) => `4u * lane_ + (${j} & 3u) + ${4 * LEADERS}u * (${j} >> 2u)`;
  // A leader's place among the results is another's column: they are written when all are read.
  const leading = `${each((_, i) => `var result${i}_ = 0.0;`)}
    if (lane_ < ${LEADERS}u) {
    ${each((_, i) => together(`result${i}_`, i, lanes / LEADERS, ofOne))}
    }
    workgroupBarrier();
    if (lane_ < ${LEADERS}u) { ${each((_, i) => `${at(i, 'lane_')} = result${i}_;`)} }
    workgroupBarrier();`;
  return `{
    ${each((name, i) => `${at(i, 'lane_')} = ${name};`)}
    workgroupBarrier();
    ${lanes > LEADERS ? leading : ''}
    ${each((name, i) => together(name, i, LEADERS, (j) => j))}
    workgroupBarrier();  // the next totals overwrite them
    }`;
}
