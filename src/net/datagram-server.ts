/**
 * A UDP port whose questions are answered at once, each by one datagram, in the same turn. Several threads may have the same port
 * (SO_REUSEPORT): the system then gives each of them its part of the clients. Promises: a question that breaks the answerer costs
 * nobody else his answer; an answer that is on its way is not overwritten by the next one; memory is bounded.
 *
 * What is done here is done for each question, so it is what Node can do cheapest (measured in docs/decisions.md): the address needs no look-up,
 * so `lookup` answers in the same turn; `send` without a callback makes no promise, no tick and mostly no copy.
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { setTimeout } from "node:timers/promises";
import { parseIp, type Ip } from "../mail/index.ts";
import { errorText, type Log } from "../runtime/index.ts";
import { ListenError, type WantedPort } from "./listen-error.ts";

export interface AnswersDatagrams {
  /** Octets of the answer, which stands in `out` from 0; 0: silence. */
  answer(question: Uint8Array, from: Ip): number;
  /** Good until the next answer. */
  readonly out: Uint8Array;
}

/** Whether other threads of this process can open the same port too. */
export type PortSharing = "shared" | "alone";

export interface DatagramPort {
  /** The one the system chose, when 0 was asked for. */
  readonly port: number;
  readonly sharing: PortSharing;
  /** Answers what has come already, and closes. */
  close(): Promise<void>;
}

/** Octets that the system is asked to keep for us while we are busy; it may allow fewer (Linux: net.core.rmem_max). */
const RECEIVE_OCTETS = 4_194_304;

/** Answers that the system would not take at once. Further ones are dropped, as the network would drop them. */
const WAITING_ANSWERS = 256;

/** Clients whose address is known in its canonical form. */
const KNOWN_ADDRESSES = 4096;

/** Milliseconds without a question after which all are taken to be answered, and how often that is waited for. */
const QUIET_MS = 20;
const QUIET_TRIES = 25;

/** Of a question that broke the answerer, in the log. */
const TOLD_OCTETS = 300;

export class DatagramServer {
  readonly #socket: Socket;
  readonly #answers: AnswersDatagrams;
  readonly #log: Log;
  readonly #known = new Map<string, Ip>();
  /** Where an answer stands while it is sent. */
  #slot: Buffer;
  /** The system has not taken all yet, when we looked last. */
  #full = false;
  #heard = 0;

  private constructor(socket: Socket, answers: AnswersDatagrams, log: Log) {
    this.#socket = socket;
    this.#answers = answers;
    this.#log = log;
    this.#slot = Buffer.allocUnsafeSlow(answers.out.length);
    socket.on("message", this.#onMessage);
    socket.on("error", (error) => log.error("datagrams not read", { problem: errorText(error) }));
  }

  /** Rejects with a ListenError. Where the system cannot share out a port between sockets it is opened alone, and the result says so. */
  static async open(
    wanted: WantedPort,
    answers: AnswersDatagrams,
    log: Log,
  ): Promise<DatagramPort> {
    const { socket, sharing } = await boundAtBest(wanted);
    const server = new DatagramServer(socket, answers, log);
    return {
      port: socket.address().port,
      sharing,
      close: () => server.#close(),
    };
  }

  readonly #onMessage = (question: Uint8Array, { address, port }: RemoteInfo): void => {
    this.#heard++;
    if (port === 0) return; // forged: nobody can be answered there
    const ip = this.#known.get(address) ?? this.#know(address);
    if (ip === undefined) return;
    let octets: number;
    try {
      octets = this.#answers.answer(question, ip);
    } catch (error) {
      return this.#broken(error, ip, question);
    }
    if (octets > 0) this.#send(octets, port, address);
  };

  #send(octets: number, port: number, address: string): void {
    if (this.#full && !this.#hasRoom()) return;
    const data = this.#slot;
    data.set(this.#answers.out.subarray(0, octets));
    this.#socket.send(data, 0, octets, port, address);
    if (this.#socket.getSendQueueCount() === 0) return;
    this.#full = true;
    this.#slot = Buffer.allocUnsafeSlow(data.length); // the other one is read until the system has taken it
  }

  #hasRoom(): boolean {
    this.#full = this.#socket.getSendQueueCount() > 0;
    return this.#socket.getSendQueueCount() < WAITING_ANSWERS;
  }

  #know(address: string): Ip | undefined {
    const ip = parseIp(address);
    if (ip === undefined) return undefined;
    if (this.#known.size >= KNOWN_ADDRESSES) this.#known.clear();
    this.#known.set(address, ip);
    return ip;
  }

  #broken(error: unknown, ip: Ip, question: Uint8Array): void {
    this.#log.error("question not answered", {
      ip,
      problem: errorText(error),
      ...(error instanceof Error && { stack: error.stack }),
      question: Buffer.from(question.subarray(0, TOLD_OCTETS)).toString("hex"),
      todo: "this is a fault of the server; report it with this line",
    });
  }

  async #close(): Promise<void> {
    for (let tries = 0, heard = -1; tries < QUIET_TRIES && heard !== this.#heard; tries++) {
      heard = this.#heard;
      await setTimeout(QUIET_MS);
    }
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }
}

interface Bound {
  readonly socket: Socket;
  readonly sharing: PortSharing;
}

async function boundAtBest(wanted: WantedPort): Promise<Bound> {
  try {
    return { socket: await bound(wanted, "shared"), sharing: "shared" };
  } catch (error) {
    if (!cannotShare(error)) throw listenError(error, wanted);
  }
  try {
    return { socket: await bound(wanted, "alone"), sharing: "alone" };
  } catch (error) {
    throw listenError(error, wanted);
  }
}

function bound({ address, port }: WantedPort, sharing: PortSharing): Promise<Socket> {
  const v6 = address.includes(":");
  const socket = createSocket({
    type: v6 ? "udp6" : "udp4",
    ipv6Only: v6,
    reusePort: sharing === "shared",
    recvBufferSize: RECEIVE_OCTETS,
    lookup: (host, _family, done) => done(null, host, v6 ? 6 : 4), // all that is sent to is an address
  });
  return new Promise((resolve, reject) => {
    const refused = (error: Error): void => {
      socket.close();
      reject(error);
    };
    socket.once("error", refused);
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off("error", refused);
      resolve(socket);
    });
  });
}

/** Node says so where the system has no SO_REUSEPORT that shares out. */
function cannotShare(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOTSUP" || code === "ENOPROTOOPT" || code === "EINVAL";
}

function listenError(error: unknown, wanted: WantedPort): Error {
  return error instanceof Error ? ListenError.of(error, wanted) : new Error(String(error));
}
