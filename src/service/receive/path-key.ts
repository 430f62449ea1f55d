/** Paths of an envelope as the journal is searched. */
import { journalKey, type ForwardPath, type ReversePath } from "../../mail/index.ts";

/** Nothing for the null reverse-path. */
export function pathKey(path: ForwardPath | ReversePath): string {
  if (path === null) return "";
  return path === "postmaster" ? path : journalKey(path);
}
