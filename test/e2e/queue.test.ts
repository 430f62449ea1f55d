/** The commands of the queue as an operator types them, beside a running server. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { join } from "node:path";
import type { GatepostServer } from "../../src/app/index.ts";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import type { Store } from "../../src/store/index.ts";
import * as q from "../contract/queue-site.ts";
import { deposit } from "../contract/site.ts";
import { run, type Run } from "../interop/support/programs.ts";
import { ANY_PORTS, newSite, USER, type Site } from "./site.ts";
import { deliver } from "./talk.ts";
import { portOf } from "./site.ts";

const GATEPOST = join(import.meta.dirname, "../../bin/gatepost");
const CONTENT = "Subject: to be shown\r\n\r\nThe text.\r\n";

describe("the queue's commands", () => {
  let site: Site;
  let server: GatepostServer;
  let store: Store;

  before(async () => {
    site = await newSite();
    server = await site.serve([...ANY_PORTS, "queue.send=false"]); // the commands have the queue for themselves
    store = await openSqliteStore({ path: join(site.dir, "gatepost.db"), exclusive: false });
  });
  after(async () => {
    await store.close();
    await server.stop(1000);
    site.remove();
  });

  function gatepost(...args: string[]): Promise<Run> {
    return run(GATEPOST, [...args, "--config", site.file]);
  }

  /** What it prints, when it ends well. */
  async function said(...args: string[]): Promise<string> {
    const { code, stdout, said: all } = await gatepost(...args);
    assert.equal(code, 0, `${args.join(" ")}: ${all}`);
    return stdout.toString();
  }

  async function refused(...args: string[]): Promise<string> {
    const { code, stderr } = await gatepost(...args);
    assert.equal(code, 1, args.join(" "));
    return stderr;
  }

  /** Empties the queue and puts a message for each group of recipients into it, due in an hour. */
  async function fill(...messages: readonly (readonly string[])[]): Promise<void> {
    await store.queue.act("remove", 0, {}, { limit: 100 });
    for (const addresses of messages) {
      const dueAt = Date.now() + 3_600_000;
      const recipients = addresses.map((address) => q.recipient(address, { dueAt }));
      const departure = q.departure(recipients, { acceptedAt: Date.now() });
      await deposit(store, [], CONTENT, { departure });
    }
  }

  async function left(): Promise<readonly string[]> {
    return (await q.listed(store)).map(({ forwardPath, state }) => `${state.kind} ${forwardPath}`);
  }

  test("say so when it is empty", async () => {
    await fill();
    assert.equal(await said("queue", "list"), "the queue is empty\n");
    assert.equal(await said("queue", "list", "--json"), "[]\n");
    assert.equal(await said("queue", "shape"), "the queue is empty\n");
    assert.equal(
      await said("queue", "retry", "--all", "--json"),
      '{"action":"retry","changed":0}\n',
    );
  });

  test("list as much as is asked for, and say how to see the rest", async () => {
    await fill(["a@example.net", "b@example.net"], ["c@example.com"]);
    const all = await said("queue", "list");
    assert.match(all, /a@example\.net\n[^]*b@example\.net\n[^]*c@example\.com\n/);
    assert.match(all, /\n3 recipients wait for 2 next hops\n$/);
    const first = await said("mailq", "--limit", "1");
    assert.doesNotMatch(first, /b@example\.net/);
    assert.match(first, /3 recipients wait[^]*The 1 oldest are shown\. --all shows all/);
    const some = await said("queue", "list", "--domain", "example.com");
    assert.doesNotMatch(some, /example\.net/);
    assert.match(some, /3 recipients wait for 2 next hops in all\n$/);
    assert.match(await said("queue", "list", "--held"), /^nothing in the queue is like that; 3 /);
    const json = JSON.parse(await said("queue", "list", "--all", "--json")) as {
      recipient: string;
    }[];
    const names = json.map(({ recipient }) => recipient);
    assert.deepEqual(names, ["a@example.net", "b@example.net", "c@example.com"]);
    const limited = await gatepost("queue", "list", "--json", "--limit", "2");
    assert.equal((JSON.parse(limited.stdout.toString()) as object[]).length, 2);
    assert.match(limited.stderr, /--all/);
  });

  test("show a message, one of its recipients, and its content", async () => {
    await fill(["a@example.net", "b@example.net"]);
    const [row = assert.fail()] = await q.listed(store);
    const whole = await said("queue", "show", row.message);
    assert.match(whole, /recipient {2}a@[^]*recipient {2}b@/);
    assert.doesNotMatch(whole, /other recipients/);
    const one = await said("queue", "show", String(row.id));
    assert.doesNotMatch(one, /recipient {2}b@/);
    assert.ok(one.endsWith(`other recipients here: gatepost queue show ${row.message}\n`), one);
    const content = `Received: here\r\n${CONTENT}`;
    assert.equal(await said("queue", "show", row.message, "--content"), content);
    const headers = content.slice(0, content.indexOf("The text"));
    assert.equal(await said("queue", "show", String(row.id), "--headers"), headers);
    const json = JSON.parse(await said("queue", "show", row.message, "--json")) as object[];
    assert.equal(json.length, 2);
    assert.match(await refused("queue", "show", "999999"), /999999 is not in the queue/);
    assert.match(await refused("queue", "show", "nonsense"), /names nothing in a queue/);
  });

  test("act on what is named, on what fits, on all, and say on how many", async () => {
    await fill(["a@example.net", "b@example.net"], ["c@example.com"]);
    const [row = assert.fail()] = await q.listed(store);
    assert.equal(await said("queue", "hold", String(row.id)), "1 recipient held\n");
    assert.equal(
      await said("queue", "release", row.message),
      "1 recipient released, and due now\n",
    );
    assert.equal(await said("queue", "hold", "--domain", "example.net"), "2 recipients held\n");
    assert.equal(await said("queue", "retry", "--all"), "1 recipient due now\n");
    assert.deepEqual(await left(), [
      "held a@example.net",
      "held b@example.net",
      "waiting c@example.com",
    ]);
    assert.match(await said("queue", "retry", "--held"), /^nothing of that waits/);
    const removed = await said(
      "queue",
      "remove",
      row.message,
      "--recipient",
      "a@example.net",
      "--yes",
    );
    assert.equal(removed, "1 recipient removed\n");
    assert.deepEqual(await left(), ["held b@example.net", "waiting c@example.com"]);
  });

  test("say of what is under way that its attempt ends first", async () => {
    await fill(["a@example.net"], ["b@example.com"]);
    await store.queue.act("retry", Date.now() - 1, { forwardPath: "a@example.net" }, { limit: 10 });
    const at = Date.now();
    const { lease, rows } = await q.mustClaim(store, { at, until: at + 3_600_000 });
    const note = "What of it is under way ends its attempt first.\n";
    assert.equal(await said("queue", "hold", "--domain", "example.com"), "1 recipient held\n");
    const held = await said("queue", "hold", "--domain", "example.net");
    assert.equal(held, `1 recipient held\n${note}`);
    assert.match(await said("queue", "list"), /will be held when this attempt has ended/);
    const ids = rows.map(({ id }) => id);
    await store.queue.giveBack(lease, ids, at);
  });

  test("do nothing that was not plainly asked for", async () => {
    await fill(["a@example.net"]);
    assert.match(await refused("queue", "hold"), /which\? Name ids/);
    assert.match(await refused("queue", "remove", "--all"), /add --yes/);
    assert.match(await refused("queue", "hold", "1", "999999"), /1 is not in the queue/);
    assert.match(await refused("queue", "remove", "--older-than", "soon", "--yes"), /is no age/);
    assert.deepEqual(await left(), ["waiting a@example.net"]);
  });

  test("leave the server to its work", async () => {
    assert.match(await deliver(portOf(server, "smtp"), USER, "Subject: x\r\n\r\nx"), /^250/);
  });

  test("end without a word when their reader has had enough", async () => {
    await fill(Array.from({ length: 100 }, (_, i) => `u${i}@example.net`));
    const piped = `"$0" queue list --all --config "$1" | head -n 1`;
    const { stdout, stderr } = await run("bash", ["-c", piped, GATEPOST, site.file]);
    assert.match(stdout.toString(), /^ +ID/);
    assert.equal(stderr, "");
  });

  test("are found under the names of other servers' commands", async () => {
    const help = await said("queue", "--help");
    for (const word of [
      "mailq",
      "postqueue -p",
      "postqueue -f",
      "postsuper -d ID",
      "postsuper -h ID",
      "postsuper -r ID",
      "postcat",
      "exim -bp",
      "exim -Mrm",
    ])
      assert.ok(help.includes(word), word);
  });
});
