/** Logins by a certificate: whom it is mapped to and nobody else, whatever stands in it and whatever is said. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { keyDigest } from "../../../src/policy/identity/index.ts";
import { issue } from "../../support/chains.ts";
import { ANN, openOffice } from "./office.ts";

const DAY = 86_400_000;
const BOB = "bob@local.example";

/** Expired, and for something else: a pinned key counts all the same, as that of a peer does. */
const LAPTOP = issue({ subject: "x", from: -20, until: -10 });
/** In order, and says that it is Ann's. */
const STRANGER = issue({ subject: ANN, names: ["ann.local.example"] });

const KEY = keyDigest(LAPTOP.x509) ?? assert.fail();

async function open() {
  const office = await openOffice();
  const mailbox = office.directory.set(ANN);
  office.directory.set(BOB);
  office.directory.setCertificates(mailbox, new Map([[KEY, "laptop"]]));
  const login = (shown: Uint8Array, identity = "") =>
    office.accounts.certificates.login(shown, identity);
  return { ...office, mailbox, login };
}

test("who shows it is whom it is mapped to, and may say so in any spelling", async () => {
  const { login, mailbox } = await open();
  for (const identity of ["", ANN, "ANN@Local.Example", '"ann"@local.example']) {
    const result = login(LAPTOP.der, identity);
    assert.ok(result.kind === "ok", `${identity}: ${result.kind}`);
    assert.equal(result.mailbox, mailbox.id);
    assert.equal(result.holder.address, ANN);
    assert.equal(result.holder.certificate.name, "laptop");
  }
});

test("nobody acts as another: not one that is there, nor one that is not, nor one that could not be", async () => {
  const { login } = await open();
  for (const identity of [BOB, "nobody@local.example", "ann+tag@local.example", "ann", " ", "@"]) {
    const result = login(LAPTOP.der, identity);
    assert.equal(result.kind, "other identity", identity);
    assert.equal(result.holder?.address, ANN);
  }
});

test("a certificate that is mapped to nobody gets nothing, whatever stands in it", async () => {
  const { accounts, login } = await open();
  for (const shown of [STRANGER.der, Buffer.from("no certificate"), new Uint8Array(0)])
    for (const identity of ["", ANN]) {
      assert.deepEqual(login(shown, identity), { kind: "unmapped" });
      assert.equal(accounts.certificates.mayBeKnown(shown), false);
    }
  assert.equal(accounts.certificates.mayBeKnown(LAPTOP.der), true);
});

test("another certificate of the same key is as good", async () => {
  const { login } = await open();
  assert.equal(login(issue({ keys: LAPTOP.keys, subject: "renewed" }).der).kind, "ok");
});

test("it opens no mailbox that is disabled or gone", async () => {
  const { directory, login } = await open();
  directory.set(ANN, { disabled: true });
  assert.equal(login(LAPTOP.der).kind, "disabled");
  directory.remove(ANN);
  assert.deepEqual(login(LAPTOP.der), { kind: "unmapped" });
});

test("while the directory does not answer nothing is decided, and the mechanism is offered", async () => {
  const { accounts, directory, login } = await open();
  directory.broken = true;
  assert.deepEqual(login(LAPTOP.der), { kind: "unavailable", reason: "the directory is away" });
  assert.equal(accounts.certificates.mayBeKnown(STRANGER.der), true);
});

test("a login stands as long as its certificate is mapped to its mailbox, by whatever name", async () => {
  const { accounts, directory, mailbox } = await open();
  const login = { mailbox: mailbox.id, address: ANN, certificateKey: KEY };
  assert.equal(accounts.stands(login), "yes");
  directory.setCertificates(mailbox, new Map([[KEY, "renamed"]]));
  assert.equal(accounts.stands(login), "yes");
  directory.set(ANN, { disabled: true });
  assert.equal(accounts.stands(login), "disabled");
  directory.set(ANN);
  directory.setCertificates(mailbox, new Map([["another key", "laptop"]]));
  assert.equal(accounts.stands(login), "gone");
  directory.setCertificates(directory.set(BOB), new Map([[KEY, "laptop"]]));
  assert.equal(accounts.stands(login), "gone");
});

test("its use is noted once a day, and a refusal is none", async () => {
  const { clock, directory, login } = await open();
  const began = clock.now();
  login(LAPTOP.der, BOB);
  for (const after of [0, 1000, DAY - 1001, 1]) {
    clock.advance(after);
    login(LAPTOP.der);
  }
  assert.deepEqual(directory.notes, [
    { name: KEY, at: began },
    { name: KEY, at: began + DAY },
  ]);
});

test("nobody who shows one is held back, and no refusal of one slows a password", async () => {
  const { accounts, directory, login, pauses } = await open();
  directory.set(ANN, { verifier: "none that is ever read" });
  for (let i = 0; i < 50; i++) login(STRANGER.der, ANN);
  await accounts.authenticate(ANN, "guess");
  assert.equal(login(LAPTOP.der).kind, "ok");
  assert.deepEqual(pauses, []);
});
