/** A message that came through a relay → what a report keeps of it, and through whom it came as it says itself. */
import { createHash } from "node:crypto";
import {
  headerSectionEnd,
  parseIp,
  sampleHead,
  type Domain,
  type Ip,
  type Sample,
} from "../../mail/index.ts";
import { ownClients, receivedChain, type ReceivedChain } from "../../policy/lists/index.ts";
import { Unreadable } from "./unreadable.ts";
import type { ShownSample } from "./sample-parts.ts";

export interface RelaySample {
  readonly sample: Sample;
  /** The host that a feedback report names. */
  readonly source?: Ip;
  /** Who brought it to this server, where it has come here. */
  readonly own: readonly Ip[];
  readonly chain: ReceivedChain;
}

/** Throws `Unreadable`. */
export function relaySamples(
  shown: readonly ShownSample[],
  hostname: Domain,
): readonly RelaySample[] {
  return shown.map(({ octets, source: text }) => {
    const end = headerSectionEnd(octets);
    const section = end < 0 ? octets : octets.subarray(0, end);
    const source = text === undefined ? undefined : addressOf(text);
    return {
      sample: {
        sha256: createHash("sha256").update(octets).digest("hex"),
        head: sampleHead(section),
      },
      ...(source !== undefined && { source }),
      own: ownClients(section, hostname),
      chain: receivedChain(section),
    };
  });
}

function addressOf(text: string): Ip {
  const ip = parseIp(text);
  if (ip === undefined) throw new Unreadable(`Source-IP is "${text}", which is no address`);
  return ip;
}
