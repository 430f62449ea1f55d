/** An entry of a published list: about whom, why, with which evidence, by whom, from when until when. And as the store keeps it. */
import type { PublishedEntry, PublishedFacts } from "../../store/index.ts";
import { readSubject, weightOf, type Subject } from "./subject.ts";

export const EVIDENCE_KINDS = ["test", "sample", "note", "import"] as const;

export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

/** SHA-256 in lower-case hexadecimal. */
export type Evidence =
  /** A relay test of ours, and the hash of what was said in it and of what came back. */
  | { readonly kind: "test"; readonly test: string; readonly sha256: string }
  /** A message that came through the host. */
  | { readonly kind: "sample"; readonly sha256: string }
  /** What a person has seen. */
  | { readonly kind: "note"; readonly text: string }
  /** A file of somebody's. */
  | { readonly kind: "import"; readonly file: string; readonly sha256: string };

export interface ListEntry {
  readonly subject: Subject;
  /** Left out: the zone's own. */
  readonly code?: string;
  readonly reason: string;
  readonly evidence: Evidence;
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly until: number;
  /** How often it was listed, with this one. */
  readonly times: number;
}

export interface KeptEntry extends ListEntry {
  readonly zone: string;
  /** Number of the change that made it what it is. */
  readonly change: number;
}

export function factsOf(entry: ListEntry): PublishedFacts {
  const { subject, code, reason, evidence, by, since, until, times } = entry;
  return {
    ...(code !== undefined && { code }),
    reason,
    kind: evidence.kind,
    evidence: JSON.stringify(evidence),
    by,
    since,
    until,
    times,
    weight: weightOf(subject),
  };
}

export function keptEntry(stored: PublishedEntry): KeptEntry {
  const { zone, change, subject } = stored;
  return { ...entryOf(subject, stored), zone, change };
}

export function entryOf(subject: string, facts: PublishedFacts): ListEntry {
  const { code, reason, evidence, by, since, until, times } = facts;
  return {
    subject: readSubject(subject),
    ...(code !== undefined && { code }),
    reason,
    evidence: JSON.parse(evidence) as Evidence, // as `factsOf` wrote it
    by,
    since,
    until,
    times,
  };
}

/** In words, for one line. */
export function evidenceText(evidence: Evidence): string {
  switch (evidence.kind) {
    case "test":
      return `test ${evidence.test}, SHA-256 ${evidence.sha256}`;
    case "sample":
      return `sample, SHA-256 ${evidence.sha256}`;
    case "note":
      return `note: ${evidence.text}`;
    case "import":
      return `file ${evidence.file}, SHA-256 ${evidence.sha256}`;
  }
}
