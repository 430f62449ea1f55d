/** Hosts that are reported, tested and listed, as the acts on them see a site: its lists, its rules and its store. */
import type { Config } from "../config/index.ts";
import { guardRules } from "../operate/listing/index.ts";
import type { SuspectSite } from "../operate/suspects/index.ts";
import { systemClock } from "../runtime/index.ts";
import type { Store } from "../store/index.ts";
import { ownSubjects } from "./own-subjects.ts";

/** By the directory and the machine of this moment. */
export function suspectSite(
  config: Config,
  { published, suspects, directory }: Pick<Store, "published" | "suspects" | "directory">,
): SuspectSite {
  return {
    published,
    settings: config.listing,
    rules: guardRules(config.listing, ownSubjects(config, directory)),
    now: () => systemClock.now(),
    suspects,
    testing: config.suspects,
  };
}
