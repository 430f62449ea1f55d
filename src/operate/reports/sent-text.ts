/** What we saw of TLS when we sent, as a person reads it: what failed first, what went well in a line for all. */
import { meaningOfTheirs } from "./meanings.ts";
import type { SentDomain, SentFailure } from "./sent.ts";
import { counted, daysText, figures, number, paragraphs, stranger } from "./words.ts";

const FAILURE = "  ";
const MORE = "    ";

/** `whole`: also of domains where nothing failed each has a line. */
export function sentText(domains: readonly SentDomain[], whole: boolean): readonly string[] {
  const failing = domains.filter(({ failed }) => failed > 0);
  const others = domains.filter(({ failed }) => failed === 0);
  return [
    ...failing.flatMap((one) => ["", domainLine(one), ...one.failures.flatMap(failureLines)]),
    "",
    ...(whole ? others.map(domainLine) : othersLine(others, failing.length > 0)),
  ];
}

/** `domain`: of which nothing was seen; absent: of none. */
export function nothingSent(domain: string | undefined): readonly string[] {
  return [`Nothing was seen: no mail left for ${domain ?? "another domain's servers"}.`];
}

function domainLine(one: SentDomain): string {
  const name = one.domain === "" ? "(domains beyond the day's number)" : one.domain;
  return `${name}: ${figures(one)}; policy ${one.policies.join(", ")}`;
}

function othersLine(others: readonly SentDomain[], besides: boolean): readonly string[] {
  if (others.length === 0) return [];
  const sessions = others.reduce((sum, { succeeded }) => sum + succeeded, 0);
  const who = counted(others.length, besides ? "other domain" : "domain");
  return [`${who}: ${counted(sessions, "session")}, none failed`];
}

function failureLines(failure: SentFailure): readonly string[] {
  const { result, mx, sessions, policies, ip, detail, firstAt, lastAt } = failure;
  const { what, toDo } = meaningOfTheirs(result);
  const server = mx === "" ? "" : ` at ${stranger(mx)}`;
  const address = ip === "" ? "" : ` (${stranger(ip)})`;
  return [
    ...paragraphs([`${number(sessions)} failed: ${result}${server}${address}`], FAILURE),
    ...paragraphs(
      [
        what,
        ...(toDo === undefined ? [] : [`To do: ${toDo}`]),
        `${daysText(firstAt, lastAt)}; policy ${policies.join(", ")}`,
        ...(detail === "" ? [] : [`The last time: ${stranger(detail)}`]),
      ],
      MORE,
    ),
  ];
}
