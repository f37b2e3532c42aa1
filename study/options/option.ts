/** An option of `distill` as data. */
import type { DataKind, StudyConfig } from '../results.ts';

/** More of anything is a slip of the keyboard. */
export const most = 1e9;

export type OptionKind =
  | 'flag'
  | 'integer'
  | 'number'
  | 'ramp'
  | 'choice'
  | 'data'
  | 'text'
  | 'network'
  | 'size'
  | 'methods'
  | 'columns';

export interface Option {
  name: string;
  kind: OptionKind;
  help: string;
  group: 'data' | 'networks' | 'training' | 'run';
  /** Where the value goes in the configuration; options without it steer the command only. */
  key?: keyof StudyConfig;
  /** Data that it is about, if not all. */
  only?: readonly DataKind[];
  /** Range of a number, or of both of a ramp, ends included unless `isAbove`. */
  min?: number;
  max?: number;
  /** The number must be greater than `min`, not equal. */
  isAbove?: true;
  choices?: readonly string[];
}
