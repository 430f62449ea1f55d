/** Servers that take the reports about what they forwarded, and more. The vectors named must fail. */
import type { decide } from "../../../src/policy/checks/index.ts";
import { readReturn } from "../../../src/policy/routing/index.ts";
import type { Mutation } from "./mutations.ts";
import {
  decides,
  judges,
  leavesOutOfTheMark,
  mistakesAtRcpt,
  reads,
  returnOf,
  returnParts,
  validReturn,
} from "./sending-breakage.ts";
import { NAMES, OTHER_RETURN_KEY, TODAY } from "./small-directory.ts";
import type { Parts } from "./small-site.ts";

const VALID = returnParts(NAMES.returns.valid) ?? notOurs();

export const RETURN_MUTATIONS: readonly Mutation[] = [
  {
    name: "takes any return address for one of its own",
    finds: [
      "R54a",
      "R54b",
      "R54k",
      "R54l",
      "R54m",
      "R54n",
      "R54o",
      "R54p",
      "R54q",
      "R54r",
      "R54u",
      "R54v",
      "R54x",
      "R115p",
    ],
    parts: reads((local) => {
      const said = returnParts(local);
      if (said !== undefined) return validReturn(`${said.user}@${said.host}`);
      const [, host, rest] = /^SRS1=.*?=(.*?)=(=.*)$/i.exec(local) ?? [];
      return host === undefined ? { kind: "no return" } : validReturn(`SRS0${rest ?? ""}@${host}`);
    }),
  },
  {
    name: "does not look how old a return is",
    finds: ["R54k", "R115p"],
    parts: reads((local, domain, sound) => {
      const reading = sound.read(local, domain);
      return reading.kind === "expired" ? { ...reading, kind: "valid" } : reading;
    }),
  },
  {
    name: "has a key of returns that others have too",
    finds: ["R54l", "R115p"],
    parts: reads((local, domain) => readReturn(local, domain, [OTHER_RETURN_KEY], TODAY)),
  },
  {
    name: "marks returns without their local part",
    finds: ["R54m", "R54u"],
    parts: leavesOutOfTheMark((said) => ({ ...said, user: VALID.user })),
  },
  {
    name: "marks returns without their domain",
    finds: ["R54n", "R115p"],
    parts: leavesOutOfTheMark((said) => ({ ...said, host: VALID.host })),
  },
  {
    name: "marks returns without their day",
    finds: ["R54o"],
    parts: leavesOutOfTheMark((said) => ({ ...said, day: VALID.day })),
  },
  {
    name: "compares as much of a mark as there is",
    finds: ["R54p"],
    parts: leavesOutOfTheMark((said) =>
      VALID.mark.startsWith(said.mark) ? { ...said, mark: VALID.mark } : said,
    ),
  },
  {
    name: "marks both kinds of returns alike",
    finds: ["R54q"],
    parts: reads((local, domain, sound) => {
      const [, sealed = "", host = "", user = ""] = /^SRS1=(.*?)=(.*?)==(.*)$/.exec(local) ?? [];
      const said = { mark: sealed.slice(0, -2), day: sealed.slice(-2), host, user };
      const { kind } = sound.read(returnOf(said), domain);
      return kind === "valid" ? validReturn(`SRS0=${user}@${host}`) : sound.read(local, domain);
    }),
  },
  {
    name: "reads returns with any separator",
    finds: ["R54v"],
    parts: reads((local, domain, sound) => sound.read(local.replace(/^SRS0[-+]/, "SRS0="), domain)),
  },
  {
    name: "marks returns without its own domain",
    finds: ["R54r", "R54x"],
    parts: reads((local, _, sound) => sound.read(local, NAMES.domain)),
  },
  {
    name: "takes a tag off a return",
    finds: ["R54u"],
    parts: reads((local, domain, sound) =>
      sound.read(local.replace(/(?<=^SRS0.*)\+.*$/, ""), domain),
    ),
  },
  {
    name: "looks for a return behind a tag",
    finds: ["R54u"],
    parts: reads((local, domain, sound) => sound.read(local.replace(/^.*\+(?=SRS0)/, ""), domain)),
  },
  {
    name: "takes a return that it cannot read for any other name",
    finds: ["R54k", "R54l", "R54r"],
    parts: reads(() => ({ kind: "no return" })),
    answersOnly: true,
  },
  {
    name: "knows no returns of a gateway's domain",
    finds: ["R54w", "R54x"],
    parts: {
      returns: (sound) => ({
        read: (local, domain) =>
          domain === NAMES.gatewayWithAliases.domain
            ? { kind: "no return" }
            : sound.read(local, domain),
      }),
    },
    answersOnly: true,
  },
  {
    name: "knows no returns",
    finds: ["R54e", "R54f", "R54w"],
    parts: { returns: () => ({ read: () => ({ kind: "no return" }) }) },
    answersOnly: true,
  },
  {
    name: "knows its returns by their case",
    finds: ["R54f"],
    parts: {
      returns: (sound) => ({
        read: (local, domain) =>
          local === local.toUpperCase() ? { kind: "forged" } : sound.read(local, domain),
      }),
    },
    answersOnly: true,
  },
  {
    name: "takes more than reports for a return",
    finds: ["R18k", "R54g", "R54y", "R115o"],
    parts: mistakesAtRcpt(() => ({ reversePath: null })),
  },
  {
    name: "takes reports for a return and others beside it",
    finds: ["R54h", "R54i", "R115p"],
    parts: mistakesAtRcpt(() => ({ recipientsBefore: 0, returnBefore: false })),
  },
  {
    name: "takes others behind a return",
    finds: ["R54i"],
    parts: mistakesAtRcpt(() => ({ returnBefore: false })),
    answersOnly: true,
  },
  {
    name: "takes reports of any declared size",
    finds: ["R54j"],
    parts: mistakesAtRcpt(() => ({ declaredOctets: 0 })),
  },
  {
    name: "believes the declared size of a report",
    finds: ["R54t"],
    parts: judges(({ message }) => ({ message: (facts) => message({ ...facts, octets: 0 }) })),
  },
  {
    name: "deposits what comes for a return that is too old",
    finds: ["R18k", "R54k", "R115o"],
    parts: deposits("stale return"),
    answersOnly: true,
  },
  {
    name: "deposits what comes for a return that it did not make",
    finds: ["R54l", "R54m", "R54n", "R54o", "R54p", "R54q", "R54r"],
    parts: deposits("forged return"),
    answersOnly: true,
  },
];

function deposits(kind: Parameters<typeof decide>[1]): Parts {
  return decides((_, recipient) => (recipient === kind ? { kind: "deposit" } : undefined));
}

function notOurs(): never {
  throw new Error("the small site's return is none");
}
