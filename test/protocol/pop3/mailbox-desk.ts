/** A desk over a maildrop in memory: every login is right unless its password is "wrong"; SCRAM knows "secret" alone. */
import { Conversation, MemoryWire, type Desk } from "../../../src/protocol/dialogue/index.ts";
import {
  Pop3ServerSession,
  type Pop3Answer,
  type Pop3Ask,
  type Pop3Settings,
  type Pop3Tell,
} from "../../../src/protocol/pop3/index.ts";
import { EXAMPLE, verifierOf } from "../sasl/scram-client.ts";

const SECRET = verifierOf("secret");

export const SETTINGS: Pop3Settings = {
  hostname: "mx.local.example",
  sessionId: "0123456789ab",
  startTls: "offered",
  plainTextLogin: true,
  authLogin: false,
  internationalMessages: "sent",
  limits: {
    errors: 20,
    commandLineOctets: 255,
    saslLineOctets: 12_288,
    chunkOctets: 65_536,
    loginTimeMs: 180_000,
    crowdedTimeMs: 10_000,
    idleTimeMs: 600_000,
  },
};

export function withLimits(limits: Partial<Pop3Settings["limits"]>): Pop3Settings {
  return { ...SETTINGS, limits: { ...SETTINGS.limits, ...limits } };
}

export class MailboxDesk implements Desk<Pop3Ask, Pop3Tell, Pop3Answer> {
  readonly #contents: readonly Uint8Array[];
  readonly #late: boolean;
  #pending: (() => void) | undefined;
  readonly asks: Pop3Ask[] = [];
  readonly tells: Pop3Tell[] = [];

  constructor(contents: readonly Uint8Array[], late = false) {
    this.#contents = contents;
    this.#late = late;
  }

  ask(ask: Pop3Ask, reply: (answer: Pop3Answer) => void): void {
    if (this.#pending !== undefined) throw new Error("asked although an ask is open");
    if (this.tells.some(({ kind }) => kind === "ended")) throw new Error("asked after the end");
    this.asks.push(ask);
    const answer = this.#answer(ask);
    if (this.#late) this.#pending = () => reply(answer);
    else reply(answer);
  }

  tell(tell: Pop3Tell): void {
    this.tells.push(tell);
  }

  body(): boolean {
    throw new Error("a POP3 client sends no content");
  }

  answerNext(): boolean {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.();
    return pending !== undefined;
  }

  #answer(ask: Pop3Ask): Pop3Answer {
    switch (ask.kind) {
      case "credentials":
        return ask.password === "wrong"
          ? { kind: "denied", why: "wrong" }
          : { kind: "authenticated" };
      case "verifier":
        return { kind: "verifier", verifier: SECRET, nonce: EXAMPLE.serverNonce };
      case "proof":
        return ask.right ? { kind: "authenticated" } : { kind: "denied", why: "wrong" };
      case "open":
        return {
          kind: "opened",
          messages: this.#contents.map(({ length }, i) => ({ uid: `u${i + 1}`, octets: length })),
        };
      case "read": {
        const content = this.#contents[Number(ask.uid.slice(1)) - 1];
        if (content === undefined) return { kind: "gone" };
        return { kind: "content", octets: content.subarray(ask.offset, ask.offset + ask.limit) };
      }
      case "remove":
        return { kind: "removed" };
    }
  }
}

export interface Played {
  readonly output: string;
  readonly closed: boolean;
  readonly desk: MailboxDesk;
}

/** Plays the pieces; the client finishes each handshake, and hangs up at the end. */
export function play(
  pieces: readonly Uint8Array[],
  contents: readonly Uint8Array[] = [],
  { settings = SETTINGS, late = false, slow = false } = {},
): Played {
  const desk = new MailboxDesk(contents, late);
  const wire = new MemoryWire({ slow });
  const conversation = new Conversation(new Pop3ServerSession(settings), desk, wire);
  const settle = (): void => {
    for (let moved = true; moved;) {
      moved = desk.answerNext();
      if (!wire.drain()) continue;
      conversation.drained();
      moved = true;
    }
  };
  conversation.start();
  settle();
  for (const piece of pieces) {
    conversation.receive(Uint8Array.from(piece));
    settle();
  }
  const closed = wire.ended;
  const output = wire.take();
  conversation.closed();
  return { output, closed, desk };
}

/** Lines with CRLF, as octets. */
export function lines(...texts: readonly string[]): Uint8Array {
  return Buffer.from(texts.map((text) => `${text}\r\n`).join(""));
}

export const LOGIN: readonly string[] = ["USER ann@local.example", "PASS secret"];
