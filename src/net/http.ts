/**
 * HTTP over one connection: Node's own server reads and writes it, and finds its socket to be this. So a connection
 * of the web is counted, timed and closed as any other. Promises: a request is answered or refused (4xx), whatever its octets; a body is
 * never read; who has not finished a request in its time is gone.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Duplex } from "node:stream";
import type { Dialogue, Wire } from "../protocol/dialogue/index.ts";
import { errorText, type Log } from "../runtime/index.ts";
import type { Peer } from "./peer.ts";

export interface HttpRequest {
  readonly method: string;
  /** Host and port as the client says them, unchecked; absent in HTTP/1.0 at times. */
  readonly authority: string | undefined;
  /** As it was said, without the query. */
  readonly path: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpLimits {
  /** Octets of a request line and its header fields together. */
  readonly headerOctets: number;
  /** Milliseconds from one answer, or the beginning, until the next request is there; the same for an answer to be taken. */
  readonly requestMs: number;
  /** Instead of it, where it is less, while the server is crowded. */
  readonly crowdedMs: number;
  /** Answered on one connection. */
  readonly requests: number;
}

export interface HttpParts {
  readonly answer: (request: HttpRequest) => HttpResponse;
  readonly limits: HttpLimits;
  readonly log: Log;
}

export class HttpDialogue implements Dialogue {
  readonly #parts: HttpParts;
  readonly #peer: Peer;
  readonly #wire: Wire;
  readonly #stream: Duplex;
  /** Goes on with what the wire had no room for. */
  #whenDrained: (() => void) | undefined;
  #written = 0;
  #requests = 0;
  /** What was answered last has ended the connection; what stands behind it is not looked at. */
  #isOver = false;
  /** Octets have come since the last answer. */
  #isAsking = false;

  constructor(parts: HttpParts, peer: Peer, wire: Wire) {
    this.#parts = parts;
    this.#peer = peer;
    this.#wire = wire;
    this.#stream = new Duplex({
      read: () => wire.resume(),
      write: (octets: Uint8Array, _encoding, done) => this.#write(octets, done),
      final: (done) => {
        wire.end();
        done();
      },
      // Why it ends has been said to the client, if there was anything to say.
      destroy: (_error, done) => {
        wire.end();
        done(null);
      },
    });
  }

  /** A server of its own for each connection, which listens nowhere, knows the peer without asking and is gone with it. */
  start(): void {
    const { headerOctets, requestMs } = this.#parts.limits;
    const answer = (request: IncomingMessage, response: ServerResponse): void =>
      this.#answer(request, response);
    const server = createServer(
      { maxHeaderSize: headerOctets, keepAliveTimeout: requestMs },
      answer,
    );
    server.on("checkContinue", answer); // a body that waits for "100 Continue" need not come at all
    server.on("connect", (_request, stream) => stream.end(NO_TUNNEL));
    server.emit("connection", this.#stream);
  }

  receive(octets: Uint8Array): void {
    this.#isAsking = true;
    if (!this.#stream.push(octets)) this.#wire.pause();
  }

  drained(): void {
    const then = this.#whenDrained;
    this.#whenDrained = undefined;
    then?.();
  }

  secured(): void {
    throw new Error("HTTP has no command that begins TLS");
  }

  /** Whoever has said nothing since the last answer is left without a word (RFC 9110 §15.5.9 is for the others). */
  timeout(): void {
    if (this.#isAsking) this.#wire.write(TOO_SLOW);
    this.#stream.destroy();
  }

  shutdown(): void {
    this.#stream.end();
  }

  finished(): void {
    this.#stream.push(null);
  }

  closed(): void {
    this.#stream.destroy();
  }

  patienceMs(crowded = false): number {
    const { requestMs, crowdedMs } = this.#parts.limits;
    return crowded ? Math.min(requestMs, crowdedMs) : requestMs;
  }

  /** Octets of a request that come one by one are none. */
  progress(): number {
    return this.#written;
  }

  #write(octets: Uint8Array, done: () => void): void {
    const written = (): void => {
      this.#written++;
      done();
    };
    this.#isAsking = false;
    if (this.#wire.write(octets)) written();
    else this.#whenDrained = written;
  }

  #answer(message: IncomingMessage, response: ServerResponse): void {
    if (this.#isOver) return;
    const request = readRequest(message);
    const { status, fields, body } = request === undefined ? BAD_REQUEST : this.#respond(request);
    this.#requests++;
    this.#isOver =
      request === undefined || this.#requests === this.#parts.limits.requests || hasBody(message); // which is not read, so nothing behind it can be understood
    response.writeHead(status, {
      ...fields,
      "Content-Length": Buffer.byteLength(body),
      ...(this.#isOver && { Connection: "close" }),
    });
    response.end(body);
  }

  #respond(request: HttpRequest): HttpResponse {
    const { answer, log } = this.#parts;
    const { ip, listener } = this.#peer;
    const { method, authority, path } = request;
    const [host, told] = [authority, path].map((text) => text?.slice(0, TOLD_CHARACTERS));
    const fields = { ip, listener, method, host, path: told };
    try {
      const response = answer(request);
      log.info("web request", { ...fields, status: response.status });
      return response;
    } catch (error) {
      log.error("web request failed", {
        ...fields,
        problem: errorText(error),
        ...(error instanceof Error && { stack: error.stack }),
        todo: "if the store is well, this is a fault of the server; report it with this line",
      });
      return FAILED;
    }
  }
}

/** Characters of a host or a path in the log. */
const TOLD_CHARACTERS = 200;

/** Undefined where it names more than one host (RFC 9112 §3.2). One in the target counts more than the field (§3.2.2). */
function readRequest({
  method = "",
  url = "",
  headersDistinct,
}: IncomingMessage): HttpRequest | undefined {
  const { host: hosts = [] } = headersDistinct;
  if (hosts.length > 1) return undefined;
  const [, named, rest] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(url) ?? [];
  const [path = ""] = (rest ?? url).split("?", 1);
  return { method, authority: named ?? hosts[0], path };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) !== 0;
}

const BAD_REQUEST: HttpResponse = { status: 400, fields: {}, body: "" };
const FAILED: HttpResponse = { status: 500, fields: {}, body: "" };

/** A whole response without a body, after which the connection ends. */
function lastWords(status: string, ...fields: readonly string[]): string {
  const lines = [`HTTP/1.1 ${status}`, ...fields, "Content-Length: 0", "Connection: close"];
  return lines.map((line) => `${line}\r\n`).join("") + "\r\n";
}

const TOO_SLOW = lastWords("408 Request Timeout");
const NO_TUNNEL = lastWords("405 Method Not Allowed", "Allow: GET, HEAD");

/** For who comes when there are too many. */
export const HTTP_BUSY = lastWords("503 Service Unavailable", "Retry-After: 60");
