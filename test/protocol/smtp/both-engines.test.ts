/** Our client and our server, connected in memory: what one sends is what the other receives. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { outcomeKind, type Outcome } from "../../../src/mail/index.ts";
import {
  Conversation,
  octetsOf,
  type Desk,
  type Dialogue,
  type Wire,
} from "../../../src/protocol/dialogue/index.ts";
import {
  SmtpClientSession,
  SmtpServerSession,
  type OutgoingTransaction,
  type SmtpAnswer,
  type SmtpAsk,
  type SmtpClientAnswer,
  type SmtpClientAsk,
  type SmtpClientTell,
  type SmtpTell,
} from "../../../src/protocol/smtp/index.ts";
import { cut } from "../dialogue/chunks.ts";
import { address, CLIENT_SETTINGS } from "./client-harness.ts";
import { SETTINGS } from "./harness.ts";

/** One end of a connection in memory; what is written waits until `deliver`. */
class Pipe implements Wire {
  other: Dialogue | undefined;
  readonly #positions: readonly number[];
  #waiting: Uint8Array[] = [];
  #starting = false;
  #ending = false;

  constructor(positions: readonly number[]) {
    this.#positions = positions;
  }

  /** Always full: the next write waits until this one was taken. */
  write(data: string | Uint8Array): boolean {
    this.#waiting.push(typeof data === "string" ? octetsOf(data) : data.slice());
    return false;
  }

  startTls(): void {
    this.#starting = true;
  }

  pause(): void {}
  resume(): void {}

  end(): void {
    this.#ending = true;
  }

  /** Whether TLS is to begin at this end; true once. */
  takeStart(): boolean {
    const starting = this.#starting && this.#waiting.length === 0;
    if (starting) this.#starting = false;
    return starting;
  }

