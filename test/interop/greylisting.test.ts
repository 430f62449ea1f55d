/** Postfix as the sender that is greylisted: it hears 450, comes again by itself, and has to wait no more after that. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { assertArrived } from "./support/arrival.ts";
import { takeMessages } from "./support/mailbox.ts";
import { KIB, makeMessage, unixLines } from "./support/messages.ts";
import { startPostfix, type Postfix } from "./support/postfix.ts";
import { startSite, USER, type Site } from "./support/site.ts";

/** Milliseconds for a message that has to come twice. */
const DELIVERY_LIMIT = 60_000;

/** It looks each second, and goes on doing so. */
const IMPATIENT = `queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
`;

let site: Site;
let postfix: Postfix;
before(async () => {
  site = await startSite({ settings: ["greylist.enabled=true", "greylist.delay_seconds=3"] });
  postfix = await startPostfix(site.ports.smtp, IMPATIENT);
});
after(async () => {
  await postfix.stop();
  await site.stop();
});

async function deliver(subject: string, from: string): Promise<void> {
  const message = makeMessage(subject, { bytes: KIB });
  await postfix.submit(unixLines(message), from, USER);
  const until = performance.now() + DELIVERY_LIMIT;
  for (;;) {
    const [arrived] = await takeMessages(site, USER);
    if (arrived !== undefined) return void assertArrived(arrived, message);
    assert.ok(performance.now() < until, postfix.log());
    await setTimeout(200);
  }
}

/** How often Postfix has been put off. */
function deferrals(): number {
  return [...postfix.log().matchAll(/dsn=4\.7\.1, status=deferred .* 450 4\.7\.1 greylisted: /g)]
    .length;
}

test("Postfix is put off, comes again, and its second message is taken at once", async () => {
  await deliver("first", "sender@remote.example");
  const putOff = deferrals();
  assert.ok(putOff > 0, postfix.log());
  await deliver("second", "other@elsewhere.example");
  assert.equal(deferrals(), putOff, postfix.log());
});
