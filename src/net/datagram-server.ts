/**
 * A UDP port whose questions are answered at once, each by one datagram, in the same turn. Several threads may have the same port
 * (SO_REUSEPORT): the system then gives each of them its part of the clients. Promises: a question that breaks the answerer costs
 * nobody else his answer; an answer that is on its way is not overwritten by the next one; memory is bounded.
 *
 * Node tells that something has come, and has read the first of it. Where the system can be asked for many datagrams at once, all that is behind it is read
 * and answered so, which is half the work; elsewhere Node reads one after the other.
 *
 * What is done here is done for each question, so it is what Node can do cheapest (measured in docs/decisions.md): the address needs no look-up,
 * so `lookup` answers in the same turn; `send` without a callback makes no promise, no tick and mostly no copy.
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { setTimeout } from "node:timers/promises";
import { parseIp, type Ip } from "../mail/index.ts";
import { errorText, type Log } from "../runtime/index.ts";
import { batchCalls, batchSocket } from "./batch-calls.ts";
import { ANSWER_OCTETS, BATCH, DatagramBatch } from "./datagram-batch.ts";
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

/** Batches in one turn of the loop: others have theirs between. */
const BATCHES = 16;

/** Of a question that broke the answerer, in the log. */
const TOLD_OCTETS = 300;

export class DatagramServer {
  readonly #socket: Socket;
  readonly #answers: AnswersDatagrams;
  readonly #log: Log;
  /** By what the address looks like where it comes from. */
  readonly #known = new Map<number | string, Ip>();
  readonly #batch: DatagramBatch | undefined;
  /** Where an answer stands while it is sent. */
  #slot: Buffer;
  /** The system has not taken all yet, when we looked last. */
  #full = false;
  #heard = 0;

  private constructor({ socket, batch }: Bound, answers: AnswersDatagrams, log: Log) {
    this.#socket = socket;
    this.#batch = batch;
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
    how: HowToRead = "at best",
  ): Promise<DatagramPort> {
    const opened = await boundAtBest(wanted, how);
    const server = new DatagramServer(opened, answers, log);
    return {
      port: opened.socket.address().port,
      sharing: opened.sharing,
      close: () => server.#close(),
    };
  }

  readonly #onMessage = (question: Uint8Array, { address, port }: RemoteInfo): void => {
    this.#heard++;
    const ip = this.#known.get(address) ?? this.#know(address, address);
    const octets = this.#octetsOf(question, ip, port);
    if (octets > 0) this.#send(this.#answers.out.subarray(0, octets), port, address);
    if (this.#batch !== undefined) this.#readOn(this.#batch);
  };

  #readOn(batch: DatagramBatch): void {
    for (let i = 0; i < BATCHES; i++) {
      const count = batch.receive();
      this.#heard += count;
      for (let at = 0; at < count; at++) this.#answerIn(batch, at);
      batch.send((at, answer) => this.#send(answer, batch.port(at), batch.address(at)));
      if (count < BATCH) return;
    }
  }

  #answerIn(batch: DatagramBatch, at: number): void {
    const question = batch.question(at);
    if (question === undefined) return;
    const key = batch.addressKey(at);
    const ip = this.#known.get(key) ?? this.#know(key, batch.address(at));
    const octets = this.#octetsOf(question, ip, batch.port(at));
    if (octets === 0) return;
    const answer = this.#answers.out.subarray(0, octets);
    if (octets <= ANSWER_OCTETS) batch.answer(at, answer);
    else this.#send(answer, batch.port(at), batch.address(at));
  }

  /** Of the answer, which stands in the answerer's `out`; 0: silence. */
  #octetsOf(question: Uint8Array, ip: Ip | undefined, port: number): number {
    if (ip === undefined || port === 0) return 0; // forged: nobody can be answered at port 0
    try {
      return this.#answers.answer(question, ip);
    } catch (error) {
      this.#broken(error, ip, question);
      return 0;
    }
  }

  #send(answer: Uint8Array, port: number, address: string): void {
    if (this.#full && !this.#hasRoom()) return;
    const data = this.#slot;
    data.set(answer);
    this.#socket.send(data, 0, answer.length, port, address);
    if (this.#socket.getSendQueueCount() === 0) return;
    this.#full = true;
    this.#slot = Buffer.allocUnsafeSlow(data.length); // the other one is read until the system has taken it
  }

  #hasRoom(): boolean {
    this.#full = this.#socket.getSendQueueCount() > 0;
    return this.#socket.getSendQueueCount() < WAITING_ANSWERS;
  }

  #know(key: number | string, address: string): Ip | undefined {
    const ip = parseIp(address);
    if (ip === undefined) return undefined;
    if (this.#known.size >= KNOWN_ADDRESSES) this.#known.clear();
    this.#known.set(key, ip);
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
    if (this.#batch !== undefined) this.#readOn(this.#batch); // a busy machine may not have let us read at all meanwhile
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }
}

/** "one by one": as Node reads. */
type HowToRead = "at best" | "one by one";

interface Bound {
  readonly socket: Socket;
  readonly sharing: PortSharing;
  readonly batch?: DatagramBatch;
}

async function boundAtBest(wanted: WantedPort, how: HowToRead): Promise<Bound> {
  const batched = how === "at best" ? await boundForBatches(wanted) : undefined;
  if (batched !== undefined) return batched;
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

/** Undefined where it cannot be; what is in the way is told by whoever tries it as Node does. */
async function boundForBatches(wanted: WantedPort): Promise<Bound | undefined> {
  const calls = await batchCalls();
  const fd = calls && batchSocket(calls, wanted);
  if (calls === undefined || fd === undefined) return undefined;
  try {
    const socket = await bound(wanted, "shared", fd);
    return { socket, sharing: "shared", batch: new DatagramBatch(calls, fd) };
  } catch (error) {
    throw listenError(error, wanted);
  }
}

/** `fd`: of a socket that is bound already. */
function bound({ address, port }: WantedPort, sharing: PortSharing, fd?: number): Promise<Socket> {
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
    const place = fd === undefined ? { address, port } : { fd };
    socket.bind({ ...place, exclusive: true }, () => {
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
