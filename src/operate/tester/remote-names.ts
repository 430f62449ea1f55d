/**
 * What stands for the catalogue's braces when the server is somebody else's: its names are what it says of itself, unless whoever
 * tests knows better; the foreign domain is the tester's, and the token of each case is its own.
 */
import { isIpv6, parseDomain, type Domain, type Ip } from "../../mail/index.ts";
import type { Names, Reply } from "../relaytest/index.ts";
import type { Token } from "./token.ts";

/** What whoever tests knows of the server. */
export interface Knowledge {
  /** A domain that it serves. */
  readonly domain?: Domain;
  /** A mailbox there, which the test may write to. */
  readonly mailbox?: { readonly local: string; readonly domain: Domain };
}

/** Who the server is: what the braces that are about it stand for. */
export interface ServerNames {
  readonly hostname: Domain;
  /** {L}; `assumed`: nobody has said that it serves it, it is its own name. */
  readonly domain: Domain;
  readonly assumed: boolean;
  /** Local part of somebody in it. */
  readonly user: string;
  readonly address: string;
}

/** Where the server has no name for itself. */
const NAMELESS = "localhost.localdomain" as Domain; // two labels of letters

export function serverNames(
  { ip, host }: { readonly ip: Ip; readonly host?: string },
  banner: Reply | undefined,
  hello: Reply | undefined,
  { domain, mailbox }: Knowledge,
): ServerNames {
  const hostname = saidName(hello) ?? saidName(banner) ?? parseDomain(host ?? "") ?? NAMELESS;
  return {
    hostname,
    domain: mailbox?.domain ?? domain ?? hostname,
    assumed: mailbox === undefined && domain === undefined,
    user: mailbox?.local ?? "postmaster", // RFC 5321 §4.5.1: there must be one
    address: isIpv6(ip) ? `IPv6:${ip}` : ip,
  };
}

/** RFC 5321 §4.1.1.1, §4.2: the name stands behind the code. */
function saidName(reply: Reply | undefined): Domain | undefined {
  const word = reply?.lines[0]?.slice("250 ".length).split(" ")[0] ?? "";
  const name = parseDomain(word);
  return name?.includes(".") === true ? name : undefined;
}

/** No server is pressed to its limits; these fill what the catalogue says so often. */
const LIMITS = { errors: 1, recipients: 1, commandLineOctets: 2048, hops: 100 } as const;

export function remoteNames(
  { hostname, domain, user, address }: ServerNames,
  foreign: Domain,
  token: Token,
): Names {
  return {
    domain,
    hostname,
    address,
    foreign,
    attacker: `other.${foreign}` as Domain, // a label before a domain
    token,
    user,
    postmaster: `postmaster@${domain}`,
    limits: LIMITS,
  };
}
