/**
 * What a rehearsal has to know of the two configurations: which settings differ and are judged, and which facts of then say nothing under
 * the new one, because it would have asked something else.
 */
import { differingSettings, type Config, type LoadedConfig } from "../config/index.ts";
import {
  ipReach,
  parseDomain,
  parseIp,
  type CheckedFacts,
  type Domain,
  type Facts,
  type Ip,
} from "../mail/index.ts";
import type { RehearsalHead, StaleFacts } from "../operate/journal/index.ts";
import { trustedNetwork } from "../policy/checks/index.ts";
import { gatewayHosts } from "./gateways.ts";

/** Settings by which what was gathered is judged; all others are about gathering, or about something else. */
const JUDGED =
  /^(?:admission\.|rates\.|sending\.|greylist\.(?:enabled|below|delay_seconds)$|limits\.hops$|relay\.|recipients\.unknown$|lists?\b|listed\b|authentication\.)/;

export function rehearsalHead(site: LoadedConfig, tried: LoadedConfig): RehearsalHead {
  const keys = differingSettings(site.config, tried.config);
  return {
    tried: tried.file,
    site: site.file,
    judged: keys.filter((key) => JUDGED.test(key)),
    notJudged: keys.filter((key) => !JUDGED.test(key)),
  };
}

/** Whom nothing but its address spoke for. */
const STRANGERS: ReadonlySet<unknown> = new Set(["public address", "private address", "loopback"]);

export function staleFacts(config: Config): StaleFacts {
  const gateways = gatewayHosts(config);
  return ({ session, sender, recipients }, stage, { checks = [] }, to) => {
    const ip = parseIp(session.ip);
    const relays = recipients.map(({ decision }) => factsOf("relay", decision.checks ?? []));
    const relay = relays.find((facts) => facts !== undefined);
    if (stage === "sender" || ip === undefined || relay === undefined) return undefined;
    const trusted = trustedNetwork(config.relay.networks, ip)?.network.text;
    if (relay["login"] === undefined && relay["network"] !== trusted)
      return "relay.networks: whether the client is trusted differs";
    const isAsked = sender.address !== "" && STRANGERS.has(relay["client"]);
    if (stage === "recipient" && isAsked && isStaleUnknown(factsOf("relay", checks), config))
      return "recipients.unknown: of a sender to nobody here something else would have been asked";
    if (stage === "recipient")
      return isStaleRoute(factsOf("relay", checks), to, (domain) => gateways.has(domain))
        ? "relay.domains: where the recipient's mail goes differs"
        : undefined;
    return STRANGERS.has(relay["client"]) ? staleOrigin(config, ip, checks) : undefined;
  };
}

function factsOf(name: string, checks: readonly CheckedFacts[]): Facts | undefined {
  return checks.find(({ check }) => check === name)?.facts;
}

/** Its domain's mailboxes are elsewhere now, and were not then; or the other way. Its own names are the directory's. */
function isStaleRoute(
  relay: Facts | undefined,
  to: string | undefined,
  isGateway: (domain: Domain) => boolean,
): boolean {
  const kind = relay?.["recipient"];
  if (kind !== "gateway recipient" && kind !== "foreign domain" && !isUnknown(relay)) return false;
  const domain = parseDomain(to?.split("@").at(-1) ?? "");
  return domain !== undefined && isGateway(domain) !== (kind === "gateway recipient");
}

/** Of a sender to nobody here SPF is asked where he may be told by mail. */
function isStaleUnknown(relay: Facts | undefined, { recipients }: Config): boolean {
  return isUnknown(relay) && (relay?.["spf"] !== undefined) !== (recipients.unknown === "report");
}

/** Whatever is to become of a mail to nobody. */
function isUnknown(relay: Facts | undefined): boolean {
  const kind = relay?.["recipient"];
  return typeof kind === "string" && kind.startsWith("unknown mailbox");
}

/** Whether the message was asked about, and whether it would be. */
function staleOrigin(
  { authentication }: Config,
  ip: Ip,
  checks: readonly CheckedFacts[],
): string | undefined {
  const { enabled, private_clients: privateClients } = authentication;
  const spf = factsOf("spf", checks);
  if (spf === undefined) return undefined; // the check itself will say so
  const wasAsked = spf["spf"] !== undefined;
  const wouldBeAsked = enabled && (privateClients || ipReach(ip) === "public");
  if (wasAsked === wouldBeAsked) return undefined;
  return wasAsked
    ? "authentication: such mail would not be authenticated"
    : "authentication: the mail was not authenticated then";
}
