/**
 * What the proof's DNS says of a session's sender, as the catalogue gives it: what it does not name is not verified. And what would
 * come of an acceptance besides its delivery: who would be told about it.
 */
import type { RelayGrant } from "../mail/index.ts";
import type { Acceptance, Departure as Left, Given } from "../operate/relaytest/index.ts";
import type { WaitingPaths } from "../policy/checks/index.ts";
import type { Check, Results } from "../service/authentication/index.ts";
import { Origin, type ReceiveDeps } from "../service/receive/index.ts";
import type { Departure } from "../store/index.ts";

type UnknownRecipients = NonNullable<ReceiveDeps["unknownRecipients"]>;

/** Every site is proved as one that has unknown recipients reported, and as one that has not: whoever is not verified must not see a difference. */
export function laidUnknownRecipients({ spf = {}, unknown }: Given): UnknownRecipients | undefined {
  if (unknown === "refuse") return undefined;
  return {
    most: Infinity,
    spf: (_client, domain) => ({ result: spf[domain] ?? "none", domain }),
    hasRoom: () => true,
    count() {},
  };
}

/** Nothing is found out about a message that the catalogue says nothing about. */
export function laidOrigins({ dmarc }: Given): ReceiveDeps["origins"] {
  if (dmarc === undefined) return { open: () => undefined };
  const results: Results = {
    spf: "fail",
    spfDomain: "",
    dkim: ["pass"],
    dmarc: "pass",
    author: dmarc.author,
    organizations: dmarc,
    arc: "none",
    sealers: [],
    iprev: "pass", // whose name it is does not matter here, and a site may refuse who has none
    text: "",
  };
  const check: Check = { begin() {}, body() {}, finish: () => Promise.resolve(results) };
  return { open: () => new Origin(check, undefined) };
}

/** Of rows that leave `granted` says whether delivery would find the right to. */
export function queuedOf(
  departure: Departure | undefined,
  granted: (grant: RelayGrant, paths: WaitingPaths) => boolean,
): Required<Pick<Acceptance, "departures" | "reported">> & Pick<Acceptance, "tells"> {
  const departures: Left[] = [];
  const reported: string[] = [];
  let isPeers = true;
  for (const row of departure?.recipients ?? []) {
    const { forwardPath } = row;
    if ("settled" in row) reported.push(forwardPath);
    else {
      const reversePath = row.reversePath ?? departure?.reversePath ?? "";
      departures.push({
        address: forwardPath,
        granted: granted(row.grant, { forwardPath, reversePath }),
      });
    }
    isPeers &&= !("settled" in row) && row.grant.basis === "peer";
  }
  // A peer answers for whom it names, and is held to its pairs.
  const tells = departure?.tell === "proved sender" && !isPeers ? departure.reversePath : undefined;
  return { departures, reported, ...(tells !== undefined && { tells }) };
}
