/** Servers whose way back for relay tests is more than that. The vectors named must fail. */
import { readToken } from "../../../src/operate/tester/index.ts";
import type { TestDomain } from "../../../src/policy/routing/index.ts";
import { relaysTo, trustsSender, trustsWord } from "./breakage.ts";
import type { Mutation } from "./mutations.ts";
import { reroutes } from "./sending-breakage.ts";
import { DIRECTORY, NAMES } from "./small-directory.ts";
import type { Parts } from "./small-site.ts";

const { domain: TESTS, expired: EXPIRED } = NAMES.relayTests;

/** Vectors that have a recipient in the tester's domain. */
const WHATEVER_IS_IN_IT = [
  "R145a",
  "R145b",
  "R145c",
  "R145d",
  "R145f",
  "R145h",
  "R145i",
  "R145k",
  "R145l",
  "R145m",
] as const;

export const RELAY_TEST_MUTATIONS: readonly Mutation[] = [
  {
    name: "takes whatever has the form of a token",
    finds: ["R145c", "R145d", "R145k", "R145m"],
    parts: { knowsToken: () => true },
    answersOnly: true,
  },
  {
    name: "does not look how old a test is",
    finds: ["R145d"],
    parts: { knowsToken: (token) => token === NAMES.relayTests.awaited || token === EXPIRED },
    answersOnly: true,
  },
  {
    name: "has forgotten its tests",
    finds: ["R145a", "R145b", "R145h", "R145l", "R145m"],
    parts: { knowsToken: () => false },
    answersOnly: true,
  },
  {
    name: "reads a token out of whatever has one in it",
    finds: ["R145f"],
    parts: reads((local) => readToken(/t-[a-z2-7]{16}(?:\.b)?/i.exec(local)?.[0] ?? "")),
    answersOnly: true,
  },
  {
    name: "knows its tokens by their case",
    finds: ["R145b"],
    parts: reads((local, sound) => (local === local.toLowerCase() ? sound.read(local) : undefined)),
    answersOnly: true,
  },
  {
    name: "takes tokens in every domain",
    finds: ["R145g"],
    parts: reroutes((address, found) => {
      const test = readToken(address.slice(0, address.lastIndexOf("@")));
      return test === undefined || found.recipient === "address literal"
        ? found
        : { recipient: "relay test's return", mailboxes: [], abroad: [], test };
    }),
    answersOnly: true,
  },
  {
    name: "serves the tester's domain like any other",
    finds: ["R145a", "R145b", "R145h", "R145i", "R145k", "R145l", "R145m"],
    parts: {
      ...reads(() => undefined),
      directory: (sound) => ({
        ...sound,
        domain: (name) => (name === TESTS ? {} : sound.domain(name)),
      }),
    },
  },
  {
    name: "takes mail for anybody in the tester's domain into a mailbox",
    finds: ["R145c", "R145d", "R145f", "R145i", "R145k", "R145l", "R145m"],
    parts: reroutes((_, found) =>
      found.recipient === "relay test's return" && found.test?.token !== NAMES.relayTests.awaited
        ? { recipient: "mailbox", mailboxes: [mailboxOfAnn()], abroad: [] }
        : found,
    ),
    answersOnly: true,
  },
  {
    name: "takes the tester's domain for one that is abroad",
    finds: WHATEVER_IS_IN_IT,
    parts: { tests: () => undefined },
  },
  {
    name: "sends mail for the tester's domain on",
    finds: WHATEVER_IS_IN_IT,
    parts: relaysTo("relay test's return"),
  },
  {
    name: "unpacks what stands beside a token",
    finds: ["R145e"],
    parts: relaysTo("routing characters", (address) => address.endsWith(`@${TESTS}`)),
  },
  {
    name: "trusts whoever writes from the tester's domain",
    finds: ["R145j"],
    parts: trustsSender((sender) => sender.endsWith(`@${TESTS}>`)),
  },
  {
    name: "trusts whoever greets as the tester",
    finds: ["R145j"],
    parts: trustsWord((ask) => ask.kind === "helo" && ask.name === TESTS),
  },
  {
    name: "writes to whoever guesses a token",
    finds: ["R145k"],
    parts: reroutes((_, found) =>
      found.recipient === "relay test's return" && found.test?.token !== NAMES.relayTests.awaited
        ? { ...found, recipient: "unknown mailbox" }
        : found,
    ),
  },
];

function reads(read: (local: string, sound: TestDomain) => ReturnType<TestDomain["read"]>): Parts {
  return {
    tests: (sound) => ({ ...sound, read: (local) => read(local, sound) }),
  };
}

function mailboxOfAnn() {
  const ann = DIRECTORY.mailbox(NAMES.user, NAMES.domain);
  if (ann === undefined) throw new Error("ann is not there");
  return ann;
}
