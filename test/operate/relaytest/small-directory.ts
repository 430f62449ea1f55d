/**
 * Who and what is on the small site: its domains and mailboxes, an alias that leads abroad, a gateway, a trusted network,
 * the key of its return addresses; and the names that the catalogue calls them by.
 */
import {
  parseAddress,
  parseCidr,
  parseDomain,
  type Ip,
  type MailboxId,
} from "../../../src/mail/index.ts";
import type { Names } from "../../../src/operate/relaytest/index.ts";
import { testNames } from "../../../src/app/proof-returns.ts";
import { RETURN_OCTETS, type VerifyRecipient } from "../../../src/policy/checks/index.ts";
import {
  forwardedReversePath,
  RETURN_DAYS,
  returnKey,
  type Gateways,
  type ReturnMaker,
  type RoutedMailbox,
  type RoutingDirectory,
} from "../../../src/policy/routing/index.ts";

const OURS = mustBe(parseDomain("kite.example"));
const FOREIGN = mustBe(parseDomain("foreign.example"));
const INTERNATIONAL = mustBe(parseDomain("xn--bcher-kva.example"));
const CATCH_ALL = mustBe(parseDomain("any.example"));
const GATEWAY = mustBe(parseDomain("inner.example"));
const HELD_GATEWAY = mustBe(parseDomain("held.example"));

// ---- Returns ----

export const RETURN_KEY = returnKey(new Uint8Array(32));
export const OTHER_RETURN_KEY = returnKey(new Uint8Array(32).fill(1));
export const TODAY = 20_000;

export const RETURN_MAKER: ReturnMaker = {
  domain: OURS,
  key: RETURN_KEY,
  today: TODAY,
  isOurs: () => false,
};

const ORIGINAL = `4711@${FOREIGN}`;

/** The local part of a return address for the sender of a forward. */
function returnLocal(maker: Partial<ReturnMaker>): string {
  const sender = parseAddress(ORIGINAL);
  if (typeof sender === "string") throw new Error(sender);
  return mustBe(forwardedReversePath(sender, { ...RETURN_MAKER, ...maker }) ?? undefined).local;
}

// ---- Names ----

export const NAMES = {
  domain: OURS,
  hostname: "mx.kite.example",
  address: "192.0.2.25",
  foreign: FOREIGN,
  attacker: mustBe(parseDomain("attacker.example")),
  token: "tok-5f3a9c1e",
  user: "ann",
  postmaster: "root@kite.example",
  internationalDomain: INTERNATIONAL,
  catchAll: { domain: CATCH_ALL, mailbox: "ann@kite.example" },
  fullMailbox: "full@kite.example",
  peerSender: mustBe(parseDomain("peer.example")),
  trusted: { client: "192.0.2.17", neighbour: "192.0.2.20" },
  aliasAbroad: { local: "away", target: `gone@${FOREIGN}` },
  gateway: { domain: GATEWAY, user: "ian" },
  gatewayWithAliases: {
    domain: HELD_GATEWAY,
    user: "ian",
    alias: "off",
    target: `off-there@${FOREIGN}`,
    return: returnLocal({ domain: HELD_GATEWAY }),
  },
  returns: {
    valid: returnLocal({}),
    original: ORIGINAL,
    expired: returnLocal({ today: TODAY - RETURN_DAYS - 1 }),
    otherKey: returnLocal({ key: OTHER_RETURN_KEY }),
    tooLarge: RETURN_OCTETS + 1,
  },
  relayTests: testNames(mustBe(parseDomain("tests.kite.example"))),
  limits: { errors: 20, recipients: 100, hops: 100, commandLineOctets: 4096 },
} as const satisfies Names;

// ---- Mailboxes and aliases ----

export const ROOT = mailbox(1, "root");
export const ANN = mailbox(2, NAMES.user);
const FULL: RoutedMailbox = { ...mailbox(3, "full"), quotaOctets: 10, usedOctets: 10 };
/** Of a domain that has its mailboxes elsewhere: whoever finds it here is wrong. */
const UNSEEN: RoutedMailbox = { ...mailbox(4, NAMES.user), domain: HELD_GATEWAY };
const MAILBOXES = new Map([ROOT, ANN, FULL, UNSEEN].map((entry) => [mailboxAddress(entry), entry]));

export const DIRECTORY: RoutingDirectory = {
  domain: (name) => {
    if (name === CATCH_ALL || name === HELD_GATEWAY) return { catchAll: ANN.id };
    return name === OURS || name === INTERNATIONAL ? {} : undefined;
  },
  mailbox: (local, name) => MAILBOXES.get(`${local}@${name}`),
  mailboxById: (id) => [...MAILBOXES.values()].find((entry) => entry.id === id),
  alias: (local, name) => {
    const { aliasAbroad, gatewayWithAliases: held } = NAMES;
    if (local === aliasAbroad.local && name === OURS) return { targets: [aliasAbroad.target] };
    return local === held.alias && name === held.domain ? { targets: [held.target] } : undefined;
  },
};

export const FAILING: RoutingDirectory = {
  domain: fail,
  mailbox: fail,
  mailboxById: fail,
  alias: fail,
};

export function mailboxAddress({ local, domain }: RoutedMailbox): string {
  return `${local}@${domain}`;
}

// ---- Others ----

export const GATEWAYS: Gateways = new Set([GATEWAY, HELD_GATEWAY]);

/** As the gateway's inner host would say. */
export const verifyRecipient: VerifyRecipient = ({ local }) =>
  local === NAMES.gateway.user ? "known" : "unknown";

const TRUSTED = mustBe(parseCidr("192.0.2.16/30"));

/** The entry of the trusted networks that holds an address. */
export function trustedNetwork(ip: Ip): string | undefined {
  return TRUSTED.contains(ip) ? TRUSTED.text : undefined;
}

export function isTrustedNetwork(network: string): boolean {
  return network === TRUSTED.text;
}

function mailbox(id: number, local: string): RoutedMailbox {
  // The store's keys are numbers; here this site is the store.
  return { id: id as MailboxId, local, domain: OURS, disabled: false, usedOctets: 0 };
}

function fail(): never {
  throw new Error("the directory does not answer");
}

function mustBe<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a name of the small site cannot be read");
  return value;
}
