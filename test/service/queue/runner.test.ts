/** The runner: what is attempted when, how much at once, and what is settled whatever the store and delivery do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { status } from "../../../src/mail/index.ts";
import { StoreError } from "../../../src/store/index.ts";
import type { Attempt, Parcel } from "../../../src/service/delivery/index.ts";
import { LEASE_MS } from "../../../src/service/queue/index.ts";
import {
  accept,
  all,
  grantFor,
  HOUR,
  known,
  LATER,
  MINUTE,
  OK,
  queueHouse,
  unreachable,
  type QueueHouse,
} from "./house.ts";

/** Attempts that end when the test says so. */
function held(house: QueueHouse): { readonly parcels: Parcel[]; end(answer?: Attempt): void } {
  const waiting: { readonly parcel: Parcel; readonly resolve: (attempt: Attempt) => void }[] = [];
  const parcels: Parcel[] = [];
  house.answer = (parcel) => {
    const { promise, resolve } = Promise.withResolvers<Attempt>();
    waiting.push({ parcel, resolve });
    parcels.push(parcel);
    return promise;
  };
  return {
    parcels,
    end(answer) {
      const { parcel, resolve } = known(waiting.shift());
      parcels.splice(parcels.indexOf(parcel), 1);
      resolve(answer ?? { outcomes: parcel.recipients.map(() => OK), unreachable: false });
    },
  };
}

test("what is woken for is attempted at once, delivered and gone, with its content", async (t) => {
  const house = await queueHouse(t);
  house.open();
  await house.idle();
  const message = await house.send(["bob@example.net", "eve@example.net"], { envid: "QQ" });
  await house.work();
  const [parcel] = house.parcels;
  assert.equal(house.parcels.length, 1);
  assert.equal(parcel?.message, message);
  assert.equal(parcel.destination, "example.net");
  assert.equal(parcel.reversePath, "ann@example.org");
  assert.equal(parcel.parameters.envid, "QQ");
  assert.deepEqual(house.attempts(), [["bob@example.net", "eve@example.net"]]);
  assert.deepEqual(await house.rows(), []);
  assert.equal(known(house.runner).figures().outcomes.delivered, 2);
});

test("a parcel reads its message while it is attempted", async (t) => {
  const house = await queueHouse(t);
  let content = "";
  house.answer = async (parcel) => {
    const octets = await parcel.read(0, parcel.octets);
    content = Buffer.from(known(octets)).toString();
    return accept(parcel);
  };
  house.open();
  await house.send(["bob@example.net"], {}, "Subject: x\r\n\r\ny\r\n");
  await house.work();
  assert.equal(content, "Received: x\r\nSubject: x\r\n\r\ny\r\n");
});

test("nobody wakes it, and what another process made due is seen within a second", async (t) => {
  const house = await queueHouse(t);
  house.open();
  await house.idle();
  await house.send(["bob@example.net"]);
  await house.idle();
  assert.equal(house.parcels.length, 0);
  await house.pass(1000);
  assert.equal(house.parcels.length, 1);
});

test("what is deferred is tried again by its schedule", async (t) => {
  const house = await queueHouse(t);
  house.answer = all(LATER);
  house.open();
  await house.send(["bob@example.net"]);
  await house.work();
  await house.pass(5 * MINUTE - 1000, MINUTE);
  assert.equal(house.parcels.length, 1);
  await house.pass(MINUTE, 1000);
  assert.equal(house.parcels.length, 2);
  const [row] = await house.rows();
  assert.equal(row?.attempts, 2);
  assert.deepEqual(row.last?.outcome, LATER);
});

test("one message goes to each of its destinations by itself", async (t) => {
  const house = await queueHouse(t);
  house.open();
  await house.send(["a@one.example", "b@two.example", "c@one.example"]);
  await house.work();
  assert.deepEqual(
    new Map(house.parcels.map(({ destination }, i) => [destination, house.attempts()[i]])),
    new Map([
      ["one.example", ["a@one.example", "c@one.example"]],
      ["two.example", ["b@two.example"]],
    ]),
  );
});

test("no more attempts than allowed, in all and for a destination; it starts small and grows", async (t) => {
  const house = await queueHouse(t, { attempts: 6, attempts_per_destination: 4 });
  const attempts = held(house);
  house.open();
  for (let i = 0; i < 20; i++) await house.send([`u${i}@big.example`]);
  await house.work();
  assert.equal(attempts.parcels.length, 2, "of an unknown destination");
  attempts.end();
  await house.work();
  assert.equal(attempts.parcels.length, 3);
  attempts.end();
  await house.work();
  attempts.end();
  await house.work();
  assert.equal(attempts.parcels.length, 4, "its limit");
  for (let i = 0; i < 5; i++) await house.send([`u@d${i}.example`]);
  await house.pass(1000);
  assert.equal(attempts.parcels.length, 6, "the limit of all");
  for (let i = 0; i < 22; i++) {
    attempts.end();
    await house.pass(100);
  }
  assert.deepEqual(await house.rows(), []);
});

