/** A picture with arrows of gaze over it, or with a dial of the head's yaw below it. */

import { RADIANS } from '../datasets/images/angles.ts';
import { gazeVector } from '../datasets/images/gaze.ts';
import { resize } from '../datasets/images/grey-image.ts';
import { formatDegrees } from '../base/format.ts';
import { greyPngUri } from './grey-png.ts';
import type { SlotOf } from './report-marks.ts';
import { escapeHtml, px } from './report-svg.ts';
import type { ImageFindings, ShownImage } from '../study/results.ts';

/** Whose gaze an arrow is: the truth's, the label's, or a method's. */
export interface Gaze {
  name: string;
  /** Its colour. */
  look: string;
  /** What hides it. */
  toggle: string;
  of: (image: ShownImage) => readonly number[] | null;
}

/** Units of the drawing; a picture is as wide, whatever its pixels. */
const width = 120;
/** An arrow as long as this lies in the picture's plane: one to the left or right edge is 30° off. */
const reach = width;
/** Longer ones are drawn so long, that they stay with their picture. */
const longest = 0.62 * width;
const dialRadius = 52;
/** Pictures of more columns are shrunk: the page is to stay small. */
const mostColumns = 96;

/** From the lowest to the one on top. */
export function gazesOf(methods: readonly string[], slotOf: SlotOf): Gaze[] {
  const all: Omit<Gaze, 'toggle'>[] = [
    { name: 'truth', look: 'truth', of: ({ truth }) => truth },
    // Of a test row the label is the truth, unless that is not known.
    {
      name: 'label',
      look: 'given',
      of: ({ part, truth, label }) => (part === 'test' && truth ? null : label),
    },
    ...methods.map((method) => ({
      name: method,
      look: slotOf(method),
      of: ({ predicted }: ShownImage) => predicted[method] ?? null,
    })),
  ];
  return all.map((gaze, i) => ({ ...gaze, toggle: `gaze-${i}` }));
}

export function gazePicture(
  image: ShownImage,
  findings: ImageFindings,
  { id, gazes, target }: { id: string; gazes: readonly Gaze[]; target: readonly string[] },
): string {
  const { person, part, pixels } = image;
  const shrink = Math.min(1, mostColumns / findings.width);
  const size = {
    width: Math.max(1, Math.round(findings.width * shrink)),
    height: Math.max(1, Math.round(findings.height * shrink)),
  };
  const original = { width: findings.width, height: findings.height, values: pixels };
  const uri = greyPngUri(shrink < 1 ? resize(original, size) : original);
  const height = (width * findings.height) / findings.width;
  const isDial = target.length === 1;
  const present = gazes.flatMap((gaze) => {
    const angles = gaze.of(image);
    return angles !== null && angles.every(Number.isFinite) ? [{ gaze, angles }] : [];
  });
  const arrows = present.map(({ gaze, angles }) => {
    const arrow = isDial ? dialArrow(angles[0]!, height) : gazeArrow(angles, height);
    return `<g class="${gaze.toggle}"><path class="halo" d="${arrow}"/><path class="${gaze.look}" d="${arrow}"/></g>`;
  });
  const words = present.map(
    ({ gaze, angles }) =>
      `${gaze.name} ${target.map((name, k) => `${name} ${formatDegrees(angles[k]!, 1)}`).join(', ')}`,
  );
  const title = `${part === 'train' ? 'Training' : 'Test'} picture of ${person}`;
  return (
    `<svg class="gaze" viewBox="0 0 ${width} ${px(height + (isDial ? dialRadius + 12 : 0))}" role="img" ` +
    `aria-labelledby="${id}"><title id="${id}">${escapeHtml(`${title}: ${words.join('; ')}`)}</title>` +
    `<image width="${width}" height="${px(height)}" preserveAspectRatio="none" href="${uri}"/>` +
    `${isDial ? dial(height) : ''}${arrows.join('')}</svg>`
  );
}

/** From the picture's middle: x to the right, y down, as the camera sees it. */
function gazeArrow([pitch, yaw]: readonly number[], height: number): string {
  const [x, y] = gazeVector([pitch! * RADIANS, yaw! * RADIANS]);
  const length = Math.hypot(x, y) * reach;
  const scale = reach * Math.min(1, longest / (length || 1));
  return arrowPath([width / 2, height / 2], [x * scale, y * scale]);
}

/** Seen from above with the camera at the bottom: a head of yaw 0 faces it, one of 90° the picture's right edge. */
function dialArrow(yaw: number, height: number): string {
  const angle = yaw * RADIANS;
  const length = dialRadius - 2;
  return arrowPath([width / 2, height + 6], [Math.sin(angle) * length, Math.cos(angle) * length]);
}

function dial(height: number): string {
  const [x, y] = [width / 2, height + 6];
  const ticks = [-90, -60, -30, 0, 30, 60, 90].map((degrees) => {
    const angle = degrees * RADIANS;
    const at = (radius: number) => `${px(x + Math.sin(angle) * radius)} ${px(y + Math.cos(angle) * radius)}`;
    return `M${at(dialRadius - 4)}L${at(dialRadius)}`;
  });
  const arc = `M${x - dialRadius} ${px(y)}A${dialRadius} ${dialRadius} 0 0 0 ${x + dialRadius} ${px(y)}`;
  return `<path class="dial" d="${arc}${ticks.join('')}"/>`;
}

/** A line with a head; a short one is all head, and none at all a dot. */
function arrowPath([x, y]: readonly [number, number], [dx, dy]: readonly [number, number]): string {
  const length = Math.hypot(dx, dy);
  const from = `M${px(x)} ${px(y)}`;
  if (length < 0.5) return `${from}h0`;
  const head = Math.min(7, length * 0.7);
  const [ux, uy] = [(dx / length) * head, (dy / length) * head];
  const wing = (turn: number) => `${px(-ux - turn * uy * 0.6)} ${px(-uy + turn * ux * 0.6)}`;
  const tip = `${px(x + dx)} ${px(y + dy)}`;
  return `${from}L${tip}l${wing(1)}M${tip}l${wing(-1)}`;
}
