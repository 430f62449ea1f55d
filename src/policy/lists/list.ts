/**
 * A list of strangers, as it is asked: a zone of the DNS or a file of this machine; what it is asked about, what its
 * answers mean and how much they weigh. What it says counts for something only while it is well.
 */
import type { Domain, Ip } from "../../mail/index.ts";
import type { DnsName } from "../../protocol/dns/index.ts";
import type { CodePattern } from "./code-pattern.ts";
import type { ListFormat } from "./files/index.ts";

/** In which part a subject was seen. */
export const ASKED_AS_ADDRESS = ["client", "hop"] as const;
export const ASKED_AS_NAME = ["helo", "reverse", "sender", "author"] as const;

export type AskedAs = (typeof ASKED_AS_ADDRESS)[number] | (typeof ASKED_AS_NAME)[number];

/** Of what a list is made. */
export type ListKind = "addresses" | "names";

/** `observe`: it is asked, what it says is written down, and nothing follows from it. */
export type ListMode = "observe" | "vote";

/** Of an answer of which nobody has said more. */
export const PLAIN_MEANING = "listed";

/** What an answer means. */
export interface AnswerRule {
  readonly pattern: CodePattern;
  /** In the list's own words: "PBL". */
  readonly meaning: string;
  /** Of a score; negative: it vouches. */
  readonly weight: number;
}

interface ListRules {
  /** Shown; no two lists have the same. */
  readonly name: string;
  readonly kind: ListKind;
  readonly ask: ReadonlySet<AskedAs>;
  /** Other codes count for nothing. */
  readonly answers: readonly AnswerRule[];
  /** Codes by which it says that it does not answer us; on top of `ERRORS_EVERYWHERE`. */
  readonly errors: readonly CodePattern[];
  /** An entry that it always has; absent: that of RFC 5782 §5. */
  readonly test?: ListSubject;
  /** Open relays are on it: what it says of a host on the way counts. */
  readonly relays: boolean;
  readonly mode: ListMode;
}

export interface DnsList extends ListRules {
  readonly source: "zone";
  /** May hold a key: never shown. */
  readonly zone: DnsName;
  /** For people. */
  readonly shownZone: string;
  /** What of the zone is hidden. */
  readonly key?: string;
}

export interface FileList extends ListRules {
  readonly source: "file";
  /** As the setting has it: relative to the configuration's file. */
  readonly file: string;
  /** `auto`: as its first lines tell. */
  readonly format: ListFormat | "auto";
  /** The part of a combined file that is meant; "": the list itself. */
  readonly subzone: string;
}

export type List = DnsList | FileList;

export type ListSubject =
  | { readonly kind: "address"; readonly ip: Ip }
  | { readonly kind: "name"; readonly domain: Domain };

/** As the journal has it. */
export function subjectText(subject: ListSubject): string {
  return subject.kind === "address" ? subject.ip : subject.domain;
}

/** A list of addresses has nothing to say about names, nor the other way round: some answer an error. */
export function suits(list: Pick<List, "kind">, subject: ListSubject): boolean {
  return (list.kind === "addresses") === (subject.kind === "address");
}
