/**
 * A zone for firewalls and others that know blocks and a remark: CIDR text, and Spamhaus' DROP as JSON. Codes are not in it, and in
 * the remark what stood for who is listed is filled in.
 */
import { fill } from "../../policy/lists/files/index.ts";
import type { PublishedEntry } from "../../store/index.ts";
import type { ExportJob } from "./export-job.ts";
import { readSubject } from "./subject.ts";

export async function* cidrLines({ zone, entries }: ExportJob): AsyncGenerator<string> {
  yield `; ${zone.zone}`;
  for await (const entry of entries()) {
    const remark = remarkOf(entry);
    yield remark === "" ? entry.subject : `${entry.subject} ; ${remark}`;
  }
}

/** One object a line, and one more that says how many there are: who has read fewer has not read all. */
export async function* dropLines({ entries, now }: ExportJob): AsyncGenerator<string> {
  let records = 0;
  for await (const entry of entries()) {
    const remark = remarkOf(entry);
    records++;
    yield JSON.stringify({ cidr: blockText(entry.subject), ...(remark !== "" && { sblid: remark }) }); // prettier-ignore
  }
  yield JSON.stringify({ type: "metadata", timestamp: Math.floor(now / 1000), records });
}

function remarkOf({ subject, reason }: PublishedEntry): string {
  return fill(reason, subject, NOTHING_AROUND) ?? "";
}

const NOTHING_AROUND = { variables: [], base: undefined };

/** DROP writes an address as the block that it is. */
function blockText(text: string): string {
  const subject = readSubject(text);
  if (subject.kind === "name" || text.includes("/")) return text;
  return `${text}/${subject.block.bits}`;
}
