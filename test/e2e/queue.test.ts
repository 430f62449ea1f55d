/** The commands of the queue as an operator types them, beside a running server. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { join } from "node:path";
import type { GatepostServer } from "../../src/app/index.ts";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import type { QueueRow, Store } from "../../src/store/index.ts";
import * as q from "../contract/queue-site.ts";
import { deposit } from "../contract/site.ts";
import { run, type Run } from "../interop/support/programs.ts";
import { newSite, portOf, USER, type Site } from "./site.ts";
import { deliver } from "./talk.ts";

const GATEPOST = join(import.meta.dirname, "../../bin/gatepost");
const CONTENT = "Subject: to be shown\r\n\r\nThe text.\r\n";

/** A site's queue, and the commands as they are typed there. */
class Operator {
  readonly site: Site;
  readonly store: Store;

  private constructor(site: Site, store: Store) {
    this.site = site;
    this.store = store;
  }

  static async at(site: Site): Promise<Operator> {
    const path = join(site.dir, "gatepost.db");
    return new Operator(site, await openSqliteStore({ path, exclusive: false }));
  }

  gatepost(...args: string[]): Promise<Run> {
    return run(GATEPOST, [...args, "--config", this.site.file]);
  }

  /** What it prints, when it ends well. */
  async said(...args: string[]): Promise<string> {
    const { code, stdout, said: all } = await this.gatepost(...args);
    assert.equal(code, 0, `${args.join(" ")}: ${all}`);
    return stdout.toString();
  }

  async refused(...args: string[]): Promise<string> {
    const { code, stderr } = await this.gatepost(...args);
    assert.equal(code, 1, args.join(" "));
    return stderr;
  }

  /** Empties the queue and puts a message for each group of recipients into it, due in an hour. */
  async enqueue(...messages: readonly (readonly string[])[]): Promise<void> {
    await this.store.queue.act("remove", 0, {}, { limit: 100 });
    for (const addresses of messages) {
      const dueAt = Date.now() + 3_600_000;
      const recipients = addresses.map((address) => q.recipient(address, { dueAt }));
      const departure = q.departure(recipients, { acceptedAt: Date.now() });
      await deposit(this.store, [], CONTENT, { departure });
    }
  }

  async left(): Promise<readonly string[]> {
    const rows = await q.listed(this.store);
    return rows.map(({ forwardPath, state }) => `${state.kind} ${forwardPath}`);
  }

  async end(): Promise<void> {
    await this.store.close();
    this.site.remove();
  }
}

