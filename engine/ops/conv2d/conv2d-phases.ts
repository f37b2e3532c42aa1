/**
 * A transposed convolution as correlations. The pixels of its result whose row and column have the same remainders
 * modulo the stride see the same taps: each such phase is a correlation of its own, with the taps in reverse.
 */
import type { Geometry, Pair } from './conv2d-geometry.ts';

/**
 * Which outputs one dispatch computes, and from what, along rows and columns:
 * y[first + step q] = Σ_m x[stride q + start + dilation m] w[firstTap + stepTap m] for q < count and m < taps.
 */
export interface Phase {
  readonly count: Pair;
  readonly first: Pair;
  readonly step: Pair;
  readonly stride: Pair;
  readonly start: Pair;
  readonly dilation: Pair;
  readonly taps: Pair;
  readonly firstTap: Pair;
  readonly stepTap: Pair;
}

/** A convolution itself: all of its outputs. */
export function onlyPhase(count: Pair, taps: Pair, { stride, padding, dilation }: Geometry): Phase {
  const start = [-padding[0], -padding[2]] as const;
  return {
    count,
    first: [0, 0],
    step: [1, 1],
    stride,
    start,
    dilation,
    taps,
    firstTap: [0, 0],
    stepTap: [1, 1],
  };
}

/** The phases of a transposed convolution to `size`, one for each pair of remainders. */
export function phasesOf(size: Pair, taps: Pair, geometry: Geometry): Phase[] {
  return phasesAlong(0, size, taps, geometry).flatMap((vertical) =>
    phasesAlong(1, size, taps, geometry).map((horizontal): Phase => {
      const both = (key: keyof PhaseAlong): Pair => [vertical[key], horizontal[key]];
      return {
        count: both('count'),
        first: both('first'),
        step: geometry.stride,
        stride: [1, 1],
        start: both('start'),
        dilation: both('dilation'),
        // Without a tap along one axis there is none.
        taps: vertical.taps * horizontal.taps > 0 ? both('taps') : [0, 0],
        firstTap: both('firstTap'),
        stepTap: both('stepTap'),
      };
    }),
  );
}

interface PhaseAlong {
  readonly count: number;
  readonly first: number;
  readonly start: number;
  readonly dilation: number;
  readonly taps: number;
  readonly firstTap: number;
  readonly stepTap: number;
}

function phasesAlong(axis: 0 | 1, sizes: Pair, kernel: Pair, geometry: Geometry): PhaseAlong[] {
  const [size, stride, dilation] = [sizes[axis], geometry.stride[axis], geometry.dilation[axis]];
  const before = geometry.padding[2 * axis]!;
  const common = greatestCommonDivisor(stride, dilation);
  return [...Array(Math.min(stride, size)).keys()].map((first) => {
    // Tap k carries x[i] to y[i stride + k dilation - before]: these k reach this remainder.
    const taps = [...Array(kernel[axis]).keys()].filter(
      (k) => (first + before - k * dilation) % stride === 0,
    );
    const firstTap = taps.at(-1) ?? 0;
    return {
      count: Math.ceil((size - first) / stride),
      first,
      start: taps.length > 0 ? (first + before - firstTap * dilation) / stride : 0,
      dilation: dilation / common,
      taps: taps.length,
      firstTap,
      stepTap: -stride / common,
    };
  });
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
