/** The SMTP server's engine for the fuzzer: settings in which limits are near, and a desk with opinions. */
import { status } from "../../../src/mail/index.ts";
import {
  SmtpServerSession,
  type SmtpAnswer,
  type SmtpAsk,
  type SmtpSettings,
  type SmtpTell,
} from "../../../src/protocol/smtp/index.ts";
import type { Dice } from "../dice.ts";
import type { Subject } from "../play.ts";
import { EXPORTER, SERVER_NONCE, VERIFIER } from "../pop3/scram.ts";
import { TLS_FACTS } from "../trace.ts";

const SMALL: SmtpSettings = {
  hostname: "mx.local.example",
  sessionId: "k7q2m9x4tb3d",
  startTls: "offered",
  limits: {
    messageOctets: 60,
    recipients: 3,
    errors: 8,
    commandLineOctets: 120,
    transactions: 4,
    commandTimeMs: 1000,
    contentTimeMs: 2000,
    crowdedTimeMs: 500,
  },
};
const WIDE = { messageOctets: 10_000, recipients: 100, errors: 100, transactions: 1000 };

const SUBMISSION: SmtpSettings = {
  ...SMALL,
  startTls: "established",
  tls: { ...TLS_FACTS, exporter: EXPORTER, clientCertificates: [new Uint8Array(9)] },
  submission: { authLogin: true, saslLineOctets: 200 },
  limits: { ...SMALL.limits, errors: 20 },
};

/** Which of them, a scenario says by number. */
export const SETTINGS: readonly [SmtpSettings, ...SmtpSettings[]] = [
  SMALL,
  { ...SMALL, startTls: "unavailable" },
  { ...SMALL, startTls: "established", tls: TLS_FACTS },
  { ...SMALL, limits: { ...SMALL.limits, ...WIDE, commandLineOctets: 512 } },
  SUBMISSION,
  {
    ...SMALL,
    submission: { authLogin: false, saslLineOctets: 2000 },
    limits: { ...SMALL.limits, ...WIDE, commandLineOctets: 512 },
  },
];

export function settingsOf(number: number): SmtpSettings {
  return SETTINGS[number % SETTINGS.length] ?? SMALL;
}

const NO: SmtpAnswer = { kind: "status", status: status(550, "5.7.1", "no\r\nQUIT é", "desk") };
const LATER: SmtpAnswer = { kind: "status", status: status(451, "4.3.0", "later", "desk") };
const YES: SmtpAnswer = { kind: "status", status: status(250, "2.1.0", "x".repeat(999), "desk") };
const END: SmtpAnswer = { kind: "end", status: status(421, "4.7.0", "go away", "desk") };
const PROCEED: SmtpAnswer = { kind: "proceed" };

function opinion(ask: SmtpAsk, dice: Dice): SmtpAnswer {
  switch (ask.kind) {
    case "credentials":
      return dice.chance(85) ? AUTHENTICATED : denial(dice);
    case "verifier":
      return dice.chance(90)
        ? { kind: "verifier", verifier: VERIFIER, nonce: SERVER_NONCE }
        : denial(dice);
    case "proof":
      return ask.right && dice.chance(90) ? AUTHENTICATED : denial(dice);
    case "external":
      return dice.chance(70) ? AUTHENTICATED : denial(dice);
    case "helo":
      // Also of somebody who has shown no certificate: the engine knows better.
      return dice.chance(50) ? { kind: "proceed", external: true } : usualOpinion(dice);
    default:
      return usualOpinion(dice);
  }
}

const AUTHENTICATED: SmtpAnswer = { kind: "authenticated" };

function denial(dice: Dice): SmtpAnswer {
  return dice.weighted([
    [5, NO],
    [4, LATER],
    [1, END],
  ]);
}

function usualOpinion(dice: Dice): SmtpAnswer {
  return dice.weighted([
    [84, PROCEED],
    [5, YES],
    [5, NO],
    [4, LATER],
    [2, END],
  ]);
}

/** Octets of the longest line that is read, CRLF included. */
function lineLimit({ limits, submission }: SmtpSettings): number {
  return Math.max(limits.commandLineOctets, submission?.saslLineOctets ?? 0);
}

export const SMTP: Subject<SmtpAsk, SmtpTell, SmtpAnswer> = {
  engine: (settings) => new SmtpServerSession(settingsOf(settings)),
  opinion,
  contract: (settings) => ({
    takesContent: true,
    keptOctets: lineLimit(settingsOf(settings)) + 1, // a CR whose LF has not come
    isEnd: (tell) => tell.kind === "ended",
    endsContent: (ask) => ask.kind === "message",
    voidsContent: (tell) => tell.kind === "reset" || tell.kind === "ended",
  }),
};
