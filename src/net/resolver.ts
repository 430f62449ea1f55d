/**
 * The resolver over sockets: a stub, that asks recursive servers and remembers what they say. Promises: one deadline for
 * a question, aliases and retries included; a question that is open already is not asked again; memory and
 * open questions are bounded; nothing that a server sends makes it throw or reject.
 */
import {
  ALIASES_LIMIT,
  type DnsName,
  type Failed,
  type FailureReason,
  type RecordType,
  type Resolution,
  type Resolver,
} from "../protocol/dns/index.ts";
import type { Clock, Random } from "../runtime/index.ts";
import { askServers, type AskingEnvironment, type Outcome } from "./dns-asking.ts";
import { SocketCarrier, type Carrier } from "./dns-carrier.ts";
import { systemServers, type NameServer } from "./name-server.ts";
import { ResolverCache } from "./resolver-cache.ts";
import { ServerOrder } from "./server-order.ts";
import type { DnsSettings } from "./settings.ts";

export interface ResolverMachine {
  readonly clock: Clock;
  readonly random: Random;
  readonly carrier: Carrier;
}

const MEBIBYTE = 1_048_576;

/** With sockets, and the system's servers where the settings name none. */
export function openResolver(
  settings: DnsSettings,
  machine: Omit<ResolverMachine, "carrier">,
): NetResolver {
  const servers = settings.servers.length > 0 ? settings.servers : systemServers();
  return new NetResolver(servers, settings, { ...machine, carrier: new SocketCarrier() });
}

export class NetResolver implements Resolver {
  readonly #settings: DnsSettings;
  readonly #machine: ResolverMachine;
  readonly #asking: AskingEnvironment;
  readonly #cache: ResolverCache;
  /** Questions that wait for an answer. */
  readonly #open = new Map<string, Promise<Resolution<RecordType>>>();
  #closed = false;

  constructor(servers: readonly NameServer[], settings: DnsSettings, machine: ResolverMachine) {
    this.#settings = settings;
    this.#machine = machine;
    this.#cache = new ResolverCache(machine.clock, settings.cache_mebibytes * MEBIBYTE);
    this.#asking = {
      ...machine,
      servers: new ServerOrder(servers, machine.clock),
      trusted: settings.trust_ad,
      attemptMs: settings.attempt_ms,
    };
  }

  resolve<Type extends RecordType>(name: DnsName, type: Type): Promise<Resolution<Type>> {
    // What stands under a key was asked with the type in the key.
    return this.#resolve(`${type} ${name}`, name, type) as Promise<Resolution<Type>>;
  }

  /** Open questions are answered with "closed", and all that come after them. */
  close(): void {
    this.#closed = true;
    this.#machine.carrier.close();
  }

  #resolve(key: string, name: DnsName, type: RecordType): Promise<Resolution<RecordType>> {
    if (this.#closed) return Promise.resolve(failed("closed"));
    const known = this.#cache.get(key);
    if (known !== undefined) return Promise.resolve(known);
    const open = this.#open.get(key);
    if (open !== undefined) return open;
    if (this.#open.size >= this.#settings.questions) return Promise.resolve(failed("overloaded"));
    const asked = this.#ask(key, name, type).finally(() => this.#open.delete(key));
    this.#open.set(key, asked);
    return asked;
  }

  async #ask(key: string, name: DnsName, type: RecordType): Promise<Resolution<RecordType>> {
    const resolution = await this.#follow(name, type);
    if (this.#closed) return failed("closed");
    return this.#cache.set(key, resolution);
  }

  /** A server that stops at an alias is asked for the name behind it, within the same deadline. */
  async #follow<Type extends RecordType>(name: DnsName, type: Type): Promise<Resolution<Type>> {
    const deadline = this.#machine.clock.elapsed() + this.#settings.deadline_ms;
    let at = name;
    let ttl = Number.POSITIVE_INFINITY;
    let authentic = true;
    for (let aliases = 0; aliases <= ALIASES_LIMIT && !this.#closed; aliases++) {
      const outcome: Outcome<Type> = await askServers(at, type, deadline, this.#asking);
      if (outcome.kind === "failed") return outcome;
      ttl = Math.min(ttl, outcome.ttl);
      authentic &&= outcome.authentic;
      if (outcome.kind !== "alias") return { ...outcome, ttl, authentic };
      at = outcome.target;
    }
    return failed("alias-loop");
  }
}

function failed(why: FailureReason): Failed {
  return { kind: "failed", why };
}
