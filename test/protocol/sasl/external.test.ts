/** RFC 4422 appendix A. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  findMechanism,
  offeredMechanisms,
  openExchange,
  sendsPassword,
} from "../../../src/protocol/sasl/index.ts";

test("one message, after an empty challenge: an identity, or none", () => {
  for (const identity of ["", "ann@local.example", "jürg@local.example"]) {
    const exchange = openExchange("EXTERNAL");
    assert.deepEqual(exchange.begin(), { kind: "challenge", message: "" });
    const ask = { kind: "external", identity };
    assert.deepEqual(exchange.receive(Buffer.from(identity)), { kind: "ask", ask });
    assert.deepEqual(exchange.answer({ kind: "authenticated" }), { kind: "done" });
  }
});

test("what is no UTF-8 or has a NUL is no message", () => {
  for (const message of [[0xff], [0], [...Buffer.from("ann\0bob")]]) {
    const step = openExchange("EXTERNAL").receive(Uint8Array.from(message));
    assert.deepEqual(step, { kind: "refuse", why: "malformed" });
  }
});

test("an answer to something else is our bug", () => {
  const verifier = { salt: new Uint8Array(0), iterations: 1 };
  const answer = { ...verifier, storedKey: new Uint8Array(0), serverKey: new Uint8Array(0) };
  const exchange = openExchange("EXTERNAL");
  exchange.receive(new Uint8Array(0));
  assert.throws(
    () => exchange.answer({ kind: "verifier", verifier: answer, nonce: "n" }),
    /no answer to what was asked/,
  );
});

test("it is offered where there is a certificate to log in by, and shows no password", () => {
  const always = { passwords: true, login: true };
  assert.ok(!offeredMechanisms(always).includes("EXTERNAL"));
  assert.ok(!offeredMechanisms({ ...always, external: false }).includes("EXTERNAL"));
  assert.equal(offeredMechanisms({ ...always, external: true })[0], "EXTERNAL");
  assert.equal(findMechanism("EXTERNAL"), "EXTERNAL");
  assert.equal(sendsPassword("EXTERNAL"), false);
});
