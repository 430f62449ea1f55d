/** Who may log in, what it costs, and what is remembered. */
import assert from "node:assert/strict";
import { test, before } from "node:test";
import { systemRandom } from "../../../src/runtime/index.ts";
import { makeVerifier, type AccountsSettings } from "../../../src/service/accounts/index.ts";
import { ANN, CHEAP, openOffice, type Door } from "./office.ts";

let secret = "";
let changed = "";
before(async () => {
  secret = await makeVerifier("secret", systemRandom, CHEAP);
  changed = await makeVerifier("changed", systemRandom, CHEAP);
});

/** Ann's mailbox and its password; nobody is slowed, whatever is tried. */
async function open(settings: Partial<AccountsSettings> = {}) {
  const office = await openOffice({ slow_most_ms: 0, remembered_logins: 10, ...settings });
  const mailbox = office.directory.set(ANN, { verifier: secret });
  return { ...office, mailbox };
}

test("the right password of a mailbox, its address written in any of its ways", async () => {
  const { accounts, mailbox } = await open();
  for (const login of [ANN, "ANN@Local.Example", '"ann"@local.example'])
    assert.deepEqual(await accounts.authenticate(login, "secret"), { kind: "ok", mailbox }, login);
});

test("no other name and no other password", async () => {
  const { accounts, directory } = await open();
  directory.set("bob@local.example", { verifier: changed });
  directory.set("nobody@local.example"); // a mailbox without a password
  const wrong: [string, string][] = [
    [ANN, "Secret"],
    [ANN, "secret "],
    [ANN, ""],
    [ANN, "changed"],
    ["bob@local.example", "secret"],
    ["ann", "secret"],
    ["ann@other.example", "secret"],
    ["ann+tag@local.example", "secret"],
    ["ann@[127.0.0.1]", "secret"],
    ["nobody@local.example", ""],
    ["nobody@local.example", "secret"],
    ["", "secret"],
  ];
  for (const [login, password] of wrong)
    assert.deepEqual(
      await accounts.authenticate(login, password),
      { kind: "wrong" },
      `${login} ${password}`,
    );
});

test("a password typed in another Unicode form is the same", async () => {
  const { accounts, directory, mailbox } = await open();
  directory.set(ANN, { verifier: await makeVerifier("gr\u00fcn\u00a0gras", systemRandom, CHEAP) });
  assert.deepEqual(await accounts.authenticate(ANN, "gru\u0308n gras"), { kind: "ok", mailbox });
});

test("a disabled mailbox says so to its owner only", async () => {
  const { accounts, directory } = await open();
  directory.set(ANN, { disabled: true });
  assert.deepEqual(await accounts.authenticate(ANN, "secret"), { kind: "disabled" });
  assert.deepEqual(await accounts.authenticate(ANN, "guess"), { kind: "wrong" });
});

/** Logins that do not get to a hash are answered also when no hash may be made. */
const NO_HASHES = { checks_at_once: 1, checks_waiting: 0 };

/** Runs while the only place for a hash is taken. */
async function whileBusy<T>(accounts: Door, act: () => Promise<T>): Promise<T> {
  const hashing = accounts.authenticate("nobody@local.example", "guess");
  const result = await act();
  assert.deepEqual(await hashing, { kind: "wrong" });
  return result;
}

test("a right password is remembered, and costs no hash then", async () => {
  const { accounts, mailbox } = await open(NO_HASHES);
  assert.deepEqual(await whileBusy(accounts, () => accounts.authenticate(ANN, "secret")), {
    kind: "busy",
  });
  assert.deepEqual(await accounts.authenticate(ANN, "secret"), { kind: "ok", mailbox });
  assert.deepEqual(await whileBusy(accounts, () => accounts.authenticate(ANN, "secret")), {
    kind: "ok",
    mailbox,
  });
  assert.deepEqual(await whileBusy(accounts, () => accounts.authenticate(ANN, "guess")), {
    kind: "busy",
  });
});

test("a wrong password is not remembered", async () => {
  const { accounts } = await open(NO_HASHES);
  assert.deepEqual(await accounts.authenticate(ANN, "guess"), { kind: "wrong" });
  assert.deepEqual(await whileBusy(accounts, () => accounts.authenticate(ANN, "guess")), {
    kind: "busy",
  });
});

