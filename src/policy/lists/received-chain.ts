/**
 * Through which hosts a message has come, as its Received fields say (RFC 5321 §4.4), from the outside in: the first one was written
 * by the host that connects, the next by the one before it. What hosts that are trusted have written is a fact; from the first
 * other one on all of it is a claim, for a header section is anybody's to write. Linear in the octets, bounded in the fields.
 */
import { findFields, ipReach, type Ip } from "../../mail/index.ts";
import { fromAddress } from "./received-from.ts";

/** Fields that are looked at, the outermost first; and octets of each. */
export const RECEIVED_LIMIT = 50;
export const RECEIVED_OCTETS_LIMIT = 2048;
/** Addresses that are asked about. */
export const HOPS_LIMIT = 10;

/** Of each Received field, from the outside in, the address that it says the message came from; undefined where it says none. */
export type ReceivedChain = readonly (Ip | undefined)[];

export interface Way {
  /** Who handed it to a host that is trusted: a fact. Absent where no trusted host says it. */
  readonly client?: Ip;
  /** The hosts behind, each once: claims. */
  readonly hops: readonly Ip[];
}

export function receivedChain(section: Uint8Array): ReceivedChain {
  return findFields(section, "Received")
    .slice(0, RECEIVED_LIMIT)
    .map(({ body, end }) =>
      fromAddress(
        Buffer.from(section.subarray(body, Math.min(end, body + RECEIVED_OCTETS_LIMIT))).toString(
          "latin1",
        ),
      ),
    );
}

/** `peer`: the address that connects. */
export function wayOf(chain: ReceivedChain, peer: Ip, isTrusted: (ip: Ip) => boolean): Way {
  let at = 0;
  let client: Ip | undefined = peer;
  // A trusted host may write several fields: it hands the message to itself, over loopback.
  while (client !== undefined && (isTrusted(client) || (at > 0 && ipReach(client) === "loopback")))
    client = chain[at++];
  const claims = chain.slice(at).filter((hop) => hop !== undefined);
  const hops = [...new Set(claims)].filter((hop) => hop !== client && hop !== peer);
  return {
    ...(at > 0 && client !== undefined && { client }),
    hops: hops.slice(0, HOPS_LIMIT),
  };
}
