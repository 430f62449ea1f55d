/** Entries and changes of published lists as JSON. */
import type { Happened, ListEntry } from "../operate/listing/index.ts";
import type { PublishedChange } from "../store/index.ts";

export function entryJson(entry: ListEntry, code: string) {
  const { subject, reason, evidence, by, since, until, times } = entry;
  return {
    subject: subject.text,
    code: entry.code ?? code,
    reason,
    evidence,
    by,
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
    times,
  };
}

export function changeJson({
  id,
  zone,
  at,
  by,
  origin,
  action,
  why,
  undoes,
  undoneBy,
  parts,
  listed,
  removed,
}: PublishedChange) {
  return {
    id,
    zone,
    at: new Date(at).toISOString(),
    by,
    origin,
    action,
    why,
    undoes: undoes ?? null,
    undoneBy: undoneBy ?? null,
    entries: parts,
    listed,
    removed,
  };
}

export function happenedJson(one: Happened, code: string) {
  const { before, after } = one;
  return {
    ...changeJson(one),
    before: before === undefined ? null : entryJson(before, code),
    after: after === undefined ? null : entryJson(after, code),
  };
}
