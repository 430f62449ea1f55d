/** What routing must know about the site's own addresses, in its own words. `local` is always a local key. */
import type { Domain, MailboxId } from "../../mail/index.ts";
import type { ReturnReading } from "./srs.ts";

export interface RoutedMailbox {
  readonly id: MailboxId;
  readonly local: string;
  readonly domain: Domain;
  readonly disabled: boolean;
  /** Octets; absent means no quota. */
  readonly quotaOctets?: number;
  readonly usedOctets: number;
}

/** Reads throw when the directory cannot answer; nobody here catches that, and the caller says 451. */
export interface RoutingDirectory {
  domain(name: Domain): { readonly catchAll?: MailboxId } | undefined;
  mailbox(local: string, domain: Domain): RoutedMailbox | undefined;
  mailboxById(id: MailboxId): RoutedMailbox | undefined;
  /** The addresses an alias leads to, in wire form. */
  alias(local: string, domain: Domain): { readonly targets: readonly string[] } | undefined;
}

/** Where forwards return to, in routing's own words. */
export interface Returns {
  read(local: string, domain: Domain): ReturnReading;
}

/** Where messages of this site's relay tests come back to: a domain of their own, in which tokens are the local parts. */
export interface TestDomain {
  readonly domain: Domain;
  /** What a local part says by its form; whether a test has sent such a token is not asked here. */
  read(local: string): TestAddress | undefined;
}

export interface TestAddress {
  readonly token: string;
  /** The test sent from there: what comes is about a message of it. */
  readonly isSender: boolean;
}

/** Domains of ours whose mailboxes are on another host. */
export interface Gateways {
  has(domain: Domain): boolean;
}
