/**
 * Whom a run of the catalogue is about: the names that stand for the braces. The vectors that are about a part
 * of the server (a catch-all, an IDN domain) are live when there is a name for it.
 */
import { displayDomain, parseDomain, type Domain } from "../../mail/index.ts";
import {
  CYRILLIC,
  DOTLESS_I,
  KELVIN_SIGN,
  withEncodedDot,
  withFullwidthFirst,
  withIdeographicDot,
  withLetterSwapped,
  withSoftHyphen,
} from "./lookalike.ts";
import type { Feature, Limit } from "./catalogue/index.ts";

export interface Names {
  /** A domain of ours. With `token` and `foreign` it must fit into a local part: 60 octets together. */
  readonly domain: Domain;
  readonly hostname: string;
  /** Our address, IPv4, dotted. */
  readonly address: string;
  /**
   * A domain that is nobody's here; the tester's own, where mail can really arrive. With `attacker` and `token` it must fit into
   * an SRS1 address's local part: 40 octets together.
   */
  readonly foreign: Domain;
  /** Another such domain. */
  readonly attacker: Domain;
  /** A local part that nobody has and nobody can guess; at most 20 octets of letters, digits and hyphens. */
  readonly token: string;
  /** Local part of a mailbox in `domain`, a dot-string of at most 20 octets, no role. */
  readonly user: string;
  /** The password with which `user` logs in, where that is possible. */
  readonly password?: string;
  /** Address of the mailbox that takes mail for the bare `<postmaster>`. */
  readonly postmaster: string;
  /** Another domain of ours, with an A-label in it. */
  readonly internationalDomain?: Domain;
  /** A domain of ours with a catch-all, and the address of the mailbox behind it. */
  readonly catchAll?: { readonly domain: Domain; readonly mailbox: string };
  /** Address of a mailbox over its quota. */
  readonly fullMailbox?: string;
  /** IPv4 addresses of a trusted network, and just outside of it. */
  readonly trusted?: { readonly client: string; readonly neighbour: string };
  /** An alias in `domain` (its local part), and the address abroad that it leads to. */
  readonly aliasAbroad?: { readonly local: string; readonly target: string };
  /** A domain of ours whose mailboxes are elsewhere, and a local part that is known there; `token` and `user` are not. */
  readonly gateway?: { readonly domain: Domain; readonly user: string };
  /** Another one, which has aliases here. */
  readonly gatewayWithAliases?: GatewayWithAliases;
  /** A domain whose mail a peer may relay to `foreign`, and to nobody else; it may relay for no other. Nobody's here. */
  readonly peerSender?: Domain;
  /** Return addresses of forwards. */
  readonly returns?: Returns;
  /** Where relay tests come back to. */
  readonly relayTests?: RelayTests;
  /**
   * Of this listener. The catalogue's own sessions need some room in it: 10 errors, 10 transactions, and 4 KiB of
   * header section besides 16 octets for each of the hops. Where a site allows less, raise it for the proof.
   */
  readonly limits: Readonly<Record<Limit, number>> & {
    /** Octets of a command line, CRLF included. */
    readonly commandLineOctets: number;
    /** Received fields that a message may have. */
    readonly hops: number;
  };
}

/** The same user is known there. */
export interface GatewayWithAliases {
  readonly domain: Domain;
  readonly user: string;
  /** Local part of an alias that leads to `target`, an address abroad. */
  readonly alias: string;
  readonly target: string;
  /** Local part of a return in this domain: of the same sender as those of `returns`, and as good today. */
  readonly return: string;
}

/** Local parts in `domain`, all of the same sender in `foreign`, whose local part is of digits: it has no case. */
export interface Returns {
  /** Good today. */
  readonly valid: string;
  /** The sender's address. */
  readonly original: string;
  /** Made too long ago. */
  readonly expired: string;
  /** Made today with a key that is not this server's. */
  readonly otherKey: string;
  /** Octets that a report may not have. */
  readonly tooLarge: number;
}

/** Tokens in a domain of their own, all of the right form: of a test of now, of one that is too old, of none. */
export interface RelayTests {
  readonly domain: Domain;
  readonly awaited: string;
  readonly expired: string;
  readonly guessed: string;
}

