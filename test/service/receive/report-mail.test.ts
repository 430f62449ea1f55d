/** Mail for the address of reports: committed to be collected, and told to whoever collects. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Acceptance, CommitResult } from "../../../src/store/index.ts";
import { Bench } from "./desk-bench.ts";

const MAIL = "Subject: report\r\n\r\nbody\r\n";
const TOO_LARGE = 1_048_577;

class Office extends Bench {
  came = 0;

  constructor() {
    super();
    this.ways = { ...this.ways, reportCame: () => void this.came++ };
  }

  get committed(): Acceptance {
    const acceptance = this.draft.commits.at(-1);
    assert.ok(acceptance !== undefined);
    return acceptance;
  }

  get postmaster() {
    const mailbox = this.routing.route({ forwardPath: "postmaster", sourceRoute: false });
    const [{ id } = assert.fail("no postmaster")] = mailbox.mailboxes;
    return id;
  }

  mailbox(local: string) {
    const [one] = this.directory.mailboxes({ limit: 99 }).filter((m) => m.local === local);
    assert.ok(one !== undefined);
    return one.id;
  }
}

test("waits to be collected, in no mailbox, with where it came from", async () => {
  const office = new Office();
  assert.match(await office.desk().deliver(MAIL, "TLS-Reports@local.example"), /^250 /);
  const { mailboxes, report } = office.committed;
  assert.deepEqual(mailboxes, []);
  assert.deepEqual(report, {
    about: "tls",
    mailbox: office.postmaster,
    domain: "local.example",
    from: "sender@foreign.example",
    ip: report?.ip,
    at: office.clock.now(),
  });
  assert.equal(office.came, 1);
});

test("of the null path is from nobody", async () => {
  const office = new Office();
  const desk = office.desk();
  assert.equal(await desk.recipient("tls-reports@local.example"), "proceed");
  await desk.content();
  desk.body(MAIL);
  assert.match(await desk.end(MAIL.length), /^250 /);
  assert.equal(office.committed.report?.from, "");
});

test("for others too goes into their mailboxes besides", async () => {
  const office = new Office();
  await office.desk().deliver(MAIL, "user@local.example", "tls-reports@local.example");
  assert.deepEqual(office.committed.mailboxes, [office.mailbox("user")]);
  assert.equal(office.committed.report?.mailbox, office.postmaster);
});

test("that is larger than a report goes to the postmaster", async () => {
  const office = new Office();
  const desk = office.desk();
  await desk.begin("tls-reports@local.example");
  desk.body(MAIL);
  assert.match(await desk.end(TOO_LARGE), /^250 /);
  assert.deepEqual(office.committed.mailboxes, [office.postmaster]);
  assert.equal(office.committed.report, undefined);
  assert.equal(office.came, 0);
});

test("that the store refuses is refused, and nobody is told", async () => {
  const office = new Office();
  office.commit = (): Promise<CommitResult> =>
    Promise.resolve({ kind: "refused", why: "over quota", mailbox: office.postmaster });
  assert.match(await office.desk().deliver(MAIL, "tls-reports@local.example"), /^452 4\.2\.2 /);
  assert.equal(office.came, 0);
});

test("to a mailbox or alias of that name is mail like any other", async () => {
  const office = new Office();
  office.directory.withAlias("tls-reports@local.example", "user@local.example");
  await office.desk().deliver(MAIL, "tls-reports@local.example");
  assert.deepEqual(office.committed.mailboxes, [office.mailbox("user")]);
  assert.equal(office.committed.report, undefined);
});
