/** Lists as a command asks them: now, with a resolver of its own, whatever the server knows of them. */
import type { LoadedConfig } from "../config/index.ts";
import { openResolver } from "../net/index.ts";
import { lookUp, type LookedUp, type TimedRaw } from "../operate/lists/index.ts";
import {
  Asking,
  type DnsList,
  type List,
  type ListSubject,
  type ListWatch,
} from "../policy/lists/index.ts";
import { silentLog, systemClock, systemRandom } from "../runtime/index.ts";
import { openListFiles } from "./list-files.ts";
import { systemTimer } from "./timer.ts";

/** Rejects where a list's file cannot be used. */
export async function lookUpInLists(
  loaded: LoadedConfig,
  subject: ListSubject,
  healthOf: (list: List) => string,
): Promise<readonly LookedUp[]> {
  const { dns, lists, listed } = loaded.config;
  const files = await openListFiles(loaded, silentLog);
  const machine = { clock: systemClock, random: systemRandom };
  const resolver = openResolver({ ...dns, cache_mebibytes: 0 }, machine);
  const stopwatch = new Stopwatch();
  const asking = new Asking({ ...machine, resolver, timer: systemTimer, watch: stopwatch });
  const ofZone = async (list: DnsList): Promise<TimedRaw> => {
    const as = subject.kind === "address" ? "client" : "author";
    const raw = await asking.ask({ list, as, subject, limitMs: listed.question_ms });
    const ms = stopwatch.took.get(list.name);
    return { raw: raw ?? TOO_LONG, ...(ms !== undefined && { ms }) };
  };
  try {
    return await lookUp(subject, {
      lists,
      ask: async (list) =>
        list.source === "zone" ? ofZone(list) : { raw: files.find(list, subject) },
      healthOf,
    });
  } finally {
    resolver.close();
    files.close();
  }
}

/** Below the list's zone it would be longer than a name may be. */
const TOO_LONG = { kind: "failed", why: "malformed" } as const;

/** Believes every list, and notes how long each took. */
class Stopwatch implements ListWatch {
  readonly took = new Map<string, number>();

  stateOf(): ReturnType<ListWatch["stateOf"]> {
    return { state: "well", since: 0 };
  }

  isUsualSince(): boolean {
    return true;
  }

  happened(list: string, event: Parameters<ListWatch["happened"]>[1]): void {
    if (event.kind === "answer") this.took.set(list, event.ms);
  }
}
