/**
 * Entries with their evidence as text: one object of JSON a line, which says all of an entry but its zone. Read strictly: what is not known is
 * an error, and so is what is missing.
 */
import { z } from "zod";
import { Lines, LINE_LIMIT } from "../../policy/lists/files/index.ts";
import type { Evidence, ListEntry } from "./entry.ts";
import { parseCode } from "./code.ts";
import { PROBLEMS_TOLD, type ImportProblem } from "./import-list.ts";
import type { ListingZone } from "./settings.ts";
import { parseSubjects } from "./subject.ts";
import { readText } from "./text.ts";

/** Milliseconds that a clock elsewhere may be ahead. */
const AHEAD_MS = 300_000;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected a SHA-256 in lower-case hexadecimal");
const text = z.string().refine((one) => readText(one) === one, "expected a text on one line, at most 250 octets"); // prettier-ignore
const filled = text.min(1, "expected a text, and not an empty one");
const moment = z.iso.datetime({ error: "expected a time in UTC such as 2026-11-28T12:00:00.000Z" }).transform((one) => Date.parse(one)); // prettier-ignore

const evidenceSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("test"), test: filled, sha256 }),
  z.strictObject({ kind: z.literal("sample"), sha256 }),
  z.strictObject({ kind: z.literal("note"), text: filled }),
  z.strictObject({ kind: z.literal("import"), file: filled, sha256 }),
]);

const lineSchema = z.strictObject({
  subject: z.string(),
  code: z.string().refine((one) => parseCode(one) === one, "expected a code such as 127.0.0.2"),
  reason: text,
  evidence: evidenceSchema,
  by: filled,
  since: moment,
  until: moment,
  times: z.int().min(1),
});

/** All that an entry says, as JSON; `code`: the zone's, where it has none of its own. */
export function entryJson(entry: ListEntry, { code }: Pick<ListingZone, "code">) {
  const { subject, reason, evidence, by, since, until, times } = entry;
  return {
    subject: subject.text,
    code: entry.code ?? code,
    reason,
    evidence,
    by,
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
    times,
  };
}

export interface ReadJsonLines {
  readonly entries: readonly { readonly line: number; readonly entry: ListEntry }[];
  /** The first ones. */
  readonly problems: readonly ImportProblem[];
  readonly count: number;
}

/** Takes the octets of a file as they come. */
export class JsonLinesReader {
  readonly #zone: ListingZone;
  readonly #now: number;
  readonly #entries: { readonly line: number; readonly entry: ListEntry }[] = [];
  readonly #seen = new Set<string>();
  readonly #problems: ImportProblem[] = [];
  #count = 0;
  readonly #lines = new Lines({
    line: (line, number) => this.#take(line, number),
    tooLong: (number) => this.#wrong(number, `more than ${LINE_LIMIT} characters`),
  });

  constructor(zone: ListingZone, now: number) {
    this.#zone = zone;
    this.#now = now;
  }

  push(octets: Uint8Array): void {
    this.#lines.push(octets);
  }

  end(): ReadJsonLines {
    this.#lines.end();
    return { entries: this.#entries, problems: this.#problems, count: this.#count };
  }

  #take(line: string, number: number): void {
    if (line === "") return;
    const entry = entryOfLine(line, this.#zone, this.#now);
    if (typeof entry === "string") return this.#wrong(number, entry);
    if (this.#seen.has(entry.subject.text))
      return this.#wrong(number, `${entry.subject.text} is there twice`);
    this.#seen.add(entry.subject.text);
    this.#entries.push({ line: number, entry });
  }

  #wrong(line: number, reason: string): void {
    this.#count++;
    if (this.#problems.length < PROBLEMS_TOLD) this.#problems.push({ line, reason });
  }
}

function entryOfLine(line: string, zone: ListingZone, now: number): ListEntry | string {
  const read = lineSchema.safeParse(parsed(line));
  if (!read.success) return faultText(read.error);
  const { subject: written, code, evidence, ...rest } = read.data;
  const subjects = parseSubjects(written, zone.kind);
  if (typeof subjects === "string") return `subject: ${subjects}`;
  const [subject] = subjects;
  if (subject === undefined || subjects.length > 1 || subject.text !== written)
    return `subject: expected it as it is exported, which is ${subjects.map((one) => one.text).join(", and ")}`;
  if (rest.since > now + AHEAD_MS) return "since: expected a time that has been";
  if (rest.until <= rest.since) return "until: expected a time after since";
  const checked: Evidence = evidence;
  return { subject, ...(code !== zone.code && { code }), evidence: checked, ...rest };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // is no object, and said to be none
  }
}

function faultText({ issues }: z.ZodError): string {
  const [issue] = issues;
  const key = issue?.path.join(".") ?? "";
  if (key === "" && issue?.code === "unrecognized_keys")
    return `there is no such field: ${issue.keys.join(", ")}`;
  if (key === "")
    return "expected an object of JSON with subject, code, reason, evidence, by, since, until and times";
  return `${key}: ${issue?.message.replace(/^Invalid input: /, "") ?? ""}`;
}
