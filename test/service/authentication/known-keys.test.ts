/** Keys are read once, as long as their records say the same; what is known of one record is never said of another. */
import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { test } from "node:test";
import { KNOWN_KEYS_LIMIT, KnownKeys } from "../../../src/service/authentication/known-keys.ts";
import { ed25519Key, rsaKey, signedBy, type Key } from "../origin/signer.ts";
import { CLIENT, World } from "./world.ts";

const LETTER = "From: Ann <ann@author.example>\r\nSubject: Hi\r\n\r\nHello.\r\n";
const NAME = "s._domainkey.author.example";
const STRICT = { strict: true, hashAlgo: "sha256" };
const PEM = createPublicKey(ed25519Key().privateKey).export({ type: "spki", format: "pem" });

/** Records by name that may change, and the keys that had to be read. */
class Records {
  readonly texts = new Map<string, string>();
  readonly read: string[] = [];
  readonly keys = new KnownKeys();

  async key(name: string, options: unknown = STRICT) {
    const cache = this.keys.within({ get: (_, asked) => this.#read(asked) }, async (asked) => [
      [this.#textOf(asked)],
    ]);
    return (await cache.get("DKIM", name, undefined, options)).publicKey;
  }

  #textOf(name: string): string {
    const text = this.texts.get(name);
    if (text === undefined) throw new Error(`${name} is not there`);
    return text;
  }

  async #read(name: string) {
    this.read.push(name);

    if (this.#textOf(name) === "") throw new Error("no key");
    return { publicKey: PEM };
  }
}

test("a key is read once and made ready, whoever publishes it", async () => {
  const records = new Records();
  for (const name of ["a", "b"]) records.texts.set(name, "p=1");
  const first = await records.key("a");
  assert.ok(typeof first !== "string");
  assert.equal(await records.key("a"), first);
  assert.equal(await records.key("b"), first);
  assert.deepEqual(records.read, ["a"]);
});

test("another text, another question or a record that is gone is read anew, and so is what could not be read", async () => {
  const records = new Records();
  records.texts.set("a", "p=1");
  await records.key("a");
  await records.key("a", { ...STRICT, hashAlgo: "sha1" });
  records.texts.set("a", "p=2");
  await records.key("a");
  records.texts.delete("a");
  await assert.rejects(records.key("a"), /not there/);
  records.texts.set("a", "");
  for (let i = 0; i < 2; i++) await assert.rejects(records.key("a"), /no key/);
  assert.equal(records.read.length, 6);
});

test("the key that was used longest ago goes first, and no more than so many are kept", async () => {
  const records = new Records();
  for (let i = 0; i <= KNOWN_KEYS_LIMIT; i++) records.texts.set(String(i), `p=${i}`);
  for (let i = 0; i < KNOWN_KEYS_LIMIT; i++) await records.key(String(i));
  await records.key("0");
  await records.key(String(KNOWN_KEYS_LIMIT));
  records.read.length = 0;
  for (const name of ["0", "2", "1"]) await records.key(name);
  assert.deepEqual(records.read, ["1"]);
});

test("a letter is judged by what the DNS says now: its key, another one, none, one that is too short", async () => {
  const world = new World();
  const [old, fresh, short] = [rsaKey(2048), rsaKey(2048), rsaKey(512)];
  const judged = async (key: Key, record: string) =>
    (await world.txt(NAME, record).check(Buffer.from(signedBy(key, LETTER)), CLIENT)).dkim.join();
  for (let i = 0; i < 2; i++) {
    assert.equal(await judged(old, old.record), "pass");
    assert.equal(await judged(old, fresh.record), "fail");
    assert.equal(await judged(fresh, fresh.record), "pass");
    assert.equal(await judged(old, "v=DKIM1; k=rsa; p="), "neutral");
    assert.equal(await judged(short, short.record), "policy");
    assert.equal(await judged(old, old.record.replace("DKIM1;", "DKIM1; h=sha1;")), "neutral");
  }
});

test("a name of other letters does not get the key of one that looks alike", async () => {
  const world = new World();
  const [theirs, ours] = [rsaKey(2048), rsaKey(2048)];
  const [name, alike] = ["s._domainkey.xn--mller-kva.example", "s._domainkey.muller.example"];
  world.txt(name, ours.record).txt(alike, theirs.record);
  const judged = async (key: Key, domain: string) => {
    const d = Buffer.from(domain).toString("latin1"); // as the wire has it
    const letter = Buffer.from(signedBy(key, LETTER, { d }), "latin1");
    return (await world.check(letter, CLIENT)).dkim.join();
  };
  assert.equal(await judged(theirs, "muller.example"), "pass");
  assert.equal(await judged(ours, "müller.example"), "pass");
  assert.equal(await judged(theirs, "müller.example"), "fail");
});
