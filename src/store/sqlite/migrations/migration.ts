/** A step from one version of the schema to the next; it runs in one transaction, after a backup. */
export interface Migration {
  /** The version it leads to: one more than the one before. */
  readonly version: number;
  readonly sql: string;
}
