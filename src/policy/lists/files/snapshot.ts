/**
 * What a list says, for good: rows of numbers in plain buffers, which can be posted to another thread or shared with it. It is
 * made whole (see builder.ts), never changed, and read by binary search (see reader.ts).
 *
 * Of addresses there are *segments*: first, last, answer; they do not overlap and go upwards. What a format means by longer
 * matches, exclusions and several entries for one address has been settled when they were made. So an IPv4 entry is 12 octets, an
 * IPv6 one 36, and a look-up is one search.
 */

export interface Segments {
  /** Words of 32 bits in an address: 1 for IPv4, 4 for IPv6, the highest first. */
  readonly width: 1 | 4;
  readonly firsts: Uint32Array;
  /** The last address itself belongs to it. */
  readonly lasts: Uint32Array;
  readonly answers: Uint32Array;
}

/**
 * Names in the order of their hashes (see name-order.ts), and of their octets where those are the same. Name i is what stands from
 * `offsets[i]` to `offsets[i + 1]`.
 */
export interface NameTable {
  readonly hashes: Uint32Array;
  readonly offsets: Uint32Array;
  readonly octets: Uint8Array;
  /** `EXCLUDED`: the name is not listed, though a wildcard says so. */
  readonly answers: Uint32Array;
}

export const EXCLUDED = 0xffff_ffff;

/**
 * An answer below `codes.length` is the value of that number: a code and a text. Another one is, less that length, the number of
 * a set: the values `members[sets[i]]` to `members[sets[i + 1] - 1]`.
 */
export interface Values {
  /** IPv4 addresses; 0: none, the value is a text only. */
  readonly codes: Uint32Array;
  /** Number of the text, from 1; 0: none. */
  readonly texts: Uint32Array;
  /** Text n (from 1) is what stands from `textOffsets[n - 1]` to `textOffsets[n]`, in UTF-8. */
  readonly textOffsets: Uint32Array;
  readonly textOctets: Uint8Array;
  readonly sets: Uint32Array;
  readonly members: Uint32Array;
}

/** What "$" in texts stands for (see template.ts). */
export interface Substitutions {
  /** `$0` to `$9`. */
  readonly variables: readonly (string | undefined)[];
  /** `$=`: the text around each text. */
  readonly base: string | undefined;
}

export interface Dataset {
  /** Below the list's own name; "": the list itself. */
  readonly subzones: readonly string[];
  readonly v4: Segments;
  readonly v6: Segments;
  readonly exact: NameTable;
  /** Without the "*." in front. */
  readonly wild: NameTable;
  readonly values: Values;
  /** Undefined: "$" in its texts is a dollar sign. */
  readonly substitutions: Substitutions | undefined;
}

/** All that one file says. */
export interface ListSnapshot {
  readonly datasets: readonly Dataset[];
  /** Lines that list or exclude something. */
  readonly entries: number;
  /** When the data was made, by itself; milliseconds since 1970. */
  readonly made: number | undefined;
  /** From when on it says nothing any more. */
  readonly expires: number | undefined;
}

/** Octets that it takes, texts and names included. */
export function octetsOf({ datasets }: Pick<ListSnapshot, "datasets">): number {
  return datasets
    .flatMap(({ v4, v6, exact, wild, values }) => [v4, v6, exact, wild, values])
    .flatMap((part) => Object.values<unknown>({ ...part }))
    .filter((row) => row instanceof Uint32Array || row instanceof Uint8Array)
    .reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}
