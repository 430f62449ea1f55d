/** What the thread that makes snapshots does: it keeps the entries of zones as it is told, and makes of them what is served. */
import { letGoOf, sharedDataset, sharedRow, type Dataset } from "../../policy/lists/files/index.ts";
import { nonTerminalsOf } from "./answering/index.ts";
import type { EntriesSnapshot, FromThread, ToThread } from "./snapshot-messages.ts";
import { ZoneEntries } from "./zone-entries.ts";

export class SnapshotWork {
  readonly #zones = new Map<string, ZoneEntries>();
  /** Made last. */
  readonly #made = new Map<string, Dataset>();

  /** The answer, where there is one. Throws where what it is told cannot be. */
  hear(message: ToThread): FromThread | undefined {
    switch (message.kind) {
      case "begin":
        this.#zones.set(message.zone, new ZoneEntries(message.answer));
        return undefined;
      case "change": {
        const entries = this.#entries(message.zone);
        for (const change of message.changes) entries.change(change);
        return undefined;
      }
      case "make":
        return { kind: "made", id: message.id, snapshot: this.#make(message.zone) };
      case "forget":
        this.#zones.delete(message.zone);
        this.#letGo(message.zone);
        return undefined;
      case "non-terminals":
        return { kind: "non-terminals", id: message.id, row: sharedRow(nonTerminalsOf(message.dataset)) }; // prettier-ignore
    }
  }

  #make(zone: string): EntriesSnapshot {
    const snapshot = snapshotOf(this.#entries(zone));
    this.#letGo(zone);
    this.#made.set(zone, snapshot.dataset);
    return snapshot;
  }

  #letGo(zone: string): void {
    const before = this.#made.get(zone);
    this.#made.delete(zone);
    if (before !== undefined) letGoOf([before]);
  }

  #entries(zone: string): ZoneEntries {
    const entries = this.#zones.get(zone);
    if (entries === undefined) throw new Error(`${zone} was not begun`);
    return entries;
  }
}

export function snapshotOf(entries: ZoneEntries): EntriesSnapshot {
  const dataset = sharedDataset(entries.dataset());
  return { dataset, nonTerminals: sharedRow(nonTerminalsOf(dataset)), isWorn: entries.isWorn };
}
