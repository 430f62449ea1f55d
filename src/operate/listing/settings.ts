/** The lists that this site publishes: their zones, how long entries live, what is never listed. Joined into the one configuration schema. */
import { z } from "zod";
import { parseAddress, parseCidr } from "../../mail/index.ts";
import { parseNameServer, type NameServer } from "../../net/index.ts";
import { isWithin, labelsOf, parseName, type DnsName } from "../../protocol/dns/index.ts";
import { parseCode } from "./code.ts";
import { LONGEST_DAYS } from "./lifetime.ts";
import { parseSubjects, type Subject } from "./subject.ts";
import { readText, TEXT_OCTETS } from "./text.ts";

const ZONES_LIMIT = 32;

type Context = Pick<z.RefinementCtx, "addIssue">;

function refuse(context: Context, message: string, path?: readonly (string | number)[]): never {
  context.addIssue({ code: "custom", message, ...(path !== undefined && { path: [...path] }) });
  return z.NEVER;
}

const zoneName = z.string().transform((text, context): DnsName => {
  const name = parseName(text);
  if (name !== undefined && labelsOf(name).length >= 2) return name;
  return refuse(context, `"${text}" is no name of a zone; expected one such as relays.bl.example.org`); // prettier-ignore
});

const hostName = z.string().transform((text, context): DnsName => {
  const name = parseName(text);
  if (name !== undefined && labelsOf(name).length >= 2) return name;
  return refuse(context, `"${text}" is no name of a host; expected one such as ns1.example.org`);
});

/** RFC 1035 §3.3.13: in the SOA the first label is the local part. */
const contact = z.string().transform((text, context): DnsName => {
  const address = parseAddress(text);
  const name = typeof address === "string" ? undefined : parseName(text.replace("@", "."));
  if (typeof address !== "string" && name !== undefined && !address.local.includes("."))
    return name;
  return refuse(context, `"${text}" is no address for a zone; expected one such as hostmaster@example.org, without a dot before the @`); // prettier-ignore
});

const code = z.string().transform((text, context): string => {
  const read = parseCode(text);
  return read ?? refuse(context, `"${text}" is no code of a list; expected an address from 127.0.0.2 on within 127.0.0.0/8, and not of 127.255.255.0/24, by which lists say that they do not answer`); // prettier-ignore
});

const template = z.string().transform((text, context): string => {
  const read = readText(text);
  if (read !== undefined && read !== "") return read;
  return refuse(context, `expected a text of at most ${TEXT_OCTETS} octets on one line; $ stands for who is listed, $= for the entry's reason`); // prettier-ignore
});

/** Who may transfer a zone. */
export interface Secondary {
  readonly network: string;
  /** Where it is told of changes: an address; a network is not. */
  readonly notify: NameServer | undefined;
}

const secondary = z.string().transform((text, context): Secondary => {
  const cidr = parseCidr(text);
  const isAddress = cidr?.prefix === (cidr?.family === 4 ? 32 : 128);
  const notify = parseNameServer(isAddress ? (cidr?.base ?? "") : text);
  const network = notify === undefined ? cidr : parseCidr(notify.host);
  if (network !== undefined && network.prefix > 0) return { network: network.text, notify };
  return refuse(context, `"${text}": expected an address, a block, or an address with the port that is told of changes, such as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:5353`); // prettier-ignore
});

const seconds = (least: number, otherwise: number, what: string) =>
  z.int().min(least).max(2_419_200).default(otherwise).describe(what);

