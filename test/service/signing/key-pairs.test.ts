/** New key pairs: their names, and that what is published is the other half of what signs. */
import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { test } from "node:test";
import { generateDkimKeys, publicKeyRecord } from "../../../src/service/signing/index.ts";

const NOVEMBER = Date.UTC(2026, 10, 30, 23, 59);

test("a pair of each algorithm, named by its month; numbered where the name is taken", async () => {
  const selectors = async (taken: readonly string[]) =>
    (await generateDkimKeys(NOVEMBER, taken)).map(
      ({ selector, algorithm }) => `${selector} ${algorithm}`,
    );
  assert.deepEqual(await selectors([]), ["gp202611r rsa-2048", "gp202611e ed25519"]);
  const again = await selectors(["gp202610r", "gp202611e", "gp202611r2"]);
  assert.deepEqual(again, ["gp202611r3 rsa-2048", "gp202611e3 ed25519"]);
});

test("the record holds the public key, as RFC 6376 and RFC 8463 want it", async () => {
  const [rsa, ed25519] = await generateDkimKeys(NOVEMBER, []);
  assert.ok(rsa !== undefined && ed25519 !== undefined);
  assert.equal(createPrivateKey(rsa.privateKey).asymmetricKeyDetails?.modulusLength, 2048);
  const key = Buffer.from(value(publicKeyRecord(rsa), "v=DKIM1; k=rsa; p="), "base64");
  const read = createPublicKey({ key, format: "der", type: "spki" });
  assert.ok(read.equals(createPublicKey(rsa.privateKey)));
  const octets = Buffer.from(value(publicKeyRecord(ed25519), "v=DKIM1; k=ed25519; p="), "base64");
  const { x } = createPublicKey(ed25519.privateKey).export({ format: "jwk" });
  assert.equal(octets.toString("base64url"), x);
});

function value(record: string, before: string): string {
  assert.ok(record.startsWith(before), record);
  return record.slice(before.length);
}
