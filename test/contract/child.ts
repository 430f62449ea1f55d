/**
 * Another process with the same store: `child.ts ENGINE LOCATION ACTION`. It says in a line when it has done what
 * it was started for; what it then holds, it holds until it is killed.
 */
import assert from "node:assert/strict";
import type { Store } from "../../src/store/index.ts";
import { isAction, type Action } from "./actions.ts";
import type { Engine } from "./engine.ts";
import { ENGINES } from "./engines.ts";
import { done, mustClaim } from "./queue-site.ts";
import { expected, outcomeOf, relayTest, returnOf } from "./relay-test-site.ts";
import {
  acceptance,
  addMailbox,
  deposit,
  HEAD_TEXT,
  mailboxOf,
  noise,
  record,
  writeAll,
} from "./site.ts";

/** Messages that "commit" has under way at once. */
const AT_ONCE = 20;

const [name = "", location = "", action = ""] = process.argv.slice(2);
const engine = ENGINES.get(name);
assert.ok(engine !== undefined && isAction(action));
await perform(action, engine);

async function perform(wanted: Action, on: Engine): Promise<void> {
  switch (wanted) {
    case "add mailbox": {
      const store = await on.open(location, "command");
      await addMailbox(store, "child");
      await store.close();
      return say("added");
    }
    case "serve": {
      await on.open(location, "server");
      say("serving");
      return holdOn();
    }
    case "begin message": {
      const store = await on.open(location, "server");
      await writeAll(store.openMessage(), noise(5 * 1024 * 1024), 65_536);
      say("begun");
      return holdOn();
    }
    case "commit": {
      const store = await on.open(location, "server");
      await Promise.all(Array.from({ length: AT_ONCE }, (_, lane) => commitForEver(store, lane)));
      return;
    }
    case "test":
      return testForEver(await on.open(location, "command"));
    case "settle":
      return settleAll(await on.open(location, "server"));
  }
}

/** Stores numbered messages for ann; says each number once it is kept. */
async function commitForEver(store: Store, lane: number): Promise<never> {
  const { id } = mailboxOf(store, "ann");
  for (let number = lane; ; number += AT_ONCE) {
    const result = await deposit(store, [id], `message ${number}`);
    assert.equal(result.kind, "committed");
    say(String(number));
  }
}

/** Settles row by row, with a record and a report to ann that name it; says each address once it is kept. */
async function settleAll(store: Store): Promise<never> {
  const { id } = mailboxOf(store, "ann");
  for (;;) {
    const { lease, rows } = await mustClaim(store, { destinations: 5, perDestination: 4 });
    const settled = rows.map(async (row) => {
      const address = row.forwardPath;
      const told = { head: Buffer.from(HEAD_TEXT), content: Buffer.from(address), mailboxes: [id] };
      const result = await store.queue.settle({
        lease,
        at: row.acceptedAt,
        rows: [done(row)],
        report: { id: acceptance([]).id, proof: "login", ...told },
        record: record({ addresses: [address] }),
      });
      assert.equal(result.kind, "settled");
      say(address);
    });
    await Promise.all(settled);
  }
}

/** Cases of a relay test, each with its outcome and a return; says each token once all of it is kept. */
async function testForEver({ relayTests }: Store): Promise<never> {
  await relayTests.begin(relayTest("one"));
  for (let number = 0; ; number++) {
    const tokens = Array.from({ length: 5 }, (_, i) => `t-${number}-${i}`);
    await relayTests.expect(
      "one",
      tokens.map((token) => expected(token)),
    );
    for (const token of tokens) {
      await Promise.all([relayTests.tried(outcomeOf(token)), relayTests.came(returnOf(token))]);
      say(token);
    }
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function holdOn(): void {
  setInterval(() => {}, 60_000);
}
