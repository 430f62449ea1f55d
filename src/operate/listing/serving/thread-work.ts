/**
 * What a thread of the list server does: it opens the ports that it is told, answers what is asked there by the zones that it was given last,
 * and tells what was asked.
 */
import { isDeepStrictEqual } from "node:util";
import type { MessagePort } from "node:worker_threads";
import type { Ip } from "../../../mail/index.ts";
import { DatagramServer, NetServer, type WantedPort } from "../../../net/index.ts";
import { letGoOf, type Dataset } from "../../../policy/lists/files/index.ts";
import { errorText, systemClock } from "../../../runtime/index.ts";
import type { AnswerCounts } from "../answering/index.ts";
import type { FromThread, Serving, ThreadData, ToThread } from "./messages.ts";
import { OpenPorts, type OpenPort } from "./open-ports.ts";
import { PostedLog } from "./posted-log.ts";
import { streamService } from "./stream-service.ts";
import type { MakeAnswerer, ZoneAnswerer } from "./zone-answerer.ts";

/** Milliseconds between two reports of what was asked. */
const COUNTS_MS = 5000;

interface Current {
  readonly serving: Serving;
  readonly answerer: ZoneAnswerer;
}

export class ThreadWork {
  readonly #parent: MessagePort;
  readonly #make: MakeAnswerer;
  readonly #log: PostedLog;
  readonly #net: NetServer;
  readonly #ports: OpenPorts;
  readonly #counting: NodeJS.Timeout;
  #current: Current | undefined;

  private constructor({ over }: ThreadData, parent: MessagePort, make: MakeAnswerer) {
    this.#parent = parent;
    this.#make = make;
    this.#log = new PostedLog((message) => this.#say(message));
    this.#net = new NetServer(() => {
      const { connections, connectionsPerAddress } = this.#now.serving.limits;
      return { connections, connectionsPerAddress, connectionsPerNetwork: connectionsPerAddress };
    }, this.#log);
    this.#ports = new OpenPorts((wanted) =>
      over === "udp" ? this.#openDatagrams(wanted) : this.#openStreams(wanted),
    );
    this.#counting = setInterval(() => this.#tellCounts(), COUNTS_MS);
  }

  /** From now on it does what `parent` says. */
  static begin(data: ThreadData, parent: MessagePort, make: MakeAnswerer): void {
    const work = new ThreadWork(data, parent, make);
    parent.on("message", (message: ToThread) => void work.#hear(message)); // our own list-thread.ts's
  }

  #hear(message: ToThread): Promise<void> {
    return message.kind === "serve"
      ? this.#serve(message.id, message.serving)
      : this.#stop(message.graceMs);
  }

  /** Ports first: where one cannot be opened nothing has changed. Does not reject. */
  async #serve(id: number, serving: Serving): Promise<void> {
    this.#current ??= { serving, answerer: this.#make(serving.zones, serving.rules) };
    try {
      const opened = await this.#ports.change(serving.ports);
      const before = this.#current.serving;
      this.#current = { serving, answerer: this.#answererFor(serving, this.#current) };
      letGoOf(replaced(before, serving));
      this.#say({ kind: "serving", id, opened });
    } catch (error) {
      this.#say({ kind: "refused", id, problem: errorText(error) });
    }
  }

  /** What it remembers of clients stays as long as the rules do. */
  #answererFor({ zones, rules }: Serving, before: Current): ZoneAnswerer {
    if (!isDeepStrictEqual(before.serving.rules, rules)) {
      this.#tellCounts();
      return this.#make(zones, rules);
    }
    before.answerer.replace(zones);
    return before.answerer;
  }

  #openDatagrams(wanted: WantedPort): Promise<OpenPort> {
    const answering = (): ZoneAnswerer => this.#now.answerer;
    const answers = {
      answer: (question: Uint8Array, from: Ip): number =>
        answering().answer(question, from, "udp", Date.now()),
      get out() {
        return answering().out;
      },
    };
    return DatagramServer.open(wanted, answers, this.#log);
  }

  async #openStreams(wanted: WantedPort): Promise<OpenPort> {
    const options = { ...wanted, name: "dns", implicitTls: false, proxyFrom: [] };
    const service = streamService({
      answers: () => this.#now.answerer,
      limits: () => this.#now.serving.limits,
      clock: systemClock,
      log: this.#log,
    });
    const listening = await this.#net.listen(options, service);
    return { port: listening.port, sharing: "alone", close: async () => listening.close() };
  }

  async #stop(graceMs: number): Promise<void> {
    clearInterval(this.#counting);
    await Promise.all([this.#ports.close(), this.#net.stop(graceMs)]);
    this.#tellCounts();
    this.#parent.close();
  }

  #tellCounts(): void {
    const counts = this.#current?.answerer.takeCounts();
    if (counts !== undefined && hasAny(counts)) this.#say({ kind: "counts", counts });
  }

  #say(message: FromThread): void {
    this.#parent.postMessage(message, []);
  }

  get #now(): Current {
    if (this.#current === undefined)
      throw new Error("a port was opened before there was anything to serve");
    return this.#current;
  }
}

/** What zones had that are made anew, or are no more. What of it is still used is told too: which memory is the same does not show here. */
function replaced(before: Serving, now: Serving): readonly Dataset[] {
  const same = new Set(now.zones.map(({ origin, serial }) => `${origin} ${serial}`));
  return before.zones
    .filter(({ origin, serial }) => !same.has(`${origin} ${serial}`))
    .flatMap(({ sources }) => sources.flat());
}

function hasAny({ zones }: AnswerCounts): boolean {
  return zones.size > 0;
}
