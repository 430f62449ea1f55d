/** How the lists of a site are, as its server has last written it down. */
import type { Config } from "../config/index.ts";
import { shownHealth, type ShownHealth } from "../operate/lists/index.ts";
import type { List, ListHealth } from "../policy/lists/index.ts";
import { readHealth } from "../service/lists/index.ts";
import type { Store } from "../store/index.ts";

type KeptStore = Pick<Store, "listHealth">;

export interface KeptHealth {
  readonly health: ListHealth;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Undefined: nothing is known of it, or it is a file. */
export function keptHealth(list: List, { listHealth }: KeptStore): KeptHealth | undefined {
  const kept = listHealth.all().find((one) => one.list === list.name);
  if (kept === undefined || list.source === "file") return undefined;
  const health = readHealth(kept.json, list);
  return health && { health, at: kept.at };
}

/** In the order of the configuration. */
export function listsHealth({ lists }: Config, store: KeptStore): readonly ShownHealth[] {
  return lists.map((list) => shownHealth(list, keptHealth(list, store)));
}
