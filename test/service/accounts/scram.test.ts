/** The verifier for SCRAM as a text, the false one of nobody, and logins that prove to know a password. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { systemRandom } from "../../../src/runtime/index.ts";
import {
  makeVerifiers,
  preparePassword,
  type LoginResult,
  type Password,
  type ScramLogin,
} from "../../../src/service/accounts/index.ts";
import {
  falseScramVerifier,
  makeScramVerifier,
  parseScramVerifier,
  SCRAM_ITERATIONS,
} from "../../../src/service/accounts/scram.ts";
import { parseVerifier, isRight } from "../../../src/service/accounts/verifier.ts";
import { keysOf } from "../../protocol/sasl/scram-client.ts";
import { ANN, HOME, openOffice } from "./office.ts";

const VISITOR = { ip: HOME, protocol: "pop3" } as const;
const NOBODY = "nobody@local.example";

function prepared(text: string): Password {
  const form = preparePassword(text);
  if (typeof form !== "string") throw new Error(form.fault);
  return form;
}

const cheap = (password: string): Promise<string> =>
  makeScramVerifier(prepared(password), systemRandom, 2);

test("what is made of a password is what a client with it will have", async () => {
  for (const [password, sent] of [
    ["secret", "secret"],
    ["gru\u0308n\u00a0gras", "gr\u00fcn gras"],
    ["\u2168 of \ufb01ve\u00ad", "IX of five"], // SASLprep, RFC 4013 §3
  ] as const) {
    const verifier = parseScramVerifier(await cheap(password));
    assert.ok(verifier !== undefined);
    const { storedKey, serverKey } = keysOf(sent, verifier.salt, verifier.iterations);
    assert.deepEqual(
      [verifier.storedKey, verifier.serverKey].map(String),
      [storedKey, serverKey].map((key) => String(new Uint8Array(key))),
    );
  }
});

test("a password gets both verifiers, with salts of their own", async () => {
  const { verifier, scramVerifier } = await makeVerifiers("secret", systemRandom);
  const [said, shown] = [parseVerifier(verifier), parseScramVerifier(scramVerifier)];
  assert.ok(said !== undefined && shown !== undefined);
  assert.equal(await isRight(prepared("secret"), said), true);
  assert.equal(shown.iterations, SCRAM_ITERATIONS);
  assert.notDeepEqual(said.salt, shown.salt);
  const again = parseScramVerifier((await makeVerifiers("secret", systemRandom)).scramVerifier);
  assert.notDeepEqual(again?.salt, shown.salt);
  await assert.rejects(makeVerifiers("", systemRandom), RangeError);
});

test("what is no verifier is not read", async () => {
  const whole = await cheap("secret");
  assert.ok(parseScramVerifier(whole) !== undefined);
  for (const text of [
    "",
    "secret",
    ` ${whole}`,
    `${whole}\n`,
    whole.replace("256", "1"),
    whole.replace("$2:", "$0:"),
    whole.replace("$2:", "$-2:"),
    whole.replace("$2:", "$99999999:"),
    whole.replace("$2:", "$"),
    whole.replace(/:.*\$/, ":$"),
    whole.slice(0, -4),
    whole.replace(/=$/, "A"),
  ])
    assert.equal(parseScramVerifier(text), undefined, text);
});

test("nobody's verifier looks like anybody's, stays the same, and is another for each name and site", () => {
  const [site, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  fc.assert(
    fc.property(fc.string(), fc.string(), (name, second) => {
      const verifier = falseScramVerifier(site, name);
      assert.deepEqual(falseScramVerifier(site, name), verifier);
      assert.equal(verifier.iterations, SCRAM_ITERATIONS);
      assert.equal(verifier.salt.length, 16);
      assert.notDeepEqual(falseScramVerifier(other, name).salt, verifier.salt);
      if (second !== name)
        assert.notDeepEqual(falseScramVerifier(site, second).salt, verifier.salt);
    }),
  );
});

async function open() {
  const office = await openOffice();
  const scramVerifier = await cheap("secret");
  const mailbox = office.directory.set(ANN, { verifier: "x", scramVerifier });
  const begin = (login: string): ScramLogin => {
    const opened = office.accounts.openScram(login, VISITOR);
    if (opened.kind !== "scram") throw new Error(opened.kind);
    return opened;
  };
  const finish = (login: string, right: boolean): Promise<LoginResult> =>
    begin(login).finish(right);
  return { ...office, scramVerifier, mailbox, begin, finish };
}

test("a mailbox's verifier is handed out, with a nonce of its own each time", async () => {
  const { begin, scramVerifier } = await open();
  const [first, second] = [begin(ANN), begin('"Ann"@LOCAL.example')];
  assert.deepEqual(first.verifier, parseScramVerifier(scramVerifier));
  assert.deepEqual(second.verifier, first.verifier);
  assert.notEqual(first.nonce, second.nonce);
  assert.match(first.nonce, /^[A-Za-z0-9+/]{24}$/);
});

test("a proof that is right opens the mailbox, one that is wrong does not", async () => {
  const { finish, mailbox } = await open();
  assert.deepEqual(await finish(ANN, true), { kind: "ok", mailbox });
  assert.deepEqual(await finish(ANN, false), { kind: "wrong" });
});

test("nobody, and a mailbox without this verifier: the same steps, and never in", async () => {
  const { begin, directory } = await open();
  directory.set("old@local.example", { verifier: "x" });
  for (const login of [NOBODY, "old@local.example", "no address", "ann@[192.0.2.1]"]) {
    const { verifier, finish } = begin(login);
    assert.deepEqual(begin(login).verifier, verifier);
    assert.equal(verifier.salt.length, 16);
    assert.deepEqual(await finish(true), { kind: "wrong" }, login);
    assert.deepEqual(await finish(false), { kind: "wrong" }, login);
  }
  assert.deepEqual(begin("Nobody@LOCAL.example").verifier, begin(NOBODY).verifier);
});

test("a mailbox that changes between verifier and proof", async () => {
  const { begin, directory } = await open();
  const disabled = begin(ANN);
  directory.set(ANN, { disabled: true });
  assert.deepEqual(await disabled.finish(true), { kind: "disabled" });
  assert.deepEqual(await begin(ANN).finish(false), { kind: "wrong" });
  directory.set(ANN);
  const rekeyed = begin(ANN);
  directory.set(ANN, { scramVerifier: await cheap("secret") });
  assert.deepEqual(await rekeyed.finish(true), { kind: "wrong" });
  const removed = begin(ANN);
  directory.remove(ANN);
  assert.deepEqual(await removed.finish(true), { kind: "wrong" });
});

test("an unreadable verifier is for the administrator, and a directory that is away is no wrong password", async () => {
  const { accounts, begin, directory } = await open();
  directory.set(ANN, { scramVerifier: "rubbish" });
  assert.equal((await begin(ANN).finish(true)).kind, "damaged");
  const pending = begin(NOBODY);
  const known = (directory.set(ANN, { scramVerifier: await cheap("secret") }), begin(ANN));
  directory.broken = true;
  assert.equal(accounts.openScram(ANN, VISITOR).kind, "unavailable");
  assert.equal((await known.finish(true)).kind, "unavailable");
  assert.equal((await pending.finish(false)).kind, "wrong");
});

test("wrong proofs slow the next ones, for a mailbox as for nobody", async () => {
  for (const login of [ANN, NOBODY]) {
    const { finish, pauses } = await open();
    for (let i = 0; i < 8; i++) await finish(login, false);
    assert.deepEqual(pauses, [1000, 2000], login);
    const result = await finish(login, true);
    assert.equal(result.slowedMs, 4000);
    assert.equal(result.kind, login === ANN ? "ok" : "wrong");
  }
});
