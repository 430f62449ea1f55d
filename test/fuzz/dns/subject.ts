/** The question of a case: its type and manner from the settings, its name, id and case from the mood. */
import {
  CHANCE_OCTETS,
  makeQuestion,
  parseName,
  ROOT,
  TYPE_NUMBERS,
  type Manner,
  type Question,
  type RecordType,
} from "../../../src/protocol/dns/index.ts";
import { Dice } from "../dice.ts";
import type { Scenario } from "../scenario.ts";

const TYPES = Object.keys(TYPE_NUMBERS) as RecordType[]; // the keys of a record of them

const MANNERS: readonly [Manner, ...Manner[]] = [
  { transport: "udp", edns: true },
  { transport: "udp", edns: false },
  { transport: "tcp", edns: true },
];

export const SETTINGS = TYPES.length * MANNERS.length * 2;

export const NAMES = [
  "example.org",
  "b.example",
  "mx.a-1.example",
  "_25._tcp.mx.example.org",
] as const;

export function questionOf({ settings, mood }: Pick<Scenario, "settings" | "mood">): Question {
  const dice = new Dice(mood);
  const type = TYPES[settings % TYPES.length] ?? "A";
  const rest = Math.floor(settings / TYPES.length);
  const manner = MANNERS[rest % MANNERS.length] ?? MANNERS[0];
  const trusted = rest >= MANNERS.length;
  const chance = Uint8Array.from({ length: CHANCE_OCTETS }, () => dice.below(256));
  const name = parseName(dice.pick(NAMES)) ?? ROOT;
  return makeQuestion({ name, type }, chance, manner, trusted);
}
