/** A published zone with what of it is the same in all answers made ready. */
import { segmentsShare, SHARE_LIMIT } from "../../../policy/lists/files/index.ts";
import type { Question } from "./question.ts";
import { Networks } from "./access.ts";
import { TailName } from "./tail-name.ts";
import type { PublishedZone } from "./zone.ts";

/** What an SOA says. */
export interface SoaTimes {
  readonly server: TailName;
  readonly contact: TailName;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  readonly minimum: number;
}

/** Seconds: nobody needs to ask a list again soon that lists nobody any more. */
const RETIRED_TTL = 86_400;

export class ServedZone {
  readonly published: PublishedZone;
  readonly labels: number;
  readonly soa: SoaTimes;
  readonly servers: readonly TailName[];
  readonly ttl: number;
  /** RFC 2308 §3: of an SOA that says "no". */
  readonly negativeTtl: number;
  readonly transferTo: Networks;
  readonly #origin: Uint8Array;
  readonly #listsTheWorld: boolean;

  constructor(published: PublishedZone) {
    const { origin, ns, retired, sources } = published;
    this.published = published;
    this.#origin = new TextEncoder().encode(origin);
    this.labels = origin.split(".").length;
    this.ttl = retired ? RETIRED_TTL : published.ttl;
    const minimum = retired ? RETIRED_TTL : published.negativeTtl;
    this.negativeTtl = Math.min(minimum, this.ttl);
    this.servers = ns.map((name) => new TailName(name, origin));
    const server = this.servers[0] ?? new TailName(origin, origin);
    this.soa = { ...published, server, contact: new TailName(published.contact, origin), minimum };
    this.transferTo = new Networks(published.transferTo);
    this.#listsTheWorld = sources.flat().some(({ v4 }) => segmentsShare(v4) > SHARE_LIMIT);
  }

  /** What a retired zone says of itself. */
  get retiredText(): string {
    return `${this.published.origin} is retired and lists nobody any more; please ask it no longer`;
  }

  /** It says nothing: what it has is too old, or lists most of the world. */
  failed(now: number): boolean {
    const { retired, validUntil } = this.published;
    if (retired) return false;
    return this.#listsTheWorld || (validUntil !== undefined && now >= validUntil);
  }

  /** Labels of the question in front of the origin; -1: it is about somebody else's name. */
  labelsBefore(question: Question): number {
    const { name, length, labels } = question;
    const before = labels - this.labels;
    if (before < 0) return -1;
    const origin = this.#origin;
    const from = question.start(before);
    if (length - from !== origin.length) return -1;
    for (let i = 0; i < origin.length; i++) if (name[from + i] !== origin[i]) return -1;
    return before;
  }
}
