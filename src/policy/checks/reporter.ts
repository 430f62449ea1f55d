/**
 * Who reports a host? A report has somebody tested, so it must be known whose it is: one of our own who has logged in, or a domain that
 * vouches for its mail by DMARC. Asked of mail for the address where relays are reported, and only behind the message, for it is that
 * which shows the author.
 */
import { isTransient, status, type Login } from "../../mail/index.ts";
import { passed, type OriginFacts } from "./origin.ts";
import type { Check } from "./verdict.ts";

export interface ReporterSubject {
  /** Absent: it is no report of a host. */
  readonly reportsRelay?: true;
  readonly login?: Login;
  readonly origin?: Pick<OriginFacts, "dmarc" | "author">;
}

/** Empty where it is no report; `dmarc` is absent of a login, and where nobody asks who a message is from. */
export type ReporterFacts = {
  readonly reportsRelay?: true;
  readonly login?: string;
  readonly dmarc?: OriginFacts["dmarc"];
  readonly author?: string;
};

const NAME = "reporter";

export const reporterCheck: Check<ReporterSubject, ReporterFacts> = {
  name: NAME,
  gather: ({ reportsRelay, login, origin }) => {
    if (reportsRelay === undefined) return {};
    if (login !== undefined) return { reportsRelay, login: login.address };
    const { dmarc, author } = origin ?? {};
    return {
      reportsRelay,
      ...(dmarc !== undefined && { dmarc }),
      ...(author !== undefined && { author }),
    };
  },
  judge: (facts) => {
    const refusal = refusalOf(facts);
    if (refusal === undefined) return passed(NAME, facts);
    const action = isTransient(refusal) ? "defer" : "refuse";
    return { action, check: NAME, status: refusal, evidence: facts };
  },
  otherwise: () => ["a login of its sender", "a DMARC pass of the author's domain"],
};

function refusalOf({ reportsRelay, login, dmarc, author }: ReporterFacts) {
  if (reportsRelay === undefined || login !== undefined) return undefined;
  if (dmarc === "pass" && author !== undefined) return undefined;
  return dmarc === "temperror" ? UNDECIDED : UNKNOWN;
}

const SOURCE = "policy/reporter";

const UNKNOWN = status(
  550,
  "5.7.1",
  "hosts are reported by users of this server who have logged in, or from a domain that vouches for its mail by DMARC (SPF or DKIM, and a DMARC record); this is neither",
  SOURCE,
);

const UNDECIDED = status(
  451,
  "4.4.3",
  "the DNS does not say whether this report is from its author's domain, try again later",
  SOURCE,
);
