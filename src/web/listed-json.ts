/** What is said about somebody, for programs: times as ISO 8601, what is not known as null. */
import type { EntryView, EvidenceView, ListedView, ListView, SeenView } from "./listed-view.ts";

export function listedJson(view: ListedView): string {
  const { subject, listed, lists, suspect, underWay, canAsk, at } = view;
  const json = {
    subject: subject.text,
    at: iso(at),
    listed,
    lists: lists.map(listJson),
    standing: suspect === undefined ? null : suspect.standing,
    why: suspect === undefined || suspect.why === "" ? null : suspect.why,
    lastTest: suspect?.last === undefined ? null : { id: suspect.last.test, ended: iso(suspect.last.at) },
    nextTest: iso(suspect?.next),
    testUnderWay: underWay !== undefined,
    canBeAskedFor: canAsk,
  }; // prettier-ignore
  return text(json);
}

export function problemJson(problem: string): string {
  return text({ problem });
}

function text(json: unknown): string {
  return `${JSON.stringify(json, null, 2)}\n`;
}

function listJson({ zone, contact, retired, entry, files, before }: ListView) {
  return {
    list: zone,
    contact,
    retired,
    entry: entry === undefined ? null : entryJson(entry),
    files,
    before: before.map(({ at, what }) => ({ at: iso(at), what })),
  };
}

function entryJson({ since, until, evidence, ...entry }: EntryView) {
  return { ...entry, since: iso(since), until: iso(until), evidence: evidenceJson(evidence) };
}

function evidenceJson(evidence: EvidenceView) {
  if (evidence.kind !== "test") return evidence;
  const { seen, ...rest } = evidence;
  return {
    ...rest,
    ...(typeof seen === "string" ? { cases: null, problem: seen } : seenJson(seen)),
  };
}

function seenJson({ endedAt, tested, cases, more, mending, hiddenUntil }: SeenView) {
  return {
    ended: iso(endedAt),
    tested,
    addressesHiddenUntil: iso(hiddenUntil),
    cases: cases.map(({ returned, ...one }) => ({
      ...one,
      returned: returned.map((back) => ({ ...back, at: iso(back.at) })),
    })),
    moreCases: more,
    mending,
  };
}

function iso(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}
