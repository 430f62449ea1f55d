/**
 * Domains whose mail comes in authenticated: each publishes who may send for it, keys of RSA-2048 and Ed25519 and the wish that everything
 * else be refused; their letters go into files for the client.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ed25519Key, rsaKey, signedBy } from "../../test/service/origin/signer.ts";
import { letterOf } from "./letter.ts";
import type { Letter } from "./tls-mail.ts";

const SIGNED_FIELDS = "From:To:Subject:Date:Message-ID:MIME-Version:Content-Type";

/** The key that a letter is signed with, and its body. */
const KINDS = {
  unsigned: { key: "none", kibibytes: 4 },
  rsa: { key: "rsa", kibibytes: 4 },
  ed25519: { key: "ed25519", kibibytes: 4 },
  "large rsa": { key: "rsa", kibibytes: 64 },
} as const;

export type LetterKind = keyof typeof KINDS;

export interface Strangers {
  /** TXT records by name. */
  readonly texts: ReadonlyMap<string, string>;
  /** Files of letters, one of each domain. */
  readonly letters: Readonly<Record<LetterKind, string>>;
}

export interface Correspondence {
  /** The address from which all of them send. */
  readonly address: string;
  readonly to: string;
}

export function makeStrangers(
  folder: string,
  count: number,
  { address, to }: Correspondence,
): Strangers {
  const domains = Array.from({ length: count }, (_, i) => makeDomain(`author${i}.example`));
  const written = (kind: LetterKind): string => {
    const file = join(folder, `${kind}.json`);
    writeFileSync(file, JSON.stringify(domains.map((domain) => letter(domain, to, kind))));
    return file;
  };
  return {
    texts: new Map(domains.flatMap((domain) => recordsOf(domain, address))),
    letters: {
      unsigned: written("unsigned"),
      rsa: written("rsa"),
      ed25519: written("ed25519"),
      "large rsa": written("large rsa"),
    },
  };
}

function makeDomain(name: string) {
  return { name, keys: { rsa: rsaKey(2048), ed25519: ed25519Key() } };
}

type StrangeDomain = ReturnType<typeof makeDomain>;

/** A key's selector is the name of its algorithm. */
function recordsOf({ name, keys }: StrangeDomain, address: string): [string, string][] {
  return [
    [name, `v=spf1 ip4:${address} -all`],
    [`_dmarc.${name}`, "v=DMARC1; p=reject"],
    ...Object.entries(keys).map(([selector, { record }]): [string, string] => [
      `${selector}._domainkey.${name}`,
      record,
    ]),
  ];
}

function letter({ name, keys }: StrangeDomain, to: string, kind: LetterKind): Letter {
  const sender = `ann@${name}`;
  const { key, kibibytes } = KINDS[kind];
  const text = letterOf(sender, to, kibibytes * 1024);
  if (key === "none") return { sender, text };
  return { sender, text: signedBy(keys[key], text, { d: name, s: key, h: SIGNED_FIELDS }) };
}