/** The parts of a server that the names show to be there. */
export function featuresNamed(names: Names): readonly Feature[] {
  const features: Feature[] = [];
  if (names.internationalDomain !== undefined) features.push("idn-domain");
  if (names.catchAll !== undefined) features.push("catch-all");
  if (names.fullMailbox !== undefined) features.push("full-mailbox");
  if (names.trusted !== undefined) features.push("trusted-network");
  if (names.aliasAbroad !== undefined) features.push("alias-abroad");
  if (names.gateway !== undefined) features.push("gateway");
  if (names.gatewayWithAliases !== undefined) features.push("gateway-aliases");
  if (names.peerSender !== undefined) features.push("certificate");
  if (names.returns !== undefined) features.push("srs");
  if (names.relayTests !== undefined) features.push("relay-tests");
  if (names.password !== undefined) features.push("auth");
  return features;
}

/** Fills in the braces of catalogue text. A brace without a name is a mistake in the catalogue or its caller. */
export type FillIn = (text: string) => string;

export function fillIn(names: Names): FillIn {
  const values = valuesOf(names);
  return (text) =>
    text.replace(/\{([^{}]+)\}/g, (_, key: string) => {
      const value = values.get(key);
      if (value === undefined)
        throw new Error(`the relay catalogue names {${key}}, which nothing stands for`);
      return value;
    });
}

function valuesOf(names: Names): ReadonlyMap<string, string> {
  const address = `${names.user}@${names.domain}`;
  return new Map([
    ["L", names.domain],
    ["H", names.hostname],
    ["IP", names.address],
    ["F", names.foreign],
    ["G", names.attacker],
    ["u", names.token],
    ["T", `${names.token}@${names.foreign}`],
    ["user", names.user],
    ["POSTMASTER", names.postmaster],
    ["OVERLONG", "a".repeat(names.limits.commandLineOctets)],
    [
      "TOO MANY RECEIVED FIELDS",
      Array<string>(names.limits.hops + 1)
        .fill(RECEIVED)
        .join("\r\n"),
    ],
    ["WRONG PLAIN", plain(address, names.token)],
    ["EMPTY PLAIN", plain(address, "")],
    ["USER", base64(address)],
    ["OTHER", base64(`postmaster@${names.domain}`)],
    ["WRONG PASSWORD", base64(names.token)],
    ["SCRAM FIRST", base64(`n,,n=${address},r=abc`)],
    ["SCRAM FIRST, BINDING HIDDEN", base64(`y,,n=${address},r=abc`)],
    ["OTHER'S SCRAM FIRST", base64(`n,a=postmaster@${names.domain},n=${address},r=abc`)],
    ["SCRAM WITHOUT A PROOF", base64("c=biws,r=abc")],
    ...lookalikes(names.domain),
    ...optional(names),
    ...waysOut(names),
    ...returns(names),
    ...relayTests(names),
  ]);
}

/** Short, so that many of them stay within any limit of a header section. */
const RECEIVED = "Received: by x";

function lookalikes(domain: Domain): [string, string][] {
  const cyrillic = withLetterSwapped(domain, CYRILLIC);
  return [
    ["L UPPER CASE", domain.toUpperCase()],
    ["L CYRILLIC", cyrillic],
    ["L CYRILLIC A-LABEL", parseDomain(cyrillic) ?? cyrillic],
    ["L FULLWIDTH", withFullwidthFirst(domain)],
    ["L IDEOGRAPHIC DOT", withIdeographicDot(domain)],
    ["L SOFT HYPHEN", withSoftHyphen(domain)],
    ["L KELVIN", withLetterSwapped(domain, KELVIN_SIGN)],
    ["L DOTLESS I", withLetterSwapped(domain, DOTLESS_I)],
    ["L PERCENT", withEncodedDot(domain)],
  ];
}

function optional(names: Names): [string, string][] {
  const { internationalDomain, catchAll, fullMailbox, password } = names;
  const values: [string, string][] = [];
  if (internationalDomain !== undefined) {
    values.push(["IDN A-LABEL", internationalDomain]);
    values.push(["IDN U-LABEL", displayDomain(internationalDomain)]);
  }
  if (catchAll !== undefined) values.push(["CATCH", catchAll.domain], ["KEEPER", catchAll.mailbox]);
  if (fullMailbox !== undefined) values.push(["FULL", fullMailbox]);
  if (password !== undefined) values.push(...rightLogins(names, password));
  return values;
}

