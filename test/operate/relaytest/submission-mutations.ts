/** Broken submission ports: who is let in that must not be, and what is done before and after. The vectors named must fail. */
import { PROOF_PASSWORD } from "../../../src/app/proof-accounts.ts";
import type { SmtpAnswer, SmtpAsk } from "../../../src/protocol/smtp/index.ts";
import {
  answers,
  delegated,
  hearing,
  hears,
  hearsOctets,
  relayingWhile,
  sendsAlsoTo,
} from "./breakage.ts";
import type { Mutation } from "./mutations.ts";
import { NAMES } from "./small-directory.ts";
import type { Parts } from "./small-site.ts";

const ADDRESS = `${NAMES.user}@${NAMES.domain}`;

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

const RIGHT = `AUTH PLAIN ${base64(`\0${ADDRESS}\0${PROOF_PASSWORD}`)}`;
const EMPTY = `AUTH PLAIN ${base64(`\0${ADDRESS}\0`)}`;
const FOURTH_PART = `AUTH PLAIN ${base64(`\0${ADDRESS}\0${PROOF_PASSWORD}\0`)}`;
const OTHERS = `AUTH PLAIN ${base64(`postmaster@${NAMES.domain}\0${ADDRESS}\0${PROOF_PASSWORD}`)}`;

/** Takes these commands for a right login. */
function takesForLogin(...lines: readonly string[]): Parts {
  return hears((line) => (lines.includes(line) ? RIGHT : line));
}

/** Whatever password is said, it is right. */
function letIn(answer: SmtpAnswer, ask: SmtpAsk): SmtpAnswer {
  return ask.kind === "credentials" ? { kind: "authenticated" } : answer;
}

/** A command so far as it was said after a login that was tried. */
function afterLogin(change: (line: string) => string): Parts {
  return {
    session: () => {
      let tried = false;
      return {
        engine: hearing((line) => {
          const heard = tried ? change(line) : line;
          tried ||= line.startsWith("AUTH ");
          return heard;
        }),
      };
    },
  };
}

/** Every login is right, and whoever has logged in relays: only a proof of the ports can show that. */
const OPEN_TO_GUESSERS: Parts = {
  session: (around) => {
    let loggedIn = false;
    return {
      router: relayingWhile(around, () => loggedIn),
      desk: (sound) => ({
        ...delegated(sound),
        ask: (ask, reply) =>
          sound.ask(ask, (answer) => {
            const said = letIn(answer, ask);
            loggedIn ||= said.kind === "authenticated";
            reply(said);
          }),
      }),
    };
  },
};

export const SUBMISSION_MUTATIONS: readonly Mutation[] = [
  {
    name: "takes mail on a submission port as on port 25",
    finds: ["R102b", "R102c", "R117", "R117b", "R117c", "R117d"],
    parts: { submission: () => undefined },
    answersOnly: true,
  },
  {
    name: "lets in whoever asks, and relays for them",
    finds: ["R100b", "R100c", "R114e", "R118a"],
    parts: OPEN_TO_GUESSERS,
  },
  {
    name: "lets in whoever asks",
    finds: ["R100b", "R100c", "R114e", "R118a"],
    parts: answers(letIn),
    answersOnly: true,
  },
  {
    name: "lets in without a password",
    finds: ["R114a"],
    parts: takesForLogin(EMPTY),
    answersOnly: true,
  },
  {
    name: "takes an empty line for a password",
    finds: ["R114l"],
    parts: hearsOctets((octets) => (octets === "\r\n" ? `${base64(PROOF_PASSWORD)}\r\n` : octets)),
    answersOnly: true,
  },
  {
    name: "knows ANONYMOUS and EXTERNAL",
    finds: ["R114b", "R114c"],
    parts: takesForLogin("AUTH ANONYMOUS eA==", "AUTH EXTERNAL ="),
    answersOnly: true,
  },
  {
    name: "lets a user act as another",
    finds: ["R114d", "R114i"],
    parts: hears((line) => {
      if (line === OTHERS) return RIGHT;
      const first = /^AUTH SCRAM-SHA-256 (.+)$/.exec(line)?.[1] ?? "";
      const message = Buffer.from(first, "base64").toString();
      return message.startsWith("n,a=")
        ? `AUTH SCRAM-SHA-256 ${base64(message.replace(/^n,a=[^,]*,/, "n,,"))}`
        : line;
    }),
    answersOnly: true,
  },
  {
    name: "reads a password up to its NUL",
    finds: ["R114f"],
    parts: takesForLogin(FOURTH_PART),
    answersOnly: true,
  },
  {
    name: "takes nothing for a login",
    finds: ["R114g"],
    parts: takesForLogin("AUTH PLAIN ="),
    answersOnly: true,
  },
  {
    name: "needs no proof of SCRAM",
    finds: ["R114h"],
    parts: hears((line) => {
      if (line.startsWith("AUTH SCRAM-SHA-256 ")) return "AUTH PLAIN";
      return line === base64("c=biws,r=abc") ? RIGHT.slice("AUTH PLAIN ".length) : line;
    }),
    answersOnly: true,
  },
  {
    name: "does not mind that its offer of channel binding was hidden",
    finds: ["R114j"],
    parts: hears((line) =>
      line.replace(base64(`y,,n=${ADDRESS},r=abc`), base64(`n,,n=${ADDRESS},r=abc`)),
    ),
    answersOnly: true,
  },
  {
    name: "goes on with a login that was given up",
    finds: ["R101b", "R101c", "R114k"],
    parts: hears((line) => (line === "*" ? base64("x") : line)),
    answersOnly: true,
  },
  {
    name: "takes the clear for TLS",
    finds: ["R103b"],
    parts: { thinksItIsSecure: true },
    answersOnly: true,
  },
  {
    name: "begins TLS twice",
    finds: ["R103c"],
    parts: afterLogin((line) => (line === "STARTTLS" ? "NOOP" : line)),
    answersOnly: true,
  },
  {
    name: "has a second login over the first",
    finds: ["R118b"],
    parts: afterLogin((line) => (line.startsWith("AUTH ") ? "NOOP" : line)),
    answersOnly: true,
  },
  {
    name: "sends a copy to the submitter that AUTH= names",
    finds: ["R118c"],
    parts: sendsAlsoTo(/ AUTH=(\S+)$/, ""),
  },
  {
    name: "reads what a refused chunk holds as commands",
    finds: ["R117c"],
    parts: hearsOctets((octets) => octets.replace("BDAT 22 LAST", "BDAT 0 LAST")),
    answersOnly: true,
  },
];
