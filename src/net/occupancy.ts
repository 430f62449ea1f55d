/**
 * How many connections stand, and of whom; whether one more may. Promises that nobody who comes from a few places takes all
 * there is: when nine tenths are taken, the last tenth is for those who hold little.
 */
import { clientNetwork, isIpv6, type Ip } from "../mail/index.ts";
import { Tally } from "../runtime/index.ts";

export interface ConnectionLimits {
  /** Open at once, over all listeners. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** Of one IPv6 /64. */
  readonly connectionsPerNetwork: number;
}

export type LimitName = keyof ConnectionLimits;

const CROWDED_SHARE = 0.9;

/** What an address or a network may still hold of its own limit where it is crowded. */
const SMALL_SHARE = 0.05;

export class Occupancy {
  readonly #limits: () => ConnectionLimits;
  readonly #perAddress = new Tally<Ip>();
  readonly #perNetwork = new Tally<string>();

  /** The limits are asked for each time, so that a reload reaches the next connection. */
  constructor(limits: () => ConnectionLimits) {
    this.#limits = limits;
  }

  enter(ip: Ip): void {
    this.#perAddress.add(ip);
    this.#perNetwork.add(clientNetwork(ip));
  }

  leave(ip: Ip): void {
    this.#perAddress.remove(ip);
    this.#perNetwork.remove(clientNetwork(ip));
  }

  /** Connections that make it crowded; zero or less while it is not. */
  get surplus(): number {
    return this.#perAddress.total - Math.floor(this.#limits().connections * CROWDED_SHARE);
  }

  /** What keeps one more of this address out. */
  reachedLimit(ip: Ip): LimitName | undefined {
    const { connections, connectionsPerAddress, connectionsPerNetwork } = this.#limits();
    if (this.#perAddress.total >= connections) return "connections";
    const share = this.surplus > 0 ? SMALL_SHARE : 1;
    if (this.#perAddress.of(ip) >= Math.ceil(connectionsPerAddress * share))
      return "connectionsPerAddress";
    const network = this.#perNetwork.of(clientNetwork(ip));
    if (isIpv6(ip) && network >= Math.ceil(connectionsPerNetwork * share))
      return "connectionsPerNetwork";
    return undefined;
  }
}
