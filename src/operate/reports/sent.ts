/** What we saw of TLS when we sent, summed up by domain, and by what failed where. What failed most comes first. */
import type { Domain } from "../../mail/index.ts";
import type { TlsResultCount, TlsResults } from "../../store/index.ts";
import { byFailed, type Figures } from "./received.ts";

export interface SentDomain extends Figures {
  /** "": domains of days on which there were too many to tell them apart. */
  readonly domain: Domain | "";
  /** What they asked for, of all that was seen. */
  readonly policies: readonly string[];
  readonly failures: readonly SentFailure[];
}

export interface SentFailure {
  readonly result: string;
  readonly mx: string;
  readonly sessions: number;
  readonly policies: readonly string[];
  /** As it was the last time. */
  readonly ip: string;
  readonly detail: string;
  /** Milliseconds since 1970. */
  readonly firstAt: number;
  readonly lastAt: number;
}

const PAGE = 1000;

export async function sentSince(
  results: Pick<TlsResults, "find">,
  sinceDay: number,
  domain: Domain | undefined,
): Promise<readonly SentDomain[]> {
  const domains = new Map<Domain | "", SentDomain>();
  for await (const count of all(results, sinceDay, domain))
    domains.set(count.domain, withCount(domains.get(count.domain), count));
  return [...domains.values()].map(sorted).toSorted(byFailed((one) => one.domain));
}

async function* all(
  results: Pick<TlsResults, "find">,
  sinceDay: number,
  domain: Domain | undefined,
): AsyncGenerator<TlsResultCount> {
  const query = { sinceDay, limit: PAGE, ...(domain !== undefined && { domain }) };
  for (let after = 0; ;) {
    const page = await results.find({ ...query, after });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    after = last.key;
  }
}

function withCount(before: SentDomain | undefined, count: TlsResultCount): SentDomain {
  const { domain, result, sessions, policyType } = count;
  const { succeeded, failed, failures, policies } = before ?? NOTHING;
  return {
    domain,
    succeeded: succeeded + (result === "success" ? sessions : 0),
    failed: failed + (result === "success" ? 0 : sessions),
    policies: withOne(policies, policyType),
    failures: result === "success" ? failures : withFailure(failures, count),
  };
}

const NOTHING = { succeeded: 0, failed: 0, failures: [], policies: [] };

function withFailure(
  failures: readonly SentFailure[],
  count: TlsResultCount,
): readonly SentFailure[] {
  const same = failures.find(({ result, mx }) => result === count.result && mx === count.mx);
  const others = failures.filter((one) => one !== same);
  const { result, mx, policyType, sessions, firstAt, lastAt, ip, detail } = count;
  const isLast = same === undefined || lastAt >= same.lastAt;
  return [
    ...others,
    {
      result,
      mx,
      sessions: sessions + (same?.sessions ?? 0),
      policies: withOne(same?.policies ?? [], policyType),
      ip: isLast ? ip : same.ip,
      detail: isLast ? detail : same.detail,
      firstAt: Math.min(firstAt, same?.firstAt ?? firstAt),
      lastAt: Math.max(lastAt, same?.lastAt ?? lastAt),
    },
  ];
}

function sorted(one: SentDomain): SentDomain {
  return { ...one, failures: one.failures.toSorted((a, b) => b.sessions - a.sessions) };
}

function withOne(words: readonly string[], word: string): readonly string[] {
  return words.includes(word) ? words : [...words, word];
}