  /** Hands over what waits to the other end, in pieces; false when there was nothing. */
  deliver(own: Dialogue): boolean {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const octets of waiting)
      for (const piece of cut(octets, this.#positions))
        if (piece.length > 0) this.other?.receive(piece);
    if (waiting.length > 0) own.drained();
    else if (this.#ending) this.other?.closed();
    return waiting.length > 0;
  }
}

interface Received {
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly content: Uint8Array;
}

/** Takes everything. */
class Mailbox implements Desk<SmtpAsk, SmtpTell, SmtpAnswer> {
  readonly received: Received[] = [];
  #sender = "";
  #recipients: string[] = [];
  #content: Uint8Array[] = [];

  ask(ask: SmtpAsk, reply: (answer: SmtpAnswer) => void): void {
    if (ask.kind === "sender") {
      this.#sender = JSON.stringify([ask.reversePath, ask.parameters]);
      this.#recipients = [];
      this.#content = [];
    }
    if (ask.kind === "recipient") this.#recipients.push(JSON.stringify(ask.forwardPath));
    if (ask.kind === "message")
      this.received.push({
        sender: this.#sender,
        recipients: this.#recipients,
        content: Uint8Array.from(Buffer.concat(this.#content)),
      });
    reply({ kind: "proceed" });
  }

  tell(): void {}

  body(slice: Uint8Array): boolean {
    this.#content.push(slice.slice());
    return true;
  }
}

interface Message {
  readonly transaction: OutgoingTransaction;
  readonly content: Uint8Array;
}

class Outbox implements Desk<SmtpClientAsk, SmtpClientTell, SmtpClientAnswer> {
  readonly #messages: readonly Message[];
  readonly outcomes: (readonly Outcome[])[] = [];
  ending = "";
  #given = 0;

  constructor(messages: readonly Message[]) {
    this.#messages = messages;
  }

  ask(ask: SmtpClientAsk, reply: (answer: SmtpClientAnswer) => void): void {
    reply(this.#answer(ask));
  }

  tell(tell: SmtpClientTell): void {
    if (tell.kind === "settled") this.outcomes.push(tell.outcomes);
    if (tell.kind === "ended") this.ending = tell.ending;
  }

  body(): boolean {
    return assert.fail("a client receives no content");
  }

  #answer(ask: SmtpClientAsk): SmtpClientAnswer {
    if (ask.kind === "content") {
      const content = this.#messages[this.#given - 1]?.content ?? new Uint8Array(0);
      return { kind: "content", octets: content.slice(ask.offset, ask.offset + ask.limit) };
    }
    const message = this.#messages[this.#given++];
    return message === undefined
      ? { kind: "quit" }
      : { kind: "transaction", transaction: message.transaction };
  }
}

function connect(
  messages: readonly Message[],
  positions: readonly number[],
  chunkOctets: number,
): { readonly outbox: Outbox; readonly mailbox: Mailbox } {
  const limits = { ...CLIENT_SETTINGS.limits, chunkOctets };
  const serverLimits = { ...SETTINGS.limits, messageOctets: 1e6, commandLineOctets: 2000 };
  const [outbox, mailbox] = [new Outbox(messages), new Mailbox()];
  const [toServer, toClient] = [new Pipe(positions), new Pipe(positions)];
  const client = new Conversation(
    new SmtpClientSession({ ...CLIENT_SETTINGS, limits }),
    outbox,
    toServer,
  );
  const server = new Conversation(
    new SmtpServerSession({ ...SETTINGS, startTls: "offered", limits: serverLimits }),
    mailbox,
    toClient,
  );
  toServer.other = server;
  toClient.other = client;
  client.start();
  server.start();
  let moving = true;
  while (moving) {
    moving = toServer.deliver(client);
    if (toClient.deliver(server)) moving = true;
    if (!moving && toServer.takeStart() && toClient.takeStart()) {
      server.secured({ version: "TLSv1.3", cipher: "x" });
      client.secured({ version: "TLSv1.3", cipher: "x" });
      moving = true;
    }
  }
  return { outbox, mailbox };
}

const line = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.array(fc.constantFrom(".", "..", "x", " ", "\xe9"), { maxLength: 6 }),
  },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 998 }).map((n) => ["y".repeat(n)]) },
);
const local = fc.constantFrom("a", "b.c", "é", '"x y"', '"\\""', "x+y", "n=1", '"."', "öß");
const message: fc.Arbitrary<Message> = fc
  .record({
    lines: fc.array(line, { maxLength: 12 }),
    sender: fc.option(local, { nil: null }),
    recipients: fc.array(local, { minLength: 1, maxLength: 3 }),
  })
  .map(({ lines, sender, recipients }) => {
    const text = lines.map((parts) => `${parts.join("")}\r\n`).join("");
    const content = Uint8Array.from(Buffer.from(text, "latin1"));
    const transaction: OutgoingTransaction = {
      reversePath: sender === null ? null : address(`${sender}@local.example`),
      recipients: recipients.map((name) => ({ forwardPath: address(`${name}@foreign.example`) })),
      octets: content.length,
      body: content.some((octet) => octet > 127) ? "8BITMIME" : "7BIT",
      smtputf8: false,
    };
    return { transaction, content };
  });

test("any message arrives unchanged, with its envelope, over one connection", () => {
  const positions = fc.array(fc.nat(400), { maxLength: 6 });
  const chunk = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant(65_536));
  fc.assert(
    fc.property(
      fc.array(message, { minLength: 1, maxLength: 4 }),
      positions,
      chunk,
      (messages, at, chunkOctets) => {
        const { outbox, mailbox } = connect(messages, at, chunkOctets);
        assert.equal(outbox.ending, "quit");
        assert.deepEqual(
          outbox.outcomes.map((outcomes) => outcomes.map(outcomeKind)),
          messages.map(({ transaction }) => transaction.recipients.map(() => "delivered")),
        );
        assert.deepEqual(
          mailbox.received.map(({ content }) => content),
          messages.map(({ content }) => content),
        );
        assert.deepEqual(
          mailbox.received.map(({ recipients }) => recipients),
          messages.map(({ transaction }) =>
            transaction.recipients.map(({ forwardPath }) => JSON.stringify(forwardPath)),
          ),
        );
        mailbox.received.forEach(({ sender }, i) =>
          assert.ok(sender.startsWith(`[${JSON.stringify(messages[i]?.transaction.reversePath)},`)),
        );
      },
    ),
    { numRuns: 300 },
  );
});
