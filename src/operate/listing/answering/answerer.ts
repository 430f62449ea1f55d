/**
 * Answers what the DNS asks about published zones: one packet in, one packet out. Pure: zones, rules, clients and times are handed in.
 * Whatever comes, it does not throw; it never answers an answer; and to an address that may be forged it sends at most twice what came from
 * there.
 */
import type { Ip } from "../../../mail/index.ts";
import { Access } from "./access.ts";
import { Client } from "./client.ts";
import { Cookies } from "./cookie.ts";
import { Counts, NO_ZONE, type AnswerCounts, type Counted } from "./counts.ts";
import { Edns } from "./edns.ts";
import { CLASS_IN, FIRST_META_TYPE, isQuery, OPCODE_QUERY, opcodeOf, RCODE, TYPE, uint16 } from "./header.ts"; // prettier-ignore
import { Message } from "./message.ts";
import { Question } from "./question.ts";
import { RateLimit } from "./rate-limit.ts";
import type { AnswerRules } from "./rules.ts";
import { ServedZone } from "./served-zone.ts";
import { transferMessages } from "./transfer.ts";
import type { PublishedZone } from "./zone.ts";
import { ZoneAnswers } from "./zone-answers.ts";

export type Transport = "udp" | "tcp";

export class Answerer {
  readonly #question = new Question();
  readonly #edns = new Edns();
  readonly #client = new Client();
  readonly #message = new Message();
  readonly #answers = new ZoneAnswers();
  readonly #access: Access;
  readonly #rateLimit: RateLimit | undefined;
  readonly #cookies: Cookies | undefined;
  readonly #seed: number;
  readonly #counts: Counts;
  #zones: readonly ServedZone[] = [];

  constructor(zones: readonly PublishedZone[], rules: AnswerRules) {
    const { access, rateLimit, cookieSecret, countedNetworks } = rules;
    this.#access = new Access(access);
    this.#rateLimit = rateLimit && new RateLimit(rateLimit);
    this.#cookies = cookieSecret && new Cookies(cookieSecret);
    this.#seed = cookieSecret === undefined ? 0 : uint16(cookieSecret, 0) * 65_536 + uint16(cookieSecret, 2); // prettier-ignore
    this.#counts = new Counts(countedNetworks);
    this.replace(zones);
  }

  /** Reused: good until the next answer. */
  get out(): Uint8Array {
    return this.#message.out;
  }

  /** All zones, from now on. */
  replace(zones: readonly PublishedZone[]): void {
    this.#zones = zones.map((zone) => new ServedZone(zone)).toSorted((a, b) => b.labels - a.labels);
  }

  /** What was answered since they were taken before. */
  takeCounts(): AnswerCounts {
    return this.#counts.take();
  }

  /**
   * The answer stands in `out` from 0. Its octets; 0: silence. `client`: in canonical form; `now`: milliseconds since 1970. Never throws,
   * whatever the query is.
   */
  answer(query: Uint8Array, client: Ip, over: Transport, now: number): number {
    this.#client.read(client);
    const action = this.#access.of(this.#client);
    if (!isQuery(query) || action === "ignore") return this.#count("silent", 0);
    const problem = this.#read(query);
    if (problem !== RCODE.noError)
      return this.#count(problem === RCODE.formErr ? "malformed" : "refused", this.#message.bare(query, problem)); // prettier-ignore
    const known = this.#begin(query, over, now);
    const zone = this.#zone();
    if (over === "udp" && !known && action !== "pass") {
      const allowed = this.#rateLimit?.take(this.#client.hash(this.#seed), now) ?? "send";
      if (allowed === "drop") return this.#count("limited", 0, zone);
      if (allowed === "slip") {
        this.#message.truncate();
        return this.#count("limited", this.#message.finish(this.#client, now), zone);
      }
    }
    const what = this.#say(action === "refuse" ? undefined : zone, over, now);
    return this.#count(what, this.#message.finish(this.#client, now), zone);
  }

