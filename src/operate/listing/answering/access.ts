/** Networks, compared by words: whoever may ask, whoever may transfer. */
import { parseCidr } from "../../../mail/index.ts";
import { Client } from "./client.ts";
import type { AccessRule } from "./rules.ts";

export class Networks {
  readonly #networks: readonly Network[];

  /** Throws where one is none: what is configured was checked. */
  constructor(texts: readonly string[]) {
    this.#networks = texts.map(readNetwork);
  }

  /** The first one that holds the client; -1: none. */
  indexOf({ family, words }: Client): number {
    for (let i = 0; i < this.#networks.length; i++) {
      const network = this.#networks[i];
      if (network !== undefined && network.family === family && holds(network, words)) return i;
    }
    return -1;
  }
}

export class Access {
  readonly #networks: Networks;
  readonly #actions: readonly AccessRule["action"][];

  constructor(rules: readonly AccessRule[]) {
    this.#networks = new Networks(rules.map(({ network }) => network));
    this.#actions = rules.map(({ action }) => action);
  }

  /** Undefined: no rule is about the client. */
  of(client: Client): AccessRule["action"] | undefined {
    return this.#actions[this.#networks.indexOf(client)];
  }
}

interface Network {
  readonly family: 4 | 6;
  readonly words: Uint32Array;
  readonly masks: Uint32Array;
}

function readNetwork(text: string): Network {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw new Error(`"${text}" is no network; expected 192.0.2.0/24`);
  const client = new Client();
  client.read(cidr.base);
  const masks = Uint32Array.from({ length: 4 }, (_, i) => maskOf(cidr.prefix - i * 32));
  return { family: cidr.family, words: client.words.map((word, i) => word & (masks[i] ?? 0)), masks }; // prettier-ignore
}

/** Of so many bits from the left. */
function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? 0xffff_ffff : -1 << (32 - bits);
}

function holds({ words, masks }: Network, address: Uint32Array): boolean {
  for (let i = 0; i < 4; i++)
    if ((((address[i] ?? 0) & (masks[i] ?? 0)) ^ (words[i] ?? 0)) !== 0) return false;
  return true;
}
