/**
 * Our resolver as mailauth asks it: the shapes and errors of Node's `dns.resolve`. One for each thing that is looked for in a
 * message, so that a stranger's many names use up nobody else's questions. Promises: a bounded number of questions, each once,
 * and that an answer which failed is never taken for "not there".
 */
import type { DNSResolver } from "mailauth";
import {
  parseName,
  type DnsName,
  type FailureReason,
  type RecordData,
  type RecordType,
  type Resolver,
} from "../../protocol/dns/index.ts";

/** Questions for one message: SPF may ask some dozens (RFC 7208 §4.6.4). */
export const SPF_LOOKUPS_LIMIT = 100;
/** One for each signature, or each set of an ARC chain (RFC 8617 §4.2.1: 50). */
export const KEY_LOOKUPS_LIMIT = 60;
/** Ten for each author's domain (RFC 9989 §4.10: eight; §4.10.1: whether it is there), of which most are the same. */
export const DMARC_LOOKUPS_LIMIT = 40;

/** Of a TXT record that is looked at: no policy and no key is longer. */
export const TEXT_OCTETS_LIMIT = 4096;

/** What `dns.resolve` gives for the types that are asked. */
type Answer = string[] | string[][] | { exchange: string; priority: number }[];

export class Lookups {
  readonly #resolver: Resolver;
  readonly #limit: number;
  readonly #answers = new Map<string, Promise<Answer>>();
  readonly #unanswered = new Set<DnsName>();
  #failed: string | undefined;

  constructor(resolver: Resolver, limit: number) {
    this.#resolver = resolver;
    this.#limit = limit;
  }

  /** The first question that had no answer, and why; undefined where all were answered. */
  get failed(): string | undefined {
    return this.#failed;
  }

  /** The DNS had no answer for a name of this domain, or below it. What we did not ask any more is not meant. */
  failedWithin(domain: string): boolean {
    return this.#unanswered.values().some((name) => name === domain || name.endsWith(`.${domain}`));
  }

  /** Rejects as `dns.resolve` does: ENOTFOUND, ENODATA, EBADNAME for what is not there; ESERVFAIL and ETIMEOUT for what nobody knows. */
  async resolve(text: string, type: string): Promise<Answer> {
    const name = parseName(text);
    if (name === undefined) throw new LookupError("EBADNAME", `${text} is no name`);
    const question = `${name} ${type}`;
    const answer = this.#answers.get(question) ?? this.#ask(name, type);
    this.#answers.set(question, answer);
    const records = await answer;
    return records.slice(); // whoever asks may sort them
  }

  async #ask(name: DnsName, type: string): Promise<Answer> {
    if (this.#answers.size >= this.#limit)
      throw this.#fails(name, type, "ESERVFAIL", `more than ${this.#limit} lookups`);
    return this.#answer(name, type);
  }

  #answer(name: DnsName, type: string): Promise<Answer> {
    switch (type) {
      case "A":
      case "AAAA":
      case "CNAME":
      case "PTR":
        return this.#records(name, type, String);
      case "TXT":
        return this.#texts(name);
      case "MX":
        return this.#records(name, type, ({ exchange, preference }) => ({
          exchange,
          priority: preference,
        }));
      default:
        return Promise.reject(new LookupError("ENODATA", `${type} records are not asked for`));
    }
  }

  async #texts(name: DnsName): Promise<string[][]> {
    const texts = await this.#records(name, "TXT", (text) => [
      Buffer.from(text).toString("latin1"),
    ]);
    return texts.filter(([text = ""]) => text.length <= TEXT_OCTETS_LIMIT);
  }

  async #records<Type extends RecordType, Shape>(
    name: DnsName,
    type: Type,
    shape: (record: RecordData[Type]) => Shape,
  ): Promise<Shape[]> {
    const resolution = await this.#resolver.resolve(name, type);
    switch (resolution.kind) {
      case "found":
        return resolution.records.map(shape);
      case "no-such-name":
        throw new LookupError("ENOTFOUND", `${name} is not there`);
      case "no-data":
        throw new LookupError("ENODATA", `${name} has no ${type} records`);
      case "failed":
        this.#unanswered.add(name);
        throw this.#fails(name, type, codeOf(resolution.why), resolution.why);
    }
  }

  #fails(name: DnsName, type: string, code: string, why: string): LookupError {
    const words = `${name} ${type}: ${why}`;
    this.#failed ??= words;
    return new LookupError(code, words);
  }
}

/** As mailauth takes a resolver: its types know texts alone; of MX records it wants what `dns.resolve` gives. */
export function asked(lookups: Lookups): DNSResolver {
  return (name, type) => lookups.resolve(name, type) as Promise<string[]>;
}

function codeOf(why: FailureReason): string {
  if (why === "timeout") return "ETIMEOUT";
  return why === "refused" ? "EREFUSED" : "ESERVFAIL";
}

/** What mailauth goes by is the code. */
class LookupError extends Error {
  override readonly name = "LookupError";
  readonly code: string;

  constructor(code: string, words: string) {
    super(words);
    this.code = code;
  }
}
