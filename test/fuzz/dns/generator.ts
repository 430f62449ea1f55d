/** Answers to a question as a good server, a careless one and a hostile one would send them. */
import { TYPE_NUMBERS, type Question } from "../../../src/protocol/dns/index.ts";
import {
  asking,
  FLAGS,
  labels,
  mx,
  name2wire,
  opt,
  pointer,
  record,
  soa,
  txt,
  uint16,
  written,
  type Message,
  type Octets,
} from "../../protocol/dns/message.ts";
import type { Dice } from "../dice.ts";
import { NAMES } from "./subject.ts";

export function makeAnswer(dice: Dice, question: Question): Uint8Array {
  const type = TYPE_NUMBERS[question.type];
  const message: Message = {
    id: question.id,
    flags: flags(dice),
    questions: [asking(question.spelling, type)],
    answers: several(dice, 4, () => someRecord(dice, question)),
    authorities: several(dice, 2, () => authority(dice)),
    additionals: several(dice, 2, () =>
      dice.chance(70) ? opt(dice.chance(10) ? 1 : 0) : someRecord(dice, question),
    ),
  };
  const octets = written(dice.chance(40) ? wrongHead(dice, question, message) : message);
  return dice.chance(50) ? octets : damaged(dice, octets);
}

function flags(dice: Dice): number {
  const rcode = dice.weighted([
    [60, 0],
    [15, 3],
    [5, 1],
    [5, 2],
    [5, 5],
    [10, dice.below(16)],
  ]);
  const authentic = dice.chance(30) ? FLAGS.authentic : 0;
  return FLAGS.answer | rcode | authentic | (dice.chance(5) ? FLAGS.truncated : 0);
}

/** Right but for one thing that makes it somebody else's. */
function wrongHead(dice: Dice, question: Question, message: Message): Message {
  const { spelling } = question;
  const type = TYPE_NUMBERS[question.type];
  return dice.pick<() => Message>([
    () => ({ ...message, id: message.id ^ (1 << dice.below(16)) }),
    () => ({ ...message, flags: message.flags ^ (1 << dice.below(16)) }),
    () => ({ ...message, questions: [] }),
    () => ({ ...message, questions: [...message.questions, ...message.questions] }),
    () => ({ ...message, questions: [asking(dice.pick(NAMES), type)] }),
    () => ({ ...message, questions: [asking(recased(dice, spelling), type)] }),
    () => ({ ...message, questions: [asking(spelling, dice.below(60))] }),
    () => ({ ...message, questions: [asking(spelling, type, dice.below(256))] }),
    () => ({ ...message, questions: [[...labels([spelling]), ...uint16(type), ...uint16(1)]] }),
    () => ({
      ...message,
      questions: [[...pointer(dice.below(40)), ...uint16(type), ...uint16(1)]],
    }),
  ])();
}

function recased(dice: Dice, spelling: string): string {
  const at = dice.below(spelling.length);
  const char = spelling.charAt(at);
  const other = char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase();
  return spelling.slice(0, at) + other + spelling.slice(at + 1);
}

function someRecord(dice: Dice, { type, name }: Question): Octets {
  const owner = dice.weighted<string | Octets>([
    [40, name],
    [20, pointer(12)],
    [30, dice.pick(NAMES)],
    [10, someName(dice)],
  ]);
  const wanted = dice.weighted([
    [60, type],
    [25, "CNAME" as const],
    [15, "TXT" as const],
  ]);
  const ttl = dice.weighted([
    [80, dice.below(600)],
    [20, dice.next()],
  ]);
  const klass = dice.chance(3) ? dice.below(300) : 1;
  return record(owner, dice.chance(5) ? dice.below(70) : wanted, someData(dice, wanted), {
    ttl,
    klass,
  });
}

function authority(dice: Dice): Octets {
  const owner = dice.pick(["org", "example", ".", "other.test"]);
  return dice.chance(70)
    ? record(owner, "SOA", someData(dice, "SOA"), { ttl: dice.below(4000) })
    : record(owner, "NS", someName(dice));
}

function someData(dice: Dice, type: Question["type"]): Octets {
  if (dice.chance(6)) return several(dice, 40, () => [dice.below(256)]).flat();
  switch (type) {
    case "A":
      return [192, 0, 2, dice.below(256)];
    case "AAAA":
      return Array.from({ length: 16 }, () => (dice.chance(50) ? 0 : dice.below(256)));
    case "MX":
      return dice.chance(10) ? mx(0, ".") : [...uint16(dice.below(65_536)), ...someName(dice)];
    case "SRV":
      return [
        ...[dice.below(9), dice.below(9), dice.below(65_536)].flatMap(uint16),
        ...someName(dice),
      ];
    case "SOA":
      return dice.chance(80)
        ? soa(dice.pick(NAMES), someName(dice), dice.below(4000))
        : [
            ...someName(dice),
            ...name2wire("m.example"),
            ...Array.from({ length: 20 }, () => dice.below(256)),
          ];
    case "TLSA":
      return [3, 1, 1, ...Array.from({ length: dice.below(40) }, () => dice.below(256))];
    case "TXT":
      return txt(...several(dice, 4, () => "v=spf1 -all\0\xff".slice(dice.below(13))));
    case "CNAME":
    case "NS":
    case "PTR":
      return someName(dice);
  }
}

const STRANGE = [
  "a.b",
  "a\\",
  "a b",
  "\0",
  "\n",
  "\x7f",
  "\x80",
  "\xff\xfe",
  "A".repeat(63),
] as const;

function someName(dice: Dice): Octets {
  return dice.weighted<() => Octets>([
    [60, () => name2wire(dice.pick(NAMES))],
    [15, () => pointer(12)],
    [5, () => pointer(dice.below(120))],
    [5, () => pointer(dice.below(0x4000))],
    [10, () => labels([dice.pick(STRANGE), "example"])],
    [3, () => labels(Array.from({ length: 5 }, () => "a".repeat(dice.below(64))))],
    [2, () => [dice.below(256), ...name2wire("x")]],
  ])();
}

/** Cut, drawn out, or with some octets of it changed. */
function damaged(dice: Dice, octets: Uint8Array): Uint8Array {
  const at = dice.below(octets.length);
  return dice.weighted<() => Uint8Array>([
    [20, () => octets.subarray(0, at)],
    [
      10,
      () =>
        Uint8Array.from([
          ...octets,
          ...Array.from({ length: dice.below(9) }, () => dice.below(256)),
        ]),
    ],
    [5, () => Uint8Array.from([...octets, ...new Uint8Array(1300)])],
    [15, () => octets.with(4 + dice.below(8), dice.below(256))],
    [30, () => octets.with(at, dice.below(256))],
    [10, () => octets.with(at, 0xc0).with(Math.min(at + 1, octets.length - 1), dice.below(256))],
    [
      5,
      () => Uint8Array.from([...octets.subarray(0, at), dice.below(256), ...octets.subarray(at)]),
    ],
    [5, () => Uint8Array.from([...octets.subarray(0, at), ...octets.subarray(at + 1)])],
  ])();
}

function several<Item>(dice: Dice, limit: number, make: () => Item): Item[] {
  return Array.from({ length: dice.below(limit + 1) }, make);
}
