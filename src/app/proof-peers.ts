/**
 * The peers that the proof sees beside the site's own, and who a session of it is: one for each kind of certificate that the catalogue
 * names. What comes of real certificates is tried where they are judged; here it is what each caller may do.
 */
import type { Domain, KnownPeer, Peer, PublicPeer } from "../mail/index.ts";
import type { Given, GivenCertificate } from "../operate/relaytest/index.ts";
import type { Caller } from "../policy/identity/index.ts";
import type { Callers } from "../service/receive/index.ts";

/** Those that are laid over a site. */
export interface LaidPeers {
  /** May relay, for one pair. */
  readonly hub: KnownPeer;
  /** Is as well known, and has no pairs. */
  readonly guest: KnownPeer;
  /** Is known by a public authority's word. */
  readonly named: PublicPeer;
}

/** Of peers' names no site has: a name has no blanks. */
export function laidPeers(sender: Domain, recipient: Domain): LaidPeers {
  return {
    hub: {
      name: "proof hub",
      trust: { kind: "pin", keys: [NO_KEY] },
      relays: [{ sender, recipient }],
    },
    guest: { name: "proof guest", trust: { kind: "pin", keys: [] }, relays: [] },
    named: { name: "proof name", trust: { kind: "public authority", names: [sender] }, relays: [] },
  };
}

/** Nothing has this digest. */
const NO_KEY = "0".repeat(64);

export function everyLaidPeer({ hub, guest, named }: LaidPeers): readonly Peer[] {
  return [hub, guest, named];
}

/** Who a session is, whatever octets it shows. */
export function laidCallers({ certificate }: Given, peers: LaidPeers): Callers {
  const all = everyLaidPeer(peers);
  const caller: Caller =
    certificate === undefined ? { kind: "nobody" } : laidCaller(certificate, peers);
  return { peers: () => all, judge: () => ({ caller }) };
}

function laidCaller(certificate: GivenCertificate, peers: LaidPeers): Caller {
  switch (certificate) {
    case "peer":
      return { kind: "peer", peer: peers.hub, level: "pinned" };
    case "peer without pairs":
      return { kind: "peer", peer: peers.guest, level: "pinned" };
    case "peer of a public authority":
      return { kind: "peer", peer: peers.named, level: "certificate" };
    case "public":
      return { kind: "named", names: peers.named.trust.names };
    case "user's": // of a user, no server's
    case "self-signed":
    case "unknown issuer":
    case "wrong name":
    case "expired":
    case "server only":
    case "revoked, session resumed":
      return { kind: "nobody", reason: certificate };
  }
}
