/** Holds a caller against what a row says. */
import assert from "node:assert/strict";
import type { Caller } from "../../src/policy/identity/index.ts";
import type { Row } from "./caller-row.ts";

export function expectCaller(caller: Caller, expected: Row["expected"]): void {
  const said = JSON.stringify(caller);
  if ("nobody" in expected) {
    assert.ok(caller.kind === "nobody", said);
    assert.match(caller.reason ?? "no reason", expected.nobody);
  } else if ("named" in expected) {
    assert.ok(caller.kind === "named", said);
    assert.deepEqual(caller.names, expected.named);
    assert.deepEqual(caller.wildcards ?? [], expected.wildcards ?? []);
  } else {
    assert.ok(caller.kind === "peer", said);
    assert.equal(caller.peer.name, expected.peer);
    assert.equal(caller.level, expected.level);
  }
}
