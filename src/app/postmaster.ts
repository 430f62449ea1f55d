/** The mailbox that the setting `postmaster` names has to be there: mail for postmaster is always taken (RFC 5321 §4.5.1). */
import { ConfigError, type LoadedConfig } from "../config/index.ts";
import { formatAddress, localKey } from "../mail/index.ts";
import type { DirectoryReads } from "../store/index.ts";

/** Throws a ConfigError that says how to mend it. */
export function checkPostmaster({ file, config }: LoadedConfig, directory: DirectoryReads): void {
  const { local, host } = config.postmaster;
  const there = host.kind === "domain" && directory.mailbox(localKey(local), host.domain);
  if (there) return;
  const address = formatAddress(config.postmaster);
  throw new ConfigError(file, [
    {
      key: "postmaster",
      problem: `there is no mailbox ${address}; make it with \`gatepost mailbox add ${address}\``,
    },
  ]);
}
