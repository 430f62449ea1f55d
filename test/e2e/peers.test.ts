/**
 * Two sites, and the settings that the one has made for the other: it is known by its key from then on, may relay for the pair that
 * was written down, and for nothing else; and when it is taken away, what it has brought does not leave any more.
 */
import assert from "node:assert/strict";
import { cpSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { parse } from "smol-toml";
import { invitePeer } from "../../src/app/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import { eventually } from "../support/eventually.ts";
import type { Letter } from "./letter.ts";
import { JOE, OtherSite, temporary } from "./other-site.ts";
import { SendingSite } from "./sending-site.ts";
import { portOf, USER } from "./site.ts";
import { Talk } from "./talk.ts";

const EVE = "eve@foreign.example";

const ASKING = 'listen.smtp=[{ address = "127.0.0.1", port = 0, client_certificate = "ask" }]';

test("a site that was invited", async (t) => {
  const alpha = await SendingSite.start(t, { settings: () => [ASKING] });
  alpha.zone.mx("other.example", "10 mx.foreign.example");
  alpha.zone.mx("bravo.example", "10 mx.foreign.example"); // where reports to Joe go in this test
  const { remote, session } = alpha;
  const out = temporary(t);
  const invited = await invitePeer(loadConfig(alpha.site.file, [ASKING]), session, "bravo", {
    days: 30,
    relays: ["bravo.example:foreign.example"],
    out: join(out, "peers"),
  });
  assert.deepEqual(invited.outcome, { kind: "done" });
  const bravo = await Bravo.start(t, invited.dir, {
    settings: invited.settings ?? assert.fail(),
    port: portOf(alpha.server, "smtp"),
  });

  await t.test("has files that nobody else reads", () => {
    for (const name of ["bravo.pem", "bravo-key.pem", "mx.local.example.pem", "settings.txt"])
      assert.equal(statSync(join(invited.dir, name)).mode & 0o777, 0o600, name);
    assert.equal(statSync(invited.dir).mode & 0o777, 0o700);
  });

  await t.test("delivers here, and is known by its key", async () => {
    await bravo.sends({ to: USER });
    const message = await alpha.arrived(USER);
    const [, id = ""] = /\bby mx\.local\.example [^]*?\sid (\S+)/.exec(message) ?? [];
    assert.match(await alpha.explain(id), /peer bravo/);
    const seen = await eventually(
      "a note of the visit",
      () => session.directory.peer("bravo")?.lastSeen,
    );
    assert.equal(seen.level, "pinned");
  });

  await t.test("relays for its pair", async () => {
    await bravo.sends({ to: EVE });
    const relayed = await eventually("the mail abroad", () => remote.messages.at(-1));
    assert.doesNotMatch(relayed, /^Authentication-Results:/m, "whoever gets it judges it");
    assert.deepEqual(
      remote.envelopes.at(-1)?.map((line) => line.replace(/>.*/, ">")),
      [`MAIL FROM:<${JOE}>`, `RCPT TO:<${EVE}>`],
    );
    await alpha.settled();
  });

  await t.test("relays for nothing else", async () => {
    await bravo.sends({ to: "eve@other.example" });
    await bravo.returned(/550 5\.7\.1 relaying denied: peer bravo may not send/);
    assert.deepEqual(await alpha.queue(), []);
  });

  await t.test("hears of mail that could not be delivered, as of its pair's senders", async () => {
    remote.script = {
      answer: (said) => (said === `RCPT TO:<${EVE}>` ? "550 5.1.1 no Eve" : undefined),
    };
    await bravo.sends({ to: EVE });
    await eventually("a report", () => remote.messages.find((one) => one.includes("no Eve")));
    assert.match(
      remote.envelopes.at(-1)?.join(" ") ?? "",
      /MAIL FROM:<>.*RCPT TO:<joe@bravo\.example>/,
    );
    await alpha.settled();
  });

  await t.test("loses with its pair what waits on its strength", async () => {
    remote.script = { answer: (said) => (said.startsWith("RCPT") ? "451 4.3.0 later" : undefined) };
    await bravo.sends({ to: EVE });
    await alpha.deferred();
    assert.deepEqual(await session.peers.change("bravo", { relays: [] }), { kind: "done" });
    remote.script = {};
    const before = remote.messages.length;
    await alpha.act("retry");
    const report = await eventually("a report", () => remote.messages[before] || undefined);
    assert.match(report, /550 5\.7\.1 [^]*peer bravo may no longer send/);
    await alpha.settled();
  });

  await t.test("is nobody at its next command when it is removed", async () => {
    assert.deepEqual(
      await session.peers.change("bravo", { relays: ["bravo.example:foreign.example"] }),
      { kind: "done" },
    );
    const talk = await bravo.asItself(portOf(alpha.server, "smtp"));
    assert.match(await talk.ask(`MAIL FROM:<${JOE}>`), /^250 /);
    assert.match(await talk.ask(`RCPT TO:<${EVE}>`), /^250 /);
    assert.deepEqual(await session.peers.remove("bravo"), { kind: "done" });
    assert.match(await talk.ask(`RCPT TO:<eva@foreign.example>`), /^550 5\.7\.1 relaying denied/);
    talk.destroy();
  });
});

/** The other company: its site goes by the settings that it was sent, put where this test has things. */
class Bravo {
  readonly #site: OtherSite;
  readonly #files: string;

  private constructor(site: OtherSite, files: string) {
    this.#site = site;
    this.#files = files;
  }

  static async start(
    t: TestContext,
    sent: string,
    { settings, port }: { readonly settings: string; readonly port: number },
  ): Promise<Bravo> {
    const site = await OtherSite.start(t, {
      prepare: (dir) => cpSync(sent, join(dir, "peers"), { recursive: true }),
      settings: [`routes=${JSON.stringify(routesIn(settings, port)).replaceAll('":', '"=')}`],
    });
    return new Bravo(site, sent);
  }

  sends(letter: Omit<Letter, "from">): Promise<void> {
    return this.#site.sends(letter);
  }

  returned(words: RegExp): Promise<string> {
    return this.#site.returned(words);
  }

  /** A session by hand with its certificate, greeted and in TLS. */
  async asItself(port: number): Promise<Talk> {
    const talk = await Talk.to(port);
    await talk.reply();
    await talk.ask("EHLO mx.bravo.example");
    assert.match(await talk.ask("STARTTLS"), /^220 /);
    const read = (name: string) => readFileSync(join(this.#files, name));
    await talk.secure({ cert: read("bravo.pem"), key: read("bravo-key.pem") });
    await talk.ask("EHLO mx.bravo.example");
    return talk;
  }
}

/** The part for Gatepost as it was printed; only where the server is found is this test's. */
function routesIn(settings: string, port: number): Readonly<Record<string, object>> {
  const [, text = ""] = /^(\[routes\]\n[^]*)$/m.exec(settings) ?? [];
  const { routes } = parse(text) as { routes: Record<string, object> }; // it is printed so
  return Object.fromEntries(
    [...Object.entries(routes), ["other.example", Object.values(routes)[0]] as const].map(
      ([domain, route]) => [domain, { ...route, host: "127.0.0.1", port }],
    ),
  );
}
