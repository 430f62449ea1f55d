/** What others report, summed up: by domain, by organisation, by what failed where. What failed most comes first. */
import type { Domain } from "../../mail/index.ts";
import type { ReportedFailure, StoredTlsReport, TlsReports } from "../../store/index.ts";

export interface Figures {
  readonly succeeded: number;
  readonly failed: number;
}

export interface ReceivedDomain extends Figures {
  readonly domain: Domain;
  readonly reports: number;
  readonly organisations: readonly ReceivedOrganisation[];
}

/** As it names itself. */
export interface ReceivedOrganisation extends Figures {
  readonly organisation: string;
  /** Domains of the reverse-paths with which its reports came. */
  readonly senders: readonly string[];
  readonly contacts: readonly string[];
  readonly reports: number;
  readonly failures: readonly ReceivedFailure[];
  /** Kinds of failures that a report named and the store did not keep. */
  readonly leftOut: number;
}

export interface ReceivedFailure {
  readonly result: string;
  readonly mx: string;
  readonly sessions: number;
  readonly policies: readonly string[];
  /** Some of them, as the lists below. */
  readonly sendingIps: readonly string[];
  readonly receivingIps: readonly string[];
  readonly said: readonly string[];
  /** Of the times reported on; milliseconds since 1970. */
  readonly beginsAt: number;
  readonly endsAt: number;
}

/** Of a list of what was said. */
const NAMED = 5;
const PAGE = 200;

export async function receivedSince(
  reports: Pick<TlsReports, "find">,
  since: number,
  domain: Domain | undefined,
): Promise<readonly ReceivedDomain[]> {
  const domains = new Map<Domain, Map<string, Organisation>>();
  for await (const report of all(reports, since, domain)) {
    const organisations = domains.get(report.domain) ?? new Map<string, Organisation>();
    domains.set(report.domain, organisations);
    const { organisation: name } = report;
    const organisation = organisations.get(name) ?? new Organisation(name);
    organisations.set(name, organisation);
    organisation.add(report);
  }
  return [...domains]
    .map(([name, organisations]) => summed(name, [...organisations.values()]))
    .toSorted(byFailed((one) => one.domain));
}

async function* all(
  reports: Pick<TlsReports, "find">,
  since: number,
  domain: Domain | undefined,
): AsyncGenerator<StoredTlsReport> {
  const query = { since, limit: PAGE, ...(domain !== undefined && { domain }) };
  for (let after = 0; ;) {
    const page = await reports.find({ ...query, after });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    after = last.key;
  }
}

function summed(domain: Domain, parts: readonly Organisation[]): ReceivedDomain {
  const organisations = parts
    .map((part) => part.summed())
    .toSorted(byFailed((one) => one.organisation));
  const total = (figure: (one: ReceivedOrganisation) => number): number =>
    organisations.reduce((sum, one) => sum + figure(one), 0);
  return {
    domain,
    reports: total(({ reports }) => reports),
    succeeded: total(({ succeeded }) => succeeded),
    failed: total(({ failed }) => failed),
    organisations,
  };
}

/** While it is summed up. */
class Organisation {
  readonly #organisation: string;
  readonly #senders = new Set<string>();
  readonly #contacts = new Set<string>();
  readonly #failures = new Map<string, Failure>();
  #reports = 0;
  #succeeded = 0;
  #failed = 0;
  #leftOut = 0;

  constructor(organisation: string) {
    this.#organisation = organisation;
  }

  add(report: StoredTlsReport): void {
    this.#reports++;
    addTo(this.#senders, report.from.slice(report.from.lastIndexOf("@") + 1) || "<>");
    addTo(this.#contacts, report.contact);
    for (const { type, succeeded, failed, failures, leftOut } of report.policies) {
      this.#succeeded += succeeded;
      this.#failed += failed;
      this.#leftOut += leftOut;
      for (const failure of failures) this.#failure(failure).add(failure, type, report);
    }
  }

  summed(): ReceivedOrganisation {
    return {
      organisation: this.#organisation,
      senders: [...this.#senders],
      contacts: [...this.#contacts],
      reports: this.#reports,
      succeeded: this.#succeeded,
      failed: this.#failed,
      failures: [...this.#failures.values()]
        .map((one) => one.summed())
        .toSorted((a, b) => b.sessions - a.sessions),
      leftOut: this.#leftOut,
    };
  }

  #failure({ result, mx }: ReportedFailure): Failure {
    const key = JSON.stringify([result, mx]);
    const failure = this.#failures.get(key) ?? new Failure(result, mx);
    this.#failures.set(key, failure);
    return failure;
  }
}

class Failure {
  readonly #result: string;
  readonly #mx: string;
  readonly #policies = new Set<string>();
  readonly #sendingIps = new Set<string>();
  readonly #receivingIps = new Set<string>();
  readonly #said = new Set<string>();
  #sessions = 0;
  #beginsAt = Infinity;
  #endsAt = 0;

  constructor(result: string, mx: string) {
    this.#result = result;
    this.#mx = mx;
  }

  add(failure: ReportedFailure, policy: string, { beginsAt, endsAt }: StoredTlsReport): void {
    this.#sessions += failure.sessions;
    this.#policies.add(policy);
    addTo(this.#sendingIps, failure.sendingIp);
    addTo(this.#receivingIps, failure.receivingIp);
    addTo(this.#said, failure.reason);
    addTo(this.#said, failure.information);
    this.#beginsAt = Math.min(this.#beginsAt, beginsAt);
    this.#endsAt = Math.max(this.#endsAt, endsAt);
  }

  summed(): ReceivedFailure {
    return {
      result: this.#result,
      mx: this.#mx,
      sessions: this.#sessions,
      policies: [...this.#policies],
      sendingIps: [...this.#sendingIps],
      receivingIps: [...this.#receivingIps],
      said: [...this.#said],
      beginsAt: this.#beginsAt,
      endsAt: this.#endsAt,
    };
  }
}

function addTo(set: Set<string>, text: string): void {
  if (text !== "" && set.size < NAMED) set.add(text);
}

/** What failed most first; the same by name. */
export function byFailed<One extends Figures>(
  name: (one: One) => string,
): (a: One, b: One) => number {
  return (a, b) => b.failed - a.failed || (name(a) < name(b) ? -1 : 1);
}
