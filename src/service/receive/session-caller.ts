/**
 * Who a session's client is, by the certificate that it showed in the handshake. It is found out once, and again as soon as the peers
 * have changed: one that was removed is nobody at its next command. A new handshake begins anew.
 */
import type { CallerFacts, Peer } from "../../mail/index.ts";
import type { Caller } from "../../policy/identity/index.ts";

/** Whom a session asks about certificates. */
export interface Callers {
  /** As they are now; the same array as long as nothing has changed. */
  peers(): readonly Peer[];
  /** `shown`: DER, its own first; at least one. */
  judge(shown: readonly Uint8Array[], peers: readonly Peer[]): JudgedCaller;
}

export interface JudgedCaller {
  readonly caller: Caller;
  /** As the journal has it. */
  readonly facts?: CallerFacts;
}

const NOBODY: Caller = { kind: "nobody" };
const NO_PEERS: readonly Peer[] = [];

/** Where nobody is asked for a certificate. */
export const NO_CALLERS: Callers = {
  peers: () => NO_PEERS,
  judge: () => ({ caller: NOBODY }),
};

export class SessionCaller {
  readonly #callers: Callers;
  #shown: readonly Uint8Array[];
  #peers: readonly Peer[] | undefined;
  #judged: JudgedCaller | undefined;

  constructor(callers: Callers, shown: readonly Uint8Array[] = []) {
    this.#callers = callers;
    this.#shown = shown;
  }

  /** A new handshake; what was before it is forgotten. */
  shows(certificates: readonly Uint8Array[] = []): void {
    this.#shown = certificates;
    this.#peers = this.#judged = undefined;
  }

  /** By the peers as they are now. */
  get current(): Caller {
    return this.#now()?.caller ?? NOBODY;
  }

  /** For the journal; absent where nothing was shown. As it was found out before, while the directory does not answer: it decides nothing here. */
  get facts(): CallerFacts | undefined {
    try {
      return this.#now()?.facts;
    } catch {
      return this.#judged?.facts; // a session must come to its end all the same
    }
  }

  #now(): JudgedCaller | undefined {
    if (this.#shown.length === 0) return undefined;
    const peers = this.#callers.peers();
    if (peers !== this.#peers) {
      this.#judged = this.#callers.judge(this.#shown, peers);
      this.#peers = peers;
    }
    return this.#judged;
  }
}
