/** What is wrong with a data set whose files can be read: something is missing, or has another form. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';
  /** The file or folder, as the data set's own paths call it. */
  readonly where: string;
  readonly problem: string;

  constructor(where: string, problem: string, options?: ErrorOptions) {
    super(`${where}: ${problem}`, options);
    this.where = where;
    this.problem = problem;
  }
}
