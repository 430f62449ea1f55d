/** The lists of a site: what of them outlives a reload, and how they are asked by the configuration in force. */
import type { Config } from "../config/index.ts";
import { parseDomain, type Domain, type Ip } from "../mail/index.ts";
import { openResolver } from "../net/index.ts";
import type { Lists } from "../policy/checks/index.ts";
import {
  Asking,
  FirstHits,
  Inquiry,
  type ListedRules,
  type LocalLists,
} from "../policy/lists/index.ts";
import { reverseName, type Resolver } from "../protocol/dns/index.ts";
import type { Clock, Log, Random } from "../runtime/index.ts";
import { ListWatching } from "../service/lists/index.ts";
import type { Store } from "../store/index.ts";
import { systemTimer } from "./timer.ts";

/** What is known of lists whatever the configuration is. */
export interface ListMemory {
  readonly asking: Asking;
  readonly firstHits: FirstHits;
  readonly watch: ListWatching;
  close(): Promise<void>;
}

/** Names of one address that are asked about. */
const NAMES = 2;

/**
 * Lists are asked through a resolver of their own, which remembers nothing: what a list said while it was sick is to be forgotten with
 * its sickness, and what strangers make us ask lists takes no room from the questions of others.
 */
export function openListMemory(
  { dns, listed }: Config,
  { listHealth: store }: Pick<Store, "listHealth">,
  machine: { readonly clock: Clock; readonly random: Random; readonly log: Log },
): ListMemory {
  const settings = { ...dns, cache_mebibytes: 0, deadline_ms: listed.question_ms };
  const resolver = openResolver(settings, machine);
  const deps = { ...machine, resolver, timer: systemTimer };
  const watch = new ListWatching({ ...deps, store, questionMs: () => listed.question_ms });
  return {
    asking: new Asking({ ...deps, watch }),
    firstHits: new FirstHits(),
    watch,
    close: async () => {
      await watch.stop();
      resolver.close();
    },
  };
}

export interface SiteListsDeps {
  readonly listMemory: ListMemory;
  readonly listFiles: LocalLists;
  /** For the names of addresses. */
  readonly resolver: Resolver;
  readonly clock: Clock;
}

/** Undefined where there are none. */
export function siteLists(
  config: Config,
  { listMemory, listFiles, resolver, clock }: SiteListsDeps,
): Lists | undefined {
  const { lists, listed } = config;
  if (lists.length === 0) return undefined;
  const { asking, firstHits, watch } = listMemory;
  const inquiry = new Inquiry(
    { lists, questionMs: listed.question_ms, totalMs: listed.total_ms },
    {
      asking,
      firstHits,
      watch,
      files: listFiles,
      clock,
      timer: systemTimer,
      namesOf: (ip) => namesOf(ip, resolver),
    },
  );
  return {
    ...listsSettings(config),
    about: (parts) => inquiry.about(parts),
    hasGoodClient: (list, client, level) =>
      watch.happened(list, { kind: "good client hit", at: clock.now(), client, level }),
  };
}

type ListsConfig = Pick<Config, "lists" | "listed" | "postmaster" | "hostname">;

/** What is judged by; nobody is asked for it. */
export function listsSettings(config: ListsConfig): Omit<Lists, "about" | "hasGoodClient"> {
  const { trusted_hops: trustedHops, private_clients: privateClients } = config.listed;
  return { rules: rulesOf(config), appeal: appealOf(config), trustedHops, privateClients };
}

function rulesOf({ lists, listed }: ListsConfig): ListedRules {
  return {
    lists,
    refuse: listed.refuse,
    mark: listed.mark,
    received: listed.received,
    hopShare: listed.hop_share,
    confirmMinutes: listed.confirm_minutes,
    confirmClients: listed.confirm_clients,
  };
}

/** The postmaster of the operator's own domain: whoever is on a list reaches him all the same. */
function appealOf({ listed, postmaster, hostname }: ListsConfig): string {
  if (listed.appeal !== "") return listed.appeal;
  const { host } = postmaster;
  return `postmaster@${host.kind === "domain" ? host.domain : hostname}`;
}

async function namesOf(ip: Ip, resolver: Resolver): Promise<readonly Domain[]> {
  const resolution = await resolver.resolve(reverseName(ip), "PTR");
  if (resolution.kind !== "found") return [];
  return resolution.records
    .map((name) => parseDomain(name))
    .filter((name) => name !== undefined)
    .slice(0, NAMES);
}
