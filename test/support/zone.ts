/** What a DNS server on loopback says: records by name and type; there is no name but these. */
import type { RecordType } from "../../src/protocol/dns/index.ts";
import type { DnsServer } from "../net/dns-server.ts";
import {
  answerTo,
  FLAGS,
  mx,
  name2wire,
  RCODES,
  record,
  srv,
  txt,
  type Octets,
} from "../protocol/dns/message.ts";

export class Zone {
  readonly #records = new Map<string, Map<RecordType, Octets[]>>();

  readonly #broken = new Set<string>();
  readonly #silent = new Set<string>();
  /** What every name below has. */
  readonly #wild = new Map<string, Octets[]>();
  /** Every question as it came, "name TYPE". */
  readonly asked: string[] = [];

  /** `dns` answers from now on as this zone has it then. */
  constructor(dns: DnsServer) {
    dns.script = (question) => {
      const { name, spelling, type } = question;
      this.asked.push(`${name} ${type}`);
      if (zoneOf(name, this.#silent.keys()) !== undefined) return [];
      const wild = zoneOf(name, this.#wild.keys());
      const types =
        wild === undefined
          ? this.#records.get(name)
          : new Map([["A" as RecordType, this.#wild.get(wild) ?? []]]);
      if (this.#broken.has(name))
        return [answerTo(question, { flags: FLAGS.answer | RCODES.servfail })];
      const flags = FLAGS.answer | (types === undefined ? RCODES.noSuchName : 0);
      const answers = (types?.get(type) ?? []).map((data) => record(spelling, type, data));
      return [answerTo(question, { flags, answers })];
    };
  }

  /** Mail servers of a domain, "10 mx.foreign.example" each, instead of those that it had. */
  mx(domain: string, ...servers: readonly string[]): this {
    const exchanges = servers.map((server) => {
      const [preference = "", exchange = ""] = server.split(" ");
      return mx(Number(preference), exchange);
    });
    return this.#set(domain, "MX", exchanges);
  }

  /** An IPv4 address; a name without any is there, and has none. */
  a(name: string, ...addresses: readonly string[]): this {
    return this.#set(
      name,
      "A",
      addresses.map((address) => address.split(".").map(Number)),
    );
  }

  /** Texts, each in as few strings as it fits into. */
  txt(name: string, ...texts: readonly string[]): this {
    return this.#set(
      name,
      "TXT",
      texts.map((text) => txt(...(text.match(/[^]{1,255}/g) ?? [""]))),
    );
  }

  /** A name whose servers do not answer for it. */
  broken(name: string): this {
    this.#broken.add(name);
    return this;
  }

  /** Nothing below is answered, until something else is said of it. */
  silent(zone: string): this {
    this.#silent.add(zone);
    return this;
  }

  /** Every name below has this IPv4 address. */
  wildcard(zone: string, address: string): this {
    this.#silent.delete(zone);
    this.#wild.set(zone, [address.split(".").map(Number)]);
    return this;
  }

  /** The name of an address. */
  ptr(reversed: string, ...names: readonly string[]): this {
    return this.#set(reversed, "PTR", names.map(name2wire));
  }

  /** A service at a host's port. */
  srv(name: string, port: number, target: string): this {
    return this.#set(name, "SRV", [srv(0, 1, port, target)]);
  }

  #set(name: string, type: RecordType, data: Octets[]): this {
    const types = this.#records.get(name) ?? new Map<RecordType, Octets[]>();
    this.#records.set(name, types.set(type, data));
    return this;
  }
}

/** The zone that the name is below of. */
function zoneOf(name: string, zones: Iterable<string>): string | undefined {
  return [...zones].find((zone) => name.endsWith(`.${zone}`));
}
