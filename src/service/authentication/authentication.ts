/**
 * Checks a message as it comes in: SPF and the reverse DNS of its client, DKIM, DMARC and ARC, by mailauth with our resolver.
 * The body is hashed while it passes. Promises: bounded memory, time and lookups, whatever a stranger sends; and it never
 * rejects: what cannot be found out is said to be so, and is never a pass.
 */
import { Readable } from "node:stream";
import type { DNSResolver } from "mailauth";
import { countFields, type Ip } from "../../mail/index.ts";
import type { Resolver } from "../../protocol/dns/index.ts";
import { errorText, type Clock } from "../../runtime/index.ts";
import { authorPolicy } from "./author-policy.ts";
import { sealersOf } from "./chain.ts";
import { fromAuthors } from "./from-authors.ts";
import { iprev, type IprevResult } from "./iprev.ts";
import { DMARC_LOOKUPS_LIMIT, KEY_LOOKUPS_LIMIT, Lookups, SPF_LOOKUPS_LIMIT } from "./lookups.ts";
import { mailauth } from "./mailauth.ts";
import { nothingFound, resultsOf, type Results, type Signatures } from "./results.ts";
import { tooMuch } from "./shape.ts";
import { verifySignatures, type Verified } from "./signatures.ts";
import { BLOCK_OCTETS, WholeLines } from "./whole-lines.ts";

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
  /** The header section as it came, with its blank line. */
  begin(section: Uint8Array): void;
  /** The next slice of the body: what stands behind the header section. */
  body(slice: Uint8Array): void;
  /** The body is over. Does not reject; asked again, it says the same. */
  finish(): Promise<Results>;
}

export class Authentication {
  readonly #deps: AuthenticationDeps;

  constructor(deps: AuthenticationDeps) {
    this.#deps = deps;
  }

  /** Loads what is large (0.2 s), before the first message needs it. */
  static async load(): Promise<void> {
    await mailauth();
  }

