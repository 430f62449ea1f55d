/** What this site never lists because it is its own: its names and domains, its addresses, and the hosts that it trusts. */
import type { Config } from "../config/index.ts";
import type { Cidr } from "../mail/index.ts";
import { machineAddresses } from "../net/index.ts";
import { parseSubjects, type ProtectedSubject } from "../operate/listing/index.ts";
import type { DirectoryReads } from "../store/index.ts";

export function ownSubjects(
  config: Config,
  directory: Pick<DirectoryReads, "domains">,
): readonly ProtectedSubject[] {
  const { hostname, listing } = config;
  return [
    ...names([hostname], "this server's name"),
    ...names(directory.domains().map(({ name }) => name), "a domain of this site"), // prettier-ignore
    ...names(listing.zone.flatMap(({ zone, ns }) => [zone, ...ns]), "a list, or a name server of one"), // prettier-ignore
    ...ownAddresses(config),
  ];
}

/** Without the names, of which there may be many. */
export function ownAddresses({ relay, listed }: Config): readonly ProtectedSubject[] {
  return [
    ...addresses(machineAddresses(), "an address of this server"),
    ...blocks(relay.networks.map(({ network }) => network), "relay.networks"), // prettier-ignore
    ...blocks(listed.trusted_hops, "listed.trusted_hops"),
  ];
}

/** With all that is below. */
function names(all: readonly string[], whose: string): readonly ProtectedSubject[] {
  return subjects(all.map((name) => `.${name}`), "names", whose); // prettier-ignore
}

function blocks(all: readonly Cidr[], whose: string): readonly ProtectedSubject[] {
  return addresses(all.map(({ text }) => text), whose); // prettier-ignore
}

function addresses(all: readonly string[], whose: string): readonly ProtectedSubject[] {
  return subjects(all, "addresses", whose);
}

function subjects(all: readonly string[], kind: "names" | "addresses", whose: string) {
  return all
    .map((text) => parseSubjects(text, kind))
    .flatMap((read) => (typeof read === "string" ? [] : read)) // none of ours is unreadable
    .map((subject) => ({ subject, whose }));
}
