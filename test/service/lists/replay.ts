/**
 * A site with lists in scripted time: real asking, health, probes and the check at RCPT, over a DNS that says what a test wants. Senders
 * come one after the other, and come again when they are put off, as mail servers do.
 */
import { listsSchema, listedSchema } from "../../../src/policy/lists/settings.ts";
import { listedCheck, type Lists } from "../../../src/policy/checks/listed.ts";
import type { Verdict } from "../../../src/policy/checks/index.ts";
import {
  Asking,
  FirstHits,
  Inquiry,
  type HealthReducer,
  type ListHealth,
  type ListSubject,
  type ListWatch,
  type RawAnswer,
} from "../../../src/policy/lists/index.ts";
import { listsSettings } from "../../../src/app/lists.ts";
import { parseAddress, type IdentityLevel, type Ip } from "../../../src/mail/index.ts";
import { silentLog, type Fields, type Log, type Random } from "../../../src/runtime/index.ts";
import { ListWatching } from "../../../src/service/lists/index.ts";
import type { ListHealths, StoredListHealth } from "../../../src/store/index.ts";
import { Dice } from "../../fuzz/dice.ts";
import { subjectOf } from "../../policy/stranger.ts";
import { domainOf } from "../../support/memory-directory.ts";
import { ScriptedDns, ScriptedTime, type ZoneScript } from "./scripted-dns.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

export interface ReplayPlan {
  readonly zones: Readonly<Record<string, ZoneScript>>;
  /** Who is in the list that is a file of this machine; absent: there is no such list. */
  readonly file?: (ip: Ip) => boolean;
  /** A guard is taken away. */
  readonly reduce?: HealthReducer;
  /** One list alone is believed without a look at how usual its hits are. */
  readonly credulous?: true;
}

/** What became of one sender. */
export interface Sender {
  readonly ip: Ip;
  /** Actions of all of its attempts, the last one last. */
  readonly actions: Verdict["action"][];
  /** Milliseconds that an attempt took, likewise. */
  readonly took: number[];
}

/** As long as a queue of another server tries, in minutes. */
const RETRIES = [5, 15, 20, 30, 30, 60, 60, 120];

export class Replay {
  readonly time = new ScriptedTime();
  readonly dns: ScriptedDns;
  readonly watching: ListWatching;
  readonly kept = new MemoryHealths();
  /** "list sick: Dying: …", oldest first. */
  readonly told: string[] = [];
  readonly #check: ReturnType<typeof listedCheck>;

  constructor({ zones, file, reduce, credulous }: ReplayPlan) {
    const { clock, timer } = this.time;
    this.dns = new ScriptedDns(this.time, zones);
    const table = Object.keys(zones).map((zone) => ({
      zone,
      name: nameOfList(zone),
      mode: "vote",
    }));
    const own = file === undefined ? [] : [{ file: "relays.txt", name: "Own", mode: "vote" }];
    const lists = listsSchema.parse([...table, ...own]);
    const listed = listedSchema.parse({});
    const postmaster = parseAddress("postmaster@site.example");
    if (typeof postmaster === "string") throw new Error(postmaster);
    const random = seeded();
    const machine = { resolver: this.dns, clock, timer, random };
    this.watching = new ListWatching({
      ...machine,
      store: this.kept,
      log: this.#log(),
      questionMs: () => listed.question_ms,
      ...(reduce !== undefined && { reduce }),
    });
    const inquiry = new Inquiry(
      { lists, questionMs: listed.question_ms, totalMs: listed.total_ms },
      {
        asking: new Asking({ ...machine, watch: this.watching }),
        files: { find: (_, subject) => fileAnswer(subject, file) },
        watch: credulous === true ? withoutDoubt(this.watching) : this.watching,
        firstHits: new FirstHits(),
        clock,
        timer,
        namesOf: () => Promise.resolve([]),
      },
    );
    const site: Lists = {
      ...listsSettings({ lists, listed, postmaster, hostname: domainOf("mx.site.example") }),
      about: (parts) => inquiry.about(parts),
      hasGoodClient: (list, client, level) =>
        this.watching.happened(list, { kind: "good client hit", at: clock.now(), client, level }),
    };
    this.#check = listedCheck(site);
    this.watching.watch(lists);
  }

  get now(): number {
    return this.time.clock.now();
  }

  health(list: string): ListHealth {
    const health = this.watching.stateOf(list);
    if (!("hits" in health)) throw new Error(`${list} has no health`);
    return health;
  }

  /** One every `gapMs`, the first one now; each comes again when it is put off. Time does not pass here. */
  send(
    ips: readonly Ip[],
    gapMs: number,
    level: (index: number) => IdentityLevel = () => "none",
  ): readonly Sender[] {
    return ips.map((ip, i) => {
      const sender: Sender = { ip, actions: [], took: [] };
      this.time.timer.after(i * gapMs, () => void this.#attempt(sender, level(i)));
      return sender;
    });
  }

  async #attempt(sender: Sender, level: IdentityLevel): Promise<void> {
    const began = this.now;
    const facts = await this.#check.gather({
      ...subjectOf({ ip: sender.ip }),
      level: () => level,
    });
    const { action } = this.#check.judge(facts);
    sender.took.push(this.now - began);
    sender.actions.push(action);
    const again = RETRIES[sender.actions.length - 1];
    if (action === "defer" && again !== undefined)
      this.time.timer.after(again * MINUTE_MS, () => void this.#attempt(sender, level));
  }

  #log(): Log {
    const tell = (event: string, fields: Fields = {}): void => {
      const words = [event, fields["list"], fields["ailment"] ?? fields["why"]];
      this.told.push(words.filter((one) => typeof one === "string").join(": "));
    };
    return { ...silentLog, info: tell, warn: tell, error: tell };
  }
}

function withoutDoubt(watch: ListWatching): Pick<ListWatch, "stateOf" | "isUsualSince"> {
  return { stateOf: (list) => watch.stateOf(list), isUsualSince: () => true };
}

export class MemoryHealths implements ListHealths {
  readonly #rows = new Map<string, StoredListHealth>();

  all(): readonly StoredListHealth[] {
    return [...this.#rows.values()];
  }

  async keep(health: readonly StoredListHealth[]): Promise<void> {
    for (const one of health) this.#rows.set(one.list, one);
  }

  async retain(lists: readonly string[]): Promise<void> {
    for (const name of this.#rows.keys()) if (!lists.includes(name)) this.#rows.delete(name);
  }
}

/** "dying.example" → "Dying" */
function nameOfList(zone: string): string {
  const [label = ""] = zone.split(".");
  return label.charAt(0).toUpperCase() + label.slice(1);
}

function fileAnswer(subject: ListSubject, file: ReplayPlan["file"]): RawAnswer {
  return subject.kind === "address" && file?.(subject.ip) === true
    ? { kind: "codes", codes: ["127.0.0.2"] }
    : { kind: "clear" };
}

/** The same chance each time. */
function seeded(): Random {
  const dice = new Dice(1);
  return { octets: (count) => Uint8Array.from({ length: count }, () => dice.below(256)) };
}
