/**
 * When a list had a network first, and whom else it has been asked about since: what shows that a list on which a refusal
 * hangs has not gone mad. In memory, bounded; what is forgotten begins anew.
 */
import { siteNetwork } from "../../mail/index.ts";
import { putLast } from "../../runtime/index.ts";
import type { ListSubject } from "./list.ts";

/** Of all lists. */
const HITS = 10_000;
/** Of each list, the last ones; no setting asks for more. */
const OTHERS = 1000;

export interface FirstHit {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Networks or names, not this one, that the list has answered about since then; at most `OTHERS`. */
  readonly others: number;
}

export class FirstHits {
  readonly #hits = new Map<string, number>();
  /** Of each list, when it was asked last about whom; the one asked longest ago first. */
  readonly #asked = new Map<string, Map<string, number>>();

  /** The list has answered a question about it. */
  answered(list: string, subject: ListSubject, at: number): void {
    const asked = this.#asked.get(list) ?? new Map<string, number>();
    this.#asked.set(list, asked);
    putLast(asked, placeOf(subject), at, OTHERS + 1);
  }

  /** `wellSince`: what it had before that does not count. */
  hit(list: string, subject: ListSubject, now: number, wellSince: number): FirstHit {
    const place = placeOf(subject);
    const key = `${list}\n${place}`;
    const before = this.#hits.get(key);
    const at = before === undefined || before < wellSince || before > now ? now : before;
    putLast(this.#hits, key, at, HITS);
    let others = 0;
    for (const [other, askedAt] of this.#asked.get(list) ?? [])
      if (askedAt >= at && other !== place) others++;
    return { at, others };
  }
}

/** The servers of a site come from one network, and try again from any of them. */
export function placeOf(subject: ListSubject): string {
  return subject.kind === "address" ? siteNetwork(subject.ip) : subject.domain;
}
