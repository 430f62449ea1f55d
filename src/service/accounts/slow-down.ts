/**
 * Slows guessing down, and locks nobody out. What is counted is *different* wrong passwords: a device with an old one says
 * the same again and again, a guesser never does. Each network is counted, and each mailbox; but where a
 * mailbox's right password came from lately, its owner is, and a login to it from there is slowed by nothing but
 * what was tried on it from there. A name of nobody is counted like any other.
 */
import { createHmac } from "node:crypto";
import { clientNetwork, type Ip } from "../../mail/index.ts";
import { DistinctCounts, putLast, Tally, type Clock, type Random } from "../../runtime/index.ts";
import type { AccountsSettings } from "./settings.ts";

export interface SlowDownDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: AccountsSettings;
  /** Resolves after so many milliseconds. */
  pause(ms: number): Promise<void>;
}

/** A login that is tried: to which mailbox or name, from where. */
export interface Attempt {
  /** In its one spelling. */
  readonly name: string;
  readonly ip: Ip;
}

/** What an attempt is counted under. */
interface Keys {
  /** Undefined where many people share the address. */
  readonly network: number | undefined;
  readonly mailbox: number;
  /** Both together. */
  readonly pair: number;
}

const KEY_OCTETS = 32;

export class SlowDown {
  readonly #deps: SlowDownDeps;
  readonly #key: Uint8Array;
  readonly #byNetwork: DistinctCounts<number, number>;
  readonly #byMailbox: DistinctCounts<number, number>;
  /** Of one mailbox from a network where its owner is. */
  readonly #byPair: DistinctCounts<number, number>;
  /** Pairs of network and mailbox from which the right password came, to the moment when that is long ago. */
  readonly #known = new Map<number, number>();
  readonly #waiting = new Tally<number>();
  #proofs = 0;

  constructor(deps: SlowDownDeps) {
    const { random, settings } = deps;
    this.#deps = deps;
    this.#key = random.octets(KEY_OCTETS);
    const counts = (free: number): DistinctCounts<number, number> =>
      new DistinctCounts({
        keys: settings.slow_down_memory,
        things: free + doublings(settings) + 1, // more would make no difference
        lifetimeMs: settings.wrong_password_seconds * 1000,
      });
    this.#byNetwork = counts(settings.wrong_passwords_per_address);
    this.#byMailbox = counts(settings.wrong_passwords_per_mailbox);
    this.#byPair = counts(settings.wrong_passwords_per_mailbox);
  }

  /**
   * Holds the attempt back as long as it has to be and resolves to that time, milliseconds; at once to undefined when
   * too many are held back already: then nothing may be found out about this one.
   */
  async admit(attempt: Attempt): Promise<number | undefined> {
    const keys = this.#keysOf(attempt);
    const delayMs = this.#delayMs(keys);
    if (delayMs === 0) return 0;
    const queue = this.#isKnown(keys) ? keys.pair : (keys.network ?? keys.pair);
    if (this.#waiting.of(queue) >= this.#deps.settings.slowed_logins) return undefined;
    this.#waiting.add(queue);
    try {
      await this.#deps.pause(delayMs);
    } finally {
      this.#waiting.remove(queue);
    }
    return delayMs;
  }

  /** The password was wrong. */
  wrongPassword(attempt: Attempt, password: string): void {
    const { name } = attempt;
    this.#wrong(attempt, this.#mark("of", name, password), this.#mark("password", password));
  }

  /**
   * A SCRAM proof was wrong. Of which password it was cannot be told, so each counts for the mailbox; for the
   * network one mailbox counts once, because one device with an old password must not slow a whole office.
   */
  wrongProof(attempt: Attempt): void {
    const { name } = attempt;
    this.#wrong(attempt, this.#mark("proof", name), this.#mark("proof", String(++this.#proofs)));
  }

  /** The password was right: its owner is there. */
  right(attempt: Attempt): void {
    const { settings, clock } = this.#deps;
    const until = clock.elapsed() + settings.known_address_seconds * 1000;
    putLast(this.#known, this.#keysOf(attempt).pair, until, settings.slow_down_memory);
  }

  #wrong(attempt: Attempt, forNetwork: number, forMailbox: number): void {
    const keys = this.#keysOf(attempt);
    const now = this.#deps.clock.elapsed();
    if (keys.network !== undefined) this.#byNetwork.add(keys.network, forNetwork, now);
    if (this.#isKnown(keys)) this.#byPair.add(keys.pair, forMailbox, now);
    else this.#byMailbox.add(keys.mailbox, forMailbox, now);
  }

  #delayMs(keys: Keys): number {
    const { wrong_passwords_per_mailbox, wrong_passwords_per_address } = this.#deps.settings;
    const now = this.#deps.clock.elapsed();
    const after = (
      counts: DistinctCounts<number, number>,
      key: number | undefined,
      free: number,
    ): number =>
      key === undefined ? 0 : delayAfter(counts.count(key, now) - free, this.#deps.settings);
    if (this.#isKnown(keys)) return after(this.#byPair, keys.pair, wrong_passwords_per_mailbox);
    return Math.max(
      after(this.#byNetwork, keys.network, wrong_passwords_per_address),
      after(this.#byMailbox, keys.mailbox, wrong_passwords_per_mailbox),
    );
  }

  #isKnown({ pair }: Keys): boolean {
    const until = this.#known.get(pair);
    return until !== undefined && this.#deps.clock.elapsed() < until;
  }

  #keysOf({ name, ip }: Attempt): Keys {
    const network = clientNetwork(ip);
    const shared = this.#deps.settings.shared_addresses.some((block) => block.contains(ip));
    return {
      network: shared ? undefined : this.#mark("network", network),
      mailbox: this.#mark("mailbox", name),
      pair: this.#mark("pair", network, name),
    };
  }

  /** 48 bits that say nothing without this process's key: passwords pass through here. */
  #mark(...parts: readonly string[]): number {
    return createHmac("sha256", this.#key).update(JSON.stringify(parts)).digest().readUIntBE(0, 6);
  }
}

type DelaySettings = Pick<AccountsSettings, "slow_first_ms" | "slow_most_ms">;

/** How long a login waits after so many wrong passwords beyond the free ones: doubled with each, up to a limit. */
function delayAfter(excess: number, { slow_first_ms, slow_most_ms }: DelaySettings): number {
  return excess <= 0 ? 0 : Math.min(slow_first_ms * 2 ** (excess - 1), slow_most_ms);
}

/** After so many the delay is at its limit. */
function doublings({ slow_first_ms, slow_most_ms }: DelaySettings): number {
  return Math.max(0, Math.ceil(Math.log2(slow_most_ms / slow_first_ms)));
}
