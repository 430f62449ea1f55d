/** The field that this server writes is the one that it knows again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { messageId, parseIp, sessionId } from "../../src/mail/index.ts";
import { ownClients } from "../../src/policy/lists/index.ts";
import { traceHead, type Trace } from "../../src/service/receive/trace.ts";
import { addressOf } from "../service/receive/desk-bench.ts";
import { domainOf } from "../support/memory-directory.ts";

const HOSTNAME = domainOf("mx.local.example");

function traced(ip: string, parts: Partial<Trace> = {}): Uint8Array {
  const client = parseIp(ip);
  assert.ok(client !== undefined);
  const { head, returnPathOctets } = traceHead({
    reversePath: null,
    helo: { verb: "EHLO", name: "relay.example" },
    ip: client,
    hostname: HOSTNAME,
    loggedIn: false,
    smtputf8: false,
    id: messageId(sessionId(new Uint8Array(12)), 12),
    at: 0,
    ...parts,
  });
  return head.subarray(returnPathOctets);
}

const TLS = { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" } as Trace["tls"] & object; // what is shown of it

test("in every form in which it is written, but for a login", () => {
  for (const parts of [
    {},
    { tls: TLS },
    { smtputf8: true },
    { helo: { verb: "HELO", name: "[9.9.9.9]" } },
    { helo: { verb: "EHLO", name: "by mx (evil) [8.8.8.8]" } },
    { onlyRecipient: addressOf("ann@local.example") },
    { onlyRecipient: addressOf('"an n;"@local.example'), tls: TLS },
  ] satisfies readonly Partial<Trace>[])
    for (const ip of ["9.8.7.6", "2a01:4f8::7"])
      assert.deepEqual(ownClients(traced(ip, parts), HOSTNAME), [ip], JSON.stringify(parts));
  assert.deepEqual(ownClients(traced("9.8.7.6", { loggedIn: true }), HOSTNAME), []);
  assert.deepEqual(ownClients(traced("9.8.7.6", { loggedIn: true, tls: TLS }), HOSTNAME), []);
});

test("several in their order, and none of another server or of another form", () => {
  const both = Buffer.concat([traced("9.8.7.6"), Buffer.from("Subject: x\r\n"), traced("9.8.7.5")]);
  assert.deepEqual(ownClients(both, HOSTNAME), ["9.8.7.6", "9.8.7.5"]);
  assert.deepEqual(ownClients(both, domainOf("mx.other.example")), []);
  const text = Buffer.from(traced("9.8.7.6")).toString();
  for (const [form, other] of [
    [/id \S+-12/, "id 4XyZ"],
    ["([9.8.7.6])", "([9.8.7.6] [9.8.7.5])"],
    ["9.8.7.6", "9.8.7.06"],
    ["from relay.example", "from a b"],
  ] as const)
    assert.deepEqual(ownClients(Buffer.from(text.replace(form, other)), HOSTNAME), [], other);
});
