/** The resolver of tests: knows what it was told, remembers what it was asked, follows aliases like the real one. */
import { ROOT, type DnsName } from "./name.ts";
import type { RecordData, RecordType } from "./records.ts";
import {
  ALIASES_LIMIT,
  type FailureReason,
  type Found,
  type Resolution,
  type Resolver,
} from "./resolver.ts";

/** Seconds; of everything that is not told otherwise. */
const TTL = 300;

export class ScriptedResolver implements Resolver {
  /** "example.org MX", oldest first. */
  readonly asked: string[] = [];
  readonly #told = new Map<string, Resolution<RecordType>>();
  readonly #names = new Set<DnsName>([ROOT]);

  /** What is there; once more for the same name and type replaces it. */
  has<Type extends RecordType>(
    name: DnsName,
    type: Type,
    records: readonly RecordData[Type][],
    more: Partial<Pick<Found<Type>, "ttl" | "authentic">> = {},
  ): this {
    this.#names.add(name);
    const found: Found<Type> = {
      kind: "found",
      name,
      records,
      ttl: TTL,
      authentic: false,
      ...more,
    };
    return this.#tell(name, type, found);
  }

  fails(name: DnsName, type: RecordType, why: FailureReason): this {
    return this.#tell(name, type, { kind: "failed", why });
  }

  async resolve<Type extends RecordType>(name: DnsName, type: Type): Promise<Resolution<Type>> {
    this.asked.push(`${name} ${type}`);
    let at = name;
    for (let aliases = 0; aliases <= ALIASES_LIMIT; aliases++) {
      const told = this.#lookUp(at, type);
      if (told !== undefined) return told;
      const alias = this.#lookUp(at, "CNAME");
      if (alias?.kind !== "found") return this.#absent(at);
      at = alias.records[0] ?? at;
    }
    return { kind: "failed", why: "alias-loop" };
  }

  #tell(name: DnsName, type: RecordType, resolution: Resolution<RecordType>): this {
    this.#told.set(`${name} ${type}`, resolution);
    return this;
  }

  #lookUp<Type extends RecordType>(name: DnsName, type: Type): Resolution<Type> | undefined {
    // What is kept under a type was told with records of that type.
    return this.#told.get(`${name} ${type}`) as Resolution<Type> | undefined;
  }

  /** A name is there when something is, at it or below it (RFC 8020). */
  #absent(name: DnsName): Resolution<never> {
    const there = this.#names.has(name) || this.#names.values().some((n) => n.endsWith(`.${name}`));
    return { kind: there ? "no-data" : "no-such-name", ttl: TTL, authentic: false };
  }
}
