/** What was asked about the published lists of late, for `list stats`: by zone, by hour or day, by networks of clients. */
import type { ListQuestions, ListZoneQuestions } from "../../store/index.ts";

export interface AskedQuery {
  /** How many hours or days (UTC) back, the present one among them. */
  readonly back: number;
  readonly unit: AskedUnit;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** One zone alone; of it no networks are known. */
  readonly zone?: string;
}

export type AskedUnit = "hour" | "day";

/** How many became what. */
export type Outcomes = ReadonlyMap<string, number>;

export interface Asked {
  /** Milliseconds since 1970. */
  readonly since: number;
  /** The most asked one first; "" is none that is served here. */
  readonly zones: readonly { readonly zone: string; readonly outcomes: Outcomes }[];
  /** The earliest first, without those in which nothing was asked. `at`: when it began. */
  readonly periods: readonly { readonly at: number; readonly outcomes: Outcomes }[];
  /** The most diligent first. */
  readonly networks: readonly {
    readonly network: string;
    readonly questions: number;
    readonly listed: number;
  }[];
  /** Questions of all other networks that were counted. */
  readonly others: number;
}

/** Networks that are told. */
const TOLD_NETWORKS = 20;

const HOUR_MS = 3_600_000;
const HOURS: Readonly<Record<AskedUnit, number>> = { hour: 1, day: 24 };

export async function askedOf(
  questions: ListQuestions,
  { back, unit, now, zone }: AskedQuery,
): Promise<Asked> {
  const hours = HOURS[unit];
  const since = (Math.floor(now / HOUR_MS / hours) - back + 1) * hours;
  const rows = await questions.since(since, hours, zone);
  const clients =
    zone === undefined
      ? await questions.clients(since, TOLD_NETWORKS)
      : { networks: [], others: 0 };
  const zones = grouped(rows, (row) => row.zone);
  const periods = grouped(rows, ({ hour }) => hour * HOUR_MS);
  return {
    since: since * HOUR_MS,
    zones: [...zones]
      .map(([name, outcomes]) => ({ zone: name, outcomes }))
      .toSorted((a, b) => askedIn(b.outcomes) - askedIn(a.outcomes)),
    periods: [...periods].map(([at, outcomes]) => ({ at, outcomes })),
    ...clients,
  };
}

/** How many altogether. */
export function askedIn(outcomes: Outcomes): number {
  return [...outcomes.values()].reduce((sum, count) => sum + count, 0);
}

function grouped<Row extends ListZoneQuestions, Key>(
  rows: readonly Row[],
  keyOf: (row: Row) => Key,
): ReadonlyMap<Key, Outcomes> {
  const groups = new Map<Key, Map<string, number>>();
  for (const row of rows) {
    const group = groups.get(keyOf(row)) ?? new Map<string, number>();
    group.set(row.outcome, (group.get(row.outcome) ?? 0) + row.questions);
    groups.set(keyOf(row), group);
  }
  return groups;
}
