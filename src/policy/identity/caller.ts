/**
 * Who a connection is, by the certificates that it has shown. A key that a peer is known by counts by itself; everybody else needs a path to
 * an authority: that of a peer, or one that this machine trusts. Whatever is not in order makes it nobody, with the reason.
 * Node's own verdict is not asked: it has the same word for a server's honest certificate and for one that a stranger has signed for himself.
 */
import { createHash, X509Certificate } from "node:crypto";
import type { Domain, Peer, PeerTrust } from "../../mail/index.ts";
import type { CertificateReader } from "./certificate-content.ts";
import { areFor, certifiedNames, type CertifiedNames } from "./certificate-names.ts";
import { findPath, keyOf, SHOWN_LIMIT, type PathFound } from "./certificate-path.ts";
import { pathFault } from "./path-rules.ts";

export type Caller =
  /** `reason`: why what was shown is nothing; absent where nothing was. */
  | { readonly kind: "nobody"; readonly reason?: string }
  /** Under a public authority, and no peer's. `wildcards`: what its names "*.example.org" are directly above of. */
  | {
      readonly kind: "named";
      readonly names: readonly Domain[];
      readonly wildcards?: readonly Domain[];
    }
  | { readonly kind: "peer"; readonly peer: Peer; readonly level: "certificate" | "pinned" };

export interface CallerGrounds {
  readonly peers: readonly Peer[];
  /** Authorities that this machine trusts. */
  readonly anchors: Anchors;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly reader: CertificateReader;
}

/** Authorities by their subject, as Node writes it. */
export type Anchors = ReadonlyMap<string, readonly X509Certificate[]>;

/** PEM, one certificate each; what cannot be read is none. */
export function anchorsOf(authorities: readonly string[]): Anchors {
  const read = authorities.map(certificateOf).filter((one) => one !== undefined);
  const unlike = new Map(read.map((one) => [one.fingerprint256, one]));
  return Map.groupBy(unlike.values(), ({ subject }) => subject);
}

/** `shown`: DER, its own first; the handshake has proved that it has the key of that one. None: nobody, without a reason. */
export function callerOf(shown: readonly Uint8Array[], grounds: CallerGrounds): Caller {
  const [first, ...rest] = shown.slice(0, SHOWN_LIMIT);
  if (first === undefined) return { kind: "nobody" };
  const own = certificateOf(first);
  if (own === undefined) return { kind: "nobody", reason: "its certificate cannot be read" };
  const pinned = pinnedPeer(own, grounds.peers);
  if (pinned !== undefined) return { kind: "peer", peer: pinned, level: "pinned" };
  const others = rest.map(certificateOf).filter((one) => one !== undefined);
  return vouchedFor({ own, others }, grounds);
}

/** SHA-256 of its SubjectPublicKeyInfo, 64 hexadecimal digits in lower case: what a pin is. Undefined for a key that cannot be read. */
export function keyDigest(certificate: X509Certificate): string | undefined {
  const key = keyOf(certificate)?.export({ type: "spki", format: "der" });
  return key === undefined ? undefined : createHash("sha256").update(key).digest("hex");
}

/** The same of a certificate in DER; undefined too where it cannot be read. */
export function shownKeyDigest(octets: Uint8Array): string | undefined {
  const certificate = certificateOf(octets);
  return certificate && keyDigest(certificate);
}

function certificateOf(octets: Uint8Array | string): X509Certificate | undefined {
  try {
    return new X509Certificate(octets);
  } catch {
    return undefined;
  }
}

/** The key alone: no path, no name and no time counts, for the operator has said that it is this one. */
function pinnedPeer(own: X509Certificate, peers: readonly Peer[]): Peer | undefined {
  const key = keyDigest(own);
  if (key === undefined) return undefined;
  return peers.find(({ trust }) => trust.kind === "pin" && trust.keys.includes(key));
}

interface Shown {
  readonly own: X509Certificate;
  readonly others: readonly X509Certificate[];
}

/** Private authorities come first: who is under one is that peer, whatever public one vouches for him too. */
function vouchedFor(shown: Shown, grounds: CallerGrounds): Caller {
  const certified = certifiedNames(grounds.reader.read(shown.own.raw)?.dnsNames ?? []);
  const byPrivate = peerUnderPrivate(shown, certified, grounds);
  if (byPrivate.kind === "peer") return byPrivate;
  const found = pathTo(grounds.anchors, shown, grounds);
  if (found.kind === "none")
    return { kind: "nobody", reason: byPrivate.why ?? found.why ?? unknownAuthority(shown) };
  const isPublic = ({ kind }: PeerTrust): boolean => kind === "public authority";
  const peer = peerNamed(grounds.peers, isPublic, certified);
  if (peer !== undefined) return { kind: "peer", peer, level: "certificate" };
  const { names, wildcards } = certified;
  return { kind: "named", names, ...(wildcards.length > 0 && { wildcards }) };
}

/** One search for all of them: a path that ends under an authority is good where a peer of that authority has its name. */
function peerUnderPrivate(
  shown: Shown,
  certified: CertifiedNames,
  grounds: CallerGrounds,
): Extract<Caller, { kind: "peer" }> | NoPath {
  const { peers } = grounds;
  const under = (authority: X509Certificate): Peer | undefined => {
    const isIts = (trust: PeerTrust): boolean =>
      trust.kind === "private authority" && isSame(certificateOf(trust.authority), authority);
    return peerNamed(peers, isIts, certified);
  };
  const authorities = peers.flatMap(({ trust }) =>
    trust.kind === "private authority" ? [trust.authority] : [],
  );
  const found = pathTo(anchorsOf([...new Set(authorities)]), shown, grounds, (authority) =>
    under(authority) === undefined
      ? "it is under an authority of peers, and for none of their names"
      : undefined,
  );
  if (found.kind === "none") return found;
  const authority = found.path.at(-1);
  const peer = authority && under(authority);
  return peer === undefined ? { kind: "none" } : { kind: "peer", peer, level: "pinned" };
}

function isSame(one: X509Certificate | undefined, other: X509Certificate): boolean {
  return one?.raw.equals(other.raw) === true;
}

function peerNamed(
  peers: readonly Peer[],
  isMeant: (trust: PeerTrust) => boolean,
  certified: CertifiedNames,
): Peer | undefined {
  return peers.find(
    ({ trust }) =>
      trust.kind !== "pin" && trust.names.some((name) => areFor(certified, name)) && isMeant(trust),
  );
}

type NoPath = Extract<PathFound, { kind: "none" }>;

/** `endFault`: what else is wrong with a path that ends there. */
function pathTo(
  anchors: Anchors,
  { own, others }: Shown,
  { reader, now }: CallerGrounds,
  endFault: (anchor: X509Certificate) => string | undefined = () => undefined,
): PathFound {
  const ends = ({ issuer }: X509Certificate): readonly X509Certificate[] =>
    anchors.get(issuer) ?? [];
  return findPath(own, {
    now,
    issuersOf: (one) => [...ends(one), ...others.filter(({ subject }) => subject === one.issuer)],
    judge: (path) => {
      const [last, before] = [path.at(-1), path.at(-2)];
      if (last === undefined || before === undefined || !ends(before).includes(last))
        return { kind: "goes on" };
      const why = pathFault(path, reader) ?? endFault(last);
      return why === undefined ? { kind: "good" } : { kind: "bad", why };
    },
  });
}

function unknownAuthority({ own: { subject, issuer } }: Shown): string {
  return subject === issuer
    ? "it is signed by itself alone, and its key is no peer's"
    : "no authority that is known here has issued it";
}
