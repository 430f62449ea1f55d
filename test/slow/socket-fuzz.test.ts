/**
 * Ten thousand sessions of the fuzzer's clients with a real server over real sockets. Nothing is accepted that the grammar
 * forbids, what was accepted is stored, nobody relays, and nothing is left behind: no connection, no body, no lease, no memory.
 */
import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { after, test } from "node:test";
import { runInNewContext } from "node:vm";
import { Talk } from "../e2e/talk.ts";
import { PASSWORD } from "../fuzz/pop3/scram.ts";
import { Sessions } from "../fuzz/sockets/sessions.ts";
import { CONNECTIONS, PEOPLE, SocketSite } from "../fuzz/sockets/site.ts";

const SESSIONS = 10_000;

/** Octets that may be in use more after the second half of the sessions than after the first: a kilobyte for each would show. */
const GROWTH_OCTETS = 4_194_304;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void; // V8's own, by the flag

const seed = Date.now() % 2 ** 31;
const site = await SocketSite.open();
const sessions = new Sessions(site, seed);
/** Before any test begins: the runner watches every promise from then on, and a session is made of hundreds. */
const { find, growth } = await played();
after(() => site.close());

/** The first session that shows a fault, in words; or how much more memory the second half has left in use. */
async function played(): Promise<{ find?: string; growth: number }> {
  try {
    await sessions.play(SESSIONS / 2);
    const before = octetsInUse();
    await sessions.play(SESSIONS / 2);
    return { growth: octetsInUse() - before };
  } catch (error) {
    return { find: error instanceof Error ? error.message : String(error), growth: 0 };
  }
}

test(`${SESSIONS} sessions over sockets: nothing is accepted that is forbidden (seed ${seed})`, () => {
  if (find !== undefined) assert.fail(find);
  assert.deepEqual(site.seen.faults, []);
  assert.deepEqual(site.seen.foreign, []);
});

test("what was answered 250 is stored, and what is stored was answered 250", () => {
  accountMessages(sessions, site);
});

test("nothing is left: no connection, no body, no lease, no message that was deleted", async () => {
  await nothingIsLeft();
});

test("memory does not grow with the sessions that were", () => {
  assert.ok(growth < GROWTH_OCTETS, `${growth} octets more are in use`);
});

/** Unless the client did not wait for the answer. */
function accountMessages({ accepted, hungUp }: Sessions, { seen }: SocketSite): void {
  assert.ok(accepted.size > SESSIONS / 20, `only ${accepted.size} messages were taken`);
  for (const id of accepted) assert.ok(seen.stored.has(id), `${id} was accepted and is not stored`);
  for (const [id, port] of seen.stored)
    assert.ok(accepted.has(id) || hungUp.has(port), `${id} is stored and was not accepted`);
}

/** As many connections and bodies as the limits allow can be had, and every mailbox; it holds what was not deleted. */
async function nothingIsLeft(): Promise<void> {
  const senders = await connect("smtp", CONNECTIONS);
  for (const line of ["EHLO c", "MAIL FROM:<>", `RCPT TO:<${PEOPLE[0]}>`, "DATA"])
    for (const sender of senders) assert.match(await sender.ask(line), /^(?:250|354)/);
  for (const sender of senders) sender.destroy();
  await site.ended(sessions.count + CONNECTIONS);
  const owners = await connect("pop3", PEOPLE.length);
  let left = 0;
  for (const [i, owner] of owners.entries()) {
    assert.match(await owner.ask(`USER ${PEOPLE[i]}`), /^\+OK/);
    assert.match(await owner.ask(`PASS ${PASSWORD}`), /^\+OK/, "no lease is left behind");
    left += Number(/^\+OK ([0-9]+) /.exec(await owner.ask("STAT"))?.[1]);
  }
  for (const owner of owners) owner.destroy();
  assert.equal(left, site.seen.deposited - site.seen.removed);
}

async function connect(service: "smtp" | "pop3", count: number): Promise<readonly Talk[]> {
  const talks: Talk[] = [];
  for (let i = 0; i < count; i++) talks.push(await Talk.to(site.port(service)));
  for (const talk of talks) assert.match(await talk.reply(), /^(?:220|\+OK) mx\.local\.example/);
  return talks;
}

function octetsInUse(): number {
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
