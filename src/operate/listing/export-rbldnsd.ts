/**
 * A zone as rbldnsd serves it (rbldnsd(8)): what the zone is, and its entries with code and text. The test points of RFC 5782 §5 are in it,
 * for rbldnsd adds none.
 */
import { blocksOf, text4, valuesOf, walk4 } from "../../policy/lists/files/index.ts";
import type { ExportJob } from "./export-job.ts";
import { readSubject, subjectOf4 } from "./subject.ts";

export type TrieFamilies = "v4" | "v6";

/** Whoever serves the file stops when nobody has given him a newer one for as long as a secondary would go on. */
export function zoneHead({ zone, serial, now }: ExportJob): readonly string[] {
  const { ttl, ns, contact, refresh, retry, expire, negative_ttl, text } = zone;
  const times = `${serial} ${refresh} ${retry} ${expire} ${negative_ttl}`;
  return [
    `# ${zone.zone}`,
    `$SOA ${ttl} ${ns[0]}. ${contact}. ${times}`,
    `$NS ${ttl} ${ns.map((name) => `${name}.`).join(" ")}`,
    `$TTL ${ttl}`,
    `$TIMESTAMP ${stamp(now)} +${expire}`,
    ...(text === undefined ? [] : [`$= ${text}`]),
  ];
}

/** Blocks within each other are taken apart first: here all of one size that say something would count. */
export async function* setLines({ zone, dataset }: ExportJob): AsyncGenerator<string> {
  const all = await dataset();
  yield `:${zone.code}:`;
  yield "127.0.0.2";
  for (const { first, last, answer } of walk4(all.v4)) {
    const [value] = valuesOf(all, answer);
    if (value === undefined) continue;
    for (const block of blocksOf({ first, last }))
      yield subjectOf4(block).text + said(zone.code, text4(value.code), value.text ?? "");
  }
}

/** The longest match counts here too. */
export async function* trieLines(
  { zone, entries }: ExportJob,
  family: TrieFamilies,
): AsyncGenerator<string> {
  yield `:${zone.code}:`;
  yield family === "v4" ? "127.0.0.2" : "0:0:0:0:0:ffff:7f00:2";
  for await (const { subject, code, reason } of entries())
    if (readSubject(subject).kind === family) yield subject + said(zone.code, code, reason);
}

export async function* namesLines({ zone, entries }: ExportJob): AsyncGenerator<string> {
  yield `:${zone.code}:`;
  yield "test";
  for await (const { subject, code, reason } of entries())
    yield subject + said(zone.code, code, reason);
}

/** Behind the subject: nothing where it is what was said for all. */
function said(usual: string, code: string | undefined, reason: string): string {
  if ((code === undefined || code === usual) && reason === "") return "";
  return ` :${code ?? usual}:${reason}`;
}

function stamp(now: number): string {
  return new Date(now).toISOString().slice(0, 19).replace(/[-T]/g, ":");
}
