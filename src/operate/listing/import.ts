/**
 * Entries of a file come into a zone: all of them in one change, or none. What has better evidence stays as it is; what was imported before is
 * renewed. Guards hold for each, and the brake for all of them together.
 */
import { setImmediate as turn } from "node:timers/promises";
import type { PublishedEditPart } from "../../store/index.ts";
import { since, zoneProblem } from "./add.ts";
import { growthProblem } from "./brake.ts";
import { factsOf, type ListEntry } from "./entry.ts";
import { guardProblem, type GuardRules } from "./guards.ts";
import { PROBLEMS_TOLD, type ImportProblem, type ImportRow } from "./import-list.ts";
import { DAY_MS, LONGEST_DAYS } from "./lifetime.ts";
import { applied, type ListingSite, type Made } from "./site.ts";
import type { ListingZone } from "./settings.ts";
import { weightOf } from "./subject.ts";

/** Entries of one import: one transaction, for which mail waits. A larger list is served as the file that it is. */
export const IMPORT_ENTRIES = 100_000;

export interface ImportWanted {
  readonly zone: ListingZone;
  /** Its name, without the directory; and the hash of what was read. */
  readonly file: string;
  readonly sha256: string;
  readonly by: string;
  /** A person knows how much it is. */
  readonly past: "brake" | "nothing";
  /** Whole entries with evidence of their own, or what a list says. */
  readonly read:
    | { readonly kind: "entries"; readonly entries: readonly { readonly line: number; readonly entry: ListEntry }[] } // prettier-ignore
    | { readonly kind: "list"; readonly rows: readonly ImportRow[]; readonly expires: number | undefined }; // prettier-ignore
  readonly progress: (done: number, of: number) => void;
}

export interface Imported {
  readonly kind: "imported";
  /** Left out: nothing was to be changed. */
  readonly change?: Made["id"];
  readonly added: number;
  readonly renewed: number;
  /** Entries that have better evidence than the file, and entries that are as the file has them. */
  readonly kept: number;
  readonly same: number;
  /** Lines about what is over. */
  readonly over: number;
}

export interface NotImported {
  readonly kind: "not imported";
  /** The first ones. */
  readonly problems: readonly ImportProblem[];
  readonly count: number;
}

/** The reason where it is none of the file's. */
export async function importEntries(
  site: ListingSite,
  wanted: ImportWanted,
): Promise<Imported | NotImported | string> {
  const { zone, read } = wanted;
  const count = read.kind === "entries" ? read.entries.length : read.rows.length;
  const problem = zoneProblem(site, zone);
  if (problem !== undefined) return problem;
  if (count > IMPORT_ENTRIES) return `${wanted.file} would be ${count} entries; at most ${IMPORT_ENTRIES} are imported at once. A larger list is served as it is (\`files\` of the zone)`; // prettier-ignore
  const plan = new Plan(site, wanted);
  let done = 0;
  for (const row of rowsOf(wanted)) {
    await plan.take(row);
    if (++done % YIELD_ROWS === 0) await turn();
    wanted.progress(done, count);
  }
  if (plan.count > 0) return { kind: "not imported", problems: plan.problems, count: plan.count };
  return (await brakeProblem(site, wanted, plan)) ?? made(site, wanted, plan);
}

/** Others have their turn behind so many. */
const YIELD_ROWS = 1000;

interface Row {
  readonly line: number;
  readonly row: ImportRow;
  /** Where the file has the entry whole. */
  readonly entry?: ListEntry;
}

function* rowsOf({ read }: ImportWanted): Generator<Row> {
  if (read.kind === "list") for (const row of read.rows) yield { line: 0, row };
  else for (const { line, entry } of read.entries) yield { line, row: entry, entry };
}

class Plan {
  readonly #site: ListingSite;
  readonly #wanted: ImportWanted;
  readonly #rules: GuardRules;
  readonly #now: number;
  readonly #until: number;
  readonly parts: PublishedEditPart[] = [];
  readonly problems: ImportProblem[] = [];
  count = 0;
  renewed = 0;
  kept = 0;
  same = 0;
  over = 0;
  /** Of what was not listed. */
  weight = 0;

