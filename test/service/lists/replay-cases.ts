/**
 * How lists have died, and how one might: the DNS as it was, 500 senders of whom nobody has done anything, and an open relay that the
 * other lists know. What has to come out is said here, so that a guard that is taken away can be missed.
 */
import assert from "node:assert/strict";
import type { IdentityLevel, Ip } from "../../../src/mail/index.ts";
import { client } from "../../policy/lists/health-world.ts";
import { HOUR_MS, MINUTE_MS, Replay, type ReplayPlan, type Sender } from "./replay.ts";
import type { ZoneScript } from "./scripted-dns.ts";
import { alive } from "./zones.ts";

export interface ReplayCase {
  readonly name: string;
  /** The list that it is about; two others are in order. `moment`: when it happens, milliseconds since 1970. */
  readonly dying: (moment: number) => ZoneScript;
  /** Strangers before that, to whom nothing happens; absent: as many as it takes to know what is usual. */
  readonly before?: number;
  /** Between two senders. */
  readonly gapMs?: number;
  readonly level?: (sender: number) => IdentityLevel;
  /** The DNS is down, for so many milliseconds from the moment. */
  readonly outageMs?: number;
  readonly expect: (outcome: Outcome) => void;
}

export interface Outcome {
  readonly replay: Replay;
  readonly moment: number;
  readonly innocent: readonly Sender[];
  readonly relay: readonly Sender[];
}

export const SENDERS = 500;
const RELAYS = 20;
const BEFORE = 420;
const BEFORE_GAP_MS = 30_000;

const OPEN_RELAY = client(50_000);
/** The site has run for so long. */
export const MOMENT_MS = 4 * HOUR_MS + 7 * MINUTE_MS;

function isRelay(ip: Ip): boolean {
  return ip === OPEN_RELAY;
}

/** One in fifty, whoever it is: what a list has when it is in order. */
export function isUsual(ip: Ip): boolean {
  return chance(ip, "d") < 0.02;
}

/** From 0 to 1, the same for the same address. */
export function chance(ip: Ip, salt: string): number {
  let hash = 2_166_136_261;
  for (const letter of `${salt} ${ip}`) hash = Math.imul(hash ^ letter.charCodeAt(0), 16_777_619);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

export const LIVING = alive((ip) => isUsual(ip));
const STEADY = alive(isRelay, ["ns1.steady.example"]);

const innocents = Array.from({ length: 2 * SENDERS }, (_, i) => client(10_000 + i))
  .filter((ip) => !isUsual(ip))
  .slice(0, SENDERS);

/** Guards that are taken away. */
export type Missing = Pick<ReplayPlan, "reduce" | "credulous">;

export async function run(one: ReplayCase, missing: Missing = {}): Promise<Outcome> {
  const { before = BEFORE, gapMs = 10_000, outageMs, level } = one;
  const began = Date.UTC(2026, 0, 1);
  const moment = began + MOMENT_MS;
  const plan: ReplayPlan = {
    zones: {
      "dying.example": one.dying(moment),
      "steady.example": STEADY,
      "sober.example": STEADY,
    },
    ...(outageMs !== undefined && { file: isRelay }),
    ...missing,
  };
  const replay = new Replay(plan);
  if (outageMs !== undefined) replay.dns.outage = [moment, moment + outageMs];
  await replay.time.pass(MINUTE_MS);
  replay.send(
    Array.from({ length: before }, (_, i) => client(i)),
    BEFORE_GAP_MS,
  );
  await replay.time.pass(moment - replay.now);
  const relay = replay.send(Array<Ip>(RELAYS).fill(OPEN_RELAY), (gapMs * SENDERS) / RELAYS);
  const innocent = replay.send(innocents, gapMs, level);
  await replay.time.pass(gapMs * SENDERS + 6 * HOUR_MS);
  return { replay, moment, innocent, relay };
}

export function expectNobodyWronged({ innocent, relay }: Outcome): void {
  const refused = innocent.filter(({ actions }) => actions.includes("refuse"));
  assert.deepEqual(refused, [], "innocent, and refused");
  assert.ok(
    innocent.every(({ actions }) => actions.length > 0),
    "all have come",
  );
  assert.ok(
    relay.every(({ actions }) => actions[0] === "refuse"),
    "the open relay is refused by the other lists",
  );
}
