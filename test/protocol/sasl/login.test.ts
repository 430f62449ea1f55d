/** LOGIN: the name, then the password, each asked for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { openExchange } from "../../../src/protocol/sasl/index.ts";

test("asks for the name, then for the password", () => {
  const exchange = openExchange("LOGIN");
  assert.deepEqual(exchange.begin(), { kind: "challenge", message: "Username:" });
  assert.deepEqual(exchange.receive(Buffer.from("ann")), {
    kind: "challenge",
    message: "Password:",
  });
  assert.deepEqual(exchange.receive(Buffer.from("sécret ")), {
    kind: "ask",
    ask: { kind: "credentials", mechanism: "LOGIN", login: "ann", password: "sécret " },
  });
  assert.deepEqual(exchange.answer({ kind: "authenticated" }), { kind: "done" });
});

test("any octets: only two texts without NUL become a question", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (first, second) => {
      const exchange = openExchange("LOGIN");
      const step = exchange.receive(first);
      assert.equal(step.kind, isText(first) ? "challenge" : "refuse");
      if (step.kind === "refuse") return;
      assert.equal(exchange.receive(second).kind, isText(second) ? "ask" : "refuse");
    }),
  );
});

function isText(octets: Uint8Array): boolean {
  const text = Buffer.from(octets).toString();
  return octets.length > 0 && !octets.includes(0) && Buffer.from(text).equals(octets);
}
