/** What a list says of why, made fit to be repeated: the operator of a list, or whoever got hold of its name, can write anything there. */
import { printable } from "../../mail/index.ts";
import type { DnsList } from "./list.ts";

/** Characters that are kept. */
export const TEXT_LIMIT = 200;

/** Printable ASCII in one line, without the key of the list; undefined where nothing is left. */
export function reasonText(octets: Uint8Array, list: Pick<DnsList, "key">): string | undefined {
  const said = Buffer.from(octets.subarray(0, 4 * TEXT_LIMIT)).toString("latin1");
  const text = printable(withoutKey(said, list).replaceAll(/[ \t\r\n]+/g, " ")).trim();
  return text === "" ? undefined : shortened(text, TEXT_LIMIT);
}

export function shortened(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, Math.max(0, limit - 3))}...`;
}

function withoutKey(text: string, { key }: Pick<DnsList, "key">): string {
  return key === undefined ? text : text.replaceAll(new RegExp(key, "gi"), "(key)");
}
