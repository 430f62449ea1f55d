/** A server of HTTP over real sockets that says back what it was asked, or what a test wants. */
import type { TestContext } from "node:test";
import {
  HTTP_BUSY,
  HttpDialogue,
  NetServer,
  type HttpLimits,
  type HttpRequest,
  type HttpResponse,
  type ListenerOptions,
  type ServiceEnvironment,
} from "../../src/net/index.ts";
import { ManualClock } from "../../src/runtime/index.ts";
import { Client, MemoryLog } from "./echo.ts";

const LISTENER: ListenerOptions = {
  name: "http",
  setting: "listen.http",
  address: "127.0.0.1",
  port: 0,
  implicitTls: false,
  proxyFrom: [],
};

export const LIMITS: HttpLimits = {
  headerOctets: 2048,
  requestMs: 10_000,
  crowdedMs: 1000,
  requests: 5,
};

export class Site {
  readonly clock = new ManualClock();
  readonly log = new MemoryLog();
  readonly requests: HttpRequest[] = [];
  readonly net: NetServer;
  answer = (request: HttpRequest): HttpResponse | Promise<HttpResponse> => {
    this.requests.push(request);
    return {
      status: 200,
      fields: { "Content-Type": "text/plain" },
      body: `you: ${request.path}\n`,
    };
  };
  port = 0;

  constructor(connections = 100) {
    const limits = { connections, connectionsPerAddress: 100, connectionsPerNetwork: 100 };
    this.net = new NetServer(() => limits, this.log);
  }

  async listen(
    t: TestContext,
    options: Partial<ListenerOptions> = {},
    secureContext?: ServiceEnvironment["secureContext"],
  ): Promise<this> {
    const { clock, log } = this;
    const times = { crowdedMs: 1000, handshakeMs: 30_000, sessionMs: 3_600_000 };
    const parts = { answer: (request: HttpRequest) => this.answer(request), limits: LIMITS, log };
    const { port } = await this.net.listen(
      { ...LISTENER, ...options },
      {
        open: (peer, wire) => new HttpDialogue(parts, peer, wire),
        busy: () => HTTP_BUSY,
        environment: () => ({ clock, log, secureContext, ...times }),
      },
    );
    t.after(() => this.net.stop(0));
    this.port = port;
    return this;
  }

  client(): Client {
    return Client.to(this.port);
  }
}

/** Status of each response in what was said, and whether it was the last. */
export function statuses(said: string): readonly string[] {
  return [...said.matchAll(/^HTTP\/1\.1 (\d{3}) .*\r\n(?:.+\r\n)*/gm)].map(
    ([head, status = ""]) => `${status}${/^connection: close\r$/im.test(head) ? " end" : ""}`,
  );
}

export const END = "Connection: close\r\n\r\n";
