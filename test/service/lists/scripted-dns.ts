/** Time that passes when it is told to, and a DNS of zones whose answers are a function of the question and of that time. */
import {
  isWithin,
  type DnsName,
  type FailureReason,
  type RecordData,
  type RecordType,
  type Resolution,
  type Resolver,
} from "../../../src/protocol/dns/index.ts";
import { parseName } from "../../../src/protocol/dns/index.ts";
import type { Timer } from "../../../src/policy/lists/index.ts";
import { ManualClock } from "../../../src/runtime/index.ts";

interface Due {
  readonly at: number;
  readonly happens: () => void;
}

export class ScriptedTime {
  readonly clock = new ManualClock(Date.UTC(2026, 0, 1));
  readonly #due: Due[] = [];

  readonly timer: Timer = {
    after: (ms, happens) => {
      const due = { at: this.clock.elapsed() + Math.max(0, ms), happens };
      const place = this.#due.findLastIndex((one) => one.at <= due.at) + 1;
      this.#due.splice(place, 0, due);
      return () => {
        const index = this.#due.indexOf(due);
        if (index >= 0) this.#due.splice(index, 1);
      };
    },
  };

  /** Everything that is due by then happens, each at its time. */
  async pass(ms: number): Promise<void> {
    const until = this.clock.elapsed() + ms;
    await settled();
    for (let [first] = this.#due; first !== undefined && first.at <= until; [first] = this.#due) {
      this.clock.advance(first.at - this.clock.elapsed());
      while (this.#due[0] !== undefined && this.#due[0].at <= this.clock.elapsed())
        this.#due.shift()?.happens();
      await settled();
    }
    this.clock.advance(until - this.clock.elapsed());
  }
}

/** All that follows from what has happened has happened. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What a zone answers: codes, nothing, or why there is no answer; and after how many milliseconds. */
export interface ZoneAnswer {
  readonly codes?: readonly string[];
  readonly servers?: readonly string[];
  readonly failed?: FailureReason;
  /** Infinity: never. */
  readonly ms?: number;
}

/** `prefix`: what stands before the zone, "" for the zone itself; `at`: milliseconds since 1970. */
export type ZoneScript = (prefix: string, at: number) => ZoneAnswer;

const USUAL_MS = 20;
const TTL = 300;

export class ScriptedDns implements Resolver {
  readonly #time: ScriptedTime;
  readonly #zones: ReadonlyMap<DnsName, ZoneScript>;
  /** Of each zone, when it was asked for addresses. */
  readonly asked = new Map<string, number[]>();
  /** Nobody answers from then until then. */
  outage: readonly [number, number] = [Infinity, Infinity];

  constructor(time: ScriptedTime, zones: Readonly<Record<string, ZoneScript>>) {
    this.#time = time;
    this.#zones = new Map(Object.entries(zones).map(([zone, script]) => [nameOf(zone), script]));
  }

  resolve<Type extends RecordType>(name: DnsName, type: Type): Promise<Resolution<Type>> {
    const { promise, resolve } = Promise.withResolvers<Resolution<Type>>();
    const at = this.#time.clock.now();
    const found = [...this.#zones].find(([zone]) => isWithin(name, zone));
    if (found === undefined || (at >= this.outage[0] && at < this.outage[1])) return promise;
    const [zone, script] = found;
    if (type === "A") this.asked.set(zone, [...(this.asked.get(zone) ?? []), at]);
    const prefix = name === zone ? "" : name.slice(0, -zone.length - 1);
    const answer = script(prefix, at);
    const { ms = USUAL_MS } = answer;
    if (ms !== Infinity) this.#time.timer.after(ms, () => resolve(resolution(name, type, answer)));
    return promise;
  }
}

function resolution<Type extends RecordType>(
  name: DnsName,
  type: Type,
  { codes = [], servers = [], failed }: ZoneAnswer,
): Resolution<Type> {
  if (failed !== undefined) return { kind: "failed", why: failed };
  const records = recordsOf(type, codes, servers) as RecordData[Type][]; // of the type that the switch has made
  return records.length === 0
    ? { kind: "no-such-name", ttl: TTL, authentic: false }
    : { kind: "found", name, records, ttl: TTL, authentic: false };
}

function recordsOf(
  type: RecordType,
  codes: readonly string[],
  servers: readonly string[],
): readonly unknown[] {
  switch (type) {
    case "A":
      return codes;
    case "TXT":
      return codes.map(() => Buffer.from("listed; see https://list.example/"));
    case "NS":
      return servers.map(nameOf);
    case "SOA":
      return servers
        .slice(0, 1)
        .map((server) => ({ primary: nameOf(server), serial: 1, minimum: TTL }));
    default:
      return [];
  }
}

export function nameOf(text: string): DnsName {
  const name = parseName(text);
  if (name === undefined) throw new Error(`${text} is no name`);
  return name;
}
