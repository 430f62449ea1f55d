/**
 * The order of names in a table: by a hash first, which is sorted and searched like a number, then by their octets. So names that
 * were made to have one hash cost no more than a search by octets.
 */

/** FNV-1a, 32 bits, of a name in ASCII. */
export function hashOf(name: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x0100_0193);
  return hash >>> 0;
}

/** The same, of a name that stands in `octets` from `from` to `to`. */
export function hashOfOctets(octets: Uint8Array, from: number, to: number): number {
  let hash = 0x811c_9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ (octets[i] ?? 0), 0x0100_0193);
  return hash >>> 0;
}

export function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
