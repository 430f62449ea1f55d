/** A peer as an administrator writes it down: read strictly, refused in words. */
import { X509Certificate } from "node:crypto";
import {
  isFullyQualified,
  parseDomain,
  parsePin,
  PIN_EXPECTED,
  type Domain,
  type Peer,
  type PeerTrust,
  type RelayPair,
} from "../mail/index.ts";
import { isPublicAuthority } from "../policy/identity/index.ts";

/** What it is known by; exactly one of the first three. */
export interface TrustWanted {
  /** Of public keys. */
  readonly pins?: readonly string[];
  /** A private authority's certificate, PEM. */
  readonly authority?: string;
  readonly publicAuthority?: true;
  /** Under an authority: for which names. */
  readonly names?: readonly string[];
}

/** What does not fit, in words. */
export interface PeerProblem {
  readonly problem: string;
}

/** The old one and the new one, while it changes. */
export const PINS_LIMIT = 2;

/** Pairs of one peer. */
const PAIRS_LIMIT = 1000;

/** Of a peer or a certificate: it stands in tables, in the journal, in grants, in file names and in a certificate's subject. */
export function nameFault(name: string, what: string, example: string): string | undefined {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) return undefined;
  return `"${name}" cannot name a ${what}; expected 1 to 64 letters, digits, dots, hyphens and underscores, such as ${example}`;
}

export function readPeer(
  name: string,
  trust: PeerTrust,
  relays: readonly RelayPair[],
): Peer | PeerProblem {
  if (trust.kind !== "public authority") return { name, trust, relays };
  if (relays.length === 0) return { name, trust, relays: [] };
  return {
    problem: `${name} may not relay: a public authority vouches for a name, and anybody whom it is mistaken about would relay; pin its key (--pin) or name its private authority (--ca)`,
  };
}

/** `publicAuthorities`: PEM; none of them, nor whom they have signed, is a private one. */
export function readTrust(
  wanted: TrustWanted,
  publicAuthorities: () => readonly string[],
): PeerTrust | PeerProblem {
  const { pins = [], authority, publicAuthority, names = [] } = wanted;
  const ways = [pins.length > 0, authority !== undefined, publicAuthority === true];
  if (ways.filter((way) => way).length !== 1)
    return { problem: "expected one of --pin, --ca and --public: what the peer is known by" };
  if (pins.length === 0) return underAuthority(names, authority, publicAuthorities);
  if (names.length > 0)
    return {
      problem:
        "a pinned key needs no --name: whoever has it is the peer, whatever the certificate says",
    };
  return readPins(pins);
}

function readPins(pins: readonly string[]): PeerTrust | PeerProblem {
  const keys = new Set<string>();
  for (const pin of pins) {
    const key = parsePin(pin);
    if (key === undefined) return { problem: `--pin ${pin}: ${PIN_EXPECTED}, of its public key` };
    keys.add(key);
  }
  if (keys.size > PINS_LIMIT)
    return {
      problem: `a peer has at most ${PINS_LIMIT} pinned keys: the old one and the new one, while it changes`,
    };
  return { kind: "pin", keys: [...keys] };
}

function underAuthority(
  written: readonly string[],
  authority: string | undefined,
  publicAuthorities: () => readonly string[],
): PeerTrust | PeerProblem {
  const names: Domain[] = [];
  for (const text of written) {
    const name = parseDomain(text);
    if (name === undefined || !isFullyQualified(name))
      return { problem: `--name ${text}: expected a host or domain name such as mx.example.org` };
    names.push(name);
  }
  if (names.length === 0)
    return {
      problem: "expected a --name: an authority vouches for many, and one of them is the peer",
    };
  if (authority === undefined) return { kind: "public authority", names };
  const read = readAuthority(authority, publicAuthorities);
  return "problem" in read ? read : { kind: "private authority", authority: read.pem, names };
}

function readAuthority(
  text: string,
  publicAuthorities: () => readonly string[],
): { readonly pem: string } | PeerProblem {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----/g) ?? [];
  if (blocks.length !== 1)
    return { problem: `--ca: expected one certificate in PEM, and found ${blocks.length}` };
  try {
    const certificate = new X509Certificate(text);
    if (!certificate.ca)
      return {
        problem:
          "--ca: this certificate is no authority's; to know a peer by it, pin its key (--pin)",
      };
    if (!isPublicAuthority(certificate, publicAuthorities()))
      return { pem: certificate.toString() };
    return {
      problem:
        "--ca: this authority signs for everybody, and whoever deceives it would be the peer; pin the peer's key (--pin), or say --public, with which it relays nothing",
    };
  } catch {
    return { problem: "--ca: the certificate cannot be read" };
  }
}

/** `SENDER:RECIPIENT`, two domains; `isOurs`: its mail stays here. */
export function readRelays(
  written: readonly string[],
  isOurs: (domain: Domain) => boolean,
): readonly RelayPair[] | PeerProblem {
  if (written.length > PAIRS_LIMIT)
    return { problem: `${written.length} pairs; a peer has at most ${PAIRS_LIMIT}` };
  const pairs = new Map<string, RelayPair>();
  for (const text of written) {
    const [from = "", to = "", ...more] = text.split(":");
    const [sender, recipient] = [parseDomain(from), parseDomain(to)];
    if (sender === undefined || recipient === undefined || more.length > 0)
      return {
        problem: `--relay ${text}: expected two domains, that of the senders and that of the recipients, such as example.org:example.net; none stands for others`,
      };
    if (isOurs(recipient))
      return {
        problem: `--relay ${text}: mail for ${recipient} stays here, from whomever; it needs no pair`,
      };
    pairs.set(`${sender}:${recipient}`, { sender, recipient });
  }
  return [...pairs.values()];
}