  /** A zone asked for whole, over TCP, by who may have it: its messages, each of at most 16 KiB. Undefined: `answer` is to be asked. */
  transfer(query: Uint8Array, client: Ip, now: number): Iterable<Uint8Array> | undefined {
    this.#client.read(client);
    if (!isQuery(query) || this.#read(query) !== RCODE.noError) return undefined;
    const { type } = this.#question;
    if (type !== TYPE.axfr && type !== TYPE.ixfr) return undefined;
    const zone = this.#zoneAsked();
    if (zone === undefined || this.#question.qclass !== CLASS_IN || this.#edns.version !== 0)
      return undefined;
    if (
      !this.#mayTransfer(zone) ||
      zone.failed(now) ||
      (type === TYPE.ixfr && this.#isUpToDate(zone))
    )
      return undefined;
    this.#counts.add("transfer", this.#client.network(), zone.published.origin);
    return transferMessages(zone, query.slice(0, this.#question.end));
  }

  /** An RCODE: whether the query is one that can be answered. */
  #read(query: Uint8Array): number {
    if (opcodeOf(query) !== OPCODE_QUERY) return RCODE.notImp;
    const [questions, answers] = [uint16(query, 4), uint16(query, 6)];
    const [authorities, additional] = [uint16(query, 8), uint16(query, 10)];
    if (questions !== 1 || answers !== 0 || !this.#question.read(query)) return RCODE.formErr;
    const { type, end } = this.#question;
    if (authorities > (type === TYPE.ixfr ? 1 : 0)) return RCODE.formErr;
    if (!this.#edns.read(query, end, authorities, additional)) return RCODE.formErr;
    const meta = type >= FIRST_META_TYPE && type < TYPE.any;
    if (type === TYPE.opt || type === 0) return RCODE.formErr;
    return meta && type !== TYPE.axfr && type !== TYPE.ixfr ? RCODE.notImp : RCODE.noError;
  }

  /** Header and question of the answer. True: the client's address is no forgery. */
  #begin(query: Uint8Array, over: Transport, now: number): boolean {
    const { cookieAt, serverCookie } = this.#edns;
    const ours =
      serverCookie && (this.#cookies?.isOurs(query, cookieAt, this.#client, now) ?? false);
    const known = over === "tcp" || ours;
    this.#message.begin(query, this.#question, this.#edns, { over, known, cookies: this.#cookies });
    return known;
  }

  /** What became of it. `asked`: the zone whose name it is; undefined: none, or none that he may ask. */
  #say(asked: ServedZone | undefined, over: Transport, now: number): Counted {
    const message = this.#message;
    const { type, qclass } = this.#question;
    if (this.#edns.version !== 0) return message.badVersion();
    const zone = qclass === CLASS_IN ? asked : undefined;
    if (zone === undefined) return message.says(RCODE.refused, "refused");
    if (zone.failed(now)) return message.says(RCODE.servFail, "failed");
    if (type === TYPE.axfr || type === TYPE.ixfr) return this.#sayTransfer(zone, over);
    return this.#answers.write(zone, this.#question, message);
  }

  /** RFC 1995 §2, §4: who is up to date, or asks over UDP, gets the SOA alone. */
  #sayTransfer(zone: ServedZone, over: Transport): Counted {
    const { type, labels } = this.#question;
    const allowed = labels === zone.labels && this.#mayTransfer(zone);
    if (!allowed || type === TYPE.axfr || (over === "tcp" && !this.#isUpToDate(zone)))
      return this.#message.says(RCODE.refused, "refused");
    return this.#answers.soa(zone, this.#message);
  }

  #mayTransfer(zone: ServedZone): boolean {
    return zone.transferTo.indexOf(this.#client) >= 0;
  }

  /** RFC 1982: no serial of ours is later than the one that the client has. */
  #isUpToDate(zone: ServedZone): boolean {
    const { serial } = this.#edns;
    return serial !== undefined && ((zone.soa.serial - serial) | 0) <= 0;
  }

  /** The zone whose own name is asked for. */
  #zoneAsked(): ServedZone | undefined {
    const zone = this.#zone();
    return zone?.labels === this.#question.labels ? zone : undefined;
  }

  /** The one with the longest origin. */
  #zone(): ServedZone | undefined {
    for (let i = 0; i < this.#zones.length; i++) {
      const zone = this.#zones[i];
      if (zone !== undefined && zone.labelsBefore(this.#question) >= 0) return zone;
    }
    return undefined;
  }

  #count(what: Counted, octets: number, zone?: ServedZone): number {
    this.#counts.add(what, this.#client.network(), zone?.published.origin ?? NO_ZONE);
    return octets;
  }
}
