/** Servers that write reports to whom they should not, or lose what they have taken. The vectors named must fail. */
import { parsePath } from "../../../src/mail/index.ts";
import { stages, type Stages } from "../../../src/policy/checks/index.ts";
import { delegated } from "./breakage.ts";
import type { Mutation } from "./mutations.ts";
import type { Parts } from "./small-site.ts";

/** What SPF says, from its result and the domain that it is about. */
function saysOfSpf(heard: (result: string, domain: string) => string): Parts {
  return {
    session: () => ({
      unknownRecipients: (sound) => ({
        ...sound,
        spf: (client, domain) => {
          const found = sound.spf(client, domain);
          if (found instanceof Promise) throw new Error("the proof waits for no DNS");
          return { ...found, result: heard(found.result, domain) };
        },
      }),
    }),
  };
}

function judging(broken: (sound: Stages) => Partial<Stages>): Parts {
  return {
    stages: (deps) => {
      const sound = stages(deps);
      return { ...sound, ...broken(sound) };
    },
  };
}

const takesForYes = (what: string) => saysOfSpf((result) => (result === what ? "pass" : result));

export const REPORT_MUTATIONS: readonly Mutation[] = [
  {
    name: "does not ask whether the sender is verified",
    finds: [
      "R144a",
      "R144b",
      "R144c",
      "R144d",
      "R144e",
      "R144h",
      "R144i",
      "R144k",
      "R144l",
      "R144m",
    ],
    parts: judging(() => ({
      unknown: () => ({ recipient: "unknown mailbox, to be reported", facts: {} }),
      proof: () => "spf",
    })),
  },
  {
    name: "takes no answer of SPF for a yes",
    finds: ["R144a", "R144i", "R144k"],
    parts: takesForYes("none"),
  },
  { name: "takes SPF's no for a yes", finds: ["R144b", "R144h"], parts: takesForYes("fail") },
  { name: "takes SPF's soft no for a yes", finds: ["R144c"], parts: takesForYes("softfail") },
  { name: "takes SPF's silence for a yes", finds: ["R144d"], parts: takesForYes("neutral") },
  { name: "takes a DNS that is down for a yes", finds: ["R144e"], parts: takesForYes("temperror") },
  {
    name: "takes a DNS that is down for a no",
    finds: ["R144e"],
    parts: saysOfSpf((result) => (result === "temperror" ? "none" : result)),
    answersOnly: true,
  },
  {
    name: "reports where it is to refuse",
    finds: ["R144p"],
    parts: { reportsAnyway: true },
  },
  {
    name: "verifies nobody",
    finds: ["R144f", "R144h"],
    parts: saysOfSpf(() => "none"),
    answersOnly: true,
  },
  {
    name: "answers the null path at the name in EHLO",
    finds: ["R144g"],
    parts: {
      session: ({ names }) => ({
        desk: (sound) => ({
          ...delegated(sound),
          ask(ask, reply) {
            const read = parsePath(`<x@${names.foreign}>`, 0, false);
            const isNull = ask.kind === "sender" && ask.reversePath === null;
            if (!isNull || read.kind !== "address") return sound.ask(ask, reply);
            return sound.ask({ ...ask, reversePath: read.address }, reply);
          },
        }),
      }),
    },
  },
  {
    name: "remembers of a session that its sender was verified",
    finds: ["R144h"],
    parts: {
      session: () => {
        let verified = false;
        return {
          unknownRecipients: (sound) => ({
            ...sound,
            spf: (client, domain) => {
              const found = sound.spf(client, domain);
              if (!(found instanceof Promise)) verified ||= found.result === "pass";
              return verified ? { result: "pass", domain } : found;
            },
          }),
        };
      },
    },
  },
  {
    name: "has a domain speak for those below it",
    finds: ["R144i"],
    parts: {
      session: ({ names }) => ({
        unknownRecipients: (sound) => ({
          ...sound,
          spf: (client, domain) =>
            domain.endsWith(`.${names.foreign}`)
              ? { result: "pass", domain }
              : sound.spf(client, domain),
        }),
      }),
    },
  },
  {
    name: "does not see that a message is an answer",
    finds: ["R144j"],
    parts: {
      session: () => ({
        desk: (sound) => ({
          ...delegated(sound),
          body: (slice, drained) =>
            sound.body(
              Buffer.from(Buffer.from(slice).toString("latin1").replace("auto-replied", "no")),
              drained,
            ),
        }),
      }),
    },
  },
  {
    name: "tells whoever wrote through an alias",
    finds: ["R144l", "R144m"],
    parts: judging(() => ({ proof: () => "spf" })),
  },
  {
    name: "takes the author for the sender",
    finds: ["R144m"],
    parts: judging(({ proof }) => ({
      proof: (path, found) => (found.dmarc === undefined ? proof(path, found) : "dmarc"),
    })),
  },
  {
    name: "tells no stranger of what it forwarded",
    finds: ["R144n", "R144o"],
    parts: judging(() => ({ proof: () => "none" })),
    answersOnly: true,
  },
  {
    name: "takes mail for nobody and tells nobody",
    finds: ["R144f"],
    parts: judging(() => ({ proof: () => "none" })),
    answersOnly: true,
  },
];
