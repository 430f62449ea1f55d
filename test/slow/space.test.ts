/** A server that is never silent gives the space of a large deletion back to the file system, while it takes mail. */
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { newSite, portOf, USER } from "../e2e/site.ts";
import { deliver } from "../e2e/talk.ts";
import { tokensInMailbox } from "./crash/victim.ts";

const MEBIBYTE = 1024 * 1024;

/** More than a busy server keeps for new mail. */
const DELETED = 80 * MEBIBYTE;
const KEPT = 64 * MEBIBYTE;

test("80 MiB of mail are deleted under load: all but what is kept for new mail goes back", async (t) => {
  const site = await newSite();
  const server = await site.serve();
  t.after(() => server.stop(0));
  const [smtp, pop3] = [portOf(server, "smtp"), portOf(server, "pop3")];
  const large = `Subject: large\r\n\r\n${`${"x".repeat(70)}\r\n`.repeat(MEBIBYTE / 72)}`;
  for (let i = 0; i < DELETED / MEBIBYTE; i++)
    assert.match(await deliver(smtp, USER, large), /^250/);
  const size = (): number => statSync(join(site.dir, "gatepost.db")).size;
  assert.ok(size() > KEPT + 4 * MEBIBYTE);
  assert.ok((await tokensInMailbox(pop3, true)) !== undefined);

  const answers: string[] = [];
  while (size() > KEPT + 2 * MEBIBYTE && answers.length < 1000) {
    answers.push(await deliver(smtp, USER, "Subject: small\r\n\r\nx"));
    await setTimeout(50); // and never five seconds of silence
  }
  assert.ok(size() <= KEPT + 2 * MEBIBYTE, `${size()} octets after ${answers.length} messages`);
  assert.ok(answers.every((reply) => reply.startsWith("250")));
  assert.equal((await tokensInMailbox(pop3))?.get("small"), answers.length);
  site.remove();
});
