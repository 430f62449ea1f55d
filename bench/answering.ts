/**
 * `node bench/answering.ts [ENTRIES]`: what a published list's answerer alone takes for an answer, without a socket: processor time of a
 * table in memory, by kind of question; and a transfer. Stands alone; prints a table in Markdown.
 */
import { answerer, CLIENT, ip, NOW, query, source, zone } from "../test/operate/listing/asking.ts";
import { Dice } from "../test/fuzz/dice.ts";

const ENTRIES = Number(process.argv[2] ?? 1_000_000);
const QUESTIONS = 100_000;
const TURNS = 5;
const ROUNDS = 5;

const dice = new Dice(7);

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

function nameOf(address: number): string {
  return `${dotted(address).split(".").toReversed().join(".")}.bl.example.org`;
}

const addresses = Array.from({ length: ENTRIES }, () => dice.next());
const file = source("ip4set", [":127.0.0.2:open relay, see https://example.org/?$", ...addresses.map(dotted)]); // prettier-ignore
const began = performance.now();
const rules = { rateLimit: undefined, cookieSecret: new Uint8Array(16) };
const to = answerer([zone([file], { transferTo: [CLIENT] })], rules);
const readyMs = performance.now() - began;

const clients = Array.from({ length: 1000 }, () => ip(dotted(dice.next())));
const listed = (): string => nameOf(addresses[dice.below(ENTRIES)] ?? 0);
const kinds: readonly (readonly [string, () => Buffer])[] = [
  ["A, listed", () => query(listed())],
  ["A, not listed", () => query(nameOf(dice.next()))],
  ["TXT, listed", () => query(listed(), { type: "TXT" })],
  ["A, listed, with a new cookie", () => withCookie(listed())],
];

/** RFC 7873: a client's cookie, behind which we put ours; the query's OPT is its last 11 octets, without options. */
function withCookie(name: string): Buffer {
  const cookie = [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8];
  const asked = Buffer.from([...query(name), ...cookie]);
  asked[asked.length - cookie.length - 1] = cookie.length;
  return asked;
}

/** Microseconds of the processor for an answer. */
function microseconds(questions: readonly Buffer[]): number {
  const before = process.cpuUsage();
  for (let turn = 0; turn < TURNS; turn++)
    for (const [i, question] of questions.entries())
      to.answer(question, clients[i % clients.length] ?? CLIENT, "udp", NOW);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (TURNS * questions.length);
}

const lines = kinds.map(([what, make]) => {
  const questions = Array.from({ length: QUESTIONS }, make);
  const times = Array.from({ length: ROUNDS }, () => microseconds(questions)).toSorted((a, b) => a - b); // prettier-ignore
  return `| ${what} | ${(times[ROUNDS >> 1] ?? 0).toFixed(2)} µs |`;
});

const transferBegan = performance.now();
let octets = 0;
for (const message of to.transfer(query("bl.example.org", { type: "AXFR" }), CLIENT, NOW) ?? [])
  octets += message.length;
const seconds = (performance.now() - transferBegan) / 1000;

process.stdout.write(
  `${[`| ${ENTRIES} addresses | processor time of an answer |`, "|---|---|", ...lines].join("\n")}\n\n` +
    `Taken over in ${readyMs.toFixed(0)} ms; transferred in ${seconds.toFixed(1)} s, ${(octets / 1e6).toFixed(0)} MB.\n`,
);