function waysOut({
  domain,
  trusted,
  aliasAbroad,
  peerSender,
  ...names
}: Names): [string, string][] {
  const { gateway, gatewayWithAliases: held } = names;
  const values: [string, string][] = [];
  if (trusted !== undefined)
    values.push(["TRUSTED", trusted.client], ["UNTRUSTED NEIGHBOUR", trusted.neighbour]);
  if (aliasAbroad !== undefined) {
    values.push(["ALIAS LOCAL PART", aliasAbroad.local], ["ALIAS TARGET", aliasAbroad.target]);
    values.push(["ALIAS ABROAD", `${aliasAbroad.local}@${domain}`]);
  }
  if (peerSender !== undefined)
    values.push(["PEER", peerSender], ["PEER UPPER CASE", peerSender.toUpperCase()]);
  if (gateway !== undefined)
    values.push(["GATEWAY", gateway.domain], ["GATEWAY USER", `${gateway.user}@${gateway.domain}`]);
  if (held !== undefined) {
    values.push(["ALIASED GATEWAY", held.domain]);
    values.push(["ALIASED GATEWAY USER", `${held.user}@${held.domain}`]);
    values.push(["GATEWAY ALIAS LOCAL PART", held.alias], ["GATEWAY ALIAS TARGET", held.target]);
    values.push(["GATEWAY ALIAS", `${held.alias}@${held.domain}`]);
    values.push(["GATEWAY RETURN LOCAL PART", held.return]);
    values.push(["GATEWAY RETURN", `${held.return}@${held.domain}`]);
  }
  return values;
}

/** Of content, as long as RFC 5322 §2.1.1 would have it. */
const LINE = `${"x".repeat(76)}\r\n`;

/** A valid return, and all that can be made of it without the key: `SRS0=mark=day=domain=local`. */
function returns({ domain, foreign, attacker, returns: made }: Names): [string, string][] {
  if (made === undefined) return [];
  const [, mark = "", day = "", , local = ""] = made.valid.split("=");
  const first = (m: string, d: string, host: string, user: string): string =>
    `SRS0=${m}=${d}=${host}=${user}@${domain}`;
  return [
    ["RETURN", `${made.valid}@${domain}`],
    ["RETURN LOCAL PART", made.valid],
    ["RETURN ORIGINAL", made.original],
    ["RETURN UPPER CASE", `${made.valid.toUpperCase()}@${domain}`],
    ["RETURN TOO LARGE", String(made.tooLarge)],
    ["REPORT TOO LARGE", LINE.repeat(Math.ceil(made.tooLarge / LINE.length))],
    ["RETURN PLUS", `${made.valid.replace("=", "+")}@${domain}`],
    ["RETURN MINUS", `${made.valid.replace("=", "-")}@${domain}`],
    ["RETURN EXPIRED", `${made.expired}@${domain}`],
    ["RETURN OTHER KEY", `${made.otherKey}@${domain}`],
    ["RETURN OTHER LOCAL PART", first(mark, day, foreign, `${local}0`)],
    ["RETURN OTHER DOMAIN", first(mark, day, attacker, local)],
    ["RETURN OTHER DAY", first(mark, day === "aa" ? "ab" : "aa", foreign, local)],
    ["RETURN SHORT MARK", first(mark.slice(0, 4), day, foreign, local)],
    ["RETURN WITHOUT MARK", first("", day, foreign, local)],
    ["RETURN OTHER KIND", `SRS1=${mark}${day}=${foreign}==${local}@${domain}`],
  ];
}

function relayTests({ relayTests: made }: Names): [string, string][] {
  if (made === undefined) return [];
  const { domain, awaited, expired, guessed } = made;
  const report = `${awaited}.b@${domain}`;
  return [
    ["TESTS", domain],
    ["AWAITED", `${awaited}@${domain}`],
    ["AWAITED REPORT", report],
    ["AWAITED REPORT UPPER CASE", report.toUpperCase()],
    ["AWAITED TOKEN", awaited],
    ["EXPIRED TOKEN", expired],
    ["GUESSED TOKEN", guessed],
  ];
}

function rightLogins({ user, domain }: Names, password: string): [string, string][] {
  const address = `${user}@${domain}`;
  return [
    ["RIGHT PLAIN", plain(address, password)],
    ["OTHER'S PLAIN", plain(address, password, `postmaster@${domain}`)],
    ["PLAIN WITH A FOURTH PART", base64(`\0${address}\0${password}\0`)],
  ];
}

/** RFC 4616: the response of SASL PLAIN. */
function plain(login: string, password: string, authzid = ""): string {
  return base64(`${authzid}\0${login}\0${password}`);
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
