/** Signed messages and the keys that are published, and what DKIM (RFC 6376) says of each signature. */
import { LETTER } from "./site.ts";
import { ed25519Key, rsaKey, signedBy, type Key, type Tags } from "./signer.ts";
import type { Zone } from "./zone.ts";

const RSA = rsaKey(2048);
const RSA_1024 = rsaKey(1024);
const RSA_512 = rsaKey(512);
const OTHER = rsaKey(2048);
const ED = ed25519Key();

export interface DkimCase {
  readonly message: string;
  /** At s._domainkey.author.example; by default the key of `RSA`. */
  readonly key?: string;
  readonly zone?: Zone;
  /** Of each signature. */
  readonly results: readonly string[];
  /** Which of them hold for python3-dkim, where that is otherwise; and why. */
  readonly pythonDkim?: readonly [holds: readonly boolean[], why: string];
}

const NOW = Math.floor(Date.now() / 1000);
const MORE = LETTER.replace("Hello", "More at https://evil.example\r\nHello");

const by = (tags: Tags, key: Key = RSA, message = LETTER): string => signedBy(key, message, tags);
const unsigned = (count: number): string =>
  "DKIM-Signature: v=1; a=rsa-sha256; d=x.example; s=s; h=From; bh=eA==; b=eA==\r\n".repeat(count);

export const DKIM_KEY = "s._domainkey.author.example";

