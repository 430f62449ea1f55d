/** Guessing at the door: names that exist and names that do not are slowed and answered alike. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { systemRandom } from "../../../src/runtime/index.ts";
import { makeVerifier } from "../../../src/service/accounts/index.ts";
import { ANN, CHEAP, ipOf, openOffice } from "./office.ts";

let secret = "";
before(async () => {
  secret = await makeVerifier("secret", systemRandom, CHEAP);
});

async function open() {
  const office = await openOffice({ wrong_passwords_per_mailbox: 1 });
  const mailbox = office.directory.set(ANN, { verifier: secret });
  return { ...office, mailbox };
}

const STRANGER = { ip: ipOf("198.51.100.9") };

test("an existing name and a missing one get the same answers and the same delays", async () => {
  const answers = [];
  for (const login of [ANN, "nobody@local.example"]) {
    const { accounts, pauses } = await open();
    const results = [];
    for (let i = 0; i < 5; i++) results.push(await accounts.authenticate(login, `guess ${i}`));
    answers.push({ results, pauses });
  }
  assert.deepEqual(answers[0]?.pauses, [1000, 2000, 4000]);
  assert.deepEqual(answers[0]?.results.at(-1), { kind: "wrong", slowedMs: 4000 });
  assert.deepEqual(answers[1], answers[0]);
});

test("one name in several spellings is one name", async () => {
  const { accounts, pauses } = await open();
  for (const login of [ANN, "ANN@local.example", '"ann"@LOCAL.EXAMPLE'])
    await accounts.authenticate(login, `guess at ${login}`);
  assert.deepEqual(pauses, [1000]);
});

test("a device with an old password slows nobody; the owner goes on where the right one came from", async () => {
  const { accounts, pauses, mailbox } = await open();
  for (let i = 0; i < 5; i++) await accounts.authenticate(ANN, "the old one");
  assert.deepEqual(await accounts.authenticate(ANN, "secret"), { kind: "ok", mailbox });
  for (let i = 0; i < 5; i++) await accounts.authenticate(ANN, `guess ${i}`, STRANGER);
  assert.equal(pauses.length, 4);
  assert.deepEqual(await accounts.authenticate(ANN, "secret"), { kind: "ok", mailbox });
  const travelling = await accounts.authenticate(ANN, "secret", { ip: ipOf("203.0.113.1") });
  assert.equal(travelling.kind, "ok"); // later, but in
  assert.equal(travelling.slowedMs, 16_000);
});

test("a clock that jumps frees no guesser, and makes nobody a stranger where he is known", async () => {
  const day = 86_400_000;
  for (const jumps of [
    [day, -day],
    [-day, day],
  ]) {
    const { accounts, pauses, clock, mailbox } = await open();
    await accounts.authenticate(ANN, "secret");
    for (let i = 0; i < 3; i++) await accounts.authenticate(ANN, `guess ${i}`, STRANGER);
    assert.deepEqual(pauses, [1000]);
    for (const jump of jumps) {
      clock.jump(jump);
      assert.deepEqual(await accounts.authenticate(ANN, "secret"), { kind: "ok", mailbox });
      const held = pauses.length;
      await accounts.authenticate(ANN, "guess 0", STRANGER); // the same again: no new guess
      assert.equal(pauses.length, held + 1);
    }
  }
});

test("an answer that was not about the password counts for nothing", async () => {
  const { accounts, directory, pauses } = await open();
  directory.broken = true;
  for (let i = 0; i < 5; i++) await accounts.authenticate(ANN, `guess ${i}`);
  directory.broken = false;
  directory.set(ANN, { disabled: true });
  for (let i = 0; i < 5; i++) await accounts.authenticate(ANN, "secret");
  assert.deepEqual(pauses, []);
});

test("the password that counts is the one in force when the login is judged, not when it came", async () => {
  const { accounts, directory, clock, mailbox } = await open();
  for (let i = 0; i < 3; i++) await accounts.authenticate(ANN, `guess ${i}`);
  const changed = await makeVerifier("changed", systemRandom, CHEAP);
  const began = clock.elapsed();
  const pending = accounts.authenticate(ANN, "changed");
  directory.set(ANN, { verifier: changed });
  assert.deepEqual(await pending, { kind: "ok", mailbox, slowedMs: 2000 });
  assert.equal(clock.elapsed() - began, 2000);
});
