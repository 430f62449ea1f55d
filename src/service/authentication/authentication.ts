/**
 * Checks a message as it comes in: SPF and the reverse DNS of its client, DKIM, DMARC and ARC, by mailauth with our resolver.
 * The body is hashed while it passes. Promises: bounded memory, time and lookups, whatever a stranger sends; and it never
 * rejects: what cannot be found out is said to be so, and is never a pass.
 */
import { Readable } from "node:stream";
import type { SPFResult } from "mailauth";
import { countFields, type Ip } from "../../mail/index.ts";
import type { Resolver } from "../../protocol/dns/index.ts";
import { errorText } from "../../runtime/index.ts";
import {
  askPolicies,
  authorPolicy,
  organizationOf,
  type Authors,
  type AuthorPolicy,
} from "./author-policy.ts";
import { sealersOf } from "./chain.ts";
import { Deadline, type Timer } from "./deadline.ts";
import { fromAuthors } from "./from-authors.ts";
import { iprev, type IprevResult } from "./iprev.ts";
import {
  asked,
  DMARC_LOOKUPS_LIMIT,
  KEY_LOOKUPS_LIMIT,
  Lookups,
  SPF_LOOKUPS_LIMIT,
} from "./lookups.ts";
import { mailauth } from "./mailauth.ts";
import {
  nothingFound,
  resultsOf,
  type Organizations,
  type Results,
  type Signatures,
  type SpfFinding,
} from "./results.ts";
import { tooMuch } from "./shape.ts";
import { verifySignatures, type Verified } from "./signatures.ts";
import { BLOCK_OCTETS, WholeLines } from "./whole-lines.ts";

/** Of a body that waits to be hashed. Usually none does; only while mailauth is loaded. */
export const WAITING_OCTETS_LIMIT = 4_194_304;

export interface AuthenticationDeps {
  readonly resolver: Resolver;
  /** Our name, under which the results are given (RFC 8601 §2.5). */
  readonly hostname: string;
  readonly timer: Timer;
  /** How long a message that is in waits for the DNS, in milliseconds. */
  readonly deadlineMs: number;
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

  /** Has a client's address a name that leads back to it? For who wants to know before there is a message; in the same time. Does not reject. */
  async iprev(ip: Ip): Promise<IprevResult> {
    const { resolver, timer, deadlineMs } = this.#deps;
    const dns = new Deadline(resolver);
    return (await dns.hold(timer, deadlineMs, () => iprev(ip, dns))).result;
  }

  /** May this client send for its sender's domain? For who wants to know before there is a message; in the same time. Does not reject. */
  async spf(client: CheckedClient): Promise<SpfFinding> {
    const { resolver, timer, deadlineMs, hostname } = this.#deps;
    const dns = new Deadline(resolver);
    const lookups = new Lookups(dns, SPF_LOOKUPS_LIMIT);
    try {
      const { status, domain } = await dns.hold(timer, deadlineMs, () =>
        checkSender(client, lookups, hostname),
      );
      return { result: status.result, domain };
    } catch {
      return { result: "temperror", domain: domainOf(client.sender) };
    }
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
  readonly #dns: Deadline;
  readonly #keys: Lookups;
  readonly #spfLookups: Lookups;
  readonly #policies: Lookups;
  readonly #spf;
  readonly #iprev;
  readonly #message = new Readable({ read() {} });
  readonly #lines = new WholeLines((block) => this.#message.push(block));
  #section: Uint8Array = new Uint8Array(0);
  #read: Promise<Read> | undefined;
  #unread: (Read & { readonly kind: "unread" }) | undefined;
  #policiesAsked: Promise<void> | undefined;
  #results: Promise<Results> | undefined;

  constructor(deps: AuthenticationDeps, client: CheckedClient) {
    this.#deps = deps;
    this.#client = client;
    this.#dns = new Deadline(deps.resolver);
    this.#keys = new Lookups(this.#dns, KEY_LOOKUPS_LIMIT);
    this.#spfLookups = new Lookups(this.#dns, SPF_LOOKUPS_LIMIT);
    this.#policies = new Lookups(this.#dns, DMARC_LOOKUPS_LIMIT);
    this.#spf = checkSender(client, this.#spfLookups, deps.hostname);
    this.#spf.catch(() => {}); // whoever finishes hears of it
    this.#iprev = iprev(client.ip, this.#dns);
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
    const { timer, deadlineMs, hostname } = this.#deps;
    this.#results ??= this.#dns
      .hold(timer, deadlineMs, () => this.#conclude())
      .catch((error: unknown) => nothingFound(errorText(error), hostname));
    return this.#results;
  }

  #giveUp(reason: string, ours: boolean): void {
    this.#unread = { kind: "unread", reason, ours };
    this.#askPolicies(fromAuthors(this.#section));
    this.#message.destroy();
  }

  /** Does not reject: what came of it is looked at in the end, long after. */
  async #verify(): Promise<Read> {
    try {
      const verified = await verifySignatures(this.#message, {
        resolver: asked(this.#keys),
        strict: true,
        onAuthors: (authors) => this.#askPolicies(authors),
      });
      return { kind: "verified", verified };
    } catch (error) {
      return this.#unread ?? { kind: "unread", reason: errorText(error), ours: true };
    }
  }

