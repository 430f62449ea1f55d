/**
 * Has the hosts reported that a mail names, and then drops the mail. A crash in between reports them again: that is one line more among
 * a host's reports, and no second test. Where one of them is not taken, the mail goes to the postmaster, who sees what the others were.
 */
import type { Domain, Ip, Sample } from "../../mail/index.ts";
import type { Log } from "../../runtime/index.ts";
import type { ReportMails } from "../../store/index.ts";
import { shownMail, type KeepReport, type WaitingAbout } from "./collector.ts";
import { whyUnread, type ReportReader } from "./reading.ts";
import { relayedHost } from "./relayed-host.ts";

export interface ReportedHost {
  readonly host: Ip;
  readonly by: string;
  readonly sample: Sample;
}

export interface RelayKeeping {
  readonly mails: Pick<ReportMails, "drop">;
  readonly reader: Pick<ReportReader, "read">;
  readonly log: Log;
  /** Our own name. */
  hostname(): Domain;
  /** No stranger: of this machine, within a network, or trusted to say where mail comes from. */
  isOurs(ip: Ip): boolean;
  /** Undefined: it is kept. Else why not. */
  report(reported: ReportedHost): Promise<string | undefined>;
}

const NO_HOST = "a message that names no host but ours and such as are within a network";

export function relayKeeper(deps: RelayKeeping): KeepReport<WaitingAbout<"relay">> {
  const { mails, reader, log } = deps;
  return async (mail, octets) => {
    const reading = await reader.read(octets, { about: "relay", hostname: deps.hostname() });
    if (reading.kind !== "relay") return whyUnread(reading);
    const hosts: Ip[] = [];
    const problems: string[] = [];
    for (const sample of reading.samples) {
      const host = relayedHost(sample, (ip) => deps.isOurs(ip));
      const why =
        host === undefined
          ? NO_HOST
          : await deps.report({ host, by: mail.reporter, sample: sample.sample });
      if (why !== undefined) problems.push(why);
      else if (host !== undefined) hosts.push(host);
    }
    if (hosts.length > 0) log.info("relay report", { ...shownMail(mail), hosts });
    if (problems.length > 0) return [...new Set(problems)].join("; ");
    await mails.drop(mail.id);
    return undefined;
  };
}
