/** From a report to an entry, and off again: a real site, a host that relays to it, commands as programs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { OUTPUTS, Publisher } from "./publisher.ts";
import { RelayHost } from "./relay-host.ts";

const LISTED = /^NOERROR aa; A 2100 "127\.0\.0\.2"$/;
const NOT_LISTED = /^NXDOMAIN aa/;

test("who is reported and relays is listed with his test, shown, and off again when he is closed", async (t) => {
  const publisher = await Publisher.open(t);
  const { host } = publisher;
  assert.match(await publisher.done("report", host.address, "--note", "a relay"), /^127\.0\.0\.77 is reported; next: (?:a test, as soon as it has its turn|test \w+ is under way)\n/); // prettier-ignore
  const { test: id } = await publisher.line("suspect listed");
  await publisher.answers(LISTED);
  const [entry] = JSON.parse(await publisher.done("show", host.address, "--json")) as readonly {
    entry: { reason: string; by: string; evidence: { kind: string; test: string } };
    suspect: { standing: string; last: { test: string }; reports: readonly { cause: object }[] };
  }[];
  assert.deepEqual([entry?.entry.reason, entry?.entry.by], [`open relay: test ${String(id)}`, "gatepost"]); // prettier-ignore
  assert.deepEqual([entry?.entry.evidence.kind, entry?.entry.evidence.test], ["test", id]);
  assert.deepEqual([entry?.suspect.standing, entry?.suspect.last.test], ["proved", id]);
  assert.deepEqual(entry?.suspect.reports[0]?.cause, { kind: "note", text: "a relay" });
  const shown = await publisher.done("show", host.address);
  assert.match(shown, /suspect: proved to relay\n {2}why {7}.* came back\n {2}reports {3}.* reported by .* \(command\): a relay\n {2}tested .*\n {2}next /); // prettier-ignore
  assert.match(await publisher.done("suspects"), /127\.0\.0\.77 +proved +yes /);

  host.manner = "open";
  const open = await publisher.run("retest", host.address, "--wait");
  assert.match(open.out, /^127\.0\.0\.77: proved: .* came back\nIt is listed\.\n/);
  assert.equal(open.code, 1);

  host.manner = "closed";
  const closed = await publisher.run("retest", host.address, "--wait");
  assert.deepEqual([closed.code, closed.err], [0, ""]);
  assert.match(closed.out, /^127\.0\.0\.77: clean: it refused every try\nIt is not listed\.\nKept: gatepost tests show [0-9a-f]{16} --config /); // prettier-ignore
  await publisher.answers(NOT_LISTED);
  assert.match(await publisher.done("show", host.address), /history .*remove by gatepost: it refused every try \(test /); // prettier-ignore
  assert.deepEqual(
    publisher.lines.filter(({ event }) => event.startsWith("suspect ")).map(({ event, found }) => [event, found]),
    [["suspect reported", undefined], ["suspect tested", "relayed"], ["suspect listed", undefined], ["suspect tested", "relayed"], ["suspect listed", undefined], ["suspect tested", "clean"], ["suspect left", undefined]],
  ); // prettier-ignore
});

test("hosts by which its messages come back go and come with it; who was listed before stays for a while", async (t) => {
  const output = "127.0.0.88";
  const publisher = await Publisher.open(t, {
    host: { from: output },
    suspects: `outputs = "${OUTPUTS}"`,
  });
  const { host } = publisher;
  await publisher.report();
  await publisher.line("suspect listed");
  await publisher.answers(LISTED, OUTPUTS, output);
  const [, outputs] = JSON.parse(await publisher.done("show", output, "--json")) as readonly { entry: { reason: string } }[]; // prettier-ignore
  assert.match(outputs?.entry.reason ?? "", /^messages of the open relay 127\.0\.0\.77 come by it: test /); // prettier-ignore

  host.manner = "closed";
  assert.equal((await publisher.run("retest", host.address, "--wait")).code, 0);
  assert.equal(publisher.isListed(OUTPUTS, output), false);

  host.manner = "open";
  assert.equal((await publisher.run("retest", host.address, "--wait")).code, 1);
  await publisher.answers(LISTED);
  host.manner = "closed";
  const stays = await publisher.run("retest", host.address, "--wait");
  assert.match(stays.out, /: clean: it refused every try\nIt is listed until .*Z, because it was before\.\n/); // prettier-ignore
  assert.equal(stays.code, 1);
  assert.deepEqual([publisher.isListed(), publisher.isListed(OUTPUTS, output)], [true, true]);
  assert.match(await publisher.done("show", host.address), /suspect: clean\n.*\n {2}clean {5}since .*; leaves /s); // prettier-ignore
});

test("who refuses the tester is marked, and is not off the list for it", async (t) => {
  const publisher = await Publisher.open(t);
  const { host } = publisher;
  await publisher.report();
  await publisher.line("suspect listed");
  host.manner = "blocks";
  const { out, code } = await publisher.run("retest", host.address, "--wait");
  assert.match(out, /^127\.0\.0\.77: blocks: .*your address is blocked here.*\nIt is listed\.\n/);
  assert.equal(code, 1);
  await publisher.answers(LISTED);
});

test("the brake holds who relays; once it is released, he is listed", async (t) => {
  const publisher = await Publisher.open(t, { listing: "burst = 1" });
  const { host } = publisher;
  const other = await RelayHost.open(t, { address: "127.0.0.78", port: host.port });
  other.siteAt = host.siteAt;
  await publisher.report();
  await publisher.line("suspect listed");
  await publisher.done("report", other.address, "--note", "another");
  const { why } = await eventually("a host that is held", () => publisher.lines.find(({ event }) => event === "suspect held")); // prettier-ignore
  assert.match(String(why), /2 listings within an hour; listing\.burst allows 1/);
  assert.equal(publisher.isListed(undefined, other.address), false);
  assert.match(await publisher.done("suspects", "--standing", "proved"), /127\.0\.0\.78 +proved +no .* held: 2 listings within an hour/); // prettier-ignore
  assert.match(await publisher.done("brake"), / +pulled .*\n[^]*`gatepost list brake release`\n$/);
  await publisher.reload("listing.burst=9");
  assert.match(await publisher.done("brake", "release"), /\n.*tried again within five minutes/);
  other.manner = "open";
  const { out, code } = await publisher.run("retest", other.address, "--wait");
  assert.match(out, /\nIt is listed\.\n/);
  assert.equal(code, 1);
});

test("a message that comes back after the test has ended lists its host at once", async (t) => {
  const publisher = await Publisher.open(t);
  const { host } = publisher;
  host.manner = "keeps";
  await publisher.report();
  const { found, test: id } = await publisher.line("suspect tested");
  assert.equal(found, "accepted");
  assert.deepEqual([publisher.isListed(), publisher.suspect()["standing"]], [false, "pending"]);
  await host.handOn();
  assert.equal((await publisher.line("suspect listed"))["test"], id);
  await publisher.answers(LISTED);
});

test("a server that ends in the middle of a test goes on with it when it runs again", async (t) => {
  const publisher = await Publisher.open(t);
  const { host } = publisher;
  host.manner = "closed";
  const reached = Promise.withResolvers<void>();
  host.onSender = (senders) => {
    if (senders === 100) reached.resolve();
  };
  await publisher.report();
  await reached.promise;
  await publisher.stop();
  const { testing } = publisher.suspect();
  const before = await publisher.store.relayTests.find(String(testing));
  assert.ok(before !== undefined && before.endedAt === undefined && before.tried > 50);
  await publisher.serve();
  const { test: id, found } = await publisher.line("suspect tested");
  assert.deepEqual([id, found], [testing, "clean"]);
  const all = await publisher.store.relayTests.list({ about: host.address, limit: 10 });
  assert.deepEqual(all.map((one) => one.id), [testing]); // prettier-ignore
  const { testing: none } = publisher.suspect();
  assert.equal(none, undefined);
});

test("without a server a report waits for one, and a test that is asked for is not known", async (t) => {
  const publisher = await Publisher.open(t, { serves: false });
  const { host } = publisher;
  assert.match(await publisher.done("report", host.address, "--note", "x"), /is reported; next: it is tested when the server runs/); // prettier-ignore
  const { out, code } = await publisher.run("retest", host.address, "--wait");
  assert.match(out, /it is tested when the server runs/);
  assert.equal(code, 2);
  host.manner = "closed";
  await publisher.serve();
  assert.equal((await publisher.line("suspect tested"))["found"], "clean");
  const again = await publisher.done("report", host.address, "--note", "x");
  assert.match(
    again,
    /next: a test 20.*\n`gatepost list retest 127\.0\.0\.77` tests it at once\n$/,
  );
  assert.match((await publisher.run("report", "127.0.0.1", "--note", "x")).err, /127\.0\.0\.1 is not tested: it is protected: an address of this server/); // prettier-ignore
  assert.match((await publisher.run("report", host.address, "--sample", "none.eml")).err, /none\.eml: there is no such file/); // prettier-ignore
  assert.match((await publisher.run("report", host.address)).err, /expected one of --sample FILE and --note TEXT/); // prettier-ignore
});
