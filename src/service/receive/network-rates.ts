/** Counts what each network sends, in memory. Promises: bounded memory; what is forgotten under a flood is what was seen longest ago. */
import type { IdentityLevel } from "../../mail/index.ts";
import { HOUR_MS, type Rated, type RateLimits, type Rates } from "../../policy/checks/index.ts";
import { SlidingCounts, type Clock, type Counted } from "../../runtime/index.ts";
import type { RatesSettings } from "./settings.ts";

export interface NetworkRatesDeps {
  readonly clock: Pick<Clock, "elapsed">;
  readonly settings: RatesSettings;
}

/** Networks counted at once. */
const NETWORKS = 10_000;

export class NetworkRates implements Rates {
  readonly #clock: Pick<Clock, "elapsed">;
  readonly #settings: RatesSettings;
  readonly #counts = {
    messages: new SlidingCounts<string>({ keys: NETWORKS, windowMs: HOUR_MS }),
    recipients: new SlidingCounts<string>({ keys: NETWORKS, windowMs: HOUR_MS }),
  };

  constructor({ clock, settings }: NetworkRatesDeps) {
    this.#clock = clock;
    this.#settings = settings;
  }

  limits(level: IdentityLevel): RateLimits {
    switch (level) {
      case "none":
      case "forward-confirmed":
      case "certificate":
        return limitsOf(level, this.#settings[level]);
      case "aligned": // known only behind the message
        return this.limits("forward-confirmed");
      case "pinned":
        return { messages: Infinity, recipients: Infinity, table: "" };
    }
  }

  count(network: string, what: Rated): void {
    this.#counts[what].add(network, this.#clock.elapsed());
  }

  counted(network: string, what: Rated): Counted {
    return this.#counts[what].counted(network, this.#clock.elapsed());
  }
}

function limitsOf(level: keyof RatesSettings, settings: RatesSettings["none"]): RateLimits {
  const { messages_per_hour: messages, recipients_per_hour: recipients } = settings;
  return {
    messages: numberOf(messages),
    recipients: numberOf(recipients),
    table: `rates.${level}`,
  };
}

function numberOf(limit: number | "unlimited"): number {
  return limit === "unlimited" ? Infinity : limit;
}
