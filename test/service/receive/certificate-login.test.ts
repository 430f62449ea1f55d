/** A login by a certificate at the desk: when it is offered, what is said and written down of it, and when it sends no more. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { keyDigest } from "../../../src/policy/identity/index.ts";
import type { SmtpAnswer, SmtpAsk } from "../../../src/protocol/smtp/index.ts";
import { CertificateLogins } from "../../../src/service/accounts/index.ts";
import { accountsOf } from "../../support/accounts.ts";
import { issue } from "../../support/chains.ts";
import { Bench, credentials, type DeskOnBench } from "./desk-bench.ts";

const USER = "user@local.example";
const LAPTOP = issue();
const STRANGER = issue();
const KEY = keyDigest(LAPTOP.x509) ?? assert.fail();

const TLS = { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" };
const shows = ({ der }: { readonly der: Uint8Array }) => ({ ...TLS, clientCertificates: [der] });

async function benchWithLaptop(): Promise<Bench> {
  const bench = new Bench();
  const mailbox = bench.mailboxOf(USER)?.id ?? assert.fail();
  const added = { kind: "add-certificate", mailbox, name: "laptop", key: KEY } as const;
  await bench.directory.change(added, () => true);
  bench.accounts = {
    ...accountsOf((login) => bench.mailboxOf(login), "secret"),
    certificates: new CertificateLogins(bench.directory, bench.clock),
  };
  return bench;
}

function external(identity = ""): SmtpAsk {
  return { kind: "external", identity };
}

/** Whether EXTERNAL is to be offered. */
function offered({ desk }: DeskOnBench): boolean {
  let said: SmtpAnswer | undefined;
  desk.ask({ kind: "helo", verb: "EHLO", name: "client.example" }, (answer) => (said = answer));
  return said?.kind === "proceed" && said.external === true;
}

test("it is offered to whom it may let in, in the TLS in which he showed it", async () => {
  const bench = await benchWithLaptop();
  assert.equal(offered(bench.desk()), false);
  assert.equal(offered(bench.desk({ tls: TLS })), false);
  assert.equal(offered(bench.desk({ tls: shows(STRANGER) })), false);
  const desk = bench.desk({ tls: shows(LAPTOP) });
  assert.equal(offered(desk), true);
  desk.desk.tell({ kind: "secured", tls: TLS });
  assert.equal(offered(desk), false);
});

test("who shows it after STARTTLS is let in, and the journal says by which certificate", async () => {
  const bench = await benchWithLaptop();
  const desk = bench.desk();
  desk.desk.tell({ kind: "secured", tls: shows(LAPTOP) });
  assert.equal(await desk.ask(external(USER)), "authenticated");
  assert.equal(await desk.sender(USER), "proceed");
  assert.match(await desk.sender("other@local.example"), /^550 5\.7\.1 /);
  desk.ended();
  const login = { login: USER, result: "ok", mechanism: "EXTERNAL", certificate: "laptop" };
  assert.deepEqual(bench.noted[0]?.events[0], { at: 0, kind: "login", ...login });
  assert.equal(bench.sessions[0]?.["login"], USER);
});

test("every no has its words, and its reason in the journal", async () => {
  for (const [shown, identity, said, event] of [
    [
      STRANGER,
      "",
      "535 5.7.8 this certificate is none that somebody logs in by here",
      { login: "no address", result: "unmapped" },
    ],
    [
      STRANGER,
      USER,
      "535 5.7.8 this certificate is none that somebody logs in by here",
      { login: USER, result: "unmapped" },
    ],
    [
      LAPTOP,
      "other@local.example",
      "535 5.7.8 you can log in only as yourself",
      { login: USER, result: "other identity", certificate: "laptop" },
    ],
  ] as const) {
    const bench = await benchWithLaptop();
    const desk = bench.desk({ tls: shows(shown) });
    assert.equal(await desk.ask(external(identity)), said);
    desk.ended();
    const facts = { at: 0, kind: "login", mechanism: "EXTERNAL", ...event };
    assert.deepEqual(bench.noted[0]?.events, [facts]);
    assert.equal(bench.sessions[0]?.["login"], undefined);
  }
});

test("a disabled mailbox is told so, and a directory that does not answer is our trouble", async () => {
  const bench = await benchWithLaptop();
  const id = bench.mailboxOf(USER)?.id ?? assert.fail();
  await bench.directory.change({ kind: "set-mailbox", id, disabled: true }, () => true);
  const desk = bench.desk({ tls: shows(LAPTOP) });
  assert.equal(await desk.ask(external()), "525 5.7.13 this mailbox is disabled");
  const unavailable = { kind: "unavailable", reason: "locked" } as const;
  bench.accounts = {
    ...bench.accounts,
    certificates: { mayBeKnown: () => true, login: () => unavailable },
  };
  const later = "454 4.7.0 the mail store does not answer, try again later";
  assert.equal(await bench.desk({ tls: shows(LAPTOP) }).ask(external()), later);
});

test("nobody is logged in any more by what an earlier handshake showed, or after another login is tried", async () => {
  for (const after of ["TLS", "a wrong password", "another identity"] as const) {
    const bench = await benchWithLaptop();
    const desk = bench.desk({ tls: shows(LAPTOP) });
    assert.equal(await desk.ask(external()), "authenticated");
    if (after === "TLS") desk.desk.tell({ kind: "secured", tls: TLS });
    else if (after === "a wrong password")
      assert.match(await desk.ask(credentials("guess")), /^535 /);
    else assert.match(await desk.ask(external("other@local.example")), /^535 /);
    await desk.deliver("Subject: x\r\n\r\n", USER);
    const head = Buffer.from(bench.draft.commits[0]?.head ?? "").toString();
    assert.doesNotMatch(head, /with ESMTPS?A/, after);
  }
});
