/** Broken submission ports: what is let through of somebody who has logged in. The vectors named must fail. */
import { formatReversePath, type Author, type Authors } from "../../../src/mail/index.ts";
import { PROOF_PASSWORD } from "../../../src/app/proof-accounts.ts";
import { decide, type SenderStageSubject } from "../../../src/policy/checks/index.ts";
import { answers, hears, hearsOctets, saysBefore } from "./breakage.ts";
import { remembersTransaction } from "./careless.ts";
import type { Mutation } from "./mutations.ts";
import {
  both,
  CONTINUE,
  decides,
  judges,
  mistakesAtRcpt,
  withTrusted,
} from "./sending-breakage.ts";
import { NAMES } from "./small-directory.ts";
import type { Parts } from "./small-site.ts";

const ADDRESS = `${NAMES.user}@${NAMES.domain}`;
const RIGHT = `AUTH PLAIN ${Buffer.from(`\0${ADDRESS}\0${PROOF_PASSWORD}`).toString("base64")}`;

/** Lets a login send with some addresses that are not its own; `sender` as it stood behind MAIL FROM. */
function sendsAs(allowed: (sender: string) => boolean): Parts {
  return judges(({ sender }) => ({
    sender: (subject) => (allowed(senderOf(subject)) ? CONTINUE : sender(subject)),
  }));
}

function senderOf({ reversePath }: SenderStageSubject): string {
  return formatReversePath(reversePath);
}

const AS_ANYBODY = sendsAs(() => true);

/** Takes fewer for the authors of a message than there are. */
function takesForAuthors(which: (authors: readonly Author[]) => readonly Author[]): Parts {
  return judges(({ message }) => ({
    message: ({ authors, ...subject }) =>
      message({ ...subject, ...(authors !== undefined && { authors: chosen(authors, which) }) }),
  }));
}

function chosen(read: Authors, which: (authors: readonly Author[]) => readonly Author[]): Authors {
  return read.kind === "read" ? { ...read, authors: which(read.authors) } : read;
}

const FROM_OWN = `From: <${ADDRESS}>`;
const FROM_OTHER = `From: <x@${NAMES.foreign}>`;

/** A trusted client's connection is one that has logged in. */
const TRUSTED_WITHOUT_LOGIN = withTrusted(saysBefore(/^MAIL/, RIGHT));

