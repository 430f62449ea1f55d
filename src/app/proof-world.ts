/**
 * Whom the policy asks while it is proved: nobody real. A trusted network, a gateway and return addresses are laid over
 * what the site has, so that what the catalogue says about them is tried on every site; nothing is counted, no limit is
 * reached.
 */
import type { Config } from "../config/index.ts";
import {
  formatAddress,
  parseAddress,
  parseCidr,
  parseDomain,
  parseIp,
  type Address,
  type Cidr,
  type Domain,
  type Ip,
} from "../mail/index.ts";
import type { Names } from "../operate/relaytest/index.ts";
import { RETURN_OCTETS, trustedNetwork } from "../policy/checks/index.ts";
import {
  dayOf,
  forwardedReversePath,
  RETURN_DAYS,
  returnKey,
  type Day,
} from "../policy/routing/index.ts";
import { ManualClock } from "../runtime/index.ts";
import type { PolicyWorld } from "./policy.ts";
import { laidToken, withTests } from "./proof-returns.ts";
import { VOUCHING_LISTS } from "./proof-lists.ts";
import { GATEWAY_WITH_ALIASES, type ProofDirectory } from "./proof-directory.ts";

const CLOCK = new ManualClock();
const TODAY = dayOf(CLOCK.now());
const SECRET = new Uint8Array(32).fill(1);
const OTHER_SECRET = new Uint8Array(32).fill(2);

export const GATEWAY = mustBe(parseDomain("gateway.gatepost-proof.invalid"));
const GATEWAY_USER = "proof-inner";

/** Blocks for documentation (RFC 5737): one that is trusted for the proof, and its neighbour that is not. */
const TRUSTED: Config["relay"]["networks"][number] = {
  network: mustBe(parseCidr("203.0.113.16/30")),
  reason: "what the relay catalogue says about trusted networks",
  accepts: [],
};
const TRUSTED_CLIENT = "203.0.113.17";

/** Whoever is in none of the site's own trusted networks is a stranger, or a neighbour of a trusted one. */
const STRANGERS = ["1.2.3.4", "9.8.7.6", "198.51.100.4", "8.8.4.4"];
const NEIGHBOURS = ["203.0.113.20", "203.0.113.15", "203.0.114.17", "202.0.113.17"];

/** The configuration that is proved: the site's own, and what is laid over it. */
export function withProofEdges(config: Config): Config {
  const { relay } = config;
  const host = { protocol: "smtp", host: mustBe(parseIp("203.0.113.1")), port: 25 } as const;
  const gateways = [GATEWAY, GATEWAY_WITH_ALIASES].map((domain) => ({
    domain,
    host,
    verify: true,
  }));
  return {
    ...withTests(config),
    relay: {
      ...relay,
      networks: [...relay.networks, TRUSTED],
      domains: [...relay.domains, ...gateways],
    },
  };
}

export function proofWorld({ relay }: Config): PolicyWorld {
  return {
    clock: CLOCK,
    secret: SECRET,
    verifyRecipient: ({ local }) => (local === GATEWAY_USER ? "known" : "unknown"),
    knowsToken: laidToken,
    trusted: (ip) => trustedNetwork(relay.networks, ip),
    ...NOTHING_COUNTED,
    lists: VOUCHING_LISTS,
  };
}

const NOTHING_SENT = { senders: 0, recipients: 0, limit: 1, heldMinutes: 0 };

/** Whoever counts says that nothing has been sent, and that nothing would be too much. */
export const NOTHING_COUNTED: Pick<PolicyWorld, "spread" | "counter"> = {
  spread: { limit: NOTHING_SENT.limit, ask: ({ network }) => ({ network, ...NOTHING_SENT }) },
  counter: {
    account: () => ({ now: 0, sent: [] }),
    limits: () => NO_LIMITS,
    habits: () => ({ networks: 0, networkKnown: false, recipients: 0, recipientsRefused: 0 }),
  },
};

const NO_LIMITS = {
  messagesPerHour: Infinity,
  recipientsPerHour: Infinity,
  messagesPerDay: Infinity,
  recipientsPerDay: Infinity,
  recipientsPerMessage: Infinity,
};

/** A client that nobody trusts; a public address. */
export function strangerTo({ relay }: Config): Ip {
  return outsideOf(
    relay.networks.map(({ network }) => network),
    STRANGERS,
  );
}

/**
 * The operator's own entries trust this client: it may do what the catalogue says that a stranger may not. (What it says about
 * trusted clients is tried with one that no entry of theirs changes anything for.)
 */
export function trustedBySite({ relay }: Config, client: string): boolean {
  const ip = parseIp(client);
  if (ip === undefined || TRUSTED.network.contains(ip)) return false;
  return trustedNetwork(relay.networks, ip) !== undefined;
}

/** What the catalogue is to call these edges. */
export function edgeNames(
  { relay }: Config,
  { domainOfOurs: ours, foreign, gatewayAlias }: ProofDirectory,
): Required<Pick<Names, "trusted" | "gateway" | "gatewayWithAliases" | "returns">> {
  const neighbour = outsideOf(
    relay.networks.map(({ network }) => network),
    NEIGHBOURS,
  );
  return {
    trusted: { client: TRUSTED_CLIENT, neighbour },
    gateway: { domain: GATEWAY, user: GATEWAY_USER },
    gatewayWithAliases: {
      domain: GATEWAY_WITH_ALIASES,
      user: GATEWAY_USER,
      alias: gatewayAlias.local,
      target: gatewayAlias.target,
      return: returnLocal(senderIn(foreign), GATEWAY_WITH_ALIASES, SECRET, TODAY),
    },
    returns: returnsOf(ours, foreign),
  };
}

function returnsOf(ours: Domain, foreign: Domain): NonNullable<Names["returns"]> {
  const sender = senderIn(foreign);
  const made = (secret: Uint8Array, day: Day): string => returnLocal(sender, ours, secret, day);
  return {
    original: formatAddress(sender),
    valid: made(SECRET, TODAY),
    expired: made(SECRET, TODAY - RETURN_DAYS - 1),
    otherKey: made(OTHER_SECRET, TODAY),
    tooLarge: RETURN_OCTETS + 1,
  };
}

/** Whose mail was forwarded. */
function senderIn(foreign: Domain): Address {
  const sender = parseAddress(`4711@${foreign}`);
  if (typeof sender === "string") throw new Error(`${foreign}: ${sender}`);
  return sender;
}

function returnLocal(sender: Address, domain: Domain, secret: Uint8Array, today: Day): string {
  const key = returnKey(secret);
  const path = forwardedReversePath(sender, { domain, key, today, isOurs: () => false });
  return mustBe(path ?? undefined).local;
}

function outsideOf(networks: readonly Cidr[], candidates: readonly string[]): Ip {
  const ips = candidates.map((text) => mustBe(parseIp(text)));
  const ip = ips.find((one) => !networks.some((network) => network.contains(one)));
  if (ip === undefined) throw new Error("every address that the proof would use is trusted");
  return ip;
}

function mustBe<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a name that the proof is made with cannot be read");
  return value;
}
