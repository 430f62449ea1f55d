/** What the contract suite must know of an engine. A second engine is one more of these in `engines.ts`. */
import type { Store } from "../../src/store/index.ts";

/** server: the store's one server. command: what runs beside it, in the same process or in another. */
export type Role = "server" | "command";

export interface Engine {
  readonly name: string;
  /** A location for a store that nobody has opened yet; text, so that a child process can be told it. */
  makeLocation(): string;
  removeLocation(location: string): void;
  /** Opens the store so that a write waits only for a short while for others. */
  open(location: string, role: Role): Promise<Store>;
  /** How many messages and pieces of content are in the store that nobody can read. */
  countOrphans(location: string): number;
  /** Keeps everybody else from writing until the returned function is called. */
  blockWrites(location: string): () => void;
}