test("a destination whose attempts hang delays no other", async (t) => {
  const house = await queueHouse(t, { recipients_per_destination: 5 });
  for (let i = 0; i < 50; i++) await house.send([`u${i}@slow.example`]);
  await house.send(["bob@quick.example"]);
  const attempts = held(house);
  house.open();
  await house.idle();
  const to = (name: string) => attempts.parcels.filter((one) => one.destination === name).length;
  assert.deepEqual([to("quick.example"), to("slow.example")], [1, 2]);
});

test("a dead destination with many messages is connected to once, and then rests as a whole", async (t) => {
  const house = await queueHouse(t);
  for (let i = 0; i < 250; i++) await house.send([`u${i}@dead.example`]);
  house.answer = unreachable;
  house.open();
  await house.idle();
  assert.ok(house.parcels.length <= 2, `${house.parcels.length} attempts`);
  const rows = await house.rows();
  assert.equal(rows.length, 250);
  assert.ok(rows.every((row) => row.attempts === 1 && row.last?.outcome.status.code === 451));
  const shared = rows.filter((row) => row.last?.outcome.status.reason?.includes("rests"));
  assert.equal(shared.length, 250 - house.parcels.length, "the others say why");
  assert.equal(await records(house), house.parcels.length, "what was not tried is not recorded");
  await house.send(["new@dead.example"]);
  await house.work();
  assert.ok(house.parcels.length <= 2, "a new message does not wake it");
  await house.pass(HOUR, MINUTE);
  assert.ok(house.parcels.length >= 4 && house.parcels.length <= 12, `${house.parcels.length}`);
});

async function records(house: QueueHouse): Promise<number> {
  const found = await house.store.journal.find({
    kind: "address",
    address: "ann@example.org",
    limit: 1000,
  });
  return found.length;
}

test("a destination that is back gets all that waits for it, in time", async (t) => {
  const house = await queueHouse(t);
  for (let i = 0; i < 30; i++) await house.send([`u${i}@dead.example`]);
  house.answer = unreachable;
  house.open();
  await house.idle();
  house.answer = accept;
  await house.pass(6 * MINUTE, 1000);
  assert.deepEqual(await house.rows(), []);
});

test("who waits for a destination that rests is told late and fails in time, all by its own schedule", async (t) => {
  const house = await queueHouse(t);
  for (let i = 0; i < 3; i++) await house.send([`u${i}@dead.example`]);
  house.answer = unreachable;
  house.open();
  await house.pass(123 * HOUR, 5 * MINUTE);
  assert.deepEqual(await house.rows(), []);
  const reports = await house.mail(house.ann);
  assert.equal(reports.filter((text) => text.includes("Action: delayed")).length, 3);
  assert.equal(reports.filter((text) => text.includes("Action: failed")).length, 3);
  assert.ok(house.parcels.length < 3 * 34, `${house.parcels.length} connections`);
});

test("an operator who says retry is heeded though the destination rests, and with one connection", async (t) => {
  const house = await queueHouse(t, { recipients_per_destination: 5 });
  for (let i = 0; i < 20; i++) await house.send([`u${i}@dead.example`]);
  house.answer = unreachable;
  house.open();
  await house.idle();
  const before = house.parcels.length;
  await house.pass(MINUTE);
  assert.equal(house.parcels.length, before);
  await house.store.queue.act("retry", house.clock.now(), {}, { limit: 100 });
  await house.pass(1000);
  assert.equal(house.parcels.length, before + 1, "one that finds it still dead");
  await house.pass(MINUTE);
  house.answer = accept;
  await house.store.queue.act("retry", house.clock.now(), {}, { limit: 100 });
  await house.pass(10_000, 100);
  assert.deepEqual(await house.rows(), []);
});

test("a right that is gone is a failure without a connection; one that cannot be had now, a deferral", async (t) => {
  const house = await queueHouse(t);
  const gone = status(550, "5.7.1", "the login was taken away", "policy/grant");
  const unsure = status(451, "4.3.0", "not now", "policy/grant");
  house.policy = {
    ...house.policy,
    renewGrant: (row) => {
      if (row.forwardPath.startsWith("gone")) return gone;
      if (row.forwardPath.startsWith("broken")) throw new StoreError("unreadable");
      return row.forwardPath.startsWith("unsure") ? unsure : grantFor(row.grant.domain);
    },
  };
  house.open();
  const names = ["gone", "unsure", "fine", "broken"].map((name) => `${name}@example.net`);
  await house.send(names);
  await house.work();
  assert.deepEqual(house.attempts(), [["fine@example.net"]]);
  const left = (await house.rows()).map((row) => [row.forwardPath, row.last?.outcome.status.code]);
  assert.deepEqual(left, [
    ["unsure@example.net", 451],
    ["broken@example.net", 451],
  ]);
  const [report = ""] = await house.mail(house.ann);
  assert.match(report, /the login was taken away/);
});