  constructor(site: ListingSite, wanted: ImportWanted) {
    this.#site = site;
    this.#wanted = wanted;
    this.#rules = site.rules; // they are made anew each time, of all domains of the site
    this.#now = site.now();
    const end = this.#now + site.settings.import_days * DAY_MS;
    const { read } = wanted;
    this.#until = Math.min(end, read.kind === "list" ? (read.expires ?? end) : end);
  }

  get now(): number {
    return this.#now;
  }

  async take({ line, row, entry: whole }: Row): Promise<void> {
    const { subject } = row;
    const problem = guardProblem(subject, this.#rules) ?? this.#endProblem(whole);
    if (problem !== undefined) return this.#wrong(line, `${subject.text}: ${problem}`);
    if (whole !== undefined && whole.until <= this.#now) {
      this.over++;
      return;
    }
    const zone = this.#wanted.zone.zone;
    const there = this.#site.published.find(zone, subject.text);
    const isThere = there !== undefined && there.until > this.#now;
    if (isThere && there.kind !== "import" && (whole?.evidence.kind ?? "import") === "import") {
      this.kept++;
      return;
    }
    const after = factsOf(whole ?? (await this.#entryOf(row)));
    if (isThere && whole !== undefined && isSame(after, there)) {
      this.same++;
      return;
    }
    if (there === undefined) this.weight += weightOf(subject);
    else this.renewed++;
    this.parts.push({ subject: subject.text, seen: there?.change ?? 0, after });
  }

  async #entryOf({ subject, code, reason }: ImportRow): Promise<ListEntry> {
    const { file, sha256, by, zone } = this.#wanted;
    return {
      subject,
      ...(code !== undefined && { code }),
      reason,
      evidence: { kind: "import", file, sha256 },
      by,
      until: this.#until,
      ...(await since(this.#site, zone.zone, subject.text, this.#now)),
    };
  }

  #endProblem(entry: ListEntry | undefined): string | undefined {
    if (entry === undefined || entry.until <= this.#now + LONGEST_DAYS * DAY_MS) return undefined;
    return `until: expected at most ${LONGEST_DAYS} days from now`;
  }

  #wrong(line: number, reason: string): void {
    this.count++;
    if (this.problems.length < PROBLEMS_TOLD) this.problems.push({ line, reason });
  }
}

function isSame(facts: object, stored: object): boolean {
  const there = new Map<string, unknown>(Object.entries(stored));
  return Object.entries(facts).every(([key, value]) => there.get(key) === value);
}

async function brakeProblem(
  { published, settings }: ListingSite,
  { zone: { zone }, past }: ImportWanted,
  { now, weight }: Plan,
): Promise<string | undefined> {
  if (past === "brake" || weight === 0) return undefined;
  const { brake } = published.zone(zone);
  if (brake !== undefined) return `the brake of ${zone} is pulled: ${brake.why}; \`gatepost list brake release\` lets it go, --yes imports all the same`; // prettier-ignore
  const limits = { burst: settings.burst, growthPercent: settings.growth_percent };
  const growth = {
    figures: await published.figures(zone),
    day: published.grown(zone, now - DAY_MS),
  };
  const problem = growthProblem(growth, limits, { weight });
  return problem && `${problem}; where it is meant, add --yes`;
}

async function made(
  site: ListingSite,
  wanted: ImportWanted,
  plan: Plan,
): Promise<Imported | string> {
  const { parts, renewed, kept, same, over } = plan;
  const counts = { kind: "imported", added: parts.length - renewed, renewed, kept, same, over } as const; // prettier-ignore
  if (parts.length === 0) return counts;
  const { by, file, zone } = wanted;
  const edit = { zone: zone.zone, at: plan.now, by, origin: "person", action: "import", why: file, parts } as const; // prettier-ignore
  const result = await applied(site, edit);
  return typeof result === "string" ? result : { ...counts, change: result.id };
}
