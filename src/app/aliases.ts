/** Aliases as an administrator makes and changes them: each leads somewhere, and none back to itself. */
import { formatAddress, hasRoutingCharacters, parseAddress, type Domain } from "../mail/index.ts";
import type { Directory } from "../store/index.ts";
import { aliasTo } from "./alias-uses.ts";
import { parseLocalAddress, parseNewName, wireForm, type LocalAddress } from "./local-address.ts";
import { no, type Outcome, type ProvedChanges } from "./proved-changes.ts";

export interface AliasAdministrationDeps {
  readonly directory: Directory;
  /** Where the mailboxes of a domain are, in words, when they are not here. */
  mailboxesElsewhere(domain: Domain): string | undefined;
  /** Where relay tests come back to (setting `tester.domain`). */
  readonly testerDomain: Domain | undefined;
}

export class AliasAdministration {
  readonly #deps: AliasAdministrationDeps;
  readonly #directory: Directory;
  readonly #changes: ProvedChanges;

  constructor(deps: AliasAdministrationDeps, changes: ProvedChanges) {
    this.#deps = deps;
    this.#directory = deps.directory;
    this.#changes = changes;
  }

  /** Makes the alias ("add"), or points one that is there elsewhere ("set"). */
  async set(address: string, targets: readonly string[], how: "add" | "set"): Promise<Outcome> {
    const alias = parseNewName(address);
    if (typeof alias === "string") return no(alias);
    const there = this.#directory.alias(alias.local, alias.domain) !== undefined;
    if (there && how === "add")
      return no(`there is an alias ${address} already; \`alias set\` changes it`);
    if (!there && how === "set") return no(`there is no alias ${address}; \`alias add\` makes it`);
    if (targets.length === 0) return no(`${address}: an alias needs an address to lead to`);
    const checked = targets.map((target) => this.#target(target, alias));
    const problem = checked.find((target) => typeof target === "object");
    if (typeof problem === "object") return no(problem.problem);
    const each = new Set(checked.filter((one) => typeof one === "string"));
    return this.#changes.proved({ kind: "set-alias", alias: { ...alias, targets: [...each] } });
  }

  async remove(address: string): Promise<Outcome> {
    const named = parseLocalAddress(address);
    if (typeof named === "string") return no(named);
    const use = aliasTo(this.#directory, named);
    return use === undefined
      ? this.#changes.proved({ kind: "remove-alias", ...named })
      : no(`${address} cannot be removed: ${use}`);
  }

  /** A target's wire form: a mailbox or alias of ours that does not lead back to the alias, or an address elsewhere. */
  #target(text: string, alias: LocalAddress): string | { readonly problem: string } {
    const target = parseLocalAddress(text);
    if (typeof target === "string") return { problem: target };
    if (target.domain === this.#deps.testerDomain)
      return {
        problem: `${text}: nobody can have mail in ${target.domain}, where relay tests come back to (setting tester.domain)`,
      };
    if (this.#directory.domain(target.domain) === undefined) return this.#targetAbroad(text);
    const [where, from] = [wireForm(target), wireForm(alias)];
    if (this.#directory.mailbox(target.local, target.domain) !== undefined) return where;
    const there = this.#deps.mailboxesElsewhere(target.domain);
    if (this.#directory.alias(target.local, target.domain) !== undefined)
      return this.#leadsTo(target, from, new Set())
        ? { problem: `${text} leads back to ${from}` }
        : where;
    if (where === from && there !== undefined)
      return {
        problem: `${text} leads back to itself: its mailbox at ${there} gets no mail while there is an alias of that name`,
      };
    return there !== undefined
      ? this.#targetAbroad(text)
      : { problem: `${text} is neither a mailbox nor an alias here` };
  }

  /** Its local part is the other server's: it stays as it was written. */
  #targetAbroad(text: string): string | { readonly problem: string } {
    const address = parseAddress(text);
    if (typeof address === "string") return { problem: `"${text}" cannot be used: ${address}` };
    if (hasRoutingCharacters(address.local))
      return {
        problem: `${text}: mail is not forwarded to a name with % ! @ / | or a leading dot`,
      };
    return formatAddress(address);
  }

  #leadsTo(from: LocalAddress, goal: string, seen: Set<string>): boolean {
    const here = wireForm(from);
    if (here === goal) return true;
    if (seen.has(here)) return false;
    seen.add(here);
    const targets = this.#directory.alias(from.local, from.domain)?.targets ?? [];
    return targets.some((text) => {
      const next = parseLocalAddress(text);
      return typeof next !== "string" && this.#leadsTo(next, goal, seen);
    });
  }
}