  /** As soon as it can be, so that no slow server of somebody else's takes time from the author's domain. */
  #askPolicies(authors: Authors): void {
    this.#policiesAsked = askPolicies(authors, this.#policies);
  }

  /** The steps of RFC 8617 §5.2 and RFC 9989 §5.3. mailauth's own `authenticate` would read Received fields too, in quadratic time. */
  async #conclude(): Promise<Results> {
    if (this.#unread === undefined) {
      this.#lines.end();
      this.#message.push(null);
    }
    const read = this.#unread ?? (await this.#read) ?? NO_SECTION;
    const chainKeys = new Lookups(this.#dns, KEY_LOOKUPS_LIMIT);
    const [spf, clientName, signatures] = await Promise.all([
      this.#spf,
      this.#iprev,
      this.#signatures(read, chainKeys),
      this.#askAlignment(read),
    ]);
    const dmarc = await this.#policy(read, spf);
    const failed =
      this.#keys.failed ?? this.#spfLookups.failed ?? chainKeys.failed ?? this.#policies.failed;
    // What fails here says nothing of the author.
    const organizations = await this.#organizations(dmarc);
    const found = { ...signatures, spf, dmarc, iprev: clientName, ip: this.#client.ip };
    return resultsOf(
      {
        ...found,
        ...(organizations !== undefined && { organizations }),
        ...(failed !== undefined && { failed }),
        ...(read.kind === "unread" && { unread: read.reason }),
      },
      this.#deps.hostname,
    );
  }

  /** What the signatures are held against is asked for beside SPF, and behind what the authors' domains want, which is never too much to ask. */
  async #askAlignment(read: Read): Promise<void> {
    await this.#policiesAsked;
    await this.#policy(read);
  }

  #policy(read: Read, spf?: SPFResult): Promise<AuthorPolicy> {
    const verified = read.kind === "verified" ? read.verified : undefined;
    const identifiers = {
      ...(spf !== undefined && { spf }),
      dkimDomains: verified === undefined ? [] : passingDomains(verified),
      keyUnknown: (domain: string) =>
        this.#keys.failedWithin(domain) || (read.kind === "unread" && read.ours),
    };
    return authorPolicy(verified ?? fromAuthors(this.#section), identifiers, this.#policies);
  }

  /** DMARC is about the author; it says something about the sender only where both are of one organization. */
  async #organizations({ result, organization }: AuthorPolicy): Promise<Organizations | undefined> {
    const domain = domainOf(this.#client.sender);
    if (result !== "pass" || organization === undefined || domain === "") return undefined;
    if (!`.${domain}`.endsWith(`.${organization}`)) return undefined; // and the DNS need not be asked
    const sender = await organizationOf(domain, this.#policies);
    return sender === undefined ? undefined : { author: organization, sender };
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

async function checkSender(
  { ip, helo, sender }: CheckedClient,
  lookups: Lookups,
  mta: string,
): Promise<SPFResult> {
  const spf = await mailauth();
  return spf.checkSender({ ip, helo, sender, mta, resolver: asked(lookups), strict: true });
}

/** Of a path in wire form; "" where it has none. */
function domainOf(path: string): string {
  const domain = path.slice(path.lastIndexOf("@") + 1);
  return path === "" || domain.startsWith("[") ? "" : domain;
}

const NO_SECTION: Read = { kind: "unread", reason: "it has no header section", ours: false };

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
