/**
 * Datagrams to name servers on loopback: a socket for many questions. Nobody from outside can answer there in a server's place, so
 * a port of its own buys a question nothing, and to open one costs more than the question itself.
 */
import { createSocket, type Socket } from "node:dgram";
import { ipReach, parseIp } from "../mail/index.ts";
import type { NameServer } from "./name-server.ts";

export interface Listener {
  heard(message: Uint8Array): void;
  failed(): void;
}

/** Questions under way on one socket: so many answers find room in its buffer while nobody reads them. */
export const QUESTIONS_A_SOCKET = 64;

export function isNear({ host }: NameServer): boolean {
  const ip = parseIp(host);
  return ip !== undefined && ipReach(ip) === "loopback";
}

/** Sends it and listens; returns how to stop. */
export type AskByDatagram = (
  server: NameServer,
  question: Uint8Array,
  listener: Listener,
) => () => void;

export class NearSockets {
  readonly #sockets = new Map<string, readonly SharedSocket[]>();

  readonly ask: AskByDatagram = (server, question, listener) =>
    this.#withRoom(server).ask(question, listener);

  close(): void {
    for (const socket of [...this.#sockets.values()].flat()) socket.close();
    this.#sockets.clear();
  }

  #withRoom(server: NameServer): SharedSocket {
    const key = `${server.host} ${server.port}`;
    const open = (this.#sockets.get(key) ?? []).filter(({ closed }) => !closed);
    const free = open.find(({ hasRoom }) => hasRoom);
    const socket = free ?? new SharedSocket(server);
    this.#sockets.set(key, free === undefined ? [...open, socket] : open);
    return socket;
  }
}

class SharedSocket {
  readonly #socket: Socket;
  /** By the id of the question; chance can give two the same. */
  readonly #listeners = new Map<number, Set<Listener>>();
  #count = 0;
  /** Until it is connected. */
  #unsent: Uint8Array[] | undefined = [];
  closed = false;

  constructor({ host, port }: NameServer) {
    this.#socket = createSocket(host.includes(":") ? "udp6" : "udp4");
    this.#socket.on("message", (message) => this.#heard(message));
    this.#socket.on("error", () => this.close());
    this.#socket.on("connect", () => this.#connected());
    this.#socket.connect(port, host);
    this.#socket.unref(); // whoever waits has a time limit, which keeps the process
  }

  get hasRoom(): boolean {
    return this.#count < QUESTIONS_A_SOCKET;
  }

  ask(question: Uint8Array, listener: Listener): () => void {
    const id = idOf(question);
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(listener));
    this.#count++;
    if (this.#unsent === undefined) this.#socket.send(question);
    else this.#unsent.push(question);
    return () => this.#forget(id, listener);
  }

  /** Whoever waits hears that it failed. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#socket.close();
    for (const listener of [...this.#listeners.values()].flatMap((all) => [...all]))
      listener.failed();
  }

  #connected(): void {
    if (this.closed) return;
    for (const question of this.#unsent ?? []) this.#socket.send(question);
    this.#unsent = undefined;
  }

  #heard(message: Uint8Array): void {
    for (const listener of this.#listeners.get(idOf(message)) ?? []) listener.heard(message);
  }

  #forget(id: number, listener: Listener): void {
    const listeners = this.#listeners.get(id);
    if (listeners?.delete(listener) !== true) return;
    this.#count--;
    if (listeners.size === 0) this.#listeners.delete(id);
  }
}

/** RFC 1035 §4.1.1. */
function idOf([high = 0, low = 0]: Uint8Array): number {
  return high * 256 + low;
}
