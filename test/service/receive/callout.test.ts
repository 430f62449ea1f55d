/** One question to an inner host: what it says, and all the ways in which it says nothing. The host is written down. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatStatus, parseAddress } from "../../../src/mail/index.ts";
import {
  parseGatewayHost,
  parseMailboxes,
  type InnerHost,
} from "../../../src/policy/routing/index.ts";
import { MemoryWire, type Dialogue } from "../../../src/protocol/dialogue/index.ts";
import { callout, type CalloutDeps } from "../../../src/service/receive/index.ts";
import { domainOf } from "../../support/memory-directory.ts";

const HOST = readable(parseGatewayHost("10.0.0.5"));
const RECIPIENT = parseAddress("ann@inner.example");

function readable(host: InnerHost | string): InnerHost {
  return typeof host === "string" ? assert.fail(host) : host;
}

/** A host's lines, one after each thing that the client said; `undefined` is hanging up, silence when there is no more. */
type Lines = readonly (string | undefined)[];

class Host {
  readonly said: string[] = [];
  readonly deadline = new AbortController();
  readonly deps: CalloutDeps;

  constructor(reach: CalloutDeps["reach"]) {
    this.deps = {
      hostname: domainOf("mx.local.example"),
      timeMs: 1000,
      deadline: () => this.deadline.signal,
      reach,
    };
  }

  static speaking(lines: Lines): Host {
    const host: Host = new Host((_host, open) => {
      const wire = new MemoryWire();
      const dialogue = open(wire);
      return host.#converse(dialogue, wire, lines);
    });
    return host;
  }

  async ask(at = HOST): Promise<string> {
    if (typeof RECIPIENT === "string") throw new Error(RECIPIENT);
    const { status, reached } = await callout(this.deps)(at, RECIPIENT);
    const reason = status.reason === undefined ? "" : ` (${status.reason})`;
    return `${formatStatus(status)}${reason}${reached ? "" : ", not reached"}`;
  }

  async #converse(dialogue: Dialogue, wire: MemoryWire, lines: Lines): Promise<undefined> {
    dialogue.start();
    for (const line of lines) {
      if (line === undefined) {
        dialogue.closed();
        return;
      }
      dialogue.receive(Buffer.from(`${line}\r\n`));
      this.said.push(
        ...wire
          .take()
          .split("\r\n")
          .filter((words) => words !== ""),
      );
      if (wire.ended) return;
    }
    await new Promise(() => {}); // silence
  }
}

const AWAY = "451 4.4.1 the mail server of this domain cannot be asked at the moment";

test("the question is asked from the null sender, goes no further than RCPT, and is taken back by QUIT", async () => {
  const host = Host.speaking(["220 hi", "250 hi", "250 ok", "250 2.1.5 here", "221 bye"]);
  assert.equal(await host.ask(), "250 2.1.5 here");
  assert.deepEqual(host.said, [
    "EHLO mx.local.example",
    "MAIL FROM:<>",
    "RCPT TO:<ann@inner.example>",
    "QUIT",
  ]);
});

test("where the host takes LMTP it is asked in LMTP", async () => {
  const at = readable(parseMailboxes("lmtp://127.0.0.1:24"));
  const host = Host.speaking(["220 hi", "250 hi", "250 ok", "550 5.1.1 who", "221 bye"]);
  assert.equal(await host.ask(at), "550 5.1.1 who");
  assert.deepEqual(host.said, [
    "LHLO mx.local.example",
    "MAIL FROM:<>",
    "RCPT TO:<ann@inner.example>",
    "QUIT",
  ]);
  const smtp = Host.speaking(["220 hi", "500 what", "221 bye"]);
  assert.match(await smtp.ask(at), /\(lmtp:\/\/127\.0\.0\.1:24: 451 4\.3\.5 [^)]*\), not reached$/);
});

test("a no is a no, and a later is a later", async () => {
  const answer = async (line: string) =>
    Host.speaking(["220 hi", "250 hi", "250 ok", line, "221 bye"]).ask();
  assert.equal(await answer("550 5.1.1 who"), "550 5.1.1 who");
  assert.equal(await answer("450 4.7.1 grey"), "450 4.7.1 grey");
});

test("a host that refuses the null sender has said nothing about the recipient", async () => {
  const host = Host.speaking(["220 hi", "250 hi", "550 5.7.1 no bounces", "221 bye"]);
  assert.match(await host.ask(), /^451 4\.3\.5 .*null sender$/);
});

test("a host that leaves or is silent after the question was reached; before, it was not", async () => {
  const left = Host.speaking(["220 hi", "250 hi", "250 ok", undefined]);
  assert.equal(await left.ask(), "451 4.4.2 10.0.0.5:25 closed the connection after RCPT");
  const refused = Host.speaking(["554 5.7.1 not you"]);
  assert.equal(await refused.ask(), `${AWAY} (10.0.0.5:25: 554 5.7.1 not you), not reached`);
  const gone = Host.speaking(["220 hi", undefined]);
  assert.match(await gone.ask(), /closed the connection after EHLO\), not reached$/);

  for (const [lines, reached] of [
    [["220 hi"], ", not reached"],
    [["220 hi", "250 hi", "250 ok"], ""],
  ] as const) {
    const silent = Host.speaking(lines);
    const answer = silent.ask();
    silent.deadline.abort();
    assert.equal(await answer, `${AWAY} (10.0.0.5:25: it was silent for too long)${reached}`);
  }
});

test("no connection, in the words of whoever tried, or by an exception", async () => {
  const none = new Host(() => Promise.resolve("connection refused"));
  assert.equal(await none.ask(), `${AWAY} (10.0.0.5:25: connection refused), not reached`);
  const broken = new Host(() => Promise.reject(new Error("no such name")));
  assert.match(await broken.ask(), /no such name\), not reached$/);
});
