/** A backup made under load holds one moment of the site, and becomes a whole site again elsewhere. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { backUpSite, GatepostServer, openDirectory, restoreSite } from "../../src/app/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import { silentLog } from "../../src/runtime/index.ts";
import { deliver, Talk } from "./talk.ts";
import { ANY_PORTS, newSite, PASSWORD, portOf, USER, type Site } from "./site.ts";

/** The mailbox's messages as `uid subject`, by POP3. */
async function maildrop(port: number): Promise<string[]> {
  const talk = await Talk.to(port);
  await talk.reply();
  await talk.ask(`USER ${USER}`);
  assert.match(await talk.ask(`PASS ${PASSWORD}`), /^\+OK/);
  talk.say("UIDL\r\n");
  const lines = (await talk.until("\r\n.\r\n")).split("\r\n").slice(1, -2);
  await talk.ask("QUIT");
  talk.destroy();
  return lines.map((line) => line.split(" ")[1] ?? "");
}

/** The command in a process of its own, beside the server of this one. */
function gatepost(...args: string[]): ChildProcess {
  return spawn(join(import.meta.dirname, "../../bin/gatepost"), args, { stdio: "ignore" });
}

describe("a backup", () => {
  let site: Site;
  let server: GatepostServer;
  let elsewhere: string;

  before(async () => {
    site = await newSite();
    server = await site.serve();
    elsewhere = mkdtempSync(join(tmpdir(), "gatepost-restored-"));
  });
  after(async () => {
    await server.stop(1000);
    site.remove();
    rmSync(elsewhere, { recursive: true, force: true });
  });

  test("made while mail comes in becomes the same site elsewhere; later uids do not come again", async () => {
    const smtp = portOf(server, "smtp");
    const mail = { sent: 0, stopped: false };
    const load = (async () => {
      for (; !mail.stopped; mail.sent++)
        assert.match(await deliver(smtp, USER, `Subject: ${mail.sent}\r\n\r\nx`), /^250/);
    })();
    while (mail.sent < 10) await deliver(smtp, USER, "Subject: warm\r\n\r\nx");
    const file = join(elsewhere, "site.backup");
    const [code] = (await once(gatepost("backup", file, "--config", site.file), "exit")) as [
      number,
    ];
    assert.equal(code, 0);
    mail.stopped = true;
    await load;

    const dir = join(elsewhere, "site");
    const restored = restoreSite(file, dir);
    assert.deepEqual(restored.elsewhere, []);
    for (const name of ["gatepost.toml", "tls/certificate.pem", "tls/key.pem"])
      assert.deepEqual(readFileSync(join(dir, name)), readFileSync(join(site.dir, name)), name);

    const original = await maildrop(portOf(server, "pop3"));
    const second = await GatepostServer.start(loadConfig(restored.file, ANY_PORTS), silentLog);
    const kept = await maildrop(portOf(second, "pop3"));
    assert.ok(kept.length >= 10, "what was answered before the backup is in it");
    assert.deepEqual(kept, original.slice(0, kept.length));

    await deliver(smtp, USER, "Subject: after\r\n\r\nx");
    await deliver(portOf(second, "smtp"), USER, "Subject: other\r\n\r\nx");
    const given = new Set(await maildrop(portOf(server, "pop3")));
    const fresh = (await maildrop(portOf(second, "pop3"))).slice(kept.length);
    assert.equal(fresh.length, 1);
    assert.ok(!given.has(fresh[0] ?? ""), "a uid that the first site gave out came again");
    await second.stop(1000);
  });

  test("is refused where something stands already, and what is none is said to be none", () => {
    const loaded = loadConfig(site.file);
    const taken = join(elsewhere, "taken");
    writeFileSync(taken, "mine");
    assert.throws(() => backUpSite(loaded, taken), /is there already/);
    assert.equal(readFileSync(taken, "utf8"), "mine");
    assert.throws(
      () => restoreSite(taken, join(elsewhere, "none")),
      /taken is no backup of a Gatepost site/,
    );
    assert.ok(!existsSync(join(elsewhere, "none")));
    const good = join(elsewhere, "good.backup");
    backUpSite(loaded, good);
    assert.throws(() => restoreSite(good, site.dir), /gatepost\.toml is there already/);
    assert.ok(existsSync(join(site.dir, "gatepost.db")));
  });

  test("that is interrupted leaves nothing under its name, and does not stand in the next one's way", async () => {
    const file = join(elsewhere, "killed.backup");
    const child = gatepost("backup", file, "--config", site.file);
    await waitFor(() => existsSync(`${file}.unfinished`) || child.exitCode !== null);
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    if (child.exitCode !== 0) assert.ok(!existsSync(file), "half a backup has the backup's name");
    rmSync(file, { force: true });
    backUpSite(loadConfig(site.file), file);
    const session = await openDirectory(
      loadConfig(restoreSite(file, join(elsewhere, "again")).file),
    );
    assert.equal(typeof session.administration.mailboxes.find(USER), "object");
    await session.close();
  });
});

async function waitFor(reached: () => boolean): Promise<void> {
  while (!reached()) await new Promise((resolve) => setTimeout(resolve, 1));
}
