/** The assembled server: a stranger delivers, the owner fetches; nothing opens unproved; changes and reloads reach it. */
import assert from "node:assert/strict";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import {
  openDirectory,
  SERVER_PARTS,
  sitePolicy,
  type BuildPolicy,
  type ServerParts,
} from "../../src/app/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import { stages } from "../../src/policy/checks/index.ts";
import { ScramClient } from "../protocol/sasl/scram-client.ts";
import { fetchAll } from "./maildrop.ts";
import { deliver, Talk } from "./talk.ts";
import { ANY_PORTS, newSite, PASSWORD, portOf, USER, type Site } from "./site.ts";
import type { GatepostServer } from "../../src/app/index.ts";

/** A policy that takes mail for anybody, and puts it into Ann's mailbox. */
const openRelay: BuildPolicy = (directory, config, world) => {
  const real = sitePolicy(directory, config, world);
  const ann = () => real.routing.route({ forwardPath: "postmaster", sourceRoute: false });
  return {
    ...real,
    routing: {
      leadsTo: () => true,
      route: (recipient) => {
        const route = real.routing.route(recipient);
        return route.recipient === "foreign domain" ? ann() : route;
      },
    },
    stages: stages(),
  };
};

describe("a running server", () => {
  let site: Site;
  let server: GatepostServer;

  before(async () => {
    site = await newSite();
    server = await site.serve();
  });
  after(async () => {
    await server.stop(1000);
    site.remove();
  });

  test("takes mail for a mailbox and gives it to its owner, and to nobody else's", async () => {
    const reply = await deliver(portOf(server, "smtp"), USER, "Subject: hello\r\n\r\n..it works");
    assert.match(reply, /^250 2\.0\.0 accepted as [0-9a-z]{12}-1\r\n$/);
    const [message] = await fetchAll(portOf(server, "pop3"), USER, PASSWORD);
    const id = /accepted as (\S+)/.exec(reply)?.[1];
    assert.match(
      message ?? "",
      /^\+OK.*\r\nReturn-Path: <sender@remote\.example>\r\nReceived: from client\.example/,
    );
    assert.ok(message?.includes(`id ${id}\r\n\tfor <${USER}>;`));
    assert.ok(message?.endsWith("\r\nSubject: hello\r\n\r\n..it works\r\n.\r\n"));
  });

  test("binds a POP3 login to its TLS connection", async () => {
    const talk = await Talk.toTls(portOf(server, "pop3s"));
    await talk.reply();
    const client = new ScramClient(USER, PASSWORD, "p=tls-exporter,,", "abc", talk.exporter);
    const first = Buffer.from(client.first).toString("base64");
    const said = await talk.ask(`AUTH SCRAM-SHA-256-PLUS ${first}`);
    const challenge = Buffer.from(said.slice(2).trim(), "base64").toString();
    const signed = await talk.ask(Buffer.from(client.final(challenge)).toString("base64"));
    assert.equal(signed, `+ ${Buffer.from(client.serverFinal).toString("base64")}\r\n`);
    assert.match(await talk.ask(""), /^\+OK /);
    talk.destroy();
  });

  test("refuses to relay, with the session's id, and explains it afterwards", async () => {
    const reply = await deliver(portOf(server, "smtp"), "victim@foreign.example", "x");
    assert.match(reply, /^550 5\.7\.1 relaying denied.* \[[0-9a-z]{12}\]\r\n$/);
  });

  test("takes mail for a mailbox that another process has just made", async () => {
    assert.match(await deliver(portOf(server, "smtp"), "bob@local.example", "x"), /^550 5\.1\.1/);
    const session = await openDirectory(loadConfig(site.file));
    const outcome = await session.administration.mailboxes.add("bob@local.example", "secret");
    await session.close();
    assert.deepEqual(outcome, { kind: "done" });
    assert.match(await deliver(portOf(server, "smtp"), "bob@local.example", "x"), /^250/);
    assert.equal((await fetchAll(portOf(server, "pop3"), "bob@local.example", "secret")).length, 1);
  });

  test("takes mail for a domain that another process has just added, once it has proved it", async () => {
    const session = await openDirectory(loadConfig(site.file));
    assert.deepEqual(await session.administration.domains.add("new.example"), { kind: "done" });
    await session.administration.aliases.set("sales@new.example", [USER], "add");
    await session.close();
    assert.match(await deliver(portOf(server, "smtp"), "sales@new.example", "x"), /^250/);
    assert.match(await deliver(portOf(server, "smtp"), "abuse@new.example", "x"), /^250/);
    assert.match(await deliver(portOf(server, "smtp"), "nobody@new.example", "x"), /^550 5\.1\.1/);
  });

  test("is the only one on its store", async () => {
    await assert.rejects(site.serve(), {
      name: "StoreInUse",
      message: new RegExp(`process ${process.pid}`),
    });
  });

  test("finds out a client that talks before the greeting", async () => {
    const talk = await Talk.to(portOf(server, "smtp"));
    talk.say("EHLO eager.example\r\n");
    assert.match(await talk.reply(), /^554 5\.5\.1/);
    await talk.closed();
  });

  test("goes on as before when the new configuration has a fault or is not proved", async () => {
    const good = readFileSync(site.file, "utf8");
    writeFileSync(site.file, good.replace("mx.local.example", "localhost"));
    await assert.rejects(server.reload(ANY_PORTS), {
      name: "ConfigError",
      message: /hostname: "localhost" is no/,
    });
    writeFileSync(
      site.file,
      good.replace(`postmaster = "${USER}"`, 'postmaster = "x@local.example"'),
    );
    await assert.rejects(server.reload(ANY_PORTS), {
      name: "ConfigError",
      message: /there is no mailbox x@local/,
    });
    writeFileSync(site.file, good);
    assert.match(await deliver(portOf(server, "smtp"), USER, "x"), /^250/);
  });

  test("takes a new configuration without dropping a session", async () => {
    const talk = await Talk.to(portOf(server, "smtp"));
    await talk.reply();
    await talk.ask("EHLO client.example");
    appendFileSync(site.file, "\n[limits]\nrecipients = 123\n");
    await server.reload(ANY_PORTS);
    assert.match(await talk.ask("NOOP"), /^250/);
    talk.destroy();
    const next = await Talk.to(portOf(server, "smtp"));
    await next.reply();
    assert.match(await next.ask("EHLO client.example"), /RCPTMAX=123/);
    next.destroy();
  });
});

