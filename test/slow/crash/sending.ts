/**
 * The loop for sending: letters are handed in by users and from a trusted network, go into the queue and out to servers of
 * other domains, and come back as reports, while the server is killed again and again. Then it has time to send the rest.
 */
import { setTimeout } from "node:timers/promises";
import { errorText } from "../../../src/runtime/index.ts";
import type { Book, Counts, Letter } from "./book.ts";
import { MOODY } from "./foreign-server.ts";
import { killAgainAndAgain, type CrashReport } from "./loop.ts";
import { SendingSite } from "./sending-site.ts";
import { Submitter, type Door } from "./submitter.ts";
import type { Victim } from "./victim.ts";

export type SendingReport = CrashReport & Counts;

/** Clients at the same time, and how each comes in. */
const DOORS: readonly Door[] = ["submissions", "submission", "trusted network", "trusted network"];

/** To whom letters go, in turn: our own mailbox, and what is to become of them abroad. */
const SHAPES: readonly (readonly string[])[] = [
  ["taken@a.example"],
  ["here", "taken@a.example"],
  ["taken1@a.example", "taken2@a.example", "taken@b.example"],
  ["refused@b.example"],
  ["here", "taken@b.example", "refused1@b.example", "refused2@a.example"],
  ["unwanted1@a.example", "unwanted2@a.example"],
];

/** In turn; the largest comes in parts. */
const SIZES = [500, 4096, 500, 70_000, 500, 4096, 300_000];

/** Milliseconds between two letters of a client: they have to be sent as well. */
const PAUSE_MS = 10;

/** Longer than a login and a first letter take. */
const ROUND_MS = 500;

export async function crashSending(rounds: number, random: () => number): Promise<SendingReport> {
  const site = await SendingSite.make(MOODY, random);
  try {
    await killAgainAndAgain({
      rounds,
      roundMs: ROUND_MS,
      random,
      start: () => site.start(),
      stillborn: (ms) => site.stillborn(ms),
      load: (victim, round) =>
        Promise.all(
          DOORS.map((door, client) => handInMany(victim, door, { round, client }, site.book)),
        ),
    });
    const victim = await site.start();
    const { counts, problems } = await site.settled(victim);
    return { rounds, ...counts, broken: problems };
  } finally {
    await site.remove();
  }
}

async function handInMany(
  victim: Victim,
  door: Door,
  { round, client }: { readonly round: number; readonly client: number },
  book: Book,
): Promise<void> {
  const submitter = await Submitter.at(victim, door);
  if (submitter === undefined) return;
  for (let i = 0; !victim.gone; i++) {
    const letter = letterOf(`r${round}c${client}n${i}`, round * DOORS.length + client + i);
    if (!(await handIn(letter, submitter, book))) break;
    await setTimeout(PAUSE_MS);
  }
  submitter.leave();
}

/** Whether there can be another one. */
export async function handIn(letter: Letter, submitter: Submitter, book: Book): Promise<boolean> {
  book.write(letter);
  try {
    const answered = await submitter.submit(letter);
    if (answered) book.answered(letter);
    return answered;
  } catch (error) {
    book.complain(errorText(error));
    return false;
  }
}

function letterOf(token: string, turn: number): Letter {
  const shape = SHAPES[turn % SHAPES.length] ?? [];
  return {
    token,
    octets: SIZES[turn % SIZES.length] ?? 500,
    here: shape.includes("here"),
    abroad: shape.filter((one) => one !== "here").map((one) => `${token}-${one}`),
  };
}
