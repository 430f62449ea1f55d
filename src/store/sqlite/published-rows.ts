/** Published entries and the records of their changes, as their rows have them. */
import {
  PUBLISHED_ACTIONS,
  PUBLISHED_ORIGINS,
  type PublishedChange,
  type PublishedEntry,
  type PublishedFacts,
  type PublishedPart,
} from "../index.ts";
import { integer, oneOf, optionalInteger, optionalText, text, type Row } from "./values.ts";

export const ENTRY_COLUMNS =
  "subject, code, reason, kind, evidence, author, since, ends_at, times, weight, change";

export function storedEntry(zone: string, row: Row): PublishedEntry {
  const [subject, codeText, reason, kind, evidence] = row;
  const [by, since, until, times, weight, change] = row.slice(5);
  const code = optionalText(codeText);
  return {
    zone,
    subject: text(subject),
    ...(code !== undefined && { code }),
    reason: text(reason),
    kind: text(kind),
    evidence: text(evidence),
    by: text(by),
    since: integer(since),
    until: integer(until),
    times: integer(times),
    weight: integer(weight),
    change: integer(change),
  };
}

export function factsOf(entry: PublishedEntry): PublishedFacts {
  const { zone: _, subject: _subject, change: _change, ...facts } = entry;
  return facts;
}

const UNDONE_BY = `(SELECT max(id) FROM list_change AS later WHERE later.undoes = list_change.id)`;

export const CHANGE_COLUMNS = `id, zone, at, author, origin, action, why, undoes, ${UNDONE_BY}, parts, listed, removed`;

export function storedChange(row: Row): PublishedChange {
  const [id, zone, at, by, origin, action, why] = row;
  const [undoesId, undoneById, parts, listed, removed] = row.slice(7);
  const [undoes, undoneBy] = [optionalInteger(undoesId), optionalInteger(undoneById)];
  return {
    id: integer(id),
    zone: text(zone),
    at: integer(at),
    by: text(by),
    origin: oneOf(PUBLISHED_ORIGINS, origin),
    action: oneOf(PUBLISHED_ACTIONS, action),
    why: text(why),
    ...(undoes !== undefined && { undoes }),
    ...(undoneBy !== undefined && { undoneBy }),
    parts: integer(parts),
    listed: integer(listed),
    removed: integer(removed),
  };
}

export function storedPart([subject, beforeJson, afterJson]: Row): PublishedPart {
  const [before, after] = [readFacts(beforeJson), readFacts(afterJson)];
  return {
    subject: text(subject),
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  };
}

function readFacts(value: Row[number] | undefined): PublishedFacts | undefined {
  const json = optionalText(value ?? null);
  return json === undefined ? undefined : (JSON.parse(json) as PublishedFacts); // as the writer wrote it
}
