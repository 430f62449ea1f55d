/** Changes of published lists as JSON. */
import { entryJson, type Happened } from "../operate/listing/index.ts";
import type { PublishedChange } from "../store/index.ts";

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

export function happenedJson(one: Happened, zone: { readonly code: string }) {
  const { before, after } = one;
  return {
    ...changeJson(one),
    before: before === undefined ? null : entryJson(before, zone),
    after: after === undefined ? null : entryJson(after, zone),
  };
}
