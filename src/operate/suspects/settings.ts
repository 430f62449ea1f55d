/** Who is tested because he was reported, and where he is listed then. Joined into the one configuration schema. */
import { z } from "zod";
import {
  formatAddress,
  localKey,
  parseAddress,
  type Address,
  type Domain,
} from "../../mail/index.ts";
import { isRoleLocal } from "../../policy/routing/index.ts";
import { parseName, type DnsName } from "../../protocol/dns/index.ts";

type Context = Pick<z.RefinementCtx, "addIssue">;

function refuse(context: Context, message: string): never {
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}

const zone = z.string().transform((text, context): DnsName => {
  return parseName(text) ?? refuse(context, `"${text}" is no name of a zone; expected one such as relays.bl.example.org`); // prettier-ignore
});

const address = z.string().transform((text, context): Address => {
  const read = parseAddress(text);
  if (typeof read !== "string" && read.host.kind === "domain") return read;
  return refuse(context, `"${text}" is no address; expected one such as relays@example.org`);
});

const hours = (otherwise: number, what: string) => z.int().min(1).max(8760).default(otherwise).describe(what); // prettier-ignore

export const suspectsSchema = z.strictObject({
  zone: zone.describe("the list of addresses where a host goes that was reported and relays"),
  outputs: zone
    .optional()
    .describe("the list where hosts go by which its messages come back; left out: they are not listed"),
  address: address.optional().describe("where relays are reported by mail, with a message that came through"), // prettier-ignore
  traps: z
    .array(address)
    .max(1000)
    .default([])
    .describe("mailboxes that no person writes to: whoever brings mail for them is reported"),
  ports: z.array(z.int().min(1).max(65_535)).min(1).max(8).default([25]).describe("ports that are tested"), // prettier-ignore
  retest_hours: hours(24, "hours until a host is tested for the second time; twice as long each time"),
  longest_days: z.int().min(1).max(365).default(14).describe("days between two tests at most"),
  return_hours: hours(24, "hours that a host stays listed after a clean test when it was listed before; twice as long each time"), // prettier-ignore
  reports_per_day: z.int().min(1).max(100_000).default(50).describe("reports of one reporter a day"),
  requests_per_day: z.int().min(1).max(100).default(10).describe("tests of a host a day where the host itself, or the operator, asks for one"), // prettier-ignore
  tests_at_once: z.int().min(1).max(100).default(4).describe("hosts that are tested at once; of a network (a /24, a /48) one"),
}); // prettier-ignore

export type SuspectSettings = z.output<typeof suspectsSchema>;

interface Around {
  readonly suspects?: SuspectSettings | undefined;
  readonly listing: {
    readonly zone: readonly { readonly zone: string; readonly kind: string }[];
    readonly test_days: number;
  };
  readonly tester: { readonly domain?: string | undefined };
  readonly postmaster: Address;
  readonly relay: { readonly domains: readonly { readonly domain: Domain }[] };
}

export interface SuspectsProblem {
  readonly key: readonly string[];
  readonly message: string;
}

/** What the other settings of the site have to say for it. */
export function suspectsProblems(around: Around): readonly SuspectsProblem[] {
  const { suspects, listing, tester } = around;
  if (suspects === undefined) return [];
  const problems: SuspectsProblem[] = [];
  if (tester.domain === undefined)
    problems.push({ key: [], message: "only a message that comes back lists a host, and none can come back; expected tester.domain, the domain of this site that test messages are addressed to" }); // prettier-ignore
  for (const key of ["zone", "outputs"] as const) {
    const name = suspects[key];
    const zones = listing.zone.flatMap(({ zone: one, kind }) =>
      kind === "addresses" ? [one] : [],
    );
    if (name !== undefined && !zones.includes(name))
      problems.push({ key: [key], message: `there is no list of addresses ${name}; expected ${zonesText(zones)}` }); // prettier-ignore
  }
  if (suspects.longest_days >= listing.test_days)
    problems.push({ key: ["longest_days"], message: `a host would leave by itself before it is tested again; expected fewer days than listing.test_days, which are ${listing.test_days}` }); // prettier-ignore
  const taken = suspects.address && takenBy(suspects.address, around);
  if (taken !== undefined) problems.push({ key: ["address"], message: taken });
  for (const [index, trap] of suspects.traps.entries()) {
    const other = [suspects.address, around.postmaster].some((one) => one && isSame(one, trap));
    if (other)
      problems.push({ key: ["traps", String(index)], message: `people write to ${formatAddress(trap)}; expected a mailbox to which nobody has a reason to write` }); // prettier-ignore
  }
  return problems;
}

function zonesText(zones: readonly string[]): string {
  return zones.length === 0
    ? 'the whole name of a [[listing.zone]] with kind = "addresses"'
    : zones.join(" or ");
}

/** Why mail for an address is something else already. */
function takenBy({ local, host }: Address, { tester, relay }: Around): string | undefined {
  const expected = "expected an address in a domain of this site, such as relays@example.org";
  if (isRoleLocal(local)) return `mail for ${local}@ is something else already; ${expected}`;
  if (host.kind === "literal") return undefined;
  if (host.domain === tester.domain) return `only what comes back of relay tests is taken in ${host.domain}; ${expected}`; // prettier-ignore
  if (relay.domains.some(({ domain }) => domain === host.domain)) return `the mailboxes of ${host.domain} are on another host (relay.domains); ${expected}`; // prettier-ignore
  return undefined;
}

function isSame(one: Address, other: Address): boolean {
  const key = (of: Address): string => formatAddress({ ...of, local: localKey(of.local) }); // prettier-ignore
  return key(one) === key(other);
}