test("after ten minutes it is forgotten, also when it was used meanwhile", async () => {
  const { accounts, clock, mailbox } = await open(NO_HASHES);
  await accounts.authenticate(ANN, "secret");
  clock.advance(599_999);
  assert.deepEqual(await whileBusy(accounts, () => accounts.authenticate(ANN, "secret")), {
    kind: "ok",
    mailbox,
  });
  clock.advance(1);
  assert.deepEqual(await whileBusy(accounts, () => accounts.authenticate(ANN, "secret")), {
    kind: "busy",
  });
});

test("a changed password, a disabled and a removed mailbox end it at once", async () => {
  const { accounts, directory, mailbox } = await open();
  await accounts.authenticate(ANN, "secret");
  directory.set(ANN, { disabled: true });
  assert.deepEqual(await accounts.authenticate(ANN, "secret"), { kind: "disabled" });
  directory.set(ANN, { verifier: changed });
  assert.deepEqual(await accounts.authenticate(ANN, "secret"), { kind: "wrong" });
  assert.deepEqual(await accounts.authenticate(ANN, "changed"), { kind: "ok", mailbox });
  directory.remove(ANN);
  assert.deepEqual(await accounts.authenticate(ANN, "changed"), { kind: "wrong" });
});

/** The login has got as far as its hash: promises that are kept at once have been, the hash takes longer. */
async function begun<T>(result: Promise<T>): Promise<{ readonly result: Promise<T> }> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  return { result };
}

test("a mailbox that changes while its password is checked", async () => {
  const { accounts, directory } = await open({ remembered_seconds: 0 });
  const disabled = await begun(accounts.authenticate(ANN, "secret"));
  directory.set(ANN, { disabled: true });
  assert.deepEqual(await disabled.result, { kind: "disabled" });
  directory.set(ANN);
  const rekeyed = await begun(accounts.authenticate(ANN, "secret"));
  directory.set(ANN, { verifier: changed });
  assert.deepEqual(await rekeyed.result, { kind: "wrong" });
  const removed = await begun(accounts.authenticate(ANN, "changed"));
  directory.remove(ANN);
  assert.deepEqual(await removed.result, { kind: "wrong" });
});

test("no more is remembered than the limit, the newest stays", async () => {
  const { accounts, directory } = await open({ ...NO_HASHES, remembered_logins: 2 });
  const names = ["ann", "bob", "cy"].map((name) => `${name}@local.example`);
  for (const name of names) {
    directory.set(name, { verifier: secret });
    await accounts.authenticate(name, "secret");
  }
  const kinds = await whileBusy(accounts, async () => {
    const results = [];
    for (const name of names) results.push((await accounts.authenticate(name, "secret")).kind);
    return results;
  });
  assert.deepEqual(kinds, ["busy", "ok", "ok"]);
});

test("two hashes at once, some behind them, and no more", async () => {
  const { accounts } = await open({ checks_at_once: 2, checks_waiting: 3 });
  const results = await Promise.all(
    Array.from({ length: 8 }, (_, i) => accounts.authenticate(`nobody${i}@local.example`, "guess")),
  );
  const kinds = results.map(({ kind }) => kind);
  assert.deepEqual(kinds, ["wrong", "wrong", "wrong", "wrong", "wrong", "busy", "busy", "busy"]);
});

test("a directory that does not answer is no wrong password", async () => {
  const { accounts, directory } = await open();
  directory.broken = true;
  assert.deepEqual(await accounts.authenticate(ANN, "secret"), {
    kind: "unavailable",
    reason: "the directory is away",
  });
  directory.broken = false;
  const pending = accounts.authenticate(ANN, "secret");
  directory.broken = true;
  assert.equal((await pending).kind, "unavailable");
});

test("an unreadable verifier is for the administrator", async () => {
  const { accounts, directory } = await open();
  directory.set(ANN, { verifier: "$2y$10$something" });
  assert.equal((await accounts.authenticate(ANN, "secret")).kind, "damaged");
});
