/**
 * The list server: one thread a core for UDP, each with a socket of its own on the same port, and one for TCP. Promises: zones are swapped
 * whole, and no question is lost or waits for it; what cannot be opened changes nothing; a thread that dies is started again.
 */
import { availableParallelism } from "node:os";
import type { Ip } from "../../../mail/index.ts";
import { ListenError, type WantedPort } from "../../../net/index.ts";
import { sharedDataset, sharedRow } from "../../../policy/lists/files/index.ts";
import type { AnswerRules, PublishedZone } from "../answering/index.ts";
import { ListThread, Refusal, type ListThreadDeps } from "./list-thread.ts";
import type { Serving, StreamSettings } from "./messages.ts";
import { withOwnAddresses } from "./own-addresses.ts";

export interface ServedLists {
  readonly zones: readonly PublishedZone[];
  readonly rules: AnswerRules;
  readonly limits: StreamSettings;
  readonly ports: readonly WantedPort[];
  /** Threads for UDP; 0: one for each core. */
  readonly threads: number;
}

export interface ListServerDeps extends ListThreadDeps {
  /** The addresses of the machine, where they are not to be looked up: for tests. */
  readonly machine?: () => readonly Ip[];
}

export class ListServer {
  readonly #deps: ListServerDeps;
  readonly #streams: ListThread;
  #datagrams: readonly ListThread[] = [];
  #lists: ServedLists | undefined;
  #ports: readonly WantedPort[] = [];
  #aloneTold = false;
  #withoutOwnTold = "";
  /** Changes are made one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(deps: ListServerDeps) {
    this.#deps = deps;
    this.#streams = new ListThread({ over: "tcp" }, deps);
  }

  /** Resolves when all ports are open. Rejects with a ListenError, and leaves nothing open then. */
  static async open(lists: ServedLists, deps: ListServerDeps): Promise<ListServer> {
    const server = new ListServer(deps);
    try {
      await server.serve(lists);
      return server;
    } catch (error) {
      await server.stop(0);
      throw error;
    }
  }

  /** Where it listens. */
  get ports(): readonly WantedPort[] {
    return this.#ports;
  }

  /** From now on these zones at these ports. Rejects with a ListenError where a port cannot be opened; nothing has changed then. */
  serve(lists: ServedLists): Promise<void> {
    const turn = this.#turn.then(() => this.#serve(lists));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** The same ports with other zones. */
  async replace(zones: readonly PublishedZone[]): Promise<void> {
    const lists = this.#lists;
    if (lists !== undefined) await this.serve({ ...lists, zones });
  }

  async stop(graceMs: number): Promise<void> {
    await this.#turn;
    await Promise.all([this.#streams, ...this.#datagrams].map((thread) => thread.stop(graceMs)));
  }

  async #serve(lists: ServedLists): Promise<void> {
    const before = this.#lists;
    const serving = { ...lists, zones: lists.zones.map(inSharedMemory) };
    try {
      await this.#everywhere(serving);
      this.#lists = serving;
    } catch (error) {
      if (before !== undefined) await this.#everywhere(before);
      throw error instanceof Refusal ? new ListenError(error.message) : error;
    }
  }

  /** TCP opens a port for itself, so it finds out first whether another program has it. */
  async #everywhere({ threads, ...serving }: ServedLists): Promise<void> {
    const opened = await this.#streams.serve(serving);
    const at = serving.ports.map(({ port, ...wanted }, i) => ({
      ...wanted,
      port: opened?.ports[i] ?? port,
    }));
    await this.#overAddresses({ ...serving, ports: at }, threads || availableParallelism());
    this.#ports = at;
  }

  /** An address may have gone meanwhile, or not be ready yet: then it is answered for by all addresses' socket, as well as that can. */
  async #overAddresses(serving: Serving, threads: number): Promise<void> {
    const ports = withOwnAddresses(serving.ports, this.#deps.machine);
    try {
      await this.#overDatagrams({ ...serving, ports }, threads);
    } catch (error) {
      if (ports === serving.ports || !(error instanceof Refusal)) throw error;
      this.#tellWithoutOwn(error.message);
      await this.#overDatagrams(serving, threads);
    }
  }

  async #overDatagrams(serving: Serving, threads: number): Promise<void> {
    const [first = new ListThread({ over: "udp" }, this.#deps), ...others] = this.#datagrams;
    this.#datagrams = [first, ...others];
    const opened = await first.serve(serving);
    const isAlone = threads > 1 && opened?.sharing === "alone" && serving.ports.length > 0;
    if (isAlone) this.#tellAlone();
    await this.#setThreads(isAlone ? 1 : threads);
    await Promise.all(this.#datagrams.slice(1).map((thread) => thread.serve(serving)));
  }

  async #setThreads(count: number): Promise<void> {
    const needed = Array.from(
      { length: count },
      (_, i) => this.#datagrams[i] ?? new ListThread({ over: "udp" }, this.#deps),
    );
    const superfluous = this.#datagrams.slice(count);
    this.#datagrams = needed;
    await Promise.all(superfluous.map((thread) => thread.stop(0)));
  }

  /** Each problem once: zones change all the time. */
  #tellWithoutOwn(problem: string): void {
    if (this.#withoutOwnTold === problem) return;
    this.#withoutOwnTold = problem;
    this.#deps.log.warn("addresses have no sockets of their own for questions about lists", {
      problem,
      todo: "if clients get answers from another address than they asked, name the addresses in listen.dns, or send SIGHUP when all are there",
    });
  }

  #tellAlone(): void {
    if (this.#aloneTold) return;
    this.#aloneTold = true;
    this.#deps.log.warn("one thread answers all questions about the list", {
      problem: "this system cannot share out a UDP port between threads (SO_REUSEPORT)",
    });
  }
}

function inSharedMemory(zone: PublishedZone): PublishedZone {
  return {
    ...zone,
    sources: zone.sources.map((source) => source.map(sharedDataset)),
    nonTerminals: zone.nonTerminals.map(sharedRow),
  };
}
