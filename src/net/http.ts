/**
 * HTTP over one connection: Node's own server reads and writes it, and finds its socket to be this. So a connection
 * of the web is counted, timed and closed as any other. Promises: a request is answered or refused (4xx), whatever its octets; a body is
 * never read; requests are answered one after the other; who has not finished a request in its time is gone.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Duplex } from "node:stream";
import type { Dialogue, Wire } from "../protocol/dialogue/index.ts";
import { errorText, type Log } from "../runtime/index.ts";
import {
  BAD_REQUEST,
  FAILED,
  hasBody,
  readRequest,
  type HttpRequest,
  type HttpResponse,
} from "./http-request.ts";
import type { Peer } from "./peer.ts";

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
  readonly answer: (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;
  readonly limits: HttpLimits;
  readonly log: Log;
}

interface Asked {
  /** Undefined: it is none. */
  readonly request: HttpRequest | undefined;
  readonly response: ServerResponse;
  readonly isLast: boolean;
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
  /** Not answered yet, in their order; the first one is being answered. */
  readonly #asked: Asked[] = [];
  /** The last request has come that this connection has an answer for; what stands behind it is not looked at. */
  #isOver = false;
  /** Octets have come since the last answer. */
  #isAsking = false;

  constructor(parts: HttpParts, peer: Peer, wire: Wire) {
    this.#parts = parts;
    this.#peer = peer;
    this.#wire = wire;
    this.#stream = new Duplex({
      read: () => {
        if (this.#asked.length === 0) wire.resume();
      },
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
    const options = { maxHeaderSize: headerOctets, keepAliveTimeout: requestMs };
    const server = createServer(options, answer);
    // Who has asked and closed his side is answered all the same, also where that takes a while. Node has it as a property alone.
    Object.assign(server, { httpAllowHalfOpen: true });
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

  /** What is being answered is answered still. */
  shutdown(): void {
    this.#isOver = true;
    this.#asked.splice(1);
    if (this.#asked.length === 0) this.#stream.end();
  }

  finished(): void {
    this.#stream.push(null);
  }

  closed(): void {
    this.#stream.destroy();
  }

  patienceMs(crowded = false): number | undefined {
    if (this.#asked.length > 0) return undefined; // the time is ours
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
    const request = readRequest(message, this.#peer.ip);
    this.#requests++;
    this.#isOver =
      request === undefined || this.#requests === this.#parts.limits.requests || hasBody(message);
    this.#asked.push({ request, response, isLast: this.#isOver });
    if (this.#asked.length === 1) this.#sayNext();
  }

  /** What is known at once is said at once. Whoever asks for much together is answered no faster than one who waits each time. */
  #sayNext(): void {
    for (let [asked] = this.#asked; asked !== undefined; [asked] = this.#asked) {
      const answer = asked.request === undefined ? BAD_REQUEST : this.#respond(asked.request);
      if (answer instanceof Promise) return void this.#sayLater(asked, answer);
      this.#say(asked, answer);
    }
  }

  async #sayLater(asked: Asked, answer: Promise<HttpResponse>): Promise<void> {
    this.#wire.pause();
    try {
      this.#say(asked, await answer);
      this.#sayNext();
      if (this.#asked.length === 0) this.#wire.resume();
    } catch (error) {
      this.#told(asked.request, error);
      this.#stream.destroy();
    }
  }

  #say(asked: Asked, { status, fields, body }: HttpResponse): void {
    this.#asked.shift();
    const isLast = asked.isLast || (this.#isOver && this.#asked.length === 0);
    asked.response.writeHead(status, {
      ...fields,
      "Content-Length": Buffer.byteLength(body),
      ...(isLast && { Connection: "close" }),
    });
    asked.response.end(body);
  }

  #respond(request: HttpRequest): HttpResponse | Promise<HttpResponse> {
    const answered = (response: HttpResponse): HttpResponse => {
      this.#parts.log.info("web request", { ...this.#fields(request), status: response.status });
      return response;
    };
    const failed = (error: unknown): HttpResponse => {
      this.#told(request, error);
      return FAILED;
    };
    try {
      const answer = this.#parts.answer(request);
      return answer instanceof Promise ? answer.then(answered, failed) : answered(answer);
    } catch (error) {
      return failed(error);
    }
  }

  #told(request: HttpRequest | undefined, error: unknown): void {
    this.#parts.log.error("web request failed", {
      ...(request !== undefined && this.#fields(request)),
      problem: errorText(error),
      ...(error instanceof Error && { stack: error.stack }),
      todo: "if the store is well, this is a fault of the server; report it with this line",
    });
  }

  #fields({ method, authority, path }: HttpRequest) {
    const { ip, listener } = this.#peer;
    const [host, told] = [authority, path].map((text) => text?.slice(0, TOLD_CHARACTERS));
    return { ip, listener, method, host, path: told };
  }
}

/** Characters of a host or a path in the log. */
const TOLD_CHARACTERS = 200;

/** A whole response without a body, after which the connection ends. */
function lastWords(status: string, ...fields: readonly string[]): string {
  const lines = [`HTTP/1.1 ${status}`, ...fields, "Content-Length: 0", "Connection: close"];
  return lines.map((line) => `${line}\r\n`).join("") + "\r\n";
}

const TOO_SLOW = lastWords("408 Request Timeout");
const NO_TUNNEL = lastWords("405 Method Not Allowed", "Allow: GET, HEAD");

/** For who comes when there are too many. */
export const HTTP_BUSY = lastWords("503 Service Unavailable", "Retry-After: 60");
