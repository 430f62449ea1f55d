/**
 * Checks a message as it comes in: SPF of its client, DKIM, DMARC and ARC, by mailauth with our resolver. The body is hashed while
 * it passes. Promises: bounded memory, time and lookups, whatever a stranger sends; and it never rejects: what cannot be
 * found out is `Unknown`, with a reason.
 */
import { Readable } from "node:stream";
import type { DNSResolver } from "mailauth";
import { countFields, type Ip } from "../../mail/index.ts";
import type { Resolver } from "../../protocol/dns/index.ts";
import { errorText, type Clock } from "../../runtime/index.ts";
import { Lookups } from "./lookups.ts";
import { resultsOf, type Found, type Results, type Unknown } from "./results.ts";
import { verifySignatures } from "./signatures.ts";
import { BLOCK_OCTETS, WholeLines } from "./whole-lines.ts";

/** DKIM-Signature fields of a message whose results are worth something; each may ask for a hash of the whole body. */
export const SIGNATURES_LIMIT = 8;
/** Of a header section that is read: octets, lines, and blanks or dots in a row; mailauth's time grows with their product. */
export const SECTION_OCTETS_LIMIT = 65_536;
export const SECTION_LINES_LIMIT = 1000;
export const RUN_LIMIT = 250;
/** Of a body that waits to be hashed. Usually none does; only while mailauth is loaded. */
export const WAITING_OCTETS_LIMIT = 4_194_304;

export interface AuthenticationDeps {
  readonly resolver: Resolver;
  /** Our name, under which the results are given (RFC 8601 §2.5). */
  readonly hostname: string;
  readonly clock: Pick<Clock, "elapsed">;
}

export interface CheckedClient {
  readonly ip: Ip;
  /** What it called itself. */
  readonly helo: string;
  /** MAIL FROM in its wire form, without brackets; "" is the null path, for which HELO is checked (RFC 7208 §2.4). */
  readonly sender: string;
}

/** One message. Nothing has to be undone where it does not come to its end. */
export interface Check {
  /** The next slice of the body: what stands behind the header section and its blank line. */
  body(slice: Uint8Array): void;
  /** The body is over. Does not reject. */
  finish(): Promise<Results | Unknown>;
}

export class Authentication {
  readonly #deps: AuthenticationDeps;

  constructor(deps: AuthenticationDeps) {
    this.#deps = deps;
  }

  /** `section` is the header section as it came, with its blank line. */
  open(client: CheckedClient, section: Uint8Array): Check {
    const reason = tooMuch(section);
    if (reason !== undefined) return { body() {}, finish: () => Promise.resolve(unknown(reason)) };
    const message = new Readable({ read() {} });
    message.push(Buffer.from(section)); // the wire's memory is used again
    const lines = new WholeLines((block) => message.push(block));
    const results = this.#results(client, message);
    let givenUp: string | undefined;
    return {
      body: (slice) => {
        if (givenUp !== undefined) return;
        if (!lines.write(slice)) givenUp = `a line of it has more than ${BLOCK_OCTETS} octets`;
        else if (message.readableLength > WAITING_OCTETS_LIMIT)
          givenUp = "it came faster than it could be read";
        if (givenUp !== undefined) message.destroy();
      },
      finish: () => {
        if (givenUp !== undefined) return Promise.resolve(unknown(givenUp));
        lines.end();
        message.push(null);
        return results;
      },
    };
  }

  async #results(client: CheckedClient, message: Readable): Promise<Results | Unknown> {
    const { resolver, hostname, clock } = this.#deps;
    const lookups = new Lookups(resolver, clock);
    try {
      return resultsOf(await found(client, message, hostname, lookups), hostname, lookups.failed);
    } catch (error) {
      return unknown(errorText(error));
    }
  }
}

/** The steps of RFC 8617 §5.2 and RFC 9989 §5.3. mailauth's own `authenticate` would read Received fields too, in quadratic time. */
async function found(
  { ip, helo, sender }: CheckedClient,
  message: Readable,
  mta: string,
  lookups: Lookups,
): Promise<Found> {
  // Only here: it takes a fifth of a second, and memory, and most sites forward nothing.
  const { arc: checkChain, dmarc: checkPolicy, spf: checkSender } = await import("mailauth");
  // Its types know texts alone; of MX records it wants what `dns.resolve` gives.
  const resolver: DNSResolver = (name, type) => lookups.resolve(name, type) as Promise<string[]>;
  const common = { resolver, strict: true };
  const dkim = await verifySignatures(message, common);
  const spf = await checkSender({ ...common, ip, helo, sender, mta });
  const arc = await checkChain(dkim.arc, { ...common, ip });
  const dmarc = await checkPolicy({
    ...common,
    headerFrom: dkim.headerFrom,
    fromFields: dkim.fromFields,
    spfDomains: spf.status.result === "pass" ? [spf.domain] : [],
    dkimDomains: dkim.results
      .filter(({ status }) => status.result === "pass")
      .map(({ signingDomain = "" }) => ({ domain: signingDomain })),
    arcResult: arc,
  });
  return { dkim, spf, arc, dmarc };
}

/** Why nobody reads this header section; undefined where it is like that of mail. */
function tooMuch(section: Uint8Array): string | undefined {
  if (section.length > SECTION_OCTETS_LIMIT)
    return `its header section has more than ${SECTION_OCTETS_LIMIT} octets`;
  const { lines, longestRun } = shapeOf(section);
  if (lines > SECTION_LINES_LIMIT)
    return `its header section has more than ${SECTION_LINES_LIMIT} lines`;
  if (longestRun > RUN_LIMIT)
    return `its header section has more than ${RUN_LIMIT} blanks or dots in a row`;
  return countFields(section, "DKIM-Signature") > SIGNATURES_LIMIT
    ? `it has more than ${SIGNATURES_LIMIT} DKIM signatures`
    : undefined;
}

const LF = 10;
const SPACE = 32;
const DOT = 46;

/** A run is one of dots, or of blanks; line ends belong to the latter. */
function shapeOf(section: Uint8Array): { readonly lines: number; readonly longestRun: number } {
  let [lines, run, longestRun] = [0, 0, 0];
  let kind = 0;
  for (const octet of section) {
    if (octet === LF) lines++;
    const now = octet <= SPACE ? SPACE : octet;
    run = now === kind ? run + 1 : 1;
    kind = now;
    if (now <= SPACE || now === DOT) longestRun = Math.max(longestRun, run);
  }
  return { lines, longestRun };
}

function unknown(reason: string): Unknown {
  return { kind: "unknown", reason };
}
