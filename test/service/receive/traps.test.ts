/** Mail for a trap is taken as any other; who brought it is told, once it is stored, and by nobody's mail else. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { parseIp, type Ip } from "../../../src/mail/index.ts";
import type { Caught } from "../../../src/service/receive/index.ts";
import { Bench, credentials, type DeskOnBench } from "./desk-bench.ts";

const TRAP = "other@local.example";
const HEAD = "From: <x@y.example>\r\nBcc: <z@y.example>\r\nReturn-Path: <forged@y.example>\r\n\r\n";
const MAIL = `${HEAD}caf\xe9\r\n`;
const FROM = "sender@foreign.example";

class Field extends Bench {
  readonly caught: Caught[] = [];
  /** Mailboxes that were looked at. */
  asked = 0;
  watched = true;

  constructor() {
    super();
    this.ways = {
      traps: {
        watches: () => this.watched,
        isTrap: ({ local }) => {
          this.asked++;
          return local === "other";
        },
        caught: (mail) => {
          assert.ok(this.draft.commits.length > 0, "it is stored before it is told");
          this.caught.push(mail);
        },
      },
    };
  }

  get shown(): readonly (readonly [Ip, string])[] {
    return this.caught.map(({ ip, trap }) => [ip, `${trap.local}@${trap.domain}`]);
  }
}

async function sends(
  desk: DeskOnBench,
  content: string,
  from: string,
  to: string,
): Promise<string> {
  await desk.sender(from);
  assert.equal(await desk.recipient(to), "proceed");
  assert.equal(await desk.content(), "proceed");
  for (const octet of content) desk.body(octet);
  return desk.end(content.length);
}

test("it is told with the message's id, its hash and its header section as they came", async () => {
  const field = new Field();
  const reply = await sends(field.desk(), MAIL, FROM, TRAP);
  const [, id] = /^250 2\.0\.0 accepted as (\S+)$/.exec(reply) ?? [];
  const [one] = field.caught;
  assert.deepEqual(field.shown, [["192.0.2.9", TRAP]]);
  assert.equal(one?.message, id);
  const sha256 = createHash("sha256").update(MAIL, "latin1").digest("hex");
  assert.deepEqual(one?.sample, { sha256, head: HEAD });
  assert.deepEqual(field.draft.commits[0]?.mailboxes, [field.mailboxOf(TRAP)?.id]);
  assert.doesNotMatch(field.draft.content, /Return-Path/);
});

test("a message without a blank line, and one with a long header section, have a bounded head", async () => {
  const field = new Field();
  const desk = field.desk();
  assert.match(await sends(desk, "Subject: x\r\n", FROM, TRAP), /^250 /);
  assert.equal(field.caught[0]?.sample.head, "Subject: x\r\n");
  assert.match(await sends(desk, `X: ${"y".repeat(1000)}\r\n\r\nbody`, FROM, TRAP), /^250 /);
  assert.equal(field.caught[1]?.sample.head.length, 1007);
});

test("aliases that lead to a trap count, and one of several recipients does", async () => {
  const field = new Field();
  field.directory.withAlias("sales@local.example", TRAP, "user@local.example");
  const desk = field.desk();
  await desk.deliver(MAIL, "sales@local.example");
  await desk.deliver(MAIL, "user@local.example", "other+tag@local.example");
  assert.deepEqual(field.shown, [
    ["192.0.2.9", TRAP],
    ["192.0.2.9", TRAP],
  ]);
});

test("mail for others tells nothing, and neither does mail from the null path", async () => {
  const field = new Field();
  await sends(field.desk(), MAIL, FROM, "user@local.example");
  await sends(field.desk(), MAIL, "", TRAP);
  assert.deepEqual(field.caught, []);
  assert.equal(field.asked, 2, "two mailboxes");
});

test("nor what our own people bring, networks that are trusted, peers, and whoever is not watched", async () => {
  const field = new Field();
  const login = field.desk();
  await login.ask(credentials("secret"));
  const own = MAIL.replace("x@y.example", "user@local.example");
  assert.match(await sends(login, own, "user@local.example", TRAP), /^250 /);
  const { ways } = field;
  field.ways = { ...ways, trustedNetwork: () => "192.0.2.0/24" };
  await sends(field.desk(), MAIL, FROM, TRAP);
  const peer = { name: "partner", trust: { kind: "pin", keys: [] }, relays: [] } as const;
  const caller = { kind: "peer", peer, level: "pinned" } as const;
  field.ways = { ...ways, callers: { peers: () => [peer], judge: () => ({ caller }) } };
  const tls = { version: "TLSv1.3", cipher: "x", clientCertificates: [new Uint8Array(1)] } as const;
  assert.match(await sends(field.desk({ tls }), MAIL, FROM, TRAP), /^250 /);
  field.ways = ways;
  field.watched = false;
  await sends(field.desk(), MAIL, FROM, TRAP);
  assert.deepEqual(field.caught, []);
});

test("what is not stored is not told", async () => {
  const field = new Field();
  field.commit = () =>
    Promise.resolve({
      kind: "refused",
      why: "over quota",
      mailbox: field.mailboxOf(TRAP)?.id ?? assert.fail(),
    });
  assert.match(await sends(field.desk(), MAIL, FROM, TRAP), /^452 /);
  const ip = parseIp("9.8.7.6") ?? assert.fail();
  field.commit = () => Promise.reject(new Error("no disk"));
  assert.match(await sends(field.desk({ ip }), MAIL, FROM, TRAP), /^451 /);
  assert.deepEqual(field.caught, []);
});
