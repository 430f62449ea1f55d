/** App passwords: how they look, who gets in with one and where to, and how their use is noted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { systemRandom } from "../../../src/runtime/index.ts";
import {
  appPasswordHash,
  generateAppPassword,
  makeVerifier,
} from "../../../src/service/accounts/index.ts";
import type { AppPasswordProtocol } from "../../../src/store/index.ts";
import { ANN, CHEAP, openOffice } from "./office.ts";

const PHONE = "2345-6789-abcd-efgh-ijkm-npqr-stuv";
const DAY = 86_400_000;

function entry(name: string, password: string, protocol: AppPasswordProtocol = "any") {
  const hash = appPasswordHash(password);
  assert.ok(hash !== undefined);
  return { name, hash, protocol, createdAt: 0 };
}

async function open(protocol: AppPasswordProtocol = "any") {
  const office = await openOffice({ slow_most_ms: 0 });
  const verifier = await makeVerifier("secret", systemRandom, CHEAP);
  const mailbox = office.directory.set(ANN, { verifier });
  office.directory.set("bob@local.example", { verifier });
  const other = entry("laptop", generateAppPassword(systemRandom));
  office.directory.setAppPasswords(mailbox, [other, entry("phone", PHONE, protocol)]);
  return { ...office, mailbox };
}

test("each is random, at least 128 bits of it", () => {
  const made = Array.from({ length: 300 }, () => generateAppPassword(systemRandom));
  for (const password of made) assert.match(password, /^[a-km-np-z2-9]{4}(-[a-km-np-z2-9]{4}){6}$/);
  assert.equal(new Set(made).size, made.length);
  assert.equal(new Set(made.join("")).size, 33); // 28 of 32 letters: 140 bits
});

test("hyphens, blanks and capitals are how somebody typed it", () => {
  const hash = appPasswordHash(PHONE);
  for (const typed of [PHONE.toUpperCase(), PHONE.replaceAll("-", ""), PHONE.replaceAll("-", " ")])
    assert.equal(appPasswordHash(typed), hash, typed);
});

test("other texts are none, and have no hash", () => {
  for (const text of ["", "secret", PHONE.slice(1), `${PHONE}a`, PHONE.replace("2", "0")])
    assert.equal(appPasswordHash(text), undefined, text);
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.equal(
        appPasswordHash(text) !== undefined,
        /^[- ]*([a-km-np-z2-9][- ]*){28}$/i.test(text),
      );
    }),
  );
});

test("its mailbox opens with it, and says which it was", async () => {
  const { accounts, mailbox } = await open();
  for (const password of [PHONE, PHONE.replaceAll("-", "")])
    assert.deepEqual(await accounts.authenticate(ANN, password), {
      kind: "ok",
      mailbox,
      appPassword: "phone",
    });
  assert.deepEqual(await accounts.authenticate(ANN, "secret"), { kind: "ok", mailbox });
});

test("no other mailbox does, nor with another password", async () => {
  const { accounts } = await open();
  for (const [login, password] of [
    ["bob@local.example", PHONE],
    ["nobody@local.example", PHONE],
    [ANN, PHONE.replace("2345", "2346")],
  ] as const)
    assert.deepEqual(await accounts.authenticate(login, password), { kind: "wrong" }, login);
});

test("it is for its protocol", async () => {
  const cases: [AppPasswordProtocol, "pop3" | "smtp", string][] = [
    ["pop3", "pop3", "ok"],
    ["pop3", "smtp", "wrong"],
    ["smtp", "pop3", "wrong"],
    ["smtp", "smtp", "ok"],
    ["any", "pop3", "ok"],
    ["any", "smtp", "ok"],
  ];
  for (const [made, protocol, kind] of cases) {
    const { accounts } = await open(made);
    assert.equal((await accounts.authenticate(ANN, PHONE, { protocol })).kind, kind);
  }
});

test("it opens no disabled mailbox, and none once it was taken back", async () => {
  const { accounts, directory, mailbox } = await open();
  await accounts.authenticate(ANN, PHONE);
  directory.set(ANN, { disabled: true });
  assert.deepEqual(await accounts.authenticate(ANN, PHONE), { kind: "disabled" });
  directory.set(ANN);
  directory.setAppPasswords(mailbox, []);
  assert.deepEqual(await accounts.authenticate(ANN, PHONE), { kind: "wrong" });
});

test("it costs no argon2: a flood of other logins does not keep it out", async () => {
  const office = await openOffice({ checks_at_once: 1, checks_waiting: 0 });
  const mailbox = office.directory.set(ANN, { verifier: "none that is ever read" });
  office.directory.setAppPasswords(mailbox, [entry("phone", PHONE)]);
  const hashing = office.accounts.authenticate("nobody@local.example", "guess");
  assert.equal((await office.accounts.authenticate(ANN, PHONE)).kind, "ok");
  assert.equal((await hashing).kind, "wrong");
});

test("its use is noted once a day", async () => {
  const { accounts, directory, clock } = await open();
  const began = clock.now();
  for (const after of [0, 1000, DAY - 1001, 1, DAY - 1]) {
    clock.advance(after);
    await accounts.authenticate(ANN, PHONE);
  }
  assert.deepEqual(directory.notes, [
    { name: "phone", at: began },
    { name: "phone", at: began + DAY },
  ]);
});

test("a last use in the future, by a clock that was ahead, is not written again and again", async () => {
  const { accounts, directory, clock } = await open();
  clock.jump(DAY);
  await accounts.authenticate(ANN, PHONE);
  clock.jump(-DAY);
  for (let i = 0; i < 3; i++) await accounts.authenticate(ANN, PHONE);
  assert.equal(directory.notes.length, 1);
});

test("a refused use is not noted", async () => {
  const { accounts, directory } = await open("smtp");
  await accounts.authenticate(ANN, PHONE);
  directory.set(ANN, { disabled: true });
  await accounts.authenticate(ANN, PHONE, { protocol: "smtp" });
  assert.deepEqual(directory.notes, []);
});
