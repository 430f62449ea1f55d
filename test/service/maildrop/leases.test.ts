/** One session for each mailbox, and none that is locked out by its own dead connection. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { MailboxId } from "../../../src/mail/index.ts";
import { MaildropLeases } from "../../../src/service/maildrop/index.ts";
import type { Holder, Lease } from "../../../src/service/maildrop/leases.ts";
import { ManualTimer } from "../../support/manual-timer.ts";

const ANN = 1 as MailboxId; // any store's keys
const BOB = 2 as MailboxId;

class Client implements Holder {
  steps = 0;
  served = false;
  expelled = false;
  lease: Lease | undefined;
  /** Every answer it was given: a lease or a refusal. */
  readonly answers: ("lease" | "in use")[] = [];
  takeBack: () => void = () => {};

  progress(): number {
    return this.steps;
  }

  isServed(): boolean {
    return this.served;
  }

  expel(): void {
    this.expelled = true;
    this.lease?.release(); // what a session does when it ends
  }

  acquire(leases: MaildropLeases, mailbox = ANN): this {
    this.takeBack = leases.acquire(mailbox, this, (lease) => {
      this.lease = lease;
      this.answers.push(lease === undefined ? "in use" : "lease");
    });
    return this;
  }
}

function setUp() {
  const timer = new ManualTimer();
  const leases = new MaildropLeases(timer, 5000);
  return { timer, leases, client: (mailbox = ANN) => new Client().acquire(leases, mailbox) };
}

test("a free mailbox is had at once, and again when it was released", () => {
  const { client } = setUp();
  const first = client();
  assert.deepEqual(first.answers, ["lease"]);
  assert.deepEqual(client(BOB).answers, ["lease"]);
  first.lease?.release();
  assert.deepEqual(client().answers, ["lease"]);
});

test("a holder that says something within five seconds keeps its mailbox", () => {
  const { timer, client } = setUp();
  const first = client();
  const second = client();
  timer.advance(4999);
  assert.deepEqual(second.answers, []);
  first.steps++;
  timer.advance(1);
  assert.deepEqual(second.answers, ["in use"]);
  assert.equal(first.expelled, false);
});

test("a silent holder loses its mailbox after five seconds", () => {
  const { timer, client } = setUp();
  const first = client();
  first.steps = 7; // what it said before does not count
  const second = client();
  timer.advance(4999);
  assert.equal(first.expelled, false);
  timer.advance(1);
  assert.equal(first.expelled, true);
  assert.deepEqual(second.answers, ["lease"]);
});

test("the lease that was lost frees nothing any more", () => {
  const { timer, client } = setUp();
  const first = client();
  const lost = first.lease;
  client();
  timer.advance(5000);
  lost?.release();
  lost?.release();
  const third = client();
  assert.deepEqual(third.answers, []);
});

test("a holder that waits for us is not silent", () => {
  const { timer, client } = setUp();
  const first = client();
  first.served = true;
  const second = client();
  timer.advance(5000);
  assert.deepEqual(second.answers, ["in use"]);
  assert.equal(first.expelled, false);
});

test("a mailbox that is released meanwhile goes to who waits", () => {
  const { timer, client } = setUp();
  const first = client();
  const second = client();
  timer.advance(1000);
  first.lease?.release();
  assert.deepEqual(second.answers, ["lease"]);
  assert.equal(timer.pending, 0);
  timer.advance(5000);
  assert.equal(second.expelled, false);
});

test("one may wait, others are told at once", () => {
  const { client } = setUp();
  client();
  const second = client();
  assert.deepEqual(client().answers, ["in use"]);
  second.takeBack();
  assert.deepEqual(client().answers, []);
});

test("who takes the wish back gets no answer, and the holder stays", () => {
  const { timer, client } = setUp();
  const first = client();
  const second = client();
  second.takeBack();
  assert.equal(timer.pending, 0);
  timer.advance(5000);
  assert.equal(first.expelled, false);
  first.lease?.release();
  assert.deepEqual(second.answers, []);
  assert.deepEqual(client().answers, ["lease"]);
});

test("never two holders, one answer each, and within five seconds", () => {
  const happening = fc.oneof(
    fc.constant("come" as const),
    fc.record({ to: fc.nat(9), what: fc.constantFrom("speak", "leave") }),
    fc.integer({ min: 1, max: 6000 }),
  );
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
      const { timer, client } = setUp();
      const clients: Client[] = [];
      const gone = new Set<Client>();
      for (const what of happenings) {
        if (what === "come") clients.push(client());
        else if (typeof what === "number") timer.advance(what);
        else act(clients[what.to], what.what, gone);
        const holders = clients.filter(
          (one) => one.lease !== undefined && !one.expelled && !gone.has(one),
        );
        assert.ok(holders.length <= 1, "two hold the same mailbox");
        assert.ok(clients.every(({ answers }) => answers.length <= 1));
      }
      timer.advance(5000);
      assert.ok(clients.every((one) => gone.has(one) || one.answers.length === 1));
    }),
    { numRuns: 500 },
  );
});

function act(client: Client | undefined, what: string, gone: Set<Client>): void {
  if (client === undefined || gone.has(client)) return;
  if (what === "speak") return void client.steps++;
  gone.add(client);
  client.takeBack();
  client.lease?.release();
}