export const DKIM_CASES: Readonly<Record<string, DkimCase>> = {
  relaxed: { message: by({}), results: ["pass"] },
  simple: { message: by({ c: "simple/simple" }), results: ["pass"] },
  "no canonicalization, which is simple": {
    message: by({ c: "simple/simple" }).replace("c=simple/simple; ", ""),
    results: ["fail"],
  },
  Ed25519: { message: by({}, ED), key: ED.record, results: ["pass"] },
  "Ed25519 under a key of RSA": { message: by({}, ED), results: ["neutral"] },
  "RSA of 1024 bits": { message: by({}, RSA_1024), key: RSA_1024.record, results: ["pass"] },
  "RSA of 512 bits": {
    message: by({}, RSA_512),
    key: RSA_512.record,
    results: ["policy"],
  },
  "no signature": { message: LETTER, results: ["none"] },
  "an empty body": {
    message: by({}, RSA, "From: Ann <ann@author.example>\r\n\r\n"),
    results: ["pass"],
  },
  "a body that was changed": { message: by({}).replace("Hello", "Hullo"), results: ["fail"] },
  "a subject that was changed": { message: by({}).replace(": Hi", ": Ho"), results: ["fail"] },
  "a subject that was folded": { message: by({}).replace(": Hi", ":\r\n  Hi"), results: ["pass"] },
  "a subject that was folded, simple": {
    message: by({ c: "simple/simple" }).replace(": Hi", ":\r\n  Hi"),
    results: ["fail"],
  },
  "blanks at the end of a line": {
    message: by({}).replace("Hello.", "Hello. \t"),
    results: ["pass"],
  },
  "blanks at the end of a line, simple": {
    message: by({ c: "simple/simple" }).replace("Hello.", "Hello. \t"),
    results: ["fail"],
  },
  "another key": { message: by({}, OTHER), results: ["fail"] },
  "no key": { message: by({ s: "gone" }), results: ["neutral"] },
  "a name without a key": {
    message: by({ s: "empty" }),
    zone: { "empty._domainkey.author.example": { A: ["203.0.113.1"] } },
    results: ["neutral"],
  },
  "a key that was taken back": { message: by({}), key: "v=DKIM1; p=", results: ["neutral"] },
  "a key that cannot be read": { message: by({}), key: "v=DKIM1; p=AAAA!", results: ["neutral"] },
  "a key of a later version": {
    message: by({}),
    key: RSA.record.replace("DKIM1", "DKIM2"),
    results: ["neutral"],
  },
  "a key for other services": {
    message: by({}),
    key: RSA.record.replace("k=rsa", "k=rsa; s=tlsrpt"),
    results: ["neutral"],
  },
  "a key for other hashes": {
    message: by({}),
    key: RSA.record.replace("k=rsa", "k=rsa; h=sha1"),
    results: ["neutral"],
    pythonDkim: [[true], "it does not read h= of a key"],
  },
  "a key that is being tried": {
    message: by({}),
    key: RSA.record.replace("k=rsa", "k=rsa; t=y"),
    results: ["pass"],
  },
  "a key that nobody answers for": {
    message: by({ s: "mute" }),
    zone: { "mute._domainkey.author.example": { fails: ["TXT", "timeout"] } },
    results: ["temperror"],
  },
  "a key of 5000 octets": {
    message: by({}),
    key: `${RSA.record}; n=${"x".repeat(5000)}`,
    results: ["neutral"],
    pythonDkim: [[true], "no TXT record of more than 4,096 octets is looked at here"],
  },
  "a selector that is no name": { message: by({ s: "a".repeat(64) }), results: ["neutral"] },
  expired: {
    message: by({ t: String(NOW - 200_000), x: String(NOW - 100_000) }),
    results: ["neutral"],
  },
  "not expired": {
    message: by({ t: String(NOW - 200), x: String(NOW + 10_000) }),
    results: ["pass"],
  },
  "expired before it was made": {
    message: by({ t: String(NOW), x: String(NOW - 100_000) }),
    results: ["neutral"],
  },
  "all of its length": { message: by({ l: "8" }), results: ["pass"] },
  "text behind its length": {
    message: `${by({ l: "8" })}More at https://evil.example\r\n`,
    results: ["policy"],
    pythonDkim: [[true], "what leaves a part of the body to others is not accepted here"],
  },
  "text before its length": { message: by({ l: "8" }).replace(LETTER, MORE), results: ["fail"] },
  "a length of nothing": {
    message: by({ l: "0" }),
    results: ["policy"],
    pythonDkim: [[true], "what leaves the body to others is not accepted here"],
  },
  "more than there is": { message: by({ l: "800" }), results: ["pass"] },
  "a length that is no number": {
    message: by({}).replace("; h=", "; l=x; h="),
    results: ["neutral"],
  },
  "an author that is not signed": {
    message: by({ h: "Subject" }),
    results: ["neutral"],
    pythonDkim: [[true], "it does not ask that From is signed (RFC 6376 §5.4)"],
  },
  "no version": { message: by({ v: undefined }), results: ["neutral"] },
  "another version": { message: by({ v: "2" }), results: ["neutral"] },
  "an algorithm that nobody knows": { message: by({ a: "rsa-sha3" }), results: ["neutral"] },
  "SHA-1": {
    message: by({ a: "rsa-sha1" }),
    results: ["policy"],
    pythonDkim: [[true], "RFC 8301 §3.1: not to be verified any more"],
  },
  "a part of the domain as its user": {
    message: by({ i: "ann@sub.author.example" }),
    results: ["pass"],
  },
  "another domain as its user": { message: by({ i: "ann@evil.example" }), results: ["neutral"] },
  "a part of the domain where the key forbids it": {
    message: by({ i: "ann@sub.author.example" }),
    key: RSA.record.replace("k=rsa", "k=rsa; t=s"),
    results: ["neutral"],
    pythonDkim: [[true], "it does not read t=s of a key"],
  },
  "a second From that nobody signed": {
    message: `From: evil@evil.example\r\n${by({})}`,
    results: ["pass"],
    pythonDkim: [[false], "it takes no message with two From fields"],
  },
  "a second From where none may be": {
    message: `From: evil@evil.example\r\n${by({ h: "From:From:Subject" })}`,
    results: ["fail"],
  },
  "a signature that is broken above one that holds": {
    message: `${unsigned(1)}${by({})}`,
    results: ["fail", "pass"],
  },
  "both algorithms": {
    message: signedBy(ED, by({}), { s: "ed" }),
    zone: { "ed._domainkey.author.example": { TXT: [ED.record] } },
    results: ["pass", "pass"],
  },
  "eight signatures": {
    message: `${unsigned(7)}${by({})}`,
    results: [...Array<string>(7).fill("fail"), "pass"],
  },
  "nine signatures": {
    message: `${unsigned(8)}${by({})}`,
    results: ["policy"],
    pythonDkim: [
      [...Array<boolean>(8).fill(false), true],
      "more than eight are not looked at here",
    ],
  },
  "a header section of 70,000 octets": {
    message: `X-Long: ${`${"x".repeat(900)}\r\n `.repeat(78)}\r\n${by({})}`,
    results: ["policy"],
    pythonDkim: [[true], "more than 64 KiB are not looked at here"],
  },
  "a line of 70,000 octets": {
    message: by({}, RSA, `${LETTER}${"x".repeat(70_000)}\r\n`),
    results: ["policy"],
    pythonDkim: [[true], "a line of more than 64 KiB is not looked at here"],
  },
  "a tag twice": { message: by({}).replace("; d=", "; d=evil.example; d="), results: ["neutral"] },
  "bits of a signature": { message: by({}).replace(/; b=.{40}/, "; b="), results: ["fail"] },
};

export function dkimZone({ key = RSA.record, zone = {} }: DkimCase): Zone {
  return {
    "author.example": { TXT: ["v=spf1 -all"] },
    "_dmarc.author.example": { TXT: ["v=DMARC1; p=reject"] },
    [DKIM_KEY]: { TXT: [key] },
    ...zone,
  };
}