export const LOGIN_MUTATIONS: readonly Mutation[] = [
  {
    name: "lets nobody send abroad",
    finds: ["R102a", "R102d"],
    parts: decides((client, recipient) =>
      client === "login" && recipient === "foreign domain"
        ? decide("public address", recipient)
        : undefined,
    ),
    answersOnly: true,
  },
  {
    name: "lets a login send with any address",
    finds: ["R115", "R115k", "R115l", "R115m", "R115n", "R115t", "R117f"],
    parts: AS_ANYBODY,
  },
  {
    name: "lets a login send with any address of ours",
    finds: ["R115", "R115l", "R115n", "R117f"],
    parts: sendsAs((sender) => sender.endsWith(`@${NAMES.domain}>`)),
  },
  {
    name: "lets who gets a catch-all's mail send as all of its domain",
    finds: ["R115k"],
    parts: sendsAs((sender) => sender.endsWith(`@${NAMES.catchAll.domain}>`)),
  },
  {
    name: "lets a login send as an alias that leads abroad",
    finds: ["R115l"],
    parts: sendsAs((sender) => sender.startsWith(`<${NAMES.aliasAbroad.local}@`)),
  },
  {
    name: "lets a login send as all of a gateway's domain",
    finds: ["R115m"],
    parts: sendsAs((sender) => sender.endsWith(`@${NAMES.gateway.domain}>`)),
  },
  {
    name: "lets a login send as all of a gateway's domain that is in the directory",
    finds: ["R115t"],
    parts: sendsAs((sender) => sender.endsWith(`@${NAMES.gatewayWithAliases.domain}>`)),
  },
  {
    name: "lets a login send with returns",
    finds: ["R115n"],
    parts: sendsAs((sender) => sender.startsWith("<SRS0=")),
  },
  {
    name: "keeps its transaction through RSET",
    finds: ["R118d"],
    parts: remembersTransaction(/^RSET$/),
  },
  {
    name: "asks once whether a login is good",
    finds: ["R118e", "R118f"],
    parts: {
      accounts: (sound) => ({
        authenticate: sound.authenticate.bind(sound),
        openScram: sound.openScram.bind(sound),
        stands: () => "yes",
        certificates: sound.certificates,
      }),
    },
  },
  {
    name: "does not look for whose sender it cannot look up",
    finds: ["R111c"],
    parts: judges(({ sender }) => ({
      async sender(subject) {
        try {
          return await sender(subject);
        } catch {
          return CONTINUE; // the mistake that this mutation is about
        }
      },
    })),
    answersOnly: true,
  },
  {
    name: "asks nobody who the author is",
    finds: ["R115b", "R115c", "R115e", "R115f", "R115g", "R115h", "R115i", "R115j", "R115r"],
    parts: judges(({ message }) => ({
      message: ({ received, returns, octets }) => message({ received, returns, octets }),
    })),
  },
  {
    name: "reads the first From",
    finds: ["R115c"],
    parts: hearsOctets((octets) => octets.replace(`${FROM_OWN}\r\n${FROM_OTHER}`, FROM_OWN)),
  },
  {
    name: "reads the last From",
    finds: ["R115c"],
    parts: hearsOctets((octets) => octets.replace(`${FROM_OWN}\r\n${FROM_OTHER}`, FROM_OTHER)),
    answersOnly: true,
  },
  {
    name: "reads the first author of several",
    finds: ["R115e"],
    parts: takesForAuthors((authors) => authors.slice(0, 1)),
  },
  {
    name: "reads From alone",
    finds: ["R115f", "R115g"],
    parts: takesForAuthors((authors) => authors.filter(({ field }) => field === "From")),
  },
  {
    name: "reads no Resent-From",
    finds: ["R115g"],
    parts: takesForAuthors((authors) => authors.filter(({ field }) => field !== "Resent-From")),
  },
  {
    name: "takes the envelope's sender for the author",
    finds: ["R115h"],
    parts: hearsOctets((octets) => octets.replace(/^To:/, `${FROM_OWN}\r\nTo:`)),
  },
  {
    name: "takes a name for an address",
    finds: ["R115i"],
    parts: hears((line) => line.replace(/^From: "(.*@.*)" <.*>$/, "From: <$1>")),
  },
  {
    name: "passes over what stands in a name",
    finds: ["R115r"],
    parts: hears((line) => line.replace(/^From: ".*" </, "From: <")),
  },
  {
    name: "passes over a field with a blank before its colon",
    finds: ["R115j"],
    parts: hears((line) => line.replace(/^From : .*/, "X: y")),
  },
  {
    name: "asks no gateway about the recipients of logins",
    finds: ["R115q"],
    parts: judges(({ recipient }) => ({
      recipient: (subject) =>
        subject.login !== undefined && subject.route.recipient === "gateway recipient"
          ? CONTINUE
          : recipient(subject),
    })),
  },
  {
    name: "lets logins write to returns",
    finds: ["R115o", "R115p"],
    parts: mistakesAtRcpt(({ login }) =>
      login === undefined ? {} : { reversePath: null, recipientsBefore: 0 },
    ),
  },
  {
    name: "needs no login of a trusted network",
    finds: ["R117e"],
    parts: TRUSTED_WITHOUT_LOGIN,
    answersOnly: true,
  },
  {
    name: "takes a trusted network for a login, and lets it send with any address",
    finds: ["R117e", "R117f"],
    parts: both(TRUSTED_WITHOUT_LOGIN, AS_ANYBODY),
  },
  {
    name: "lets a login send with any address from a trusted network",
    finds: ["R117f"],
    parts: answers((answer, ask, { client }) =>
      ask.kind === "sender" && client === NAMES.trusted.client ? { kind: "proceed" } : answer,
    ),
    answersOnly: true,
  },
  {
    name: "is told by XCLIENT who has logged in",
    finds: ["R117g"],
    parts: hears((line) => line.replace(/^XCLIENT .*LOGIN=.*/, RIGHT)),
    answersOnly: true,
  },
];
