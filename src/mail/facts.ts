/**
 * What a check of the policy was told, as the journal keeps it: JSON values, so that they are the same when they are judged, in the journal,
 * and when they are judged again. They hold no password, no body and no key.
 */

/** Numbers are finite. */
export type FactValue =
  | string
  | number
  | boolean
  | readonly FactValue[]
  | { readonly [name: string]: FactValue };

export type Facts = Readonly<Record<string, FactValue>>;

/** A word as it is, all else as JSON. */
export function factText(value: FactValue | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Octets of the value as JSON, near enough: what has to be escaped counts once, and places in a list have names. */
export function factOctets(value: FactValue): number {
  if (typeof value === "string") return Buffer.byteLength(value) + 2;
  if (typeof value !== "object") return String(value).length;
  let sum = 2;
  for (const [name, one] of Object.entries(value)) sum += name.length + 4 + factOctets(one);
  return sum;
}
