/**
 * What `[suspects]` names must be there: the domain of the address for reports, the mailboxes that are traps; and the file of those who are not to
 * be tested, for without it nobody is. Asked at start, at a reload and by `gatepost check`.
 */
import { readFileSync } from "node:fs";
import { ConfigError, type ConfigProblem, type LoadedConfig } from "../config/index.ts";
import { formatAddress, localKey, type Address } from "../mail/index.ts";
import { fileFault } from "../runtime/index.ts";
import type { DirectoryReads } from "../store/index.ts";

type LoadedPart = Pick<LoadedConfig, "file" | "config" | "path">;

/** Throws a ConfigError that says how to mend it. */
export function checkSuspects(
  { file, config: { suspects, tester }, path }: LoadedPart,
  directory: DirectoryReads,
): void {
  if (suspects === undefined) return;
  const { address, traps } = suspects;
  const problems: ConfigProblem[] = [];
  const problem = address && addressProblem(address, directory);
  if (problem !== undefined) problems.push({ key: "suspects.address", problem });
  for (const [index, trap] of traps.entries())
    if (!isMailbox(trap, directory))
      problems.push({ key: `suspects.traps.${index}`, problem: noMailbox(trap) });
  const unread = tester.opt_out === undefined ? undefined : optOutProblem(path(tester.opt_out));
  if (unread !== undefined) problems.push({ key: "tester.opt_out", problem: unread });
  if (problems.length > 0) throw new ConfigError(file, problems);
}

/** Mail for it is collected, whoever else would get it. */
function addressProblem(address: Address, directory: DirectoryReads): string | undefined {
  const { local, host } = address;
  if (host.kind === "literal") return undefined; // the schema has none
  const text = formatAddress(address);
  if (directory.domain(host.domain) === undefined)
    return `${host.domain} is no domain of this site; add it with \`gatepost domain add ${host.domain}\``;
  const key = localKey(local);
  if (directory.mailbox(key, host.domain) !== undefined)
    return `there is a mailbox ${text}, which would get none of its mail; expected an address that nobody has`;
  if (directory.alias(key, host.domain) !== undefined)
    return `there is an alias ${text}, which would lead nowhere; expected an address that nobody has`;
  return undefined;
}

function optOutProblem(file: string): string | undefined {
  try {
    readFileSync(file);
    return undefined;
  } catch (error) {
    return `${file}: ${fileFault(error)}`;
  }
}

function isMailbox({ local, host }: Address, directory: DirectoryReads): boolean {
  return host.kind === "domain" && directory.mailbox(localKey(local), host.domain) !== undefined;
}

function noMailbox(trap: Address): string {
  const address = formatAddress(trap);
  return `there is no mailbox ${address}; make it with \`gatepost mailbox add ${address}\``;
}
