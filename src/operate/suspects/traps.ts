/**
 * What traps report: who brought mail for a mailbox that nobody writes to. A trap reports a host once an hour, which says all there is to say. What a
 * day may bring is counted of the network that a new host is in, and not of the trap: whoever knows a trap can have it report as many hosts as he
 * has, and would have closed its eyes for all others. Hosts that are known already are counted nowhere: their tests have their time. In memory,
 * which is bounded; a crash forgets it.
 */
import { routedNetwork, type Ip, type Sample } from "../../mail/index.ts";
import { errorText, putLast, SlidingCounts, type Clock, type Log } from "../../runtime/index.ts";
import { DAY_MS } from "../listing/index.ts";
import { reportSuspect } from "./report.ts";
import type { SuspectSite } from "./site.ts";

export interface TrapReport {
  readonly ip: Ip;
  /** The address of the mailbox. */
  readonly trap: string;
  readonly sample: Sample;
}

/** Between two reports of one host by one trap, milliseconds. */
const AGAIN_MS = 3_600_000;

/** Remembered at once; what was seen longest ago is forgotten first. */
const HOSTS = 10_000;
const NETWORKS = 10_000;

export class TrapReports {
  readonly #clock: Pick<Clock, "elapsed">;
  readonly #log: Log;
  /** When a trap has reported a host. */
  readonly #reported = new Map<string, number>();
  /** Hosts that nobody had reported before, by network. */
  readonly #fresh = new SlidingCounts<string>({ keys: NETWORKS, windowMs: DAY_MS });

  constructor({ clock, log }: { readonly clock: Pick<Clock, "elapsed">; readonly log: Log }) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Never rejects: what comes of it is a line in the log. */
  async report(site: SuspectSite, { ip, trap, sample }: TrapReport): Promise<void> {
    const both = `${trap} ${ip}`;
    if (this.#isRepeated(both)) return;
    try {
      const why = this.#limit(site, ip) ?? (await reported(site, { ip, trap, sample }));
      if (why === undefined) this.#log.info("trap report", { ip, trap });
      else this.#log.warn("trap report not kept", { ip, trap, why });
    } catch (error) {
      this.#reported.delete(both); // the next mail may do better
      this.#log.error("trap report not kept", { ip, trap, problem: errorText(error) });
    }
  }

  #isRepeated(key: string): boolean {
    const now = this.#clock.elapsed();
    const before = this.#reported.get(key);
    if (before !== undefined && now - before < AGAIN_MS) return true;
    putLast(this.#reported, key, now, HOSTS);
    return false;
  }

  #limit({ testing, suspects }: SuspectSite, ip: Ip): string | undefined {
    if (testing === undefined || suspects.find(ip) !== undefined) return undefined;
    const network = routedNetwork(ip);
    const now = this.#clock.elapsed();
    const { reports_per_day: most } = testing;
    if (this.#fresh.wait(network, most - 1, now) > 0)
      return `${most} hosts of ${network} were reported by traps in the last day (suspects.reports_per_day)`;
    this.#fresh.add(network, now);
    return undefined;
  }
}

async function reported(
  site: SuspectSite,
  { ip, trap, sample }: TrapReport,
): Promise<string | undefined> {
  const cause = { kind: "sample", ...sample } as const;
  const result = await reportSuspect(site, { host: ip, origin: "trap", by: trap, cause });
  return typeof result === "string" ? result : undefined;
}
