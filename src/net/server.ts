/**
 * Listeners and the connections they accept, counted against their limits. A full server says so (421) in
 * the service's words and closes; it never hangs.
 */
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { parseIp, type Cidr } from "../mail/index.ts";
import { errorText, type Log } from "../runtime/index.ts";
import type { Dialogue, Wire } from "../protocol/dialogue/index.ts";
import { OpenConnections } from "./open-connections.ts";
import { Connection, type ConnectionEnvironment, type Converse } from "./connection.ts";
import { ListenError } from "./listen-error.ts";
import { Occupancy, type ConnectionLimits, type LimitName } from "./occupancy.ts";
import type { Peer } from "./peer.ts";
import { readProxyHeader } from "./proxy-reader.ts";
import { acceptedFrom, type ServerContext } from "./role.ts";

export interface ListenerOptions {
  /** For people and the journal: "smtp". */
  readonly name: string;
  /** The setting that named the address, for the error when it is taken: "listen.smtp". */
  readonly setting: string;
  readonly address: string;
  readonly port: number;
  readonly implicitTls: boolean;
  /** Proxies whose PROXY header is believed, and required. */
  readonly proxyFrom: readonly Cidr[];
}

/** Makes the dialogue with a peer over a wire; what a service is, to the network. */
export type OpenDialogue = (peer: Peer, wire: Wire) => Dialogue;

export interface ServiceEnvironment extends ConnectionEnvironment {
  /** Absent where TLS is not to be had. */
  readonly secureContext: ServerContext | undefined;
  /** Clients are asked for a certificate; `secureContext` resumes no sessions then. */
  readonly asksCertificate?: boolean;
}

/** What runs behind a listener. Asked anew for each connection, so that a reload reaches the next one. */
export interface Service {
  readonly open: OpenDialogue;
  /** One line, CRLF included, for who comes when a limit is reached. */
  busy(limit: LimitName): string;
  environment(): ServiceEnvironment;
}

/** An open port. */
export interface Listening {
  /** The one the system chose, when 0 was asked for. */
  readonly port: number;
  /** From the next connection on; address and port stay. */
  change(options: ListenerOptions): void;
  /** Takes no new connections; those that stand go on. */
  close(): void;
}

const SWEEP_INTERVAL_MS = 1000;

/** Connections the kernel keeps for us while we are busy. */
const BACKLOG = 1024;

export class NetServer {
  readonly #log: Log;
  readonly #servers = new Set<Server>();
  readonly #occupancy: Occupancy;
  /** Oldest first. */
  readonly #connections = new OpenConnections();
  /** Of proxies that have not yet said whom they bring. */
  readonly #announcing = new Set<Socket>();
  readonly #sweeper: NodeJS.Timeout;
  #crowded = false;
  #stopping = false;

  constructor(limits: () => ConnectionLimits, log: Log) {
    this.#occupancy = new Occupancy(limits);
    this.#log = log;
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_INTERVAL_MS).unref();
  }

  /** Opens a port. Rejects with a ListenError in words. */
  listen(options: ListenerOptions, service: Service): Promise<Listening> {
    const { address, port } = options;
    let current = options;
    // A client that has said everything may close its side before it has read our answers.
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) =>
      this.#accept(socket, current, service),
    );
    return new Promise((resolve, reject) => {
      const refused = (error: NodeJS.ErrnoException): void =>
        reject(ListenError.of(error, options));
      server.once("error", refused);
      // "::" alone: the IPv4 side is a listener of its own, or none.
      server.listen(
        { host: address, port, backlog: BACKLOG, ipv6Only: address.includes(":") },
        () => {
          server.off("error", refused).on("error", (error) => this.#notAccepted(error, options));
          this.#servers.add(server);
          resolve({
            port: (server.address() as AddressInfo).port, // a TCP server's address is an AddressInfo
            change: (changed) => (current = changed),
            close: () => this.#close(server),
          });
        },
      );
    });
  }

  /** One connection is lost, the port stays open. */
  #notAccepted(error: Error, { name }: ListenerOptions): void {
    this.#log.error("connection not accepted", {
      listener: name,
      problem: errorText(error),
      todo: "raise the limit of open files (systemd: LimitNOFILE) above limits.connections",
    });
  }

  #close(server: Server): void {
    this.#servers.delete(server);
    server.close();
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Takes no new connections, lets sessions end properly, and after `graceMs` drops the rest. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    for (const server of this.#servers) this.#close(server);
    for (const socket of this.#announcing) socket.destroy();
    await this.#connections.end(graceMs);
    clearInterval(this.#sweeper);
  }

  #accept(socket: Socket, options: ListenerOptions, service: Service): void {
    const ip = parseIp(socket.remoteAddress ?? "");
    if (ip === undefined) return void socket.destroy(); // gone before we looked
    const peer: Peer = { ip, port: socket.remotePort ?? 0, listener: options.name };
    if (!options.proxyFrom.some((proxy) => proxy.contains(ip)))
      return this.#admit(socket, peer, options, service);
    this.#announcing.add(socket);
    socket.once("close", () => this.#announcing.delete(socket));
    readProxyHeader(socket, (named) => {
      this.#announcing.delete(socket);
      if (named.kind === "malformed") {
        this.#log.warn("malformed PROXY header", { proxy: ip, problem: named.problem });
        socket.destroy();
      } else {
        const client = named.kind === "client" ? named.client : {};
        this.#admit(socket, { ...peer, ...client, proxy: ip }, options, service);
      }
    });
  }

  #admit(socket: Socket, peer: Peer, options: ListenerOptions, service: Service): void {
    if (this.#stopping) return void socket.destroy();
    const limit = this.#occupancy.reachedLimit(peer.ip);
    if (limit !== undefined) return this.#turnAway(socket, peer, limit, options, service);
    this.#occupancy.enter(peer.ip);
    const environment = service.environment();
    const role = acceptedFrom(peer, environment.secureContext, environment.asksCertificate);
    const connection = new Connection(socket, environment, role, () => {
      this.#occupancy.leave(peer.ip);
      this.#connections.delete(connection);
    });
    this.#connections.add(connection);
    const open: Converse = (wire, tls) =>
      service.open(tls === undefined ? peer : { ...peer, tls }, wire);
    connection.begin(open, options.implicitTls);
  }

  /** Under TLS nobody would understand the words, so there it only closes. */
  #turnAway(
    socket: Socket,
    peer: Peer,
    limit: LimitName,
    options: ListenerOptions,
    service: Service,
  ): void {
    this.#log.info("connection turned away", { ip: peer.ip, limit, listener: peer.listener });
    socket.on("error", () => socket.destroy());
    if (options.implicitTls) return void socket.destroy();
    socket.end(service.busy(limit), "latin1", () => socket.destroySoon());
  }

  /** Where it is crowded, the oldest connections lose patience first, and no more of them than need be. */
  #sweep(): void {
    let { surplus } = this.#occupancy;
    this.#noteCrowd(surplus > 0);
    for (const connection of this.#connections) {
      connection.sweep(surplus > 0);
      if (connection.isLeaving) surplus--;
    }
  }

  #noteCrowd(crowded: boolean): void {
    if (crowded === this.#crowded) return;
    this.#crowded = crowded;
    if (!crowded) return this.#log.info("not crowded any more", { connections: this.connections });
    this.#log.warn("crowded", {
      connections: this.connections,
      todo: "if this is no attack, raise limits.connections",
    });
  }
}
