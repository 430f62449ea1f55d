/** A disk that is full, or cannot be written: mail is deferred in words, nothing false is said, and it is over when it is over. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { openDirectory } from "../../../src/app/index.ts";
import { loadConfig } from "../../../src/config/index.ts";
import { newSite, USER } from "../../e2e/site.ts";
import { Talk } from "../../e2e/talk.ts";
import { useAnyPorts } from "../crash/loop.ts";
import { tokensInMailbox, Victim } from "../crash/victim.ts";

/** Octets of the file system that the site stands on. */
const DISK_MIB = 12;
const BALLAST_MIB = 6;

/** Delivers 100 KB under a token; resolves to the last reply. */
async function deliver(port: number, token: string): Promise<string> {
  const talk = await Talk.to(port);
  const body = `Subject: ${token}\r\n\r\n${`${"x".repeat(98)}\r\n`.repeat(1000)}.`;
  let reply = await talk.reply();
  for (const line of [
    "EHLO c.example",
    "MAIL FROM:<s@r.example>",
    `RCPT TO:<${USER}>`,
    "DATA",
    body,
  ])
    if (/^[23]/.test(reply)) reply = await talk.ask(line);
  talk.destroy();
  return reply;
}

/** Asks for a relay; resolves to the refusal. */
async function knock(port: number): Promise<string> {
  const talk = await Talk.to(port);
  await talk.reply();
  await talk.ask("EHLO c.example");
  await talk.ask("MAIL FROM:<s@r.example>");
  const reply = await talk.ask("RCPT TO:<victim@foreign.example>");
  await talk.ask("QUIT");
  talk.destroy();
  return reply;
}

/** Takes all room that is left. */
function fill(file: string): void {
  const block = Buffer.alloc(4096);
  const descriptor = openSync(file, "w");
  try {
    for (;;) writeSync(descriptor, block);
  } catch (error) {
    assert.match(String(error), /ENOSPC/);
  } finally {
    closeSync(descriptor);
  }
}

describe("a small disk", () => {
  let disk: string;

  before(() => {
    disk = mkdtempSync(join(tmpdir(), "gatepost-disk-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_MIB}m`, "tmpfs", disk]);
  });
  after(() => {
    execFileSync("umount", ["--lazy", disk]);
    rmSync(disk, { recursive: true });
  });

  test("that is full: 4xx and a line in the log, no false 250; with room again it goes on by itself", async (t) => {
    const ballast = join(disk, "ballast");
    writeFileSync(ballast, Buffer.alloc(BALLAST_MIB * 1024 * 1024));
    const site = await newSite(join(disk, "full"));
    useAnyPorts(site.file);
    const victim = await Victim.start(site.file);
    t.after(() => victim.kill());
    const answered: string[] = [];
    let refusal = "";
    for (let i = 0; i < 200 && refusal === ""; i++) {
      const reply = await deliver(victim.ports.smtp, `t${i}`);
      if (reply.startsWith("250")) answered.push(`t${i}`);
      else refusal = reply;
    }
    assert.match(refusal, /^45[12] 4\.3\.[01] /);
    await victim.logged(/free room on the store's file system/);
    assert.match(await deliver(victim.ports.smtp, "still-full"), /^4/);

    rmSync(ballast);
    assert.match(await deliver(victim.ports.smtp, "room-again"), /^250/);
    const stored = await tokensInMailbox(victim.ports.pop3);
    for (const token of [...answered, "room-again"]) assert.equal(stored?.get(token), 1, token);
    assert.equal(stored?.get("still-full"), undefined);
    assert.equal(await victim.end("SIGTERM"), 0);
    site.remove();
  });

  test("that is full when there is only the journal to write: it is said how many records are lost, and answers are the same", async (t) => {
    const site = await newSite(join(disk, "journal"));
    useAnyPorts(site.file);
    const victim = await Victim.start(site.file);
    t.after(() => victim.kill());
    const ballast = join(disk, "ballast");
    fill(ballast);
    assert.match(await knock(victim.ports.smtp), /^550 5\.7\.1 /);
    await victim.logged(/store lost journal records/);
    const line = victim.log.split("\n").find((one) => one.includes("lost journal")) ?? "";
    const { records, problem } = JSON.parse(line) as { records: number; problem: string };
    assert.equal(records, 1);
    assert.match(problem, /free room on the store's file system/);

    rmSync(ballast);
    assert.match(await deliver(victim.ports.smtp, "room-again"), /^250/);
    assert.match(await knock(victim.ports.smtp), /^550 5\.7\.1 /);
    assert.equal(await victim.end("SIGTERM"), 0);
    const { journal, close } = await openDirectory(loadConfig(site.file));
    const found = await journal.find({ kind: "ip", ip: "127.0.0.1", limit: 10 });
    await close();
    assert.equal(found.length, 2, "the message's session and the second knock");
    site.remove();
  });

  test("that cannot be written: no server starts, and it says what to look at", async (t) => {
    const site = await newSite(join(disk, "read-only"));
    useAnyPorts(site.file);
    execFileSync("mount", ["-o", "remount,ro", disk]);
    await assert.rejects(Victim.start(site.file), /read-only file system/);
    execFileSync("mount", ["-o", "remount,rw", disk]);
    const victim = await Victim.start(site.file);
    t.after(() => victim.kill());
    assert.match(await deliver(victim.ports.smtp, "writable"), /^250/);
    await victim.end("SIGTERM");
    site.remove();
  });
});
