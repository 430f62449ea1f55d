/** Who would lose something: the aliases that lead to an address or into a domain, in words for whoever wants to remove it. */
import type { Domain } from "../mail/index.ts";
import type { DirectoryReads } from "../store/index.ts";
import { everyAlias } from "./directory-pages.ts";
import { wireForm, type LocalAddress } from "./local-address.ts";

export function aliasTo(directory: DirectoryReads, target: LocalAddress): string | undefined {
  const address = wireForm(target);
  for (const alias of everyAlias(directory))
    if (alias.targets.includes(address))
      return `the alias ${wireForm(alias)} leads to it; change that first`;
  return undefined;
}

/** Without its domain, what an alias leads to would be an address elsewhere, and the mail would leave. */
export function aliasInto(directory: DirectoryReads, domain: Domain): string | undefined {
  for (const alias of everyAlias(directory))
    for (const target of alias.targets)
      if (alias.domain !== domain && target.endsWith(`@${domain}`))
        return `the alias ${wireForm(alias)} leads to ${target}; change that first`;
  return undefined;
}
