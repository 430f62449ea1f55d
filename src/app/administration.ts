/**
 * Changes to the directory as an administrator asks for them: checked in words, proved where they touch the relay
 * decision, committed in one transaction. A running server sees them with its next command.
 */
import { AliasAdministration, type AliasAdministrationDeps } from "./aliases.ts";
import { DomainAdministration, type DomainAdministrationDeps } from "./domains.ts";
import { MailboxAdministration, type MailboxAdministrationDeps } from "./mailboxes.ts";
import { ProvedChanges, type ProveDirectory } from "./proved-changes.ts";

export interface AdministrationDeps
  extends DomainAdministrationDeps, MailboxAdministrationDeps, AliasAdministrationDeps {
  readonly prove: ProveDirectory;
}

export class Administration {
  readonly domains: DomainAdministration;
  readonly mailboxes: MailboxAdministration;
  readonly aliases: AliasAdministration;

  constructor(deps: AdministrationDeps) {
    const changes = new ProvedChanges(deps.directory, deps.prove);
    this.domains = new DomainAdministration(deps, changes);
    this.mailboxes = new MailboxAdministration(deps, changes);
    this.aliases = new AliasAdministration(deps, changes);
  }
}
