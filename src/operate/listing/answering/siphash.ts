/** SipHash-2-4, 64 bits (Aumasson and Bernstein 2012): what server cookies are made of (RFC 9018 §4.4). In halves of 32 bits. */

export class SipHash {
  /** Words of the state, the low half first. */
  readonly #v = new Uint32Array(8);
  readonly #key = new Uint32Array(4);
  readonly #initial = Uint32Array.from([
    0x70736575, 0x736f6d65, 0x6e646f6d, 0x646f7261, 0x6e657261, 0x6c796765, 0x79746573, 0x74656462,
  ]);

  /** `key`: 16 octets. */
  constructor(key: Uint8Array) {
    for (let i = 0; i < 4; i++) this.#key[i] = littleEndian(key, i * 4, 4);
  }

  /** The hash of the first `length` octets, written to `to` from `at`: 8 octets, the lowest first. */
  hash(octets: Uint8Array, length: number, to: Uint8Array, at: number): void {
    const v = this.#v;
    for (let i = 0; i < 8; i++) v[i] = (this.#initial[i] ?? 0) ^ (this.#key[i & 3] ?? 0);
    const whole = length - (length % 8);
    for (let from = 0; from < whole; from += 8)
      this.#block(littleEndian(octets, from, 4), littleEndian(octets, from + 4, 4));
    const rest = length - whole;
    const low = littleEndian(octets, whole, Math.min(rest, 4));
    const high = rest > 4 ? littleEndian(octets, whole + 4, rest - 4) : 0;
    this.#block(low, high | (length << 24));
    v[4] = (v[4] ?? 0) ^ 0xff;
    for (let round = 0; round < 4; round++) this.#round();
    for (let i = 0; i < 8; i++) {
      const half = i < 4 ? 0 : 1;
      const word = (v[half] ?? 0) ^ (v[2 + half] ?? 0) ^ (v[4 + half] ?? 0) ^ (v[6 + half] ?? 0);
      to[at + i] = word >>> ((i & 3) * 8);
    }
  }

  #block(low: number, high: number): void {
    const v = this.#v;
    v[6] = (v[6] ?? 0) ^ low;
    v[7] = (v[7] ?? 0) ^ high;
    this.#round();
    this.#round();
    v[0] = (v[0] ?? 0) ^ low;
    v[1] = (v[1] ?? 0) ^ high;
  }

  #round(): void {
    const v = this.#v;
    add(v, 0, 2);
    rotate(v, 2, 13);
    xor(v, 2, 0);
    rotate(v, 0, 32);
    add(v, 4, 6);
    rotate(v, 6, 16);
    xor(v, 6, 4);
    add(v, 0, 6);
    rotate(v, 6, 21);
    xor(v, 6, 0);
    add(v, 4, 2);
    rotate(v, 2, 17);
    xor(v, 2, 4);
    rotate(v, 4, 32);
  }
}

function add(v: Uint32Array, to: number, from: number): void {
  const low = (v[to] ?? 0) + (v[from] ?? 0);
  v[to] = low;
  v[to + 1] = (v[to + 1] ?? 0) + (v[from + 1] ?? 0) + (low > 0xffff_ffff ? 1 : 0);
}

function xor(v: Uint32Array, to: number, from: number): void {
  v[to] = (v[to] ?? 0) ^ (v[from] ?? 0);
  v[to + 1] = (v[to + 1] ?? 0) ^ (v[from + 1] ?? 0);
}

/** To the left. */
function rotate(v: Uint32Array, at: number, bits: number): void {
  const [low, high] = [v[at] ?? 0, v[at + 1] ?? 0];
  if (bits === 32) {
    v[at] = high;
    v[at + 1] = low;
    return;
  }
  v[at] = (low << bits) | (high >>> (32 - bits));
  v[at + 1] = (high << bits) | (low >>> (32 - bits));
}

function littleEndian(octets: Uint8Array, from: number, count: number): number {
  let word = 0;
  for (let i = 0; i < count; i++) word |= (octets[from + i] ?? 0) << (i * 8);
  return word >>> 0;
}
