/** Signs a message as a test wants it, faults included: any tags, any key, relaxed or simple. */
import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";

export interface Key {
  readonly privateKey: KeyObject;
  /** As a record has it. */
  readonly record: string;
  readonly algorithm: string;
}

export function rsaKey(modulusLength: number): Key {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength });
  const p = publicKey.export({ type: "spki", format: "der" }).toString("base64");
  return { privateKey, record: `v=DKIM1; k=rsa; p=${p}`, algorithm: "rsa-sha256" };
}

export function ed25519Key(): Key {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const p = publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("base64");
  return { privateKey, record: `v=DKIM1; k=ed25519; p=${p}`, algorithm: "ed25519-sha256" };
}

/** Tags in their order; `undefined` leaves one out that would be there. */
export type Tags = Readonly<Record<string, string | undefined>>;

/** The message below a DKIM-Signature for its first occurrence of each field in h=. */
export function signedBy(key: Key, message: string, tags: Tags = {}): string {
  const at = message.indexOf("\r\n\r\n") + 2;
  const [head, rest] = [message.slice(0, at), message.slice(at + 2)];
  const simple = tags["c"]?.startsWith("simple") === true;
  const canonical = simple ? simpleBody(rest) : relaxedBody(rest);
  const length = tags["l"] === undefined ? canonical.length : Number(tags["l"]);
  const hash = tags["a"]?.endsWith("sha1") === true ? "sha1" : "sha256";
  const bh = createHash(hash).update(canonical.slice(0, length), "latin1").digest("base64");
  const all: Tags = {
    v: "1",
    a: key.algorithm,
    c: "relaxed/relaxed",
    d: "author.example",
    s: "s",
    h: "From:Subject",
    bh,
    ...tags,
  };
  const written = Object.entries(all).flatMap(([tag, value]) =>
    value === undefined ? [] : [`${tag}=${value}`],
  );
  const field = `DKIM-Signature: ${written.join("; ")}; b=`;
  const form = simple ? (text: string) => text : relaxedField;
  const fields = head.split(/\r\n(?![ \t])/).filter((one) => one !== "");
  const named = (all["h"] ?? "").split(":").flatMap((name) => taken(fields, name));
  const text = [...named.map((one) => `${form(one)}\r\n`), form(field)].join("");
  return `${field}${signature(key, text, hash)}\r\n${message}`;
}

/** The last of that name that was not taken yet (RFC 6376 §5.4.2). */
function taken(fields: string[], name: string): string[] {
  const at = fields.findLastIndex((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return at < 0 ? [] : fields.splice(at, 1);
}

function signature({ privateKey }: Key, text: string, hash: string): string {
  const octets = Buffer.from(text, "latin1");
  const signed =
    privateKey.asymmetricKeyType === "ed25519"
      ? sign(null, createHash("sha256").update(octets).digest(), privateKey)
      : sign(hash, octets, privateKey);
  return signed.toString("base64");
}

function relaxedField(field: string): string {
  const colon = field.indexOf(":");
  const value = field.slice(colon + 1).replaceAll(/\r\n/g, "");
  return `${field.slice(0, colon).toLowerCase().trim()}:${value.replaceAll(/[ \t]+/g, " ").trim()}`;
}

function relaxedBody(body: string): string {
  const lines = body.split("\r\n").map((line) => line.replaceAll(/[ \t]+/g, " ").trimEnd());
  const text = lines.join("\r\n").replace(/(?:\r\n)+$/, "");
  return text === "" ? "" : `${text}\r\n`;
}

function simpleBody(body: string): string {
  return `${body.replace(/(?:\r\n)+$/, "")}\r\n`;
}
