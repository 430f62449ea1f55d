/**
 * A verifier of DKIM signatures for tests, made as RFC 6376 §6 says and not as the signer does it: whole messages, regular
 * expressions, relaxed/relaxed alone.
 */
import { createHash, createPublicKey, verify, type KeyObject } from "node:crypto";

export interface Verified {
  readonly selector: string;
  readonly domain: string;
  /** The names in `h=`. */
  readonly fields: readonly string[];
  readonly bodyHash: boolean;
  readonly signature: boolean;
}

/** What each DKIM-Signature field of the message is worth; `records` are TXT records by selector. */
export function verifyMessage(
  message: Uint8Array,
  records: ReadonlyMap<string, string>,
): readonly Verified[] {
  const text = Buffer.from(message).toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  const header = end < 0 ? text : text.slice(0, end + 2);
  const body = end < 0 ? "" : text.slice(end + 4);
  const fields = header.match(/[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*/g) ?? [];
  return fields
    .filter((field) => /^dkim-signature:/i.test(field))
    .map((field) => verifyField(field, fields, body, records));
}

function verifyField(
  field: string,
  fields: readonly string[],
  body: string,
  records: ReadonlyMap<string, string>,
): Verified {
  const tags = tagsOf(field.slice(field.indexOf(":") + 1));
  const names = tag(tags, "h").split(":");
  const left = [...fields];
  const hashed = names.map((name) => {
    const at = left.findLastIndex((one) => nameOf(one) === name.toLowerCase());
    return at < 0 ? "" : `${relaxed(left.splice(at, 1)[0] ?? "")}\r\n`;
  });
  const own = relaxed(field.replace(/([;\s]b=)[^;]*/, "$1"));
  const input = Buffer.from(hashed.join("") + own, "latin1");
  const record = records.get(tag(tags, "s"));
  return {
    selector: tag(tags, "s"),
    domain: tag(tags, "d"),
    fields: names,
    bodyHash: bodyHash(body) === tag(tags, "bh"),
    signature: record !== undefined && isSigned(input, tag(tags, "b"), record),
  };
}

function isSigned(input: Uint8Array, signature: string, record: string): boolean {
  const tags = tagsOf(record);
  const octets = Buffer.from(tag(tags, "p"), "base64");
  const b = Buffer.from(signature, "base64");
  if (tag(tags, "k") === "rsa") return verify("sha256", input, spki(octets), b);
  const frame = Buffer.from("302a300506032b6570032100", "hex");
  const digest = createHash("sha256").update(input).digest();
  return verify(null, digest, spki(Buffer.concat([frame, octets])), b);
}

function spki(key: Buffer): KeyObject {
  return createPublicKey({ key, format: "der", type: "spki" });
}

export function bodyHash(body: string): string {
  const lines = body.split("\r\n").map((line) => line.replaceAll(/[ \t]+/g, " ").replace(/ $/, ""));
  while (lines.at(-1) === "") lines.pop();
  const whole = lines.map((line) => `${line}\r\n`).join("");
  return createHash("sha256").update(whole, "latin1").digest("base64");
}

function relaxed(field: string): string {
  const value = field.slice(field.indexOf(":") + 1).replaceAll("\r\n", "");
  return `${nameOf(field)}:${value
    .replaceAll(/[ \t]+/g, " ")
    .replace(/^ /, "")
    .replace(/ $/, "")}`;
}

function nameOf(field: string): string {
  return field.slice(0, field.indexOf(":")).trimEnd().toLowerCase();
}

function tagsOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text
      .replaceAll(/\s/g, "")
      .split(";")
      .map((part): [string, string] => {
        const at = part.indexOf("=");
        return [part.slice(0, at), part.slice(at + 1)];
      }),
  );
}

function tag(tags: ReadonlyMap<string, string>, name: string): string {
  const value = tags.get(name);
  if (value === undefined) throw new Error(`there is no ${name}=`);
  return value;
}
