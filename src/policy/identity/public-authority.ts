/**
 * Does an authority sign for everybody? Then what it vouches for is a name and no more, whatever an operator takes it for: who deceives
 * it, or is its customer, would have a peer's rights.
 */
import type { X509Certificate } from "node:crypto";
import { anchorsOf, keyDigest } from "./caller.ts";
import { keyOf } from "./certificate-path.ts";

/** `roots`: of the public authorities, PEM. One of them, under whichever certificate; or one that they have signed. */
export function isPublicAuthority(authority: X509Certificate, roots: readonly string[]): boolean {
  const anchors = anchorsOf(roots);
  const own = keyDigest(authority);
  const isOne = [...anchors.values()].flat().some((root) => own === keyDigest(root));
  return isOne || (anchors.get(authority.issuer) ?? []).some((root) => isBy(authority, root));
}

function isBy(authority: X509Certificate, root: X509Certificate): boolean {
  const key = keyOf(root);
  return key !== undefined && authority.checkIssued(root) && authority.verify(key);
}
