/** How well lists are, of the store's contract: what whoever watches them has to know after a restart. One a list, as JSON that the store never looks into. */

export interface StoredListHealth {
  /** The list's name. */
  readonly list: string;
  /** When it was so, milliseconds since 1970. */
  readonly at: number;
  readonly json: string;
}

export interface ListHealths {
  /** In the order of their names. Synchronous, like the directory's reads; also what another process has kept. */
  all(): readonly StoredListHealth[];
  /** In the place of what was kept before. */
  keep(health: readonly StoredListHealth[]): Promise<void>;
  /** Forgets all other lists. */
  retain(lists: readonly string[]): Promise<void>;
}
