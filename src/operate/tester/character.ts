/**
 * What kind of server answered, as far as it matters for what the answers are worth: one that takes everything, puts everybody off, or
 * refuses whoever tests says less about relaying than it seems.
 */
import type { Reply } from "../relaytest/index.ts";
import { wordsOf } from "./grade.ts";
import type { TriedCase } from "./memory.ts";

export const TRAITS = [
  "catch-all",
  "black hole",
  "greylister",
  "tarpit",
  "tester-blocker",
  "rate limit",
  "refuses only the tester",
] as const;
export type Trait = (typeof TRAITS)[number];

export interface Character {
  readonly trait: Trait;
  /** What was seen, and what follows from it. */
  readonly why: string;
}

/** What a visit has seen of a server beside its cases. */
export interface Impressions {
  /** The port is one where users hand in mail: to refuse whoever has not logged in is what it is for. */
  readonly forUsers: boolean;
  /** The greeting, or the answer to EHLO or HELO, was a refusal. */
  readonly turnedAway?: Reply;
  /** A refusal of what was taken before, or of every sender. */
  readonly blocked?: Reply;
  /** To somebody who must be there, and to somebody who cannot be. */
  readonly known?: Reply;
  readonly unknown?: Reply;
  /** How often it said 421, or closed the door for a while. */
  readonly busy: number;
  /** Its slowest reply, in milliseconds. */
  readonly slowestMs: number;
  readonly tried: readonly TriedCase[];
  /** Tokens of messages that came back. */
  readonly relayed: ReadonlySet<string>;
}

/** A reply that takes longer is meant to, in milliseconds. */
const TARPIT_MS = 5000;

/** So many messages, all of them taken and none of them back, are no accident. */
const BLACK_HOLE_MESSAGES = 10;

export function characterOf(seen: Impressions): readonly Character[] {
  return [
    catchAll(seen),
    blackHole(seen),
    greylister(seen),
    tarpit(seen),
    blocker(seen),
    rateLimit(seen),
  ].filter((one) => one !== undefined);
}

function catchAll({ unknown }: Impressions): Character | undefined {
  if (unknown === undefined || unknown.code >= 300) return undefined;
  return {
    trait: "catch-all",
    why: "it takes mail for any name in its domain, so a recipient that it takes says nothing, and a message that it takes may be in a mailbox there",
  };
}

function blackHole({ tried, relayed }: Impressions): Character | undefined {
  const accepted = tried.filter(({ grade }) => grade === "accepted");
  const refused = tried.some(({ grade }) => grade === "closed" || grade === "weak");
  if (refused || relayed.size > 0 || accepted.length < BLACK_HOLE_MESSAGES) return undefined;
  return {
    trait: "black hole",
    why: "it takes every message for everybody, and none came back: mail that it gets is lost, or the way back does not work",
  };
}

function greylister({ known, unknown }: Impressions): Character | undefined {
  if (known === undefined || !isDeferral(known)) return undefined;
  const both =
    unknown !== undefined && isDeferral(unknown) ? ", even for names that are not there" : "";
  return {
    trait: "greylister",
    why: `it puts off mail for its own people too${both} (${wordsOf(known.lines)}): what it put off, it may take later`,
  };
}

function tarpit({ slowestMs }: Impressions): Character | undefined {
  if (slowestMs < TARPIT_MS) return undefined;
  return { trait: "tarpit", why: `its slowest answer took ${Math.round(slowestMs / 1000)} s` };
}

/** What servers say when it is the client that they do not want. */
export const ABOUT_THE_CLIENT =
  /\b(?:block(?:ed|list)?|black ?list(?:ed)?|listed|banned|reputation|dnsbl|rbl|policy restrictions|bad (?:host|client)|client host)\b/i;

/** Postfix says it also of who has not logged in, where users hand in mail. */
const CLIENT_HOST = /\bclient host\b/gi;

function blocker({
  forUsers,
  turnedAway,
  blocked,
  known,
  tried,
}: Impressions): Character | undefined {
  if (turnedAway !== undefined)
    return {
      trait: "tester-blocker",
      why: `it refuses this client before it looks at any mail (${wordsOf(turnedAway.lines)}): what it does for others only a test from elsewhere shows`,
    };
  if (blocked !== undefined)
    return {
      trait: "tester-blocker",
      why: `it began to refuse this client, or takes nobody's mail (${wordsOf(blocked.lines)}): what it refused may have been refused for that`,
    };
  if (known === undefined || known.code < 500) return undefined;
  const words = wordsOf(known.lines);
  const everythingRefused = tried.length > 0 && tried.every(({ grade }) => grade === "closed");
  const telling = forUsers ? words.replaceAll(CLIENT_HOST, "") : words;
  if (ABOUT_THE_CLIENT.test(telling) && everythingRefused)
    return {
      trait: "refuses only the tester",
      why: `it refuses this client also for its own people (${words}): what it does for others only a test from elsewhere shows`,
    };
  return undefined;
}

function rateLimit({ busy }: Impressions): Character | undefined {
  if (busy === 0) return undefined;
  return {
    trait: "rate limit",
    why: `it asked ${busy === 1 ? "once" : `${busy} times`} to come back later; the test waited for it`,
  };
}

function isDeferral({ code }: Reply): boolean {
  return code >= 400 && code < 500;
}