test("an attempt that breaks is a deferral in doubt; so is one with too few outcomes", async (t) => {
  const house = await queueHouse(t);
  house.answer = ({ destination }) => {
    if (destination === "one.example") throw new Error("a fault");
    return { outcomes: [], unreachable: false };
  };
  house.open();
  await house.send(["a@one.example", "b@two.example"]);
  await house.work();
  const events = house.log.filter(({ event }) => event === "delivery attempt failed");
  assert.equal(events.length, 2, "our fault is said");
  const rows = await house.rows();
  assert.deepEqual(
    rows.map(({ inDoubt, state }) => [inDoubt, state.kind]),
    [
      [true, "waiting"],
      [true, "waiting"],
    ],
  );
});

test("leases are extended while attempts run, however long", async (t) => {
  const house = await queueHouse(t);
  const attempts = held(house);
  house.open();
  await house.send(["bob@example.net"]);
  await house.work();
  await house.pass(3 * LEASE_MS, MINUTE);
  assert.equal(attempts.parcels.length, 1, "it was claimed twice");
  attempts.end();
  await house.idle();
  assert.deepEqual(await house.rows(), []);
});

test("a store that fails ends nothing: the outcome is settled when it can be, and the message sent once", async (t) => {
  const house = await queueHouse(t);
  const attempts = held(house);
  house.open();
  await house.send(["bob@example.net"]);
  await house.work();
  house.failing = new StoreError("the disk is full");
  attempts.end();
  await house.pass(10 * MINUTE, 1000);
  assert.ok(
    house.log.some(({ level, event }) => level === "error" && event === "queue not written"),
  );
  assert.equal((await house.rows()).length, 1);
  house.failing = undefined;
  await house.pass(MINUTE, 1000);
  assert.deepEqual(await house.rows(), []);
  await house.send(["eve@example.net"]);
  await house.work();
  assert.equal(attempts.parcels.length, 1, "the loop has ended");
  assert.equal(house.parcels.length, 2);
});

test("a stop gives back what was not attempted, lets the rest end, and settles it", async (t) => {
  const house = await queueHouse(t);
  const attempts = held(house);
  const runner = house.open();
  for (let i = 0; i < 5; i++) await house.send([`u${i}@example.net`]);
  await house.work();
  house.closing = () => {
    attempts.end(); // one that ended in time
    attempts.end({
      outcomes: [{ status: status(451, "4.4.2", "we stop", "delivery") }],
      unreachable: false,
    });
    return Promise.resolve();
  };
  await runner.stop(1000);
  house.closing = () => Promise.resolve();
  const rows = await house.rows();
  assert.equal(rows.length, 4);
  assert.ok(
    rows.every((row) => row.state.kind === "waiting" && row.attempts === 0 && !row.inDoubt),
    "as if they had not been claimed",
  );
  assert.equal(house.parcels.length, 2);
});

test("rows that were lost meanwhile are left out, and the others settled", async (t) => {
  const house = await queueHouse(t);
  const attempts = held(house);
  house.open();
  await house.send(["a@example.net", "b@example.net"]);
  await house.work();
  // Somebody else takes one of them over, as after a clock that jumped.
  const at = house.clock.now() + 2 * LEASE_MS;
  const stolen = await house.store.queue.claim({
    owner: "other",
    at,
    until: at + LEASE_MS,
    destinations: 1,
    perDestination: 1,
  });
  const [row] = known(stolen).destinations.flatMap(({ rows }) => rows);
  attempts.end();
  await house.idle();
  const rows = await house.rows();
  assert.deepEqual(
    rows.map(({ id }) => id),
    [row?.id],
  );
});

test("what an operator holds or removes while it waits for its turn is not attempted", async (t) => {
  const house = await queueHouse(t);
  const attempts = held(house);
  house.open();
  await house.send(["a@big.example", "b@big.example"]);
  await house.send(["c@big.example"]);
  await house.send(["held@big.example", "gone@big.example", "d@big.example"]);
  await house.work();
  assert.equal(attempts.parcels.length, 2, "the third waits");
  const act = (action: "hold" | "remove", forwardPath: string) =>
    house.store.queue.act(action, house.clock.now(), { forwardPath }, { limit: 1 });
  await act("hold", "held@big.example");
  await act("remove", "gone@big.example");
  await house.pass(2000);
  attempts.end();
  await house.work();
  const [, third] = attempts.parcels;
  assert.deepEqual(
    third?.recipients.map(({ forwardPath }) => forwardPath),
    ["d@big.example"],
  );
  const rows = await house.rows();
  assert.equal(rows.find((row) => row.forwardPath === "held@big.example")?.state.kind, "held");
  assert.ok(!rows.some((row) => row.forwardPath === "gone@big.example"));
});

test("what a destination bears is not more than all attempts together", async (t) => {
  const house = await queueHouse(t, { attempts: 3 });
  const attempts = held(house);
  house.open();
  for (let i = 0; i < 12; i++) await house.send([`u${i}@big.example`]);
  await house.work();
  for (let i = 0; i < 6; i++) {
    attempts.end();
    await house.work();
    assert.ok(attempts.parcels.length <= 3, `${attempts.parcels.length} at once`);
  }
  assert.equal(attempts.parcels.length, 3);
});
