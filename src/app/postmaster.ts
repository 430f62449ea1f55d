/** The mailbox that the setting `postmaster` names has to be there: mail for postmaster is always taken (RFC 5321 §4.5.1). */
import { ConfigError, type Config, type LoadedConfig } from "../config/index.ts";
import { formatAddress, localKey, type Domain } from "../mail/index.ts";
import type { DirectoryReads } from "../store/index.ts";

/** As the directory that is asked knows it; undefined while there is none. */
export function postmasterMailbox<Mailbox>(
  { postmaster: { local, host } }: Pick<Config, "postmaster">,
  directory: { mailbox(local: string, domain: Domain): Mailbox | undefined },
): Mailbox | undefined {
  return host.kind === "domain" ? directory.mailbox(localKey(local), host.domain) : undefined;
}

/** Throws a ConfigError that says how to mend it. */
export function checkPostmaster({ file, config }: LoadedConfig, directory: DirectoryReads): void {
  if (postmasterMailbox(config, directory) !== undefined) return;
  const address = formatAddress(config.postmaster);
  throw new ConfigError(file, [
    {
      key: "postmaster",
      problem: `there is no mailbox ${address}; make it with \`gatepost mailbox add ${address}\``,
    },
  ]);
}
