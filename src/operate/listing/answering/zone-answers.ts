/** What a zone says to a question about one of its names: records, or that there are none. */
import {
  compareAt,
  hashOfOctets,
  segmentUpTo,
  type Segments,
} from "../../../policy/lists/files/index.ts";
import { AddressName } from "./address-name.ts";
import type { Counted } from "./counts.ts";
import { Finding } from "./finding.ts";
import { HEADER_OCTETS, RCODE, TYPE } from "./header.ts";
import type { Message } from "./message.ts";
import { haveHash } from "./non-terminals.ts";
import type { Question } from "./question.ts";
import type { ServedZone } from "./served-zone.ts";
import { TEST_SEGMENTS } from "./test-points.ts";

export class ZoneAnswers {
  readonly #address = new AddressName();
  readonly #finding = new Finding();
  /** The labels in front of the zone. */
  readonly #subject = { address: this.#address, octets: new Uint8Array(0), length: 0, plain: true };

  /** A question about a name of the zone. */
  write(zone: ServedZone, question: Question, message: Message): Counted {
    const before = zone.labelsBefore(question);
    message.records.origin = HEADER_OCTETS + question.start(before);
    message.authoritative();
    this.#read(question, before);
    if (before === 0) {
      const what = this.#apex(zone, question.type, message);
      return what === "listed" ? "aboutZone" : what;
    }
    if (zone.published.retired) return this.#none(zone, message, true);
    return this.#below(zone, question, before, message);
  }

  /** The zone's SOA, asked for at its own name. */
  soa(zone: ServedZone, message: Message): Counted {
    message.authoritative();
    message.records.origin = HEADER_OCTETS;
    return this.#put(message.records.soa(zone.ttl, zone.soa), message) ? "aboutZone" : message.truncate(); // prettier-ignore
  }

  #read(question: Question, before: number): void {
    this.#address.read(question, before);
    this.#subject.octets = question.name;
    this.#subject.length = Math.max(0, question.stop(before - 1));
    this.#subject.plain = question.plain;
  }

  #apex(zone: ServedZone, type: number, message: Message): Counted {
    const { published, servers, soa, ttl } = zone;
    const { records } = message;
    if (type === TYPE.soa || type === TYPE.any)
      return this.#put(records.soa(ttl, soa), message) ? "aboutZone" : message.truncate();
    if (type === TYPE.ns) {
      for (const server of servers)
        if (!this.#put(records.ns(records.origin, ttl, server), message)) return message.truncate();
      return servers.length > 0 ? "aboutZone" : this.#none(zone, message, false);
    }
    if (published.retired)
      return this.#texts(type === TYPE.txt ? [zone.retiredText] : [], zone, message);
    this.#finding.find(published.sources, "names", this.#subject);
    return this.#found(zone, type, message);
  }

  #below(zone: ServedZone, question: Question, before: number, message: Message): Counted {
    this.#finding.below(zone.published, this.#subject);
    if (this.#finding.listed) return this.#found(zone, question.type, message);
    return this.#none(zone, message, !this.#isNonTerminal(zone, question, before));
  }

  /** RFC 8482 §4.1: of all that there is, what is small. */
  #found(zone: ServedZone, type: number, message: Message): Counted {
    const { codes, codeCount } = this.#finding;
    if (type === TYPE.txt || (type === TYPE.any && codeCount === 0))
      return this.#texts(this.#finding.texts(this.#subject), zone, message);
    if ((type !== TYPE.a && type !== TYPE.any) || codeCount === 0)
      return this.#none(zone, message, false);
    for (let i = 0; i < codeCount; i++)
      if (!this.#put(message.records.a(HEADER_OCTETS, zone.ttl, codes[i] ?? 0), message))
        return message.truncate();
    return "listed";
  }

  #texts(texts: readonly string[], zone: ServedZone, message: Message): Counted {
    for (const text of texts)
      if (!this.#put(message.records.txt(HEADER_OCTETS, zone.ttl, text), message))
        return message.truncate();
    return texts.length > 0 ? "listed" : this.#none(zone, message, false);
  }

  #put(written: boolean, message: Message): boolean {
    if (written) message.answers++;
    return written;
  }

  /**
   * RFC 2308 §2: with the SOA, by which it may be kept. Where that has no room, because the client's address may be forged, it says no without
   * it: nobody needs to come back over TCP for that.
   */
  #none(zone: ServedZone, message: Message, noName: boolean): Counted {
    message.authoritative(noName ? RCODE.nxDomain : RCODE.noError);
    if (message.records.soa(zone.negativeTtl, zone.soa)) message.authorities++;
    return noName ? "notListed" : "noData";
  }

  /** There are names below it. */
  #isNonTerminal({ published }: ServedZone, question: Question, before: number): boolean {
    const { kind, nonTerminals } = published;
    const { octets, length, plain } = this.#subject;
    if (kind === "addresses") {
      if (this.#address.begins(question, before, 4) && this.#hasBelow(published, "v4")) return true;
      if (this.#address.begins(question, before, 6) && this.#hasBelow(published, "v6")) return true;
    }
    return plain && haveHash(nonTerminals, hashOfOctets(octets, 0, length));
  }

  #hasBelow({ sources }: ServedZone["published"], family: "v4" | "v6"): boolean {
    const { first, last } = this.#address;
    if (overlaps(TEST_SEGMENTS[family], first, last)) return true;
    return sources.some((source) =>
      source.some((dataset) => overlaps(dataset[family], first, last)),
    );
  }
}

function overlaps(segments: Segments, first: Uint32Array, last: Uint32Array): boolean {
  const row = segmentUpTo(segments, last);
  return row >= 0 && compareAt(segments.lasts, row, segments.width, first) >= 0;
}
