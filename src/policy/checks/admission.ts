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
  type SettingFact,
  type Status,
} from "../../mail/index.ts";
import { passed } from "./origin.ts";
import type { Check, Evidence, Verdict } from "./verdict.ts";

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

/** Empty where it is nobody's business. */
export type AdmissionFacts = {
  readonly level?: IdentityLevel;
  readonly domain?: Domain;
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
    gather: ({ identity = {} }) => identity,
    judge: (facts) => {
      const required = requiredOf(facts, admission);
      const evidence = evidenceOf(facts, admission);
      const setting = settingOf(facts, admission);
      return isAtLeast(required, "certificate") && isBelow(facts, required)
        ? refused(evidence, required === "pinned" ? KEY_FIRST : CERTIFICATE_FIRST, setting)
        : passed(NAME, evidence);
    },
    otherwise: (facts) => otherwise(facts, admission),
  };
}

/** Behind the content: of all levels. Postmaster and abuse are reachable whoever writes (RFC 5321 §4.5.1). */
export function messageAdmissionCheck(
  admission: Admission,
): Check<AdmissionSubject, AdmissionFacts> {
  return {
    name: NAME,
    gather: ({ identity = {} }) => identity,
    judge: (facts) => {
      const { unknown, rolesOnly = false } = facts;
      const required = requiredOf(facts, admission);
      const evidence = evidenceOf(facts, admission);
      if (!isBelow(facts, required) || rolesOnly) return passed(NAME, evidence);
      const setting = settingOf(facts, admission);
      return unknown === undefined
        ? refused(evidence, REFUSALS[required], setting)
        : { action: "defer", check: NAME, status: UNDECIDED, evidence, setting };
    },
    otherwise: (facts) => otherwise(facts, admission),
  };
}

function requiredOf({ domain }: AdmissionFacts, { require, domains }: Admission): IdentityLevel {
  return (domain === undefined ? undefined : domains.get(domain)) ?? require;
}

/** The bar that counts here. */
function settingOf(facts: AdmissionFacts, { require, domains }: Admission): SettingFact {
  const { domain } = facts;
  const own = domain === undefined ? undefined : domains.get(domain);
  return own === undefined
    ? { key: "admission.require", value: require }
    : { key: `admission.domains.${domain}`, value: own };
}

function otherwise(facts: AdmissionFacts, admission: Admission): readonly string[] {
  return [`${WAYS[requiredOf(facts, admission)]}; it was ${facts.level}`];
}

const WAYS: Readonly<Record<IdentityLevel, string>> = {
  none: "nothing",
  "forward-confirmed": "an address with a name in the DNS that leads back to it, or better",
  aligned: "a DMARC pass of the author's domain, or a certificate",
  certificate: "a certificate of the client for its own name, under a public authority",
  pinned: "a certificate that is known here (gatepost peer add)",
};

function isBelow({ level }: AdmissionFacts, wanted: IdentityLevel): boolean {
  return level !== undefined && !isAtLeast(level, wanted);
}

function refused(evidence: Evidence, answer: Status, setting: SettingFact): Verdict {
  return { action: "refuse", check: NAME, status: answer, evidence, setting };
}

/** Says what the observed bar would have done, and nothing of a bar that is not there. */
function evidenceOf(facts: AdmissionFacts, admission: Admission): Evidence {
  const { level } = facts;
  const { observe: observed } = admission;
  if (level === undefined) return {};
  const required = requiredOf(facts, admission);
  return {
    level,
    ...(required !== "none" && { required }),
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