  /** Has a client's address a name that leads back to it? For who wants to know before there is a message. Does not reject. */
  async iprev(ip: Ip): Promise<IprevResult> {
    return (await iprev(ip, this.#deps.resolver)).result;
  }

  /** What the client alone shows is asked for at once. */
  open(client: CheckedClient): Check {
    return new MessageCheck(this.#deps, client);
  }
}

/** What a body's verification has come to. */
type Read =
  | { readonly kind: "verified"; readonly verified: Verified }
  /** `ours`: it is not the message's fault. */
  | { readonly kind: "unread"; readonly reason: string; readonly ours: boolean };

class MessageCheck implements Check {
  readonly #deps: AuthenticationDeps;
  readonly #client: CheckedClient;
  readonly #keys: Lookups;
  readonly #spfLookups: Lookups;
  readonly #spf;
  readonly #iprev;
  readonly #message = new Readable({ read() {} });
  readonly #lines = new WholeLines((block) => this.#message.push(block));
  #section: Uint8Array = new Uint8Array(0);
  #read: Promise<Read> | undefined;
  #unread: (Read & { readonly kind: "unread" }) | undefined;
  #results: Promise<Results> | undefined;

  constructor(deps: AuthenticationDeps, client: CheckedClient) {
    const { resolver, clock } = deps;
    this.#deps = deps;
    this.#client = client;
    this.#keys = new Lookups(resolver, clock, KEY_LOOKUPS_LIMIT);
    this.#spfLookups = new Lookups(resolver, clock, SPF_LOOKUPS_LIMIT);
    this.#spf = this.#checkSender();
    this.#spf.catch(() => {}); // whoever finishes hears of it
    this.#iprev = iprev(client.ip, resolver);
  }

  begin(section: Uint8Array): void {
    this.#section = section.slice(); // the wire's memory is used again
    const reason = tooMuch(section);
    if (reason !== undefined) return this.#giveUp(reason, false);
    this.#message.push(this.#section);
    this.#read = this.#verify();
  }

  body(slice: Uint8Array): void {
    if (this.#unread !== undefined) return;
    if (!this.#lines.write(slice))
      this.#giveUp(`a line of it has more than ${BLOCK_OCTETS} octets`, false);
    else if (this.#message.readableLength > WAITING_OCTETS_LIMIT)
      this.#giveUp("it came faster than it could be read", true);
  }

  finish(): Promise<Results> {
    this.#results ??= this.#conclude().catch((error: unknown) =>
      nothingFound(errorText(error), this.#deps.hostname),
    );
    return this.#results;
  }

  #giveUp(reason: string, ours: boolean): void {
    this.#unread = { kind: "unread", reason, ours };
    this.#message.destroy();
  }

  /** Does not reject: what came of it is looked at in the end, long after. */
  async #verify(): Promise<Read> {
    try {
      const verified = await verifySignatures(this.#message, {
        resolver: asked(this.#keys),
        strict: true,
      });
      return { kind: "verified", verified };
    } catch (error) {
      return this.#unread ?? { kind: "unread", reason: errorText(error), ours: true };
    }
  }

  async #checkSender() {
    const { checkSender } = await mailauth();
    const { ip, helo, sender } = this.#client;
    const { hostname: mta } = this.#deps;
    return checkSender({ ip, helo, sender, mta, resolver: asked(this.#spfLookups), strict: true });
  }

  /** The steps of RFC 8617 §5.2 and RFC 9989 §5.3. mailauth's own `authenticate` would read Received fields too, in quadratic time. */
  async #conclude(): Promise<Results> {
    if (this.#unread === undefined) {
      this.#lines.end();
      this.#message.push(null);
    }
    const read = this.#unread ?? (await this.#read) ?? NO_SECTION;
    const { resolver, clock, hostname } = this.#deps;
    const policies = new Lookups(resolver, clock, DMARC_LOOKUPS_LIMIT);
    const chainKeys = new Lookups(resolver, clock, KEY_LOOKUPS_LIMIT);
    const [spf, clientName] = await Promise.all([this.#spf, this.#iprev]);
    const [signatures, dmarc] = await Promise.all([
      this.#signatures(read, chainKeys),
      authorPolicy(
        read.kind === "verified" ? read.verified : fromAuthors(this.#section),
        {
          spf,
          dkimDomains: read.kind === "verified" ? passingDomains(read.verified) : [],
          keyUnknown: (domain) =>
            this.#keys.failedWithin(domain) || (read.kind === "unread" && read.ours),
        },
        policies,
      ),
    ]);
    const failed =
      this.#keys.failed ?? this.#spfLookups.failed ?? chainKeys.failed ?? policies.failed;
    const found = { ...signatures, spf, dmarc, iprev: clientName, ip: this.#client.ip };
    return resultsOf(
      {
        ...found,
        ...(failed !== undefined && { failed }),
        ...(read.kind === "unread" && { unread: read.reason }),
      },
      hostname,
    );
  }

  async #signatures(read: Read, chainKeys: Lookups): Promise<Signatures> {
    if (read.kind === "unread") return unreadSignatures(this.#section, read);
    const { checkChain } = await mailauth();
    const { results, arc } = read.verified;
    const { ip } = this.#client;
    const sealers = sealersOf(arc); // before mailauth changes what it has read
    const chain = await checkChain(arc, { ip, resolver: asked(chainKeys), strict: true });
    return { results, arc: chain, sealers };
  }
}

const NO_SECTION: Read = { kind: "unread", reason: "it has no header section", ours: false };

/** Its types know texts alone; of MX records it wants what `dns.resolve` gives. */
function asked(lookups: Lookups): DNSResolver {
  return (name, type) => lookups.resolve(name, type) as Promise<string[]>;
}

function passingDomains({ results }: Verified): readonly string[] {
  return results
    .filter(({ status }) => status.result === "pass")
    .map(({ signingDomain = "" }) => signingDomain);
}

/** RFC 8601 §2.7.1: "policy" is a signature that we do not accept for what it is. */
function unreadSignatures(section: Uint8Array, { ours }: Read & { kind: "unread" }): Signatures {
  const signed = countFields(section, "DKIM-Signature") > 0;
  const result = !signed ? "none" : ours ? "temperror" : "policy";
  const chain = countFields(section, "ARC-Seal") > 0 ? "fail" : "none";
  return {
    results: [{ status: { result }, info: `dkim=${result} (not looked at)` }],
    arc: { status: { result: chain }, info: `arc=${chain}` },
    sealers: [],
  };
}
