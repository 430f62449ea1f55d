/**
 * Which recipients of gateway domains exist: asked of their inner host in the session, and remembered. Whoever is unknown there is
 * refused here and now; accepted first, he would have to be reported to a sender who may be forged. Promises: memory, questions
 * at once and waiting ones are bounded; a host that cannot be reached is not asked for each recipient; who was known stays
 * known for a while when it cannot be asked, and nobody else is taken then.
 */
import { formatAddress, status, type Address, type Domain, type Status } from "../../mail/index.ts";
import type { RelaySettings } from "../../policy/checks/index.ts";
import { formatInnerHost, type InnerHost } from "../../policy/routing/index.ts";
import { putLast, Turns, type Clock, type Log } from "../../runtime/index.ts";
import type { Callout, CalloutAnswer } from "./callout.ts";

/** What the inner host says about a recipient, as policy asks for it. */
export type Known = "known" | "unknown" | { readonly undecided: Status };

export interface RecipientVerifierDeps {
  readonly settings: RelaySettings;
  readonly callout: Callout;
  readonly clock: Clock;
  readonly log: Log;
}

/** Milliseconds for which a host that was not reached is not tried again. */
export const UNREACHED_MS = 30_000;

/** Questions that wait for their turn, for each that may be asked at once. */
const WAITING = 4;

interface Remembered {
  readonly known: boolean;
  /** By the clock's `elapsed`. */
  readonly at: number;
}

interface Gateway {
  readonly host: InnerHost;
  readonly verify: boolean;
  readonly turns: Turns;
}

export class RecipientVerifier {
  readonly #deps: RecipientVerifierDeps;
  readonly #gateways = new Map<Domain, Gateway>();
  readonly #remembered = new Map<string, Remembered>();
  /** Questions under way, and those that wait for their turn. */
  readonly #asking = new Map<string, Promise<Known>>();
  /** Hosts that were not reached, to the moment when they are tried again. */
  readonly #unreached = new Map<string, number>();

  constructor(deps: RecipientVerifierDeps) {
    this.#deps = deps;
    const { domains, questions } = deps.settings;
    const turns = new Map<string, Turns>(); // domains of one host share its turns
    for (const { domain, host, verify } of domains) {
      const key = formatInnerHost(host);
      const own = turns.get(key) ?? new Turns({ atOnce: questions, waiting: questions * WAITING });
      turns.set(key, own);
      this.#gateways.set(domain, { host, verify, turns: own });
    }
  }

  /** At once, without a promise, for what is remembered. */
  verify(recipient: Address): Known | Promise<Known> {
    const gateway =
      recipient.host.kind === "domain" ? this.#gateways.get(recipient.host.domain) : undefined;
    if (gateway === undefined) return NO_GATEWAY;
    if (!gateway.verify) return "known";
    // Whose case matters only the inner host knows.
    const key = formatAddress(recipient);
    return this.#fresh(key) ?? this.#asking.get(key) ?? this.#ask(key, recipient, gateway);
  }

  #fresh(key: string): Known | undefined {
    const found = this.#remembered.get(key);
    if (found === undefined) return undefined;
    const { known_seconds, unknown_seconds } = this.#deps.settings;
    if (!this.#isWithin(found.known ? known_seconds : unknown_seconds, found)) return undefined;
    return found.known ? "known" : "unknown";
  }

  #isWithin(seconds: number, { at }: Remembered): boolean {
    return this.#deps.clock.elapsed() - at < seconds * 1000;
  }

  #ask(key: string, recipient: Address, { host, turns }: Gateway): Known | Promise<Known> {
    const now = this.#deps.clock.elapsed();
    if (now < (this.#unreached.get(formatInnerHost(host)) ?? -Infinity))
      return this.#withoutAnswer(key, UNREACHED);
    const asking = turns.run(() => this.#deps.callout(host, recipient));
    if (asking === undefined) return this.#withoutAnswer(key, TOO_MANY);
    const known = asking
      .then((answer) => this.#heard(key, host, answer))
      .finally(() => this.#asking.delete(key));
    this.#asking.set(key, known);
    return known;
  }

  #heard(key: string, host: InnerHost, { status: said, reached }: CalloutAnswer): Known {
    if (!reached) this.#notReached(host, said.reason ?? said.text);
    if (said.code < 300) return this.#remember(key, true);
    if (said.code < 500) return this.#withoutAnswer(key, { undecided: said });
    // He exists: only there is no room, which may change (RFC 3463 X.2.2).
    if (said.code === 552 || said.enhanced === "5.2.2") return FULL;
    return this.#remember(key, false);
  }

  #remember(key: string, known: boolean): Known {
    const entry = { known, at: this.#deps.clock.elapsed() };
    putLast(this.#remembered, key, entry, this.#deps.settings.remembered_recipients);
    return known ? "known" : "unknown";
  }

  #notReached(host: InnerHost, problem: string): void {
    const name = formatInnerHost(host);
    this.#unreached.set(name, this.#deps.clock.elapsed() + UNREACHED_MS);
    this.#deps.log.warn("gateway host not asked", {
      host: name,
      problem,
      todo: "mail for recipients that are not remembered is deferred until it answers",
    });
  }

  /** Who was known not too long ago is taken without an answer. */
  #withoutAnswer(key: string, otherwise: Known): Known {
    const found = this.#remembered.get(key);
    const stale = found?.known === true && this.#isWithin(this.#deps.settings.stale_seconds, found);
    return stale ? "known" : otherwise;
  }
}

const SOURCE = "receive/gateway";

/** The configuration has changed since the recipient was routed. */
const NO_GATEWAY: Known = {
  undecided: status(451, "4.3.0", "the recipient cannot be verified now", SOURCE),
};
const UNREACHED: Known = {
  undecided: status(
    451,
    "4.4.1",
    "the mail server of this domain cannot be asked at the moment",
    SOURCE,
  ),
};
const TOO_MANY: Known = {
  undecided: status(
    451,
    "4.3.2",
    "too many recipients are being verified, try again later",
    SOURCE,
  ),
};
const FULL: Known = { undecided: status(452, "4.2.2", "mailbox full, try again later", SOURCE) };
