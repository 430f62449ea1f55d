/** What the acts on published lists and on reported hosts are done with, of one configuration and its store: for the server and for commands. */
import type { Config } from "../config/index.ts";
import { guardRules } from "../operate/listing/index.ts";
import type { SuspectSite } from "../operate/suspects/index.ts";
import type { Clock } from "../runtime/index.ts";
import type { Store } from "../store/index.ts";
import { ownAddresses, ownSubjects } from "./own-subjects.ts";

/** What is never listed is as it is at each act: domains are added, and machines get addresses, while a server runs. */
export function suspectSite(
  config: Config,
  { published, suspects, directory }: Pick<Store, "published" | "suspects" | "directory">,
  clock: Clock,
): SuspectSite {
  return {
    published,
    settings: config.listing,
    get rules() {
      return guardRules(config.listing, ownSubjects(config, directory));
    },
    get hostRules() {
      return guardRules(config.listing, ownAddresses(config));
    },
    now: () => clock.now(),
    suspects,
    testing: config.suspects,
  };
}
