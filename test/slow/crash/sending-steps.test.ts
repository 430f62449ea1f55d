/** The server dies between any two steps of its store, and where it stops: a letter that was answered 250 has all its ends, each once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Letter } from "./book.ts";
import { CALM, type Moods } from "./foreign-server.ts";
import { handIn } from "./sending.ts";
import { SendingSite } from "./sending-site.ts";
import { Submitter } from "./submitter.ts";
import type { Victim } from "./victim.ts";

/** One that is refused and reported, and one that is delivered, here too. Returns when that is done or the server dies. */
async function sendTwo(victim: Victim, site: SendingSite, name: string): Promise<void> {
  const submitter = await Submitter.at(victim, "submissions");
  const refused = letter(`${name}x`, ["refused@b.example"]);
  const taken = { ...letter(`${name}y`, ["taken@a.example"]), here: true };
  for (const one of [refused, taken])
    if (submitter === undefined || !(await handIn(one, submitter, site.book))) break;
  submitter?.leave();
  await site.taken(taken.abroad, victim);
}

function letter(token: string, abroad: readonly string[]): Letter {
  return { token, octets: 500, here: false, abroad: abroad.map((one) => `${token}-${one}`) };
}

test("dying between any two steps of the store loses nothing and doubles nothing unseen", async () => {
  const site = await SendingSite.make(CALM, Math.random);
  try {
    for (let step = 1; ; step++) {
      const victim = await site.start();
      const { problems } = await site.settled(victim);
      assert.deepEqual(problems, [], `after it died at step ${step - 1}`);
      await victim.stopAt({ step });
      await sendTwo(victim, site, `s${step}`);
      const died = await victim.diesSoon();
      await victim.kill();
      if (died) continue;
      assert.ok(step > 16, `the server died at ${step - 1} steps only`);
      break;
    }
  } finally {
    await site.remove();
  }
});

/** Attempts last until long after a stop has begun. */
const SLOW: Moods = { ...CALM, answersLate: 100, lateMs: 2000 };

/** More than a destination of which nothing is known bears at once. */
const WAITING = 5;

test("a server that stops gives back what it has not attempted; dying there puts it in doubt", async () => {
  const site = await SendingSite.make(CALM, () => 0.9);
  try {
    for (const step of [1, 2, undefined]) {
      site.moods = SLOW;
      const victim = await site.start();
      const submitter = await Submitter.at(victim, "trusted network");
      assert.ok(submitter !== undefined);
      for (let i = 0; i < WAITING; i++)
        await handIn(letter(`g${step ?? 0}n${i}`, ["taken@a.example"]), submitter, site.book);
      await site.underWay(WAITING);
      if (step !== undefined) await victim.stopAt({ step, write: "giveBack" });
      assert.equal(await victim.end("SIGTERM"), step === undefined ? 0 : null);

      site.moods = CALM;
      const next = await site.start();
      const doubted = site.left.filter(({ inDoubt }) => inDoubt).length;
      if (step === undefined) assert.equal(doubted, 0);
      else assert.ok(doubted >= WAITING - 1, `only ${doubted} are in doubt`);
      const { problems } = await site.settled(next);
      assert.deepEqual(problems, [], `after it died at step ${step}`);
      await next.kill();
    }
  } finally {
    await site.remove();
  }
});
