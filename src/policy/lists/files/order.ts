/** In which order rows of words stand, by their value; equal ones stay as they came. Many are sorted by counting, in linear time whatever is in them. */

const DIGIT_BITS = 16;
const DIGITS = 2 ** DIGIT_BITS;

/** So few are sorted by comparing, for counting begins with long rows of zeros. */
const FEW = 4096;

/** Numbers of the rows, each of `width` words, the highest first. */
export function orderOf(words: Uint32Array, width: number): Uint32Array {
  const count = words.length / width;
  let order = Uint32Array.from({ length: count }, (_, i) => i);
  if (count <= FEW) return order.toSorted((a, b) => compare(words, a, words, b, width));
  let next = new Uint32Array(count);
  for (let word = width - 1; word >= 0; word--)
    for (const shift of [0, DIGIT_BITS]) {
      const digit = (row: number): number => ((words[row * width + word] ?? 0) >>> shift) & (DIGITS - 1); // prettier-ignore
      const places = placesOf(order, digit);
      if (places === undefined) continue;
      for (const row of order) {
        const at = digit(row);
        const place = places[at] ?? 0;
        next[place] = row;
        places[at] = place + 1;
      }
      [order, next] = [next, order];
    }
  return order;
}

/** Where the rows of each digit begin; undefined when all have the same one. */
function placesOf(order: Uint32Array, digit: (row: number) => number): Uint32Array | undefined {
  const places = new Uint32Array(DIGITS);
  for (const row of order) {
    const at = digit(row);
    places[at] = (places[at] ?? 0) + 1;
  }
  const [first] = order;
  if (first === undefined || places[digit(first)] === order.length) return undefined;
  let sum = 0;
  for (let i = 0; i < DIGITS; i++) {
    const size = places[i] ?? 0;
    places[i] = sum;
    sum += size;
  }
  return places;
}

export function compare(
  a: Uint32Array,
  aRow: number,
  b: Uint32Array,
  bRow: number,
  width: number,
): number {
  for (let i = 0; i < width; i++) {
    const difference = (a[aRow * width + i] ?? 0) - (b[bRow * width + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
