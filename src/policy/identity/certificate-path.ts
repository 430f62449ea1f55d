/**
 * From a certificate to whoever vouches for it: each one issued by the next, every signature and the times checked. In whatever
 * order they came, and however many: a path is short, no certificate is twice in it, and so many signatures are looked at
 * and no more. Where one way leads nowhere another is tried, for authorities sign each other. What else a path must
 * be, and where it ends, is said by whoever looks for one.
 */
import type { KeyObject, X509Certificate } from "node:crypto";

/** Certificates of a path; what authorities do has four at most. */
const PATH_LIMIT = 8;

/** Certificates that are looked at, of all that were shown. */
export const SHOWN_LIMIT = 16;

/** Signatures that are looked at. */
const SIGNATURES_LIMIT = 64;

/** Bits of an RSA key; with a larger one a signature takes long to check. */
const RSA_BITS_LIMIT = 8192;

export interface PathWanted {
  /** Which may have issued it, the most likely first. They need not have. */
  issuersOf(certificate: X509Certificate): readonly X509Certificate[];
  /** Of a path whose signatures and times are good: whether it will do, or goes on; else what is wrong with it. */
  judge(path: readonly X509Certificate[]): PathJudgement;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export type PathJudgement =
  | { readonly kind: "good" }
  | { readonly kind: "goes on" }
  | { readonly kind: "bad"; readonly why: string };

export type PathFound =
  | { readonly kind: "path"; readonly path: readonly X509Certificate[] }
  /** `why`: of the first that was tried; absent where no issuer is there at all. */
  | { readonly kind: "none"; readonly why?: string };

/** The first path from it that will do. */
export function findPath(own: X509Certificate, wanted: PathWanted): PathFound {
  const search = new Search(wanted);
  const path = search.from([own]);
  if (path !== undefined) return { kind: "path", path };
  return { kind: "none", ...(search.why !== undefined && { why: search.why }) };
}

class Search {
  readonly #wanted: PathWanted;
  #signatures = 0;
  why: string | undefined;

  constructor(wanted: PathWanted) {
    this.#wanted = wanted;
  }

  from(path: readonly X509Certificate[]): readonly X509Certificate[] | undefined {
    const fault = timeFault(path, this.#wanted.now);
    const judged: PathJudgement =
      fault === undefined ? this.#wanted.judge(path) : { kind: "bad", why: fault };
    switch (judged.kind) {
      case "good":
        return path;
      case "bad":
        this.why ??= judged.why;
        return undefined;
      case "goes on":
        return this.#further(path);
    }
  }

  #further(path: readonly X509Certificate[]): readonly X509Certificate[] | undefined {
    const last = path.at(-1);
    if (last === undefined || path.length === PATH_LIMIT) return undefined;
    for (const issuer of this.#wanted.issuersOf(last)) {
      if (path.some(({ raw }) => raw.equals(issuer.raw))) continue;
      const longer = [...path, issuer];
      const fault = this.#linkFault(last, issuer, longer.length - 1);
      this.why ??= fault;
      const found = fault === undefined ? this.from(longer) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #linkFault(
    subject: X509Certificate,
    issuer: X509Certificate,
    position: number,
  ): string | undefined {
    if (!issuer.ca)
      return `${called(position)} is no authority (basicConstraints, or keyUsage without keyCertSign)`;
    const signed = `the signature over ${called(position - 1)}`;
    // It compares names and key identifiers; no signature.
    if (!subject.checkIssued(issuer))
      return `${called(position)} has another name or key identifier than ${called(position - 1)} says`;
    const key = keyOf(issuer);
    if (key === undefined || isTooLarge(key))
      return `the key of ${called(position)} is of no kind or size that can be judged`;
    if (this.#signatures === SIGNATURES_LIMIT) return "there are too many signatures to look at";
    this.#signatures++;
    return subject.verify(key) ? undefined : `${signed} is not by the key of ${called(position)}`;
  }
}

/** By its place in the path, the first being 0: what stands in it may be anything. */
export function called(position: number): string {
  return position === 0 ? "its certificate" : `issuer ${position}`;
}

function timeFault(path: readonly X509Certificate[], now: number): string | undefined {
  const position = path.length - 1;
  const last = path[position];
  if (last === undefined) return "there is no certificate";
  const [from, to] = [last.validFromDate.getTime(), last.validToDate.getTime()];
  if (from <= now && now <= to) return undefined;
  return now < from ? `${called(position)} is not valid yet` : `${called(position)} has expired`;
}

function isTooLarge({ asymmetricKeyDetails = {} }: KeyObject): boolean {
  return (asymmetricKeyDetails.modulusLength ?? 0) > RSA_BITS_LIMIT;
}

/** Undefined for a key of a kind, or on a curve, that this program cannot read: a server may show any. */
export function keyOf(certificate: X509Certificate): KeyObject | undefined {
  try {
    return certificate.publicKey;
  } catch {
    return undefined;
  }
}

/** RFC 6125 §6.4.3: a wildcard is the whole leftmost label and stands for one. The subject's CN counts only where no name else stands. */
export function isFor(certificate: X509Certificate, names: readonly string[]): boolean {
  const options = { subject: "default", partialWildcards: false } as const;
  return names.some((name) => certificate.checkHost(name, options) !== undefined);
}
