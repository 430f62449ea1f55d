/**
 * The trusted networks of a running server. The machine's own network changes under it: a container engine is started and makes a
 * bridge, another gateway comes by DHCP. What was safe when the configuration was read is then looked at again, and an
 * entry that is safe no more is not trusted until it is. Promises: no fact is older than a minute when an address is judged by it;
 * nothing is read where nothing is trusted.
 */
import type { Cidr, Ip } from "../mail/index.ts";
import {
  trustedNetwork,
  unsafeNetworks,
  type MachineFacts,
  type TrustedNetwork,
} from "../policy/checks/index.ts";
import type { Clock, Log } from "../runtime/index.ts";

export interface TrustedNetworksDeps {
  readonly networks: readonly TrustedNetwork[];
  /** Of any listener. */
  readonly proxies: readonly Cidr[];
  machine(): MachineFacts;
  readonly clock: Clock;
  readonly log: Log;
}

/** Milliseconds for which the machine is taken to be as it was. */
export const MACHINE_FACTS_MS = 60_000;

export class TrustedNetworks {
  readonly #deps: TrustedNetworksDeps;
  #safe: readonly TrustedNetwork[] = [];
  /** What was wrong when it was last looked at: it is told once. */
  #problems = "";
  #lookedAt = -Infinity;

  constructor(deps: TrustedNetworksDeps) {
    this.#deps = deps;
  }

  /** The entry that holds the address, and may be trusted now. */
  find(ip: Ip): TrustedNetwork | undefined {
    if (trustedNetwork(this.#deps.networks, ip) === undefined) return undefined;
    const now = this.#deps.clock.elapsed();
    if (now - this.#lookedAt >= MACHINE_FACTS_MS) this.#look(now);
    return trustedNetwork(this.#safe, ip);
  }

  #look(now: number): void {
    const { networks, proxies, log } = this.#deps;
    const unsafe = unsafeNetworks(networks, this.#deps.machine(), proxies);
    const problems = unsafe.map(({ problem }) => problem).join("\n");
    this.#lookedAt = now;
    this.#safe = networks.filter((_, index) => !unsafe.some((one) => one.index === index));
    if (problems !== this.#problems && problems !== "")
      log.error("trusted network not trusted any more", {
        problem: problems,
        todo: "the network of this machine has changed; `gatepost check` shows what to do",
      });
    this.#problems = problems;
  }
}