test("what a crash left half received is gone when the ports are open", async (t) => {
  const site = await newSite();
  const database = new DatabaseSync(join(site.dir, "gatepost.db"));
  database.exec("INSERT INTO provisional VALUES (7); INSERT INTO part VALUES (7, 0, x'00')");
  const server = await site.serve();
  t.after(() => server.stop(0));
  const left = database.prepare("SELECT count(*) AS left FROM part").get();
  database.close();
  assert.equal(left?.["left"], 0);
  site.remove();
});

test("a full server says why, in each protocol's words", async () => {
  const site = await newSite();
  const server = await site.serve([...ANY_PORTS, "limits.connections_per_address=1"]);
  const first = await Talk.to(portOf(server, "smtp"));
  await first.reply();
  const said = async (service: "smtp" | "pop3"): Promise<string> => {
    const talk = await Talk.to(portOf(server, service));
    const words = await talk.reply();
    await talk.closed();
    return words;
  };
  const why = "too many connections from your address, try again later\r\n";
  assert.equal(await said("smtp"), `421 4.7.0 ${why}`);
  assert.equal(await said("pop3"), `-ERR [SYS/TEMP] ${why}`);
  first.destroy();
  await server.stop(1000);
  site.remove();
});

test("a reload gives an open port other options: TLS off, and on again", async () => {
  const site = await newSite();
  const server = await site.serve();
  const port = portOf(server, "smtp");
  const offers = async (): Promise<boolean> => {
    const talk = await Talk.to(port);
    await talk.reply();
    const extensions = await talk.ask("EHLO client.example");
    talk.destroy();
    return extensions.includes("STARTTLS");
  };
  const smtp = (tls: string) => `listen.smtp=[{ address = "127.0.0.1", port = 0, tls = "${tls}" }]`;
  assert.ok(await offers());
  await server.reload([smtp("off"), ...ANY_PORTS.slice(1)]);
  assert.ok(!(await offers()));
  await server.reload([smtp("starttls"), ...ANY_PORTS.slice(1)]);
  assert.ok(await offers());
  assert.equal(portOf(server, "smtp"), port);
  await server.stop(1000);
  site.remove();
});

describe("a server that must not open", () => {
  test("is one whose policy relays: no port opens, and the session is shown", async () => {
    const site = await newSite();
    const refusal = site.serve(ANY_PORTS, { buildPolicy: openRelay });
    await assert.rejects(refusal, {
      name: "ProofFailed",
      message: /R01 from .*\n[\s\S]*RCPT TO:<tok-/,
    });
    const server = await site.serve(); // it has left nothing locked
    await server.stop(1000);
    site.remove();
  });

  test("is one whose store cannot be recovered", async (t) => {
    const site = await newSite();
    let closed = false;
    const openStore: ServerParts["openStore"] = async (options) => {
      const store = await SERVER_PARTS.openStore(options);
      const close = (): Promise<void> => {
        closed = true;
        return store.close();
      };
      const recover = () => Promise.reject(new Error("no way to write"));
      const { directory, journal, maildrops, queue, sending } = store;
      const {
        stsPolicies,
        reportMails,
        tlsReports,
        tlsResults,
        identityCounts,
        reportCounts,
        greylist,
      } = store;
      const { listHealth, relayTests, published, suspects, listQuestions } = store;
      const rooms = { directory, journal, maildrops, queue, sending };
      const more = {
        stsPolicies,
        reportMails,
        tlsReports,
        tlsResults,
        identityCounts,
        reportCounts,
        greylist,
        listHealth,
        relayTests,
        published,
        suspects,
        listQuestions,
      };
      return { ...rooms, ...more, recover, openMessage: assert.fail, close };
    };
    const started = site.serve(ANY_PORTS, { openStore });
    t.after(() => started.then((server) => server.stop(0), assert.ok)); // where it opens all the same
    await assert.rejects(started, /no way to write/);
    assert.ok(closed);
    site.remove();
  });

  test("says which port is taken, and by which setting", async () => {
    const site = await newSite();
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    const refusal = site.serve([
      `listen.smtp=[{ address = "127.0.0.1", port = ${port} }]`,
      ...ANY_PORTS.slice(1),
    ]);
    await assert.rejects(refusal, {
      name: "ListenError",
      message: new RegExp(`port ${port} \\(setting listen\\.smtp\\)`),
    });
    other.close();
    site.remove();
  });
});
