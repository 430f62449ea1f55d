/** The answer's message while it is made: header, the question as it was asked, what is said, EDNS; never longer than allowed. */
import type { Client } from "./client.ts";
import { CLIENT_COOKIE_OCTETS, SERVER_COOKIE_OCTETS, type Cookies } from "./cookie.ts";
import type { Counted } from "./counts.ts";
import type { Edns } from "./edns.ts";
import { answerFlags, HEADER_OCTETS, TYPE } from "./header.ts";
import type { Question } from "./question.ts";
import { RecordWriter } from "./records.ts";

/** RFC 1035 §4.2.1: over UDP, to who does not say that he can take more. */
const PLAIN_SIZE = 512;

/** What passes everywhere in one piece, also over IPv6 (DNS flag day 2020); what we say that we can take. */
export const EDNS_SIZE = 1232;

/** To an address that may be forged: so many times what came from there. */
export const AMPLIFICATION_LIMIT = 2;

/** RFC 1035 §4.2.2. */
const TCP_SIZE = 65_535;

const OPT_OCTETS = 11;
const OPTION_COOKIE = 10;
const COOKIE_OCTETS = 4 + CLIENT_COOKIE_OCTETS + SERVER_COOKIE_OCTETS;

/** RFC 6891 §9: what stands in OPT of an RCODE above 15. */
const BADVERS_HIGH = 1;

export interface Terms {
  readonly over: "udp" | "tcp";
  /** The client's address is no forgery. */
  readonly known: boolean;
  readonly cookies: Cookies | undefined;
}

const NOBODY: Uint8Array = new Uint8Array(HEADER_OCTETS);

export class Message {
  readonly records = new RecordWriter(TCP_SIZE);
  answers = 0;
  authorities = 0;
  #query = NOBODY;
  #edns: Edns | undefined;
  #cookies: Cookies | undefined;
  #bodyAt = HEADER_OCTETS;
  #size = PLAIN_SIZE;
  #rcode = 0;
  #extended = 0;
  #aa = false;
  #tc = false;

  get out(): Uint8Array {
    return this.records.out;
  }

  begin(query: Uint8Array, question: Question, edns: Edns, { over, known, cookies }: Terms): void {
    const { records } = this;
    this.#query = query;
    this.#edns = edns;
    this.#cookies = cookies;
    this.#bodyAt = question.end;
    this.#rcode = this.#extended = this.answers = this.authorities = 0;
    this.#aa = this.#tc = false;
    for (let i = HEADER_OCTETS; i < question.end; i++) records.out[i] = query[i] ?? 0;
    records.at = question.end;
    this.#size = over === "tcp" ? TCP_SIZE : udpSize(edns, known, query.length);
    const cookie = known && cookies !== undefined && edns.cookieAt > 0 ? COOKIE_OCTETS : 0;
    records.limit = this.#size - (edns.there ? OPT_OCTETS + cookie : 0);
  }

  /** It is a zone of ours that answers. */
  authoritative(rcode = 0): void {
    this.#aa = true;
    this.#rcode = rcode;
  }

  says(rcode: number, what: Counted): Counted {
    this.#rcode = rcode;
    return what;
  }

  badVersion(): Counted {
    this.#extended = BADVERS_HIGH;
    return "refused";
  }

  /** Not all of it has room: none of it is sent, and the client asks again over TCP. */
  truncate(): Counted {
    this.records.at = this.#bodyAt;
    this.answers = this.authorities = 0;
    this.#tc = true;
    return "truncated";
  }

  /** Its octets. */
  finish(client: Client, now: number): number {
    const edns = this.#edns?.there === true ? this.#edns : undefined;
    if (edns !== undefined) this.#opt(edns, client, now);
    const end = this.records.at;
    this.#header(1, edns === undefined ? 0 : 1);
    return end;
  }

  /** A header alone, to what could not be read. */
  bare(query: Uint8Array, rcode: number): number {
    this.#query = query;
    this.#rcode = rcode;
    this.answers = this.authorities = 0;
    this.#aa = this.#tc = false;
    this.#header(0, 0);
    return HEADER_OCTETS;
  }

  #header(questions: number, additional: number): void {
    const { records } = this;
    records.at = 0;
    records.octets(this.#query, 2);
    records.out[2] = answerFlags(this.#query, { aa: this.#aa, tc: this.#tc });
    records.out[3] = this.#rcode;
    records.at = 4;
    records.uint16(questions);
    records.uint16(this.answers);
    records.uint16(this.authorities);
    records.uint16(additional);
  }

  /** RFC 6891 §6.1.2. A cookie for which there is no room comes with a longer answer, or over TCP. */
  #opt(edns: Edns, client: Client, now: number): void {
    const { records } = this;
    const cookies = edns.cookieAt > 0 ? this.#cookies : undefined;
    const withCookie = cookies !== undefined && records.at + OPT_OCTETS + COOKIE_OCTETS <= this.#size; // prettier-ignore
    records.out[records.at++] = 0;
    records.uint16(TYPE.opt);
    records.uint16(EDNS_SIZE);
    records.uint16(this.#extended << 8);
    records.uint16(edns.dnssecOk ? 0x8000 : 0);
    records.uint16(withCookie ? COOKIE_OCTETS : 0);
    if (!withCookie) return;
    records.uint16(OPTION_COOKIE);
    records.uint16(COOKIE_OCTETS - 4);
    cookies.write(this.#query, edns.cookieAt, client, now, records.out, records.at);
    records.at += COOKIE_OCTETS - 4;
  }
}

function udpSize({ there, size }: Edns, known: boolean, asked: number): number {
  const most = there ? Math.min(size, EDNS_SIZE) : PLAIN_SIZE;
  return known ? most : Math.min(most, asked * AMPLIFICATION_LIMIT);
}
