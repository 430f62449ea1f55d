/** The POP3 server's engine for the fuzzer: settings in which limits are near, and a desk with opinions. */
import {
  Pop3ServerSession,
  type LoginDenial,
  type Pop3Answer,
  type Pop3Ask,
  type Pop3Message,
  type Pop3Settings,
  type Pop3Tell,
} from "../../../src/protocol/pop3/index.ts";
import type { Contract } from "../checked-session.ts";
import type { Dice } from "../dice.ts";
import type { Subject } from "../play.ts";
import { TLS_FACTS } from "../trace.ts";
import { contentOf, MESSAGES, uidOf } from "./messages.ts";
import { EXPORTER, SERVER_NONCE, VERIFIER } from "./scram.ts";

const SMALL: Pop3Settings = {
  hostname: "mx.local.example",
  sessionId: "0123456789ab",
  startTls: "offered",
  plainTextLogin: true,
  authLogin: true,
  internationalMessages: "sent",
  limits: {
    errors: 6,
    commandLineOctets: 60,
    saslLineOctets: 200,
    chunkOctets: 7,
    loginTimeMs: 1000,
    idleTimeMs: 2000,
    crowdedTimeMs: 500,
  },
};
const WIDE: Pop3Settings = {
  ...SMALL,
  limits: {
    ...SMALL.limits,
    errors: 100,
    commandLineOctets: 255,
    saslLineOctets: 2000,
    chunkOctets: 64,
  },
};

/** Which of them, a scenario says by number. */
export const SETTINGS: readonly [Pop3Settings, ...Pop3Settings[]] = [
  SMALL,
  WIDE,
  { ...WIDE, plainTextLogin: false },
  { ...WIDE, plainTextLogin: false, authLogin: false, internationalMessages: "refused" },
  { ...SMALL, startTls: "unavailable", plainTextLogin: false },
  { ...SMALL, startTls: "established", tls: TLS_FACTS, internationalMessages: "refused" },
  { ...WIDE, startTls: "unavailable", authLogin: false, internationalMessages: "refused" },
  { ...WIDE, startTls: "established", tls: { ...TLS_FACTS, exporter: EXPORTER } },
];

export function settingsOf(number: number): Pop3Settings {
  return SETTINGS[number % SETTINGS.length] ?? SMALL;
}

export function contractOf(settings: number): Contract<Pop3Ask, Pop3Tell> {
  const { commandLineOctets, saslLineOctets } = settingsOf(settings).limits;
  return {
    takesContent: false,
    keptOctets: Math.max(commandLineOctets, saslLineOctets) + 1, // a CR whose LF has not come
    isEnd: (tell) => tell.kind === "ended",
    endsContent: () => false,
    voidsContent: () => false,
  };
}

export const POP3: Subject<Pop3Ask, Pop3Tell, Pop3Answer> = {
  engine: (settings) => new Pop3ServerSession(settingsOf(settings)),
  opinion,
  contract: contractOf,
};

const AUTHENTICATED: Pop3Answer = { kind: "authenticated" };
const UNAVAILABLE: Pop3Answer = { kind: "unavailable" };

function opinion(ask: Pop3Ask, dice: Dice): Pop3Answer {
  switch (ask.kind) {
    case "credentials":
      return dice.chance(85) ? AUTHENTICATED : denial(dice);
    case "verifier":
      return dice.chance(90)
        ? { kind: "verifier", verifier: VERIFIER, nonce: SERVER_NONCE }
        : denial(dice);
    case "proof":
      return ask.right && dice.chance(90) ? AUTHENTICATED : denial(dice);
    case "open":
      return dice.chance(90)
        ? { kind: "opened", messages: listing(dice) }
        : dice.pick([{ kind: "in-use" }, UNAVAILABLE]);
    case "read":
      return read(ask, dice);
    case "remove":
      return dice.chance(85) ? { kind: "removed" } : UNAVAILABLE;
  }
}

function denial(dice: Dice): Pop3Answer {
  const why = dice.pick<LoginDenial>([
    "wrong",
    "disabled",
    "busy",
    "slowed",
    "unavailable",
    "damaged",
  ]);
  return { kind: "denied", why };
}

function listing(dice: Dice): Pop3Message[] {
  const count = dice.weighted([
    [10, dice.below(2)],
    [60, 1 + dice.below(6)],
    [1, 499 + dice.below(3)],
    [1, 1200],
  ]);
  const first = dice.below(MESSAGES - count);
  return Array.from({ length: count }, (_, i) => {
    const uid = uidOf(first + i);
    const damage = dice.chance(4) ? dice.pick([-3, -1, 1, 5]) : 0;
    return { uid, octets: Math.max(0, contentOf(uid).length + damage) };
  });
}

/** Mostly what was asked for, or the beginning of it. */
function read(
  { uid, offset, limit }: Extract<Pop3Ask, { readonly kind: "read" }>,
  dice: Dice,
): Pop3Answer {
  const length = dice.chance(50) ? limit : 1 + dice.below(limit);
  const octets = (text: string): Pop3Answer => ({
    kind: "content",
    octets: Buffer.from(text, "latin1"),
  });
  return dice.weighted<() => Pop3Answer>([
    [200, () => octets(contentOf(uid).slice(offset, offset + length))],
    [1, () => octets("")],
    [1, () => octets("z".repeat(300))],
    [2, () => ({ kind: "gone" })],
    [2, () => UNAVAILABLE],
  ])();
}
