/** What differs between persons, and between two pictures of one: drawn, in millimetres, radians and shares of light. */
import { RADIANS } from './angles.ts';
import type { Draws } from './draws.ts';

/** A person's left eye. Head coordinates: from the middle between the corners, x to the temple, y down, z inwards. */
export interface EyeShape {
  /** Of the sphere. */
  radius: number;
  /** Its centre. */
  centre: readonly [x: number, y: number, z: number];
  /** Half the distance of the corners. */
  halfWidth: number;
  /** How far the lids open from the line between the corners, when looking ahead. */
  upperOpening: number;
  lowerOpening: number;
  /** Towards which corner they open most: -1 the inner, 1 the outer. */
  upperSkew: number;
  lowerSkew: number;
  /** Slope of the line between the corners. */
  tilt: number;
  /** From the edge of the upper lid to its crease, and how dark that is. */
  creaseDistance: number;
  crease: number;
  lashes: number;
  /** Height of the brow's lower edge, and how dark it is. */
  browHeight: number;
  brow: number;
  bag: number;
  skin: number;
  sclera: number;
  iris: number;
  irisRadius: number;
  limbusBlur: number;
  /** The optical axis less the line of sight: what nobody sees in a picture. */
  axisOffset: readonly [pitch: number, yaw: number];
  /** Of the landmarks that the patch is cut out by. */
  landmarkOffset: readonly [x: number, y: number];
  /** Where the head usually is. */
  headPitch: number;
  headYaw: number;
  hasGlasses: boolean;
}

export const SHAPE_DRAWS = 256;

export function drawEyeShape(draw: Draws): EyeShape {
  const skin = draw.between(0.2, 0.75);
  return {
    radius: draw.normal(12.2, 0.25),
    centre: [draw.normal(0.2, 0.08), draw.normal(-0.3, 0.08), draw.normal(9, 0.25)],
    halfWidth: draw.normal(14.6, 0.9),
    upperOpening: draw.normal(5.3, 0.7),
    lowerOpening: draw.normal(3.5, 0.5),
    upperSkew: draw.normal(-0.15, 0.12),
    lowerSkew: draw.normal(0.25, 0.12),
    tilt: draw.normal(-0.05, 0.05),
    creaseDistance: draw.between(1.5, 5),
    crease: draw.between(0.05, 0.38),
    lashes: draw.between(0.2, 0.8),
    browHeight: draw.normal(-11, 1.6),
    brow: draw.between(0.1, 0.65),
    bag: draw.between(0, 0.25),
    skin,
    sclera: draw.between(0.58, 0.8),
    iris: draw.between(0.04, 0.14) + (draw.chance(0.3) ? draw.between(0.04, 0.14) : 0),
    irisRadius: draw.normal(5.9, 0.2),
    limbusBlur: draw.between(0.35, 0.8),
    axisOffset: [draw.normal(1.5, 0.2) * RADIANS, draw.normal(-4.5, 0.25) * RADIANS],
    landmarkOffset: [draw.normal(0, 0.5), draw.normal(0, 0.5)],
    headPitch: draw.normal(4, 4) * RADIANS,
    headYaw: draw.normal(0, 5) * RADIANS,
    hasGlasses: draw.chance(0.12),
  };
}

/** One picture. */
export interface EyeView {
  gazePitch: number;
  gazeYaw: number;
  headPitch: number;
  headYaw: number;
  /** Where the middle between the corners lies in the patch; it should be in its centre. */
  offset: readonly [x: number, y: number];
  /** Scales the picture: the distance was measured wrongly. */
  scale: number;
  /** Scales the opening of the lids. */
  squint: number;
  pupilRadius: number;
  /** Unit vector to the lamp, in camera coordinates. */
  light: readonly [x: number, y: number, z: number];
  ambient: number;
  glint: number;
  /** The edge of a cast shadow: where cos · x + sin · y > at. */
  shadow: { depth: number; direction: readonly [x: number, y: number]; at: number; softness: number };
}

export interface GazeRanges {
  /** Least and greatest, in degrees. */
  gazePitch: readonly [number, number];
  gazeYaw: readonly [number, number];
  /** Standard deviations of the head about where a person holds it, in degrees. */
  headPitch: number;
  headYaw: number;
}

export const VIEW_DRAWS = 128;

export function drawEyeView(draw: Draws, shape: EyeShape, ranges: GazeRanges): EyeView {
  const gazePitch = draw.between(...ranges.gazePitch) * RADIANS;
  const gazeYaw = draw.between(...ranges.gazeYaw) * RADIANS;
  // The head follows the eyes a little.
  const limited = (angle: number, most: number) => Math.max(-most * RADIANS, Math.min(most * RADIANS, angle));
  const headPitch = shape.headPitch + 0.1 * gazePitch + draw.normal(0, ranges.headPitch) * RADIANS;
  const headYaw = shape.headYaw + 0.1 * gazeYaw + draw.normal(0, ranges.headYaw) * RADIANS;
  const light = [draw.between(-0.9, 0.9), draw.between(-0.9, 0.3), -1] as const;
  const length = Math.sqrt(light[0] ** 2 + light[1] ** 2 + 1);
  const across = [draw.between(-1, 1), draw.between(-0.5, 0.5)] as const;
  const norm = Math.sqrt(across[0] ** 2 + across[1] ** 2) || 1;
  return {
    gazePitch,
    gazeYaw,
    headPitch: limited(headPitch, 30),
    headYaw: limited(headYaw, 40),
    offset: [shape.landmarkOffset[0] + draw.normal(0, 1.3), shape.landmarkOffset[1] + draw.normal(0, 1)],
    scale: draw.normal(1, 0.035),
    squint: draw.normal(0.97, 0.08),
    pupilRadius: draw.between(1.2, 2.9),
    light: [light[0] / length, light[1] / length, -1 / length],
    ambient: draw.between(0.4, 0.85),
    glint: draw.chance(0.8) ? draw.between(0.3, 1) : 0,
    shadow: {
      depth: draw.chance(0.12) ? draw.between(0.15, 0.5) : 0,
      direction: [across[0] / norm, across[1] / norm],
      at: draw.between(-12, 12),
      softness: draw.between(1, 6),
    },
  };
}