/** Nothing is due here, so that the server leaves the rows alone. */
describe("the queue's commands, beside a running server", () => {
  let operator: Operator;
  let server: GatepostServer;

  before(async () => {
    const site = await newSite();
    server = await site.serve();
    operator = await Operator.at(site);
  });
  after(async () => {
    await server.stop(1000);
    await operator.end();
  });

  test("say so when it is empty", async () => {
    await operator.enqueue();
    assert.equal(await operator.said("queue", "list"), "the queue is empty\n");
    assert.equal(await operator.said("queue", "list", "--json"), "[]\n");
    assert.equal(await operator.said("queue", "shape"), "the queue is empty\n");
    assert.equal(
      await operator.said("queue", "retry", "--all", "--json"),
      '{"action":"retry","changed":0}\n',
    );
  });

  test("list as much as is asked for, and say how to see the rest", async () => {
    await operator.enqueue(["a@example.net", "b@example.net"], ["c@example.com"]);
    const all = await operator.said("queue", "list");
    assert.match(all, /a@example\.net\n[^]*b@example\.net\n[^]*c@example\.com\n/);
    assert.match(all, /\n3 recipients wait for 2 next hops\n$/);
    const first = await operator.said("mailq", "--limit", "1");
    assert.doesNotMatch(first, /b@example\.net/);
    assert.match(first, /3 recipients wait[^]*The 1 oldest are shown\. --all shows all/);
    const some = await operator.said("queue", "list", "--domain", "example.com");
    assert.doesNotMatch(some, /example\.net/);
    assert.match(some, /3 recipients wait for 2 next hops in all\n$/);
    assert.match(
      await operator.said("queue", "list", "--held"),
      /^nothing in the queue is like that; 3 /,
    );
    const json = JSON.parse(await operator.said("queue", "list", "--all", "--json")) as {
      recipient: string;
    }[];
    const names = json.map(({ recipient }) => recipient);
    assert.deepEqual(names, ["a@example.net", "b@example.net", "c@example.com"]);
    const limited = await operator.gatepost("queue", "list", "--json", "--limit", "2");
    assert.equal((JSON.parse(limited.stdout.toString()) as object[]).length, 2);
    assert.match(limited.stderr, /--all/);
  });

  test("show a message, one of its recipients, and its content", async () => {
    await operator.enqueue(["a@example.net", "b@example.net"]);
    const [row = assert.fail()] = await q.listed(operator.store);
    const whole = await operator.said("queue", "show", row.message);
    assert.match(whole, /recipient {2}a@[^]*recipient {2}b@/);
    assert.doesNotMatch(whole, /other recipients/);
    const one = await operator.said("queue", "show", String(row.id));
    assert.doesNotMatch(one, /recipient {2}b@/);
    assert.ok(one.endsWith(`other recipients here: gatepost queue show ${row.message}\n`), one);
    const content = `Received: here\r\n${CONTENT}`;
    assert.equal(await operator.said("queue", "show", row.message, "--content"), content);
    const headers = content.slice(0, content.indexOf("The text"));
    assert.equal(await operator.said("queue", "show", String(row.id), "--headers"), headers);
    const json = JSON.parse(
      await operator.said("queue", "show", row.message, "--json"),
    ) as object[];
    assert.equal(json.length, 2);
    assert.match(await operator.refused("queue", "show", "999999"), /999999 is not in the queue/);
    assert.match(await operator.refused("queue", "show", "nonsense"), /names nothing in a queue/);
  });

  test("do nothing that was not plainly asked for", async () => {
    await operator.enqueue(["a@example.net"]);
    assert.match(await operator.refused("queue", "hold"), /which\? Name ids/);
    assert.match(await operator.refused("queue", "remove", "--all"), /add --yes/);
    assert.match(await operator.refused("queue", "hold", "1", "999999"), /1 is not in the queue/);
    assert.match(
      await operator.refused("queue", "remove", "--older-than", "soon", "--yes"),
      /is no age/,
    );
    assert.deepEqual(await operator.left(), ["waiting a@example.net"]);
  });

  test("leave the server to its work", async () => {
    assert.match(await deliver(portOf(server, "smtp"), USER, "Subject: x\r\n\r\nx"), /^250/);
  });

  test("end without a word when their reader has had enough", async () => {
    await operator.enqueue(Array.from({ length: 100 }, (_, i) => `u${i}@example.net`));
    const piped = `"$0" queue list --all --config "$1" | head -n 1`;
    const { stdout, stderr } = await run("bash", ["-c", piped, GATEPOST, operator.site.file]);
    assert.match(stdout.toString(), /^ +ID/);
    assert.equal(stderr, "");
    const short = `"$0" check --config "$1" | true`;
    assert.equal((await run("bash", ["-c", short, GATEPOST, operator.site.file])).stderr, "");
  });

  test("are found under the names of other servers' commands", async () => {
    const help = await operator.said("queue", "--help");
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

  test("hold and remove what is named and what fits, and say how many", async () => {
    await operator.enqueue(["a@example.net", "b@example.net"], ["c@example.com"]);
    const [row = assert.fail()] = await q.listed(operator.store);
    assert.equal(await operator.said("queue", "hold", String(row.id)), "1 recipient held\n");
    assert.equal(await operator.said("queue", "hold", "--all"), "2 recipients held\n");
    assert.match(await operator.said("queue", "retry", "--held"), /^nothing of that waits/);
    const only = ["--recipient", "a@example.net"];
    const removed = await operator.said("queue", "remove", row.message, ...only, "--yes");
    assert.equal(removed, "1 recipient removed\n");
    assert.deepEqual(await operator.left(), ["held b@example.net", "held c@example.com"]);
  });
});

/** Without a server, which would take what is due. */
describe("the queue's commands that make mail due", () => {
  let operator: Operator;
  before(async () => {
    operator = await Operator.at(await newSite());
  });
  after(() => operator.end());

  test("retry and release what is named, what fits, and all", async () => {
    await operator.enqueue(["a@example.net", "b@example.net"], ["c@example.com"]);
    const [row = assert.fail()] = await q.listed(operator.store);
    const due = async (): Promise<readonly string[]> => {
      const isDue = ({ state }: QueueRow) => state.kind === "waiting" && state.dueAt <= Date.now();
      return (await q.listed(operator.store)).filter(isDue).map(({ forwardPath }) => forwardPath);
    };
    await operator.said("queue", "hold", row.message);
    assert.equal(await operator.said("queue", "retry", "--all"), "1 recipient due now\n");
    assert.deepEqual(await due(), ["c@example.com"]);
    const released = await operator.said("queue", "release", String(row.id));
    assert.equal(released, "1 recipient released, and due now\n");
    assert.deepEqual(await due(), ["a@example.net", "c@example.com"]);
    const rest = await operator.said("queue", "release", "--domain", "example.net");
    assert.equal(rest, "1 recipient released, and due now\n");
  });

  test("say of what is under way that its attempt ends first", async () => {
    await operator.enqueue(["a@example.net"], ["b@example.com"]);
    await operator.store.queue.act(
      "retry",
      Date.now() - 1,
      { forwardPath: "a@example.net" },
      { limit: 10 },
    );
    const at = Date.now();
    const { lease, rows } = await q.mustClaim(operator.store, { at, until: at + 3_600_000 });
    const note = "What of it is under way ends its attempt first.\n";
    assert.equal(
      await operator.said("queue", "hold", "--domain", "example.com"),
      "1 recipient held\n",
    );
    const held = await operator.said("queue", "hold", "--domain", "example.net");
    assert.equal(held, `1 recipient held\n${note}`);
    assert.match(await operator.said("queue", "list"), /will be held when this attempt has ended/);
    const ids = rows.map(({ id }) => id);
    await operator.store.queue.giveBack(lease, ids, at);
  });
});
