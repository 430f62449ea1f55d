/** A site whose alias leads abroad, with keys that its DNS and others' have. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { authenticate, type AuthenticateResult } from "mailauth";
import { publicKeyRecord } from "../../src/service/signing/index.ts";
import { domainOf } from "../support/memory-directory.ts";
import type { Zone } from "../support/zone.ts";
import { SendingSite, type SendingPlan } from "./sending-site.ts";

/** TXT records by name. */
export type Records = ReadonlyMap<string, string>;

export async function sealingSite(
  t: TestContext,
  alias: string,
  to: string,
  plan?: SendingPlan,
): Promise<{ readonly site: SendingSite; readonly records: Records }> {
  const site = await SendingSite.start(t, plan);
  const [, domain = ""] = alias.split("@");
  if (domain !== "local.example") await site.change((one) => one.domains.add(domain));
  else await site.change((one) => one.domains.rotateDkimKeys(domain));
  await site.change((one) => one.aliases.set(alias, [to], "add"));
  const keys = site.session.directory.dkimKeys(domainOf(domain));
  const records = new Map(
    keys.map((key) => [`${key.selector}._domainkey.${domain}`, publicKeyRecord(key)]),
  );
  publish(records, site.zone);
  return { site, records };
}

export function publish(records: Records, zone: Zone): void {
  for (const [name, text] of records) zone.txt(name, text);
}

/** The last message that came to the server elsewhere, without the dots of the wire. */
export function lastMessage({ remote }: SendingSite): Buffer {
  const onTheWire = `${remote.messages.at(-1) ?? ""}\r\n`;
  return Buffer.from(onTheWire.replaceAll("\r\n.", "\r\n"), "latin1");
}

/** As mailauth sees it, who knows these records. */
export function seen(message: Uint8Array, records: Records): Promise<AuthenticateResult> {
  return authenticate(Buffer.from(message), {
    ip: "127.0.0.1",
    helo: "mx.local.example",
    mta: "mx.foreign.example",
    disableBimi: true,
    strict: true,
    resolver: async (name) => {
      const text = records.get(name);
      if (text !== undefined) return [[text]];
      throw Object.assign(new Error(name), { code: "ENOTFOUND" });
    },
  });
}

export async function chainOf(message: Uint8Array, records: Records): Promise<string> {
  const { arc } = await seen(message, records);
  assert.ok(arc !== false);
  return `${arc.status.result} ${arc.i}`;
}
