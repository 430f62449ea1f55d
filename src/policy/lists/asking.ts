/**
 * Asks lists in the DNS. Promises: a question that is open is not asked again, whoever asks; an answer is remembered for a bounded
 * time; a list that is silent costs no more than the time it is given; a hit counts only when the list, asked right afterwards,
 * does not list what nobody can have listed. Nothing rejects.
 */
import type { Clock, Random } from "../../runtime/index.ts";
import type { DnsName, Resolver } from "../../protocol/dns/index.ts";
import { AnswerCache } from "./answer-cache.ts";
import { canary, canaryKind, CANARY_OCTETS } from "./canary.ts";
import type { AskedAs, DnsList, ListSubject } from "./list.ts";
import { questionName } from "./question.ts";
import {
  rawAnswer,
  readAnswer,
  type ListAnswer,
  type RawAnswer,
  type RawFailure,
} from "./reading.ts";
import { reasonText } from "./reason-text.ts";
import { timedQuestion, type Timer } from "./timed-question.ts";
import type { ListWatch } from "./watch.ts";

export interface AskingDeps {
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly random: Random;
  readonly timer: Timer;
  readonly watch: ListWatch;
}

/** Somebody to be asked about. */
export interface ListQuestion {
  readonly list: DnsList;
  readonly as: AskedAs;
  readonly subject: ListSubject;
  /** The network of the client that has brought it (`siteNetwork`); absent: nobody knows. */
  readonly by?: string;
  /** Milliseconds. */
  readonly limitMs: number;
}

export class Asking {
  readonly #deps: AskingDeps;
  readonly #cache: AnswerCache;
  readonly #open = new Map<DnsName, Promise<RawAnswer>>();

  constructor(deps: AskingDeps) {
    this.#deps = deps;
    this.#cache = new AnswerCache(deps.clock);
  }

  /** At once, where it is known. Undefined: it is no question for this list. */
  ask(question: ListQuestion): RawAnswer | Promise<RawAnswer> | undefined {
    const { list, subject } = question;
    const name = questionName(list, subject);
    if (name === undefined) return undefined;
    const { since } = this.#deps.watch.stateOf(list.name);
    const known = this.#cache.get(name, since);
    if (known !== undefined && (known.witnessed || !isHit(known.raw, list))) return known.raw;
    const open = this.#open.get(name);
    if (open !== undefined) return open;
    const asked = this.#ask(name, question).finally(() => this.#open.delete(name));
    this.#open.set(name, asked);
    return asked;
  }

  async #ask(name: DnsName, question: ListQuestion): Promise<RawAnswer> {
    const { list, as, subject, by } = question;
    const { watch, clock } = this.#deps;
    const { resolution, ms } = await timedQuestion(this.#deps, name, "A", question.limitMs);
    const raw = rawAnswer(resolution);
    const answer = readAnswer(raw, list);
    const at = clock.now();
    const ttl = resolution.kind === "failed" ? 0 : resolution.ttl;
    const brought = { as, subject, ...(by !== undefined && { by }) };
    watch.happened(list.name, { kind: "answer", at, ...brought, answer, ms, ttl });
    if (answer.kind !== "listed") return this.#keep(name, raw, answer, ttl);
    const [witness, text] = await Promise.all([
      this.#witness(question),
      this.#reason(name, question),
    ]);
    if (witness.kind === "clear") return this.#keep(name, withText(raw, text), answer, ttl);
    const unheard = { kind: "failed", why: failedBy(witness) } as const;
    return this.#keep(name, unheard, readAnswer(unheard, list), 0);
  }

  #keep(name: DnsName, raw: RawAnswer, { kind }: ListAnswer, ttl: number): RawAnswer {
    this.#cache.set(name, raw, { kind, ttl, witnessed: kind === "listed" });
    return raw;
  }

  /** Of the same family, and never asked about before. */
  async #witness({ list, subject, limitMs }: ListQuestion): Promise<ListAnswer> {
    const { watch, clock, random } = this.#deps;
    const nobody = canary(canaryKind(subject), random.octets(CANARY_OCTETS));
    const name = questionName(list, nobody);
    if (name === undefined) return { kind: "error", why: "malformed" };
    const { resolution, ms } = await timedQuestion(this.#deps, name, "A", limitMs);
    const answer = readAnswer(rawAnswer(resolution), list);
    watch.happened(list.name, { kind: "witness", at: clock.now(), canary: nobody, answer, ms });
    return answer;
  }

  async #reason(name: DnsName, { list, limitMs }: ListQuestion): Promise<string | undefined> {
    const { resolution } = await timedQuestion(this.#deps, name, "TXT", limitMs);
    const [first] = resolution.kind === "found" ? resolution.records : [];
    return first === undefined ? undefined : reasonText(first, list);
  }
}

function isHit(raw: RawAnswer, list: DnsList): boolean {
  return readAnswer(raw, list).kind === "listed";
}

function withText(raw: RawAnswer, text: string | undefined): RawAnswer {
  return raw.kind === "codes" && text !== undefined ? { ...raw, text } : raw;
}

/** It says of nobody what it said of somebody, or says nothing: what it said before is not heard. */
function failedBy(witness: ListAnswer): RawFailure {
  return witness.kind === "listed" ? "void" : "unwitnessed";
}
