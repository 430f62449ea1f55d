/** One case of a published list: packets that come to its answerer, and what holds whatever they are. */
import assert from "node:assert/strict";
import packet from "dns-packet";
import type { Answerer } from "../../../src/operate/listing/answering/index.ts";
import { answerer, CLIENT, NOW, source, zone } from "../../operate/listing/asking.ts";
import { Dice } from "../dice.ts";
import type { Scenario } from "../scenario.ts";
import { makePacket } from "./generator.ts";

const LONG = Array.from({ length: 9 }, (_, i) => `192.0.2.9 :${i + 2}:${"long ".repeat(40)}${i}`);
const V4 = source("ip4set", [
  "192.0.2.1 :3:see https://example.org/?$",
  "198.51.100.0/24",
  ...LONG,
]);
const V6 = source("ip6trie", ["2001:db8:1::/48 :2:$", "!2001:db8:1::7"]);
const NAMES = source("dnset", ["bad.example :2:$", "*.wild.example :3:below $"]);

const ZONES = [
  zone([[...V4, ...V6]], { transferTo: [CLIENT] }),
  zone([NAMES], { origin: "names.example.org", kind: "names", transferTo: [CLIENT] }),
  zone([V4], { origin: "old.example.org", retired: true }),
  zone([V4], { origin: "sub.bl.example.org", validUntil: NOW }),
];

const SECRET = Uint8Array.from({ length: 16 }, (_, i) => i * 7);

/** With cookies; without; and with a limit to the rate. */
const ANSWERERS: readonly Answerer[] = [
  answerer(ZONES, { cookieSecret: SECRET, rateLimit: undefined }),
  answerer(ZONES, { rateLimit: undefined }),
  answerer(ZONES, { cookieSecret: SECRET, rateLimit: { answersPerSecond: 1, slip: 2 } }),
];

const OURS = cookieOf(answerer(ZONES, { cookieSecret: SECRET }));

export function makeListing(seed: number): Scenario {
  const dice = new Dice(seed);
  const { octets, over } = makePacket(dice, OURS);
  const settings = dice.below(ANSWERERS.length) * 2 + (over === "tcp" ? 1 : 0);
  return { protocol: "listing", settings, mood: dice.next(), happenings: [octets] };
}

/** Throws when anything is not as it must be. */
export function tryListing({ settings, mood, happenings }: Scenario): void {
  const to = ANSWERERS[(settings >> 1) % ANSWERERS.length];
  assert.ok(to !== undefined);
  for (const asked of happenings) {
    if (typeof asked === "string") continue;
    const before = Buffer.from(asked);
    const over = settings % 2 === 1 ? "tcp" : "udp";
    const length = to.answer(asked, CLIENT, over, NOW + (mood % 2));
    assert.ok(before.equals(asked), "the query is left as it was");
    if (length > 0) isSound(asked, to.out.slice(0, length), over, mood % 16 === 0);
    if (over === "tcp" && mood % 8 === 0) transferIsSound(to, asked);
  }
}

function isSound(asked: Uint8Array, said: Uint8Array, over: "udp" | "tcp", readAll: boolean): void {
  assert.ok(asked.length >= 12 && ((asked[2] ?? 0) & 0x80) === 0, "an answer is not answered");
  assert.ok(said.length >= 12, "there is a header");
  assert.ok(said[0] === asked[0] && said[1] === asked[1], "its id");
  assert.equal((said[2] ?? 0) & 0xf9, ((asked[2] ?? 0) & 0x79) | 0x80, "an answer to that");
  assert.ok(((said[3] ?? 0) & 0xf0) === 0 && [0, 1, 2, 3, 4, 5].includes((said[3] ?? 0) & 15));
  if (over === "udp") isSmall(asked, said);
  if (said[5] === 1) questionIsSame(asked, said);
  else assert.equal(said.length, 12, "a header alone");
  if (readAll) packet.decode(Buffer.from(said));
}

function isSmall(asked: Uint8Array, said: Uint8Array): void {
  const known = Buffer.from(asked).includes(OURS);
  assert.ok(said.length <= 1232, `${said.length} octets`);
  if (asked[11] === 0) assert.ok(said.length <= 512, `${said.length} octets without EDNS`);
  if (!known)
    assert.ok(said.length <= 2 * asked.length, `${said.length} octets to ${asked.length}`);
}

function questionIsSame(asked: Uint8Array, said: Uint8Array): void {
  let end = 12;
  while ((said[end] ?? 0) !== 0) end += (said[end] ?? 0) + 1;
  end += 5;
  assert.ok(Buffer.from(asked.subarray(12, end)).equals(said.subarray(12, end)), "as it was asked");
}

function transferIsSound(to: Answerer, asked: Uint8Array): void {
  for (const message of to.transfer(asked, CLIENT, NOW) ?? []) {
    assert.ok(message.length <= 16_384);
    packet.decode(Buffer.from(message));
  }
}

/** The one that an answerer gives to who has none: behind a short answer there is room for it. */
function cookieOf(to: Answerer): Uint8Array {
  const mine = [1, 2, 3, 4, 5, 6, 7, 8];
  const head = [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1];
  const opt = [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 12, 0, 10, 0, 8, ...mine];
  const length = to.answer(Uint8Array.from([...head, ...opt]), CLIENT, "tcp", NOW);
  return to.out.slice(length - 24, length);
}
