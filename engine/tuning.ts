/** Choices among kernels that give the same bits, as data. */

/** What `autotune` found: plain data, to be stored as JSON and given to `openGpu`. */
export interface Tuning {
  readonly adapter: string;
  /** By what is computed (kernel and sizes), the plan that was fastest, in words; what is not listed takes the rule's. */
  readonly choices: Readonly<Record<string, string>>;
}

export interface Variants {
  /** A plan's name by key. */
  readonly choices: Map<string, string>;
  /** While `autotune` looks: every key that was met, with the names of its plans, the rule's first. */
  met?: Map<string, readonly string[]>;
}
