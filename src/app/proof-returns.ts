/** The way back of relay tests while it is proved: one test is awaited, one is too old; and what is kept of an acceptance as evidence. */
import type { Config } from "../config/index.ts";
import { parseDomain, type Domain } from "../mail/index.ts";
import type { Acceptance, Names } from "../operate/relaytest/index.ts";
import type { KnowsToken } from "../policy/checks/index.ts";
import type { TestAddress } from "../policy/routing/index.ts";
import type { CameBack, TestReturns } from "../service/receive/index.ts";

const TOKENS = {
  awaited: "t-awaitedawaited22",
  expired: "t-expiredexpired22",
  guessed: "t-guessedguessed22",
} as const;

/** Where a site has no domain of its own for it. */
const LAID_DOMAIN = "tests.gatepost-proof.invalid";

/** The site's own domain for it, or one that is laid over. */
export function withTests(config: Config): Config {
  const domain = config.tester.domain ?? parseDomain(LAID_DOMAIN);
  if (domain === undefined) throw new Error(`${LAID_DOMAIN} is no domain`);
  return { ...config, tester: { ...config.tester, domain } };
}

/** What the catalogue is to call them. */
export function testNames(domain: Domain): NonNullable<Names["relayTests"]> {
  return { domain, ...TOKENS };
}

export const laidToken: KnowsToken = (token) => token === TOKENS.awaited;

/** Evidence shows as the address that it came for, beside the mailboxes of the same message. */
export class LaidReturns implements TestReturns {
  readonly #domain: Domain;
  #kept: readonly string[] = [];
  readonly #alone: Acceptance[] = [];

  constructor(domain: Domain) {
    this.#domain = domain;
  }

  came({ to }: CameBack): Promise<readonly string[]> {
    this.#close();
    this.#kept = to.map((test) => addressOf(test, this.#domain));
    return Promise.resolve(to.map(() => "relay"));
  }

  /** Of the message that is committed now. */
  besides(): readonly string[] {
    const kept = this.#kept;
    this.#kept = [];
    return kept;
  }

  /** Messages of which nothing else was kept. */
  acceptances(): readonly Acceptance[] {
    this.#close();
    return this.#alone;
  }

  #close(): void {
    const mailboxes = this.besides();
    if (mailboxes.length > 0) this.#alone.push({ mailboxes, departures: [] });
  }
}

function addressOf({ token, isSender }: TestAddress, domain: Domain): string {
  return `${token}${isSender ? ".b" : ""}@${domain}`;
}
