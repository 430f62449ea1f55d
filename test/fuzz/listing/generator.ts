/** Packets for a published list's answerer: good questions in all their forms, the same with something wrong in them, and rubbish. */
import type { Dice } from "../dice.ts";

/** Labels in front of a zone; mostly such as are something to it. */
const NAMES = [
  "1.2.0.192",
  "7.100.51.198",
  "100.51.198",
  "2.0.0.127",
  "1.0.0.127",
  "9.2.0.192",
  "192",
  "0.0.0.0",
  "255.255.255.255",
  "256.1.1.1",
  "01.2.0.192",
  "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2",
  "0.0.0.8.b.d.0.1.0.0.2",
  "bad.example",
  "x.y.wild.example",
  "example",
  "test",
  "invalid",
  "www",
  "",
  "*",
] as const;

const ZONES = ["bl.example.org", "names.example.org", "old.example.org", "sub.bl.example.org", "example.net", ""] as const; // prettier-ignore

export interface MadePacket {
  readonly octets: Uint8Array;
  readonly over: "udp" | "tcp";
}

/** `ours`: the 24 octets of a cookie that the client has from the answerer. */
export function makePacket(dice: Dice, ours: Uint8Array): MadePacket {
  const over = dice.chance(20) ? "tcp" : "udp";
  if (dice.chance(5)) return { octets: rubbish(dice, dice.below(600)), over };
  const good = goodQuery(dice, ours);
  return { octets: dice.chance(40) ? good : damaged(dice, good), over };
}

function goodQuery(dice: Dice, ours: Uint8Array): Uint8Array {
  const edns = dice.chance(70);
  const type = dice.weighted([
    [40, 1],
    [25, 16],
    [5, 255],
    [5, 6],
    [5, 2],
    [3, 28],
    [2, 252],
    [2, 251],
    [3, dice.below(65_536)],
  ]);
  const serial = type === 251 && dice.chance(70);
  return Uint8Array.from([
    ...uint16(dice.below(65_536)),
    dice.chance(90) ? 1 : dice.below(256),
    dice.chance(90) ? 0 : dice.below(256),
    ...uint16(dice.chance(97) ? 1 : dice.below(4)),
    ...uint16(dice.chance(98) ? 0 : dice.below(4)),
    ...uint16(serial ? 1 : 0),
    ...uint16(edns ? 1 : 0),
    ...wireName(dice),
    ...uint16(type),
    ...uint16(dice.chance(97) ? 1 : dice.below(256)),
    ...(serial ? soa(dice) : []),
    ...(edns ? opt(dice, ours) : []),
  ]);
}

function wireName(dice: Dice): number[] {
  const text = `${dice.pick(NAMES)}.${dice.pick(ZONES)}`;
  const labels = text.split(".").filter((label) => label !== "");
  if (dice.chance(3)) labels.unshift(...Array.from({ length: dice.below(130) }, () => "a"));
  if (dice.chance(3)) labels.unshift("l".repeat(dice.below(64) + 1));
  const cased = (code: number): number =>
    dice.chance(30) && code >= 0x61 && code <= 0x7a ? code - 0x20 : code;
  return [...labels.flatMap((label) => [label.length, ...Array.from(label, (letter) => cased(letter.charCodeAt(0)))]), 0]; // prettier-ignore
}

function soa(dice: Dice): number[] {
  const numbers = [dice.below(10), 1, 1, 1, 1].flatMap((number) => [0, 0, ...uint16(number)]);
  return [0xc0, 12, ...uint16(6), ...uint16(1), 0, 0, 0, 0, ...uint16(22), 0, 0, ...numbers];
}

function opt(dice: Dice, ours: Uint8Array): number[] {
  const options = dice.weighted<() => number[]>([
    [40, () => []],
    [20, () => option(10, [...ours.subarray(0, 8)])],
    [20, () => option(10, [...ours])],
    [5, () => option(10, bytes(dice, dice.below(50)))],
    [5, () => option(dice.below(20), bytes(dice, dice.below(300)))],
    [2, () => [...option(10, [...ours]), ...option(10, bytes(dice, 8))]],
  ])();
  const size = dice.pick([512, 1232, 4096, 65_535, 0, 100]);
  const version = dice.chance(95) ? 0 : dice.below(256);
  return [0, ...uint16(41), ...uint16(size), 0, version, dice.chance(50) ? 0x80 : 0, 0, ...uint16(options.length), ...options]; // prettier-ignore
}

function option(code: number, data: readonly number[]): number[] {
  return [...uint16(code), ...uint16(data.length), ...data];
}

/** Some octets of it are others, are missing, are there twice, or there are more. */
function damaged(dice: Dice, packet: Uint8Array): Uint8Array {
  const octets = [...packet];
  for (let times = dice.below(4) + 1; times > 0; times--) {
    const at = dice.below(octets.length + 1);
    dice.weighted<() => void>([
      [30, () => (octets[at] = dice.below(256))],
      [20, () => (octets[at] = (octets[at] ?? 0) ^ (1 << dice.below(8)))],
      [15, () => octets.splice(at)],
      [10, () => octets.splice(at, dice.below(8))],
      [10, () => octets.splice(at, 0, ...bytes(dice, dice.below(40)))],
      [5, () => octets.splice(at, 2, 0xc0, dice.below(64))],
      [5, () => octets.push(...octets.slice(at))],
    ])();
  }
  return Uint8Array.from(octets);
}

function rubbish(dice: Dice, length: number): Uint8Array {
  return Uint8Array.from(bytes(dice, length));
}

function bytes(dice: Dice, length: number): number[] {
  return Array.from({ length }, () => dice.below(256));
}

function uint16(number: number): [number, number] {
  return [(number >>> 8) & 255, number & 255];
}
