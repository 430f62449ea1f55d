/** A zone as an ordinary server has it, from the messages of its transfer: names that exist, and wildcards as RFC 4592 has them. */
import assert from "node:assert/strict";
import packet from "dns-packet";

export class OrdinaryZone {
  readonly records: readonly packet.Answer[];
  readonly #owners = new Map<string, packet.Answer[]>();
  readonly #nodes = new Set<string>();
  readonly #origin: string;

  constructor(origin: string, messages: readonly Uint8Array[]) {
    this.#origin = origin;
    const records = messages.flatMap((octets) => packet.decode(Buffer.from(octets)).answers ?? []);
    assert.equal(records[0]?.type, "SOA", "a transfer begins with the SOA");
    assert.deepEqual(records.at(-1), records[0], "and ends with it");
    this.records = records.slice(1, -1);
    this.#nodes.add(origin);
    for (const record of this.records) this.#add(record);
  }

  get wildcards(): number {
    return [...this.#owners.keys()].filter((owner) => owner.startsWith("*.")).length;
  }

  owners(): string[] {
    return [...this.#owners.keys()];
  }

  /** RFC 4592 §3.3.1: the name's own, or those of the wildcard below the nearest name above it that exists. */
  codes(name: string): string[] {
    let at = name;
    while (!this.#nodes.has(at)) at = at.slice(at.indexOf(".") + 1);
    const found = this.#owners.get(at === name ? name : `*.${at}`) ?? [];
    return found.flatMap((record) => (record.type === "A" ? [record.data] : []));
  }

  #add(record: packet.Answer): void {
    const owner = record.name;
    assert.ok(owner === this.#origin || owner.endsWith(`.${this.#origin}`), owner);
    this.#owners.set(owner, [...(this.#owners.get(owner) ?? []), record]);
    for (let at = owner; at !== this.#origin; at = at.slice(at.indexOf(".") + 1))
      this.#nodes.add(at);
  }
}
