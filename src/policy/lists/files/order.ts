/** In which order rows of words stand, by their value; equal ones stay as they came. Many are sorted by counting, in linear time whatever is in them. */

const DIGIT_BITS = 16;
const DIGITS = 2 ** DIGIT_BITS;

/** So few are sorted by comparing, for counting begins with long rows of zeros. */
const FEW = 4096;

/** Numbers of the rows, each of `width` words, the lowest first. */
export function orderOf(words: Uint32Array, width: number): Uint32Array {
  const count = words.length / width;
  let order = numbersUpTo(count);
  if (isOrdered(words, width)) return order;
  if (count <= FEW) return order.toSorted((a, b) => compare(words, a, words, b, width));
  let next = new Uint32Array(count);
  for (let word = width - 1; word >= 0; word--)
    for (const shift of [0, DIGIT_BITS]) {
      const digit = (row: number): number => ((words[row * width + word] ?? 0) >>> shift) & (DIGITS - 1); // prettier-ignore
      const places = placesOf(order, digit);
      if (places === undefined) continue;
      for (let i = 0; i < count; i++) {
        const row = order[i] ?? 0;
        const at = digit(row);
        const place = places[at] ?? 0;
        next[place] = row;
        places[at] = place + 1;
      }
      [order, next] = [next, order];
    }
  return order;
}

function numbersUpTo(count: number): Uint32Array<ArrayBuffer> {
  const numbers = new Uint32Array(count);
  for (let i = 0; i < count; i++) numbers[i] = i;
  return numbers;
}

/** Files are often sorted already. */
function isOrdered(words: Uint32Array, width: number): boolean {
  for (let row = 1; row * width < words.length; row++)
    if (compare(words, row - 1, words, row, width) > 0) return false;
  return true;
}

/** Where the rows of each digit begin; undefined when all have the same one. */
function placesOf(order: Uint32Array, digit: (row: number) => number): Uint32Array | undefined {
  const places = new Uint32Array(DIGITS);
  for (let i = 0; i < order.length; i++) {
    const at = digit(order[i] ?? 0);
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
