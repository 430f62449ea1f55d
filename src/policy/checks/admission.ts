/**
 * How well must it be known who writes to us? The bar stands at a level of identity, for all or for the domain of a reverse-path. What a
 * certificate shows is known at MAIL, and the answer there is the whole server's (RFC 4954 has 530 for "authenticate first"); what the
 * message and the DNS show is known behind its content. What is only observed refuses nobody, and the journal says what it would have done.
 */
import {
  isAtLeast,
  status,
  type Domain,
  type IdentityLevel,
  type Status,
} from "../../mail/index.ts";
import type { Check, Verdict } from "./verdict.ts";

/** The operator's words. */
export interface Admission {
  readonly require: IdentityLevel;
  /** Absent: nothing is only observed. */
  readonly observe?: IdentityLevel;
  /** Instead of `require`, for who writes in the name of these. */
  readonly domains: ReadonlyMap<Domain, IdentityLevel>;
}

export const ADMIT_ALL: Admission = { require: "none", domains: new Map() };

export interface AdmissionSubject {
  /** Absent: it is nobody's business; one of our own hands it in. */
  readonly identity?: {
    /** The best that is known by now. */
    readonly level: IdentityLevel;
    /** Why more could not be found out; then nobody is refused for ever. */
    readonly unknown?: string;
    /** Of the reverse-path; absent where it is null, or an address literal's. */
    readonly domain?: Domain;
    readonly rolesOnly?: boolean;
  };
}

export type AdmissionFacts = {
  readonly level?: IdentityLevel;
  readonly required?: IdentityLevel;
  readonly observed?: IdentityLevel;
  readonly unknown?: string;
  readonly rolesOnly?: boolean;
};

const NAME = "admission";

/** At MAIL: of levels that a certificate gives. Whoever has shown none cannot reach them any more. */
export function senderAdmissionCheck(
  admission: Admission,
): Check<AdmissionSubject, AdmissionFacts> {
  return {
    name: NAME,
    gather: (subject) => factsOf(subject, admission),
    judge: (facts) => {
      const { required = "none" } = facts;
      return isAtLeast(required, "certificate") && isBelow(facts, required)
        ? refused(facts, required === "pinned" ? KEY_FIRST : CERTIFICATE_FIRST)
        : passed(facts);
    },
  };
}

/** Behind the content: of all levels. Postmaster and abuse are reachable whoever writes (RFC 5321 §4.5.1). */
export function messageAdmissionCheck(
  admission: Admission,
): Check<AdmissionSubject, AdmissionFacts> {
  return {
    name: NAME,
    gather: (subject) => factsOf(subject, admission),
    judge: (facts) => {
      const { required = "none", unknown, rolesOnly = false } = facts;
      if (!isBelow(facts, required) || rolesOnly) return passed(facts);
      return unknown === undefined
        ? refused(facts, REFUSALS[required])
        : { action: "defer", check: NAME, status: UNDECIDED, evidence: evidenceOf(facts) };
    },
  };
}

function factsOf({ identity }: AdmissionSubject, { require, observe, domains }: Admission) {
  if (identity === undefined) return {};
  const { level, unknown, domain, rolesOnly } = identity;
  return {
    level,
    required: (domain === undefined ? undefined : domains.get(domain)) ?? require,
    ...(observe !== undefined && { observed: observe }),
    ...(unknown !== undefined && { unknown }),
    ...(rolesOnly === true && { rolesOnly }),
  };
}

function isBelow({ level }: AdmissionFacts, wanted: IdentityLevel): boolean {
  return level !== undefined && !isAtLeast(level, wanted);
}

function passed(facts: AdmissionFacts): Verdict {
  return { action: "continue", check: NAME, evidence: evidenceOf(facts) };
}

function refused(facts: AdmissionFacts, answer: Status): Verdict {
  return { action: "refuse", check: NAME, status: answer, evidence: evidenceOf(facts) };
}

/** Says what the observed bar would have done, and nothing of a bar that is not there. */
function evidenceOf(facts: AdmissionFacts) {
  const { level, required, observed } = facts;
  if (level === undefined) return {};
  return {
    level,
    ...(required !== undefined && required !== "none" && { required }),
    ...(observed !== undefined && { observed, wouldRefuse: isBelow(facts, observed) }),
  };
}

const SOURCE = "policy/admission";

const CERTIFICATE_FIRST = status(
  530,
  "5.7.0",
  "this server takes mail only over TLS (STARTTLS) from servers that show a certificate of their own name or are known here; users log in on port 587",
  SOURCE,
);

const KEY_FIRST = status(
  530,
  "5.7.0",
  "this server takes mail only over TLS (STARTTLS) from servers that are known here by their certificates; users log in on port 587",
  SOURCE,
);

const UNDECIDED = status(
  451,
  "4.7.0",
  "it cannot be found out now who this is from, try again later",
  SOURCE,
);

const REFUSALS: Readonly<Record<IdentityLevel, Status>> = {
  none: UNDECIDED, // nobody is below it
  "forward-confirmed": status(
    550,
    "5.7.25",
    "this server takes mail only from hosts whose address has a name that leads back to it",
    SOURCE,
  ),
  aligned: status(
    550,
    "5.7.26",
    "this server takes mail only from domains that vouch for it by SPF or DKIM and DMARC",
    SOURCE,
  ),
  certificate: CERTIFICATE_FIRST,
  pinned: status(
    550,
    "5.7.1",
    "this server takes mail only from servers that are known here",
    SOURCE,
  ),
};
