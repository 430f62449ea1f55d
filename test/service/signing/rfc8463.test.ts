/** The example of RFC 8463, appendix A: what was signed there is what we would sign. */
import assert from "node:assert/strict";
import { createHash, createPublicKey, verify } from "node:crypto";
import { test } from "node:test";
import { RelaxedBody } from "../../../src/service/signing/relaxed-body.ts";
import {
  fieldsNamed,
  relaxedField,
  relaxedFields,
} from "../../../src/service/signing/relaxed-header.ts";
import { verifyMessage } from "./verifier.ts";

const SECTION = [
  "From: Joe SixPack <joe@football.example.com>",
  "To: Suzie Q <suzie@shopping.example.net>",
  "Subject: Is dinner ready?",
  "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)",
  "Message-ID: <20030712040037.46341.5F8J@football.example.com>",
  "\r\n",
].join("\r\n");

const BODY = "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n\r\n";

const BODY_HASH = "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=";

const ED25519 = {
  value: [
    " v=1; a=ed25519-sha256; c=relaxed/relaxed;",
    " d=football.example.com; i=@football.example.com;",
    " q=dns/txt; s=brisbane; t=1528637909; h=from : to :",
    " subject : date : message-id : from : subject : date;",
    ` bh=${BODY_HASH};`,
    " b=",
  ].join("\r\n"),
  signature:
    "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==",
  key: "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
};

const RSA = {
  value: [
    " v=1; a=rsa-sha256; c=relaxed/relaxed;",
    " d=football.example.com; i=@football.example.com;",
    " q=dns/txt; s=test; t=1528637909; h=from : to : subject :",
    " date : message-id : from : subject : date;",
    ` bh=${BODY_HASH};`,
    " b=",
  ].join("\r\n"),
  signature:
    "F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3" +
    "DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz" +
    "dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=",
  key:
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi" +
    "Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLz" +
    "BfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB",
};

/** Each name stands for the fields there are, so the second From, Subject and Date stand for none. */
const NAMES = ["from", "to", "subject", "date", "message-id"];

function signedOctets(value: string): Buffer {
  const section = Buffer.from(SECTION);
  const fields = relaxedFields(section, fieldsNamed(section, NAMES));
  return Buffer.from(fields + relaxedField("DKIM-Signature", value), "latin1");
}

test("RFC 8463: the body's hash", () => {
  const hash = createHash("sha256");
  const relaxed = new RelaxedBody((slice) => hash.update(slice));
  relaxed.write(Buffer.from(BODY));
  relaxed.end();
  assert.equal(hash.digest("base64"), BODY_HASH);
});

test("RFC 8463: the Ed25519 signature is of the octets that we would sign", () => {
  const frame = Buffer.from("302a300506032b6570032100", "hex");
  const der = Buffer.concat([frame, Buffer.from(ED25519.key, "base64")]);
  const key = createPublicKey({ key: der, format: "der", type: "spki" });
  const digest = createHash("sha256").update(signedOctets(ED25519.value)).digest();
  assert.ok(verify(null, digest, key, Buffer.from(ED25519.signature, "base64")));
});

test("RFC 8463: the RSA signature is of the octets that we would sign", () => {
  const der = Buffer.from(RSA.key, "base64");
  const key = createPublicKey({ key: der, format: "der", type: "spki" });
  const signature = Buffer.from(RSA.signature, "base64");
  assert.ok(verify("sha256", signedOctets(RSA.value), key, signature));
});

test("RFC 8463: the tests' own verifier takes both signatures, and no others", () => {
  const fields = [ED25519, RSA].map(
    ({ value, signature }) => `DKIM-Signature:${value}${signature}\r\n`,
  );
  const records = new Map([
    ["brisbane", `v=DKIM1; k=ed25519; p=${ED25519.key}`],
    ["test", `v=DKIM1; k=rsa; p=${RSA.key}`],
  ]);
  const judged = (section: string, body: string) =>
    verifyMessage(Buffer.from(fields.join("") + section + body), records).map(
      ({ bodyHash, signature }) => [bodyHash, signature],
    );
  assert.deepEqual(judged(SECTION, BODY), [
    [true, true],
    [true, true],
  ]);
  assert.deepEqual(judged(SECTION, `${BODY}PS.\r\n`), [
    [false, true],
    [false, true],
  ]);
  const forged = `Subject: Come at once\r\n${SECTION}`;
  assert.deepEqual(judged(forged, BODY), [
    [true, false],
    [true, false],
  ]);
});
