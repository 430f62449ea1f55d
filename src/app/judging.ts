/**
 * The policy of a configuration for what was gathered before: the server's own stages, of which nobody is asked anything new. For `explain`
 * and `rehearse`.
 */
import { ConfigError, settingChoices, settingOf, type LoadedConfig } from "../config/index.ts";
import type { FactValue } from "../mail/index.ts";
import type { Judges, PastStages } from "../operate/journal/index.ts";
import { systemClock } from "../runtime/index.ts";
import { NetworkRates } from "../service/receive/index.ts";
import { sendingLimits } from "../service/sending/index.ts";
import type { DirectoryReads } from "../store/index.ts";
import { listsSettings } from "./lists.ts";
import { sitePolicy, type PolicyWorld } from "./policy.ts";

export function siteJudges(loaded: LoadedConfig, directory: DirectoryReads): Judges {
  const { config, file } = loaded;
  const tried = new Map<string, PastStages | undefined>();
  return {
    file,
    stages: pastStages(loaded, directory),
    setting: (key) => {
      const value = settingOf(config, key);
      return isFactValue(value) ? { value, written: loaded.writes(key) } : undefined;
    },
    choices: settingChoices,
    changed: (key, value) => {
      const name = `${key} ${JSON.stringify(value)}`;
      if (!tried.has(name)) tried.set(name, changedStages(loaded, key, value, directory));
      return tried.get(name);
    },
  };
}

function changedStages(
  loaded: LoadedConfig,
  key: string,
  value: FactValue,
  directory: DirectoryReads,
): PastStages | undefined {
  try {
    return pastStages(loaded.changed(key, value), directory);
  } catch (error) {
    if (error instanceof ConfigError) return undefined; // the setting cannot be so
    throw error;
  }
}

function pastStages({ config }: LoadedConfig, directory: DirectoryReads): PastStages {
  return sitePolicy(directory, config, askingNobody(config)).stages;
}

/** What the checks' judges read of settings; whatever would have to be gathered is not. */
function askingNobody(config: LoadedConfig["config"]): PolicyWorld {
  const { rates, greylist, sending, relay } = config;
  return {
    clock: systemClock,
    secret: new Uint8Array(32), // no return address is read
    verifyRecipient: never,
    knowsToken: never,
    trusted: never,
    spread: { limit: relay.foreign_spread, ask: never },
    counter: {
      account: never,
      habits: never,
      limits: (factor) => sendingLimits(sending, factor),
    },
    ...(config.lists.length > 0 && {
      lists: { ...listsSettings(config), about: never, hasGoodClient: never },
    }),
    rates: new NetworkRates({ clock: systemClock, settings: rates }),
    ...(greylist.enabled && {
      greylist: {
        below: greylist.below,
        delayMs: greylist.delay_seconds * 1000,
        hasPassed: never,
        attempt: never,
      },
    }),
  };
}

function never(): never {
  throw new Error("what was gathered before is judged, and nothing gathered anew");
}

function isFactValue(value: unknown): value is FactValue {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
