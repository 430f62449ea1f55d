/**
 * Whether the names in a certificate are such as an authority above it may vouch for (RFC 5280 §4.2.1.10). Only dNSNames are
 * judged; constraints on another kind of name matter where such a name stands, and are then a reason to believe nothing.
 */
import type { Domain } from "../../mail/index.ts";
import { certifiedDomain, isWildcard, parentOf } from "./certificate-names.ts";
import type { CertificateContent, NameConstraints, Subtree } from "./certificate-content.ts";

export type ConstraintFault = "outside" | "not judged";

/** `hasSubject`: the subject is not empty, which is a name too. Undefined: nothing is wrong. */
export function constraintFault(
  { permitted, excluded }: NameConstraints,
  { dnsNames, nameKinds }: CertificateContent,
  hasSubject: boolean,
): ConstraintFault | undefined {
  const bears = ({ kind }: Subtree): boolean =>
    nameKinds.has(kind) || (kind === "directoryName" && hasSubject);
  const trees = [...permitted, ...excluded];
  if (trees.some((tree) => !tree.ofAnyDepth || (tree.kind !== "dNSName" && bears(tree))))
    return "not judged";
  const [within, without] = [dnsTrees(permitted), dnsTrees(excluded)];
  if (within.length + without.length === 0) return undefined;
  const names = dnsNames.map(coveredBy);
  if ([...within, ...without, ...names].some((one) => one === undefined)) return "not judged";
  const inside = names
    .filter((name) => name !== undefined)
    .every(
      (name) =>
        (within.length === 0 || within.some((tree) => holds(tree, name.domain))) &&
        !without.some((tree) => touches(tree, name)),
    );
  return inside ? undefined : "outside";
}

/** "" is the tree of all names. Undefined for what is no domain. */
type Tree = Domain | "" | undefined;

function dnsTrees(trees: readonly Subtree[]): readonly Tree[] {
  return trees
    .map(({ dnsName }) => dnsName)
    .filter((name) => name !== undefined)
    .map((name) => (name === "" ? "" : certifiedDomain(name)));
}

interface Covered {
  readonly domain: Domain;
  /** Any one label before it is meant. */
  readonly wildcard: boolean;
}

function coveredBy(dnsName: string): Covered | undefined {
  const wildcard = isWildcard(dnsName);
  const domain = certifiedDomain(wildcard ? dnsName.slice(2) : dnsName);
  return domain === undefined ? undefined : { domain, wildcard };
}

function holds(tree: Tree, domain: Domain): boolean {
  return tree === "" || domain === tree || domain.endsWith(`.${tree}`);
}

/** A wildcard stands for a name in the tree too where the tree begins right below. */
function touches(tree: Tree, { domain, wildcard }: Covered): boolean {
  if (holds(tree, domain)) return true;
  return wildcard && tree !== "" && tree !== undefined && parentOf(tree) === domain;
}
