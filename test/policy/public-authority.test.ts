/** Which authorities sign for everybody: the known ones, and whom they have signed; nobody who only bears their name. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { publicAuthorities } from "../../src/net/index.ts";
import { isPublicAuthority } from "../../src/policy/identity/index.ts";
import { issue, keysOf, type Issued, type Wish } from "../support/chains.ts";

const ca = (subject: string, wish: Wish = {}): Issued => issue({ ca: true, subject, ...wish });

const ROOT = ca("Root");
const OTHER = ca("Other");
const PRIVATE = ca("Private");

const CASES: Readonly<Record<string, readonly [Issued, isPublic: boolean]>> = {
  "a public one": [ROOT, true],
  "one that it has signed": [ca("Intermediate", { by: ROOT }), true],
  "its key, under another name": [ca("Mine", { keys: ROOT.keys }), true],
  "its key, signed by another one": [ca("Root", { keys: ROOT.keys, by: PRIVATE }), true],
  "a private one": [PRIVATE, false],
  "one that a private one has signed": [ca("Intermediate", { by: PRIVATE }), false],
  "its name alone": [ca("Root"), false],
  "its name as the issuer's, without its signature": [
    ca("Intermediate", { by: ROOT, forgedBy: keysOf().privateKey }),
    false,
  ],
};

for (const [name, [authority, isPublic]] of Object.entries(CASES))
  test(name, () => {
    const roots = [OTHER.pem, ROOT.pem, "no certificate"];
    assert.equal(isPublicAuthority(authority.x509, roots), isPublic);
  });

test("each of those that come with Node is one", () => {
  const roots = publicAuthorities();
  assert.ok(roots.length > 50);
  for (const pem of roots.slice(0, 3))
    assert.ok(isPublicAuthority(new X509Certificate(pem), roots));
  assert.ok(!isPublicAuthority(PRIVATE.x509, roots));
});
