/**
 * What is said about somebody on his page, as plain data. What it leaves out is as much on purpose: who reported him, which mailbox is a
 * trap, who of the site did what.
 */
import type { Ip } from "../mail/index.ts";
import type { Subject } from "../operate/listing/index.ts";
import type { Standing as SuspectStanding } from "../operate/suspects/index.ts";
import type { FileAnswer } from "../policy/lists/index.ts";

/** Times in milliseconds since 1970. */
export interface ListedView {
  readonly subject: Subject;
  readonly at: number;
  /** By an entry or by a file, in one of the lists at least. */
  readonly listed: boolean;
  /** Where somebody of his kind can be listed. */
  readonly lists: readonly ListView[];
  /** Of a host that was tested, or will be. */
  readonly suspect?: SuspectView;
  /** A test is asked for or under way. */
  readonly underWay?: UnderWay;
  /** Anybody may have him tested now. */
  readonly canAsk: boolean;
}

export interface ListView {
  readonly zone: string;
  /** Whom to write to. */
  readonly contact: string;
  readonly retired: boolean;
  readonly entry?: EntryView;
  /** What files that are served with it say. */
  readonly files: readonly FileAnswer[];
  /** The latest first. */
  readonly before: readonly PastView[];
}

export interface EntryView {
  /** Himself, or a block or a name around him. */
  readonly about: string;
  readonly code: string;
  readonly reason: string;
  readonly evidence: EvidenceView;
  readonly since: number;
  readonly until: number;
  readonly times: number;
  /** How he leaves, in words. */
  readonly leaving: string;
}

export type EvidenceView =
  | TestView
  | { readonly kind: "sample"; readonly sha256: string }
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "import"; readonly sha256: string };

export interface TestView {
  readonly kind: "test";
  readonly id: string;
  readonly sha256: string;
  readonly seen: SeenTest;
}

export type SeenTest = SeenView | "kept no longer" | "too many ask";

export interface SeenView {
  readonly endedAt?: number;
  /** Hosts that were tested. */
  readonly tested: readonly Ip[];
  /** Of which a message came back. */
  readonly cases: readonly CaseView[];
  /** More such cases, which are not shown. */
  readonly more: number;
  /** What is wrong there, and what to do about it, most likely first. */
  readonly mending: readonly { readonly wrong: string; readonly todo: readonly string[] }[];
  /** Until then the addresses of the test's messages are hidden. */
  readonly hiddenUntil?: number;
}

export interface CaseView {
  readonly title: string;
  readonly manner: string;
  /** "192.0.2.7:25" */
  readonly endpoint: string;
  /** Printable lines. */
  readonly transcript: readonly string[];
  readonly returned: readonly ReturnView[];
}

export interface ReturnView {
  readonly from: Ip;
  readonly at: number;
  /** Received fields, the newest first. */
  readonly received: readonly string[];
}

export interface PastView {
  readonly at: number;
  /** In words. */
  readonly what: string;
}

export interface SuspectView {
  readonly standing: SuspectStanding;
  readonly why: string;
  readonly last?: { readonly test: string; readonly at: number };
  /** When the next test is. */
  readonly next?: number;
}

export interface UnderWay {
  /** When it was asked for. */
  readonly asked?: number;
  readonly byHost?: boolean;
  readonly running?: RunningTest;
}

/** A test that somebody runs at this moment. */
export interface RunningTest {
  readonly began: number;
  /** Cases that were tried by now. */
  readonly tried: number;
}
