/** Who asks: his address as words, once for each query. */
import type { Ip } from "../../../mail/index.ts";

export class Client {
  family: 4 | 6 = 4;
  /** Of IPv4 the first one alone counts. */
  readonly words = new Uint32Array(4);
  #text = "";

  /** An address in canonical form. */
  read(ip: Ip): void {
    if (ip === this.#text) return;
    this.#text = ip;
    this.words.fill(0);
    this.family = ip.includes(":") ? 6 : 4;
    if (this.family === 4) this.#read4(ip);
    else this.#read6(ip);
  }

  /** The network that counts as one client: a /24, a /56 (RFC 6177 §2: what a site is given). A hash, with a seed that strangers do not know. */
  hash(seed: number): number {
    const [high = 0, low = 0] = this.words;
    if (this.family === 4) return mixed((high >>> 8) ^ seed);
    return mixed(high ^ mixed((low >>> 8) ^ seed));
  }

  /** A /24 or a /48 as a number, of which there is one. */
  network(): number {
    const [high = 0, low = 0] = this.words;
    return this.family === 4 ? high >>> 8 : FIRST_6 + high * 65_536 + (low >>> 16);
  }

  #read4(text: string): void {
    let [address, octet] = [0, 0];
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === DOT) {
        address = address * 256 + octet;
        octet = 0;
      } else octet = octet * 10 + code - 0x30;
    }
    this.words[0] = address * 256 + octet;
  }

  #read6(text: string): void {
    const gap = text.indexOf("::");
    this.#groups(gap < 0 ? text : text.slice(0, gap), 0);
    if (gap < 0) return;
    const after = text.slice(gap + 2);
    if (after !== "") this.#groups(after, 8 - after.split(":").length);
  }

  #groups(text: string, first: number): void {
    if (text === "") return;
    for (const [i, group] of text.split(":").entries()) {
      const at = first + i;
      const word = this.words[at >> 1] ?? 0;
      this.words[at >> 1] = word | (Number.parseInt(group, 16) << (at % 2 === 0 ? 16 : 0));
    }
  }
}

const DOT = 0x2e;

/** Numbers of IPv4 networks are below it. */
const FIRST_6 = 2 ** 48;

/** As people write what `network` gives. */
export function networkText(number: number): string {
  if (number < FIRST_6) return `${number >>> 16}.${(number >>> 8) & 255}.${number & 255}.0/24`;
  const [high, low] = [Math.floor((number - FIRST_6) / 65_536), number % 65_536];
  const groups = [high >>> 16, high & 0xffff, low].map((group) => group.toString(16));
  return `${groups.join(":")}::/48`;
}

/** Every bit of it depends on every bit (the end of MurmurHash3). */
function mixed(word: number): number {
  let hash = Math.imul(word ^ (word >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
