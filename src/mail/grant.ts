/**
 * The right to leave this server for a foreign domain. The brand is not exported, so no room can write
 * a grant down: the one file that makes them is in policy/checks, and the layers test names who may
 * import it. Without a grant there is no way to express a message that leaves.
 */
import type { Domain } from "./domain.ts";

declare const granted: unique symbol;

/** Why mail may leave; each kind comes with the feature that earns it. */
export type GrantBasis =
  | "login"
  | "network"
  | "peer"
  | "route"
  | "alias"
  | "return"
  | "own-notification";

export interface RelayGrant {
  readonly [granted]: true;
  readonly basis: GrantBasis;
  /** The login, network, peer, route or alias that earned it. */
  readonly holder: string;
  /** The one foreign domain it opens. */
  readonly domain: Domain;
}

/**
 * What a store keeps of a grant. It is a fact about the past and no grant: whoever reads it back has to earn a
 * `RelayGrant` anew, from the room that makes them.
 */
export type StoredGrant = Pick<RelayGrant, "basis" | "holder" | "domain">;