const zoneTable = z.strictObject({
  zone: zoneName.describe("its name in the DNS"),
  kind: z.enum(["addresses", "names"]).describe("of what it is made"),
  ns: z.array(hostName).min(1).max(13).describe("its name servers"),
  contact: contact.describe("address of who keeps it, for the SOA"),
  ttl: seconds(1, 2100, "seconds that an answer may be kept by whoever asked"),
  negative_ttl: seconds(1, 300, "seconds that it may be kept that somebody is not listed"),
  refresh: seconds(60, 3600, "seconds after which a secondary asks for news"),
  retry: seconds(60, 600, "seconds after which it asks again where nobody answered"),
  expire: seconds(3600, 604_800, "seconds after which it serves no more where nobody answers"),
  code: code.default("127.0.0.2").describe("what is answered about who is listed"),
  text: template
    .optional()
    .describe("what is said of each; $ stands for who is listed, $= for the entry's reason; left out: the reason"),
  files: z
    .array(z.string().min(1))
    .max(16)
    .default([])
    .describe("lists that are served beside the entries: rbldnsd's formats, CIDR text, DROP; relative to this file"),
  secondaries: z
    .array(secondary)
    .max(64)
    .default([])
    .describe("addresses and networks that may transfer the zone; addresses are notified of changes, at port 53 where none is said"),
}); // prettier-ignore

/** A name server that is in the zone would need an address in it, where there are none but codes. */
const zoneSchema = zoneTable.superRefine(({ zone, ns }, context) => {
  for (const [i, name] of ns.entries())
    if (isWithin(name, zone)) refuse(context, `${name} is within the zone, where it can have no address; expected one such as ns1.example.org`, ["ns", i]); // prettier-ignore
});

export type ListingZone = z.output<typeof zoneSchema>;

interface ProtectedSetting {
  readonly text: string;
  readonly addresses: readonly Subject[];
  readonly names: readonly Subject[];
}

const protectedOne = z.string().transform((text, context): ProtectedSetting => {
  const addresses = parseSubjects(text, "addresses");
  if (typeof addresses !== "string") return { text, addresses, names: [] };
  const names = text.includes("/") ? addresses : parseSubjects(`.${text.replace(/^(?:\*?\.)/, "")}`, "names"); // prettier-ignore
  if (typeof names !== "string") return { text, addresses: [], names };
  return refuse(context, `"${text}": expected an address, a block or a name, such as 192.0.2.0/28 or example.org`); // prettier-ignore
});

const days = (otherwise: number, what: string) =>
  z.int().min(1).max(LONGEST_DAYS).default(otherwise).describe(`days until an entry ends whose evidence is ${what}`); // prettier-ignore

export const listingSchema = z
  .strictObject({
    zone: z.array(zoneSchema).max(ZONES_LIMIT).default([]).describe("the lists that are published"),
    test_days: days(30, "a relay test"),
    sample_days: days(7, "a sample"),
    note_days: days(90, "a person's note"),
    import_days: days(30, "an imported file"),
    widest_v4: z.int().min(16).max(32).default(24).describe("bits of the widest block of IPv4 that can be listed"), // prettier-ignore
    widest_v6: z.int().min(32).max(128).default(48).describe("bits of the widest block of IPv6 that can be listed"), // prettier-ignore
    special_ranges: z
      .boolean()
      .default(false)
      .describe("private, loopback, documentation and other such addresses can be listed; for tests"),
    protected: z
      .array(protectedOne)
      .max(1000)
      .default([])
      .describe("addresses, blocks and names that are never listed, whatever an entry or a file says"),
    burst: z.int().min(1).max(100_000).default(50).describe("hosts an hour that may be listed without a person"), // prettier-ignore
    growth_percent: z
      .int()
      .min(1)
      .max(1000)
      .default(20)
      .describe("percent that a zone may grow in a day by itself, or by an import"),
    log_days: z.int().min(30).max(36_500).default(730).describe("days that it is kept who changed what in a list"), // prettier-ignore
    question_days: z.int().min(1).max(3650).default(30).describe("days that it is kept how many questions were asked about the lists"), // prettier-ignore
    question_networks: z
      .int()
      .min(0)
      .max(1000)
      .default(100)
      .describe("networks of an hour that asked most of which it is kept how many; 0: networks are not kept at all"),
  })
  .superRefine(({ zone }, context) => {
    for (const [i, one] of zone.entries())
      if (zone.findIndex((other) => other.zone === one.zone) < i)
        refuse(context, `${one.zone} is there twice`, ["zone", i, "zone"]);
  }); // prettier-ignore

export type ListingSettings = z.output<typeof listingSchema>;
