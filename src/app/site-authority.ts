/** The site's own small authority, with which certificates for peers and for users' programs are made; made at its first use. */
import type { Domain } from "../mail/index.ts";
import {
  issueCertificate,
  makePeerAuthority,
  type IssuedCertificate,
} from "../operate/peering/index.ts";
import type { Directory } from "../store/index.ts";
import { no, type Outcome, type ProvedChanges } from "./proved-changes.ts";

export interface AuthoritySite {
  readonly directory: Pick<Directory, "peerAuthority">;
  readonly hostname: Domain;
  /** Milliseconds since 1970. */
  now(): number;
}

export interface Wanted {
  /** Whom the certificate is for, as it stands in its subject. */
  readonly name: string;
  readonly days: number;
}

/** Issues one and has it kept by `keep`, before `enter` makes it count. */
export async function withIssued(
  site: AuthoritySite,
  changes: ProvedChanges,
  wanted: Wanted,
  keep: KeepIssued,
  enter: (issued: IssuedCertificate) => Promise<Outcome>,
): Promise<Outcome> {
  let authority = site.directory.peerAuthority();
  if (authority === undefined) {
    authority = await makePeerAuthority(site.hostname, site.now());
    const made = await changes.plain({ kind: "make-peer-authority", authority });
    if (made.kind === "problem") return no(made.problem);
  }
  const issued = await issueCertificate(authority, { ...wanted, now: site.now() });
  await keep(issued);
  return enter(issued);
}

/** Puts it where its owner gets it from. */
export type KeepIssued = (issued: IssuedCertificate) => Promise<void>;
