/**
 * A login sends only as its own addresses, in the envelope and in the header section: its mailbox with all sub-addresses,
 * what leads mail to it (aliases, roles), and what the operator granted. Not a catch-all's: that is every name of a domain.
 */
import {
  formatAddress,
  localKey,
  status,
  type Address,
  type Author,
  type AuthorField,
  type Authors,
  type Login,
  type MailboxId,
  type ReversePath,
  type SenderGrant,
  type Status,
} from "../../mail/index.ts";
import type { RecipientClass, Routing } from "../routing/index.ts";
import type { Check, Verdict } from "./verdict.ts";

/** What must be known of the site, in policy's own words. Reads throw when it cannot be known. */
export interface SenderDirectory extends Pick<Routing, "route"> {
  senderGrants(mailbox: MailboxId): readonly SenderGrant[];
}

export interface SenderSubject {
  readonly login: Login;
  readonly reversePath: ReversePath;
}

export interface AuthorsSubject {
  readonly login: Login;
  /** What the header section says; whoever hands a login's message in has read it. */
  readonly authors?: Authors;
}

/** What an address is to the login; the kind of recipient, where its mail reaches the login's mailbox. */
type Ownership = RecipientClass | "granted address" | "granted domain" | "null path" | "not own";

export type OwnSenderFacts = {
  readonly login: string;
  /** Wire form; "" is the null path. */
  readonly sender: string;
  readonly senderIs: Ownership;
};

export type OwnAuthorsFacts = {
  readonly login: string;
  /** The first that is not the login's own; where all are, the first of From. */
  readonly author?: string;
  readonly authorField?: AuthorField;
  readonly authorIs?: Ownership;
  /** Why the header section does not say who its author is. */
  readonly authorUnknown?: string;
};

/** At MAIL. The null path is nobody's address: a user's program sends receipts with it (RFC 8098 §3), and From is still asked. */
export function ownSenderCheck(directory: SenderDirectory): Check<SenderSubject, OwnSenderFacts> {
  const name = "own sender";
  return {
    name,
    gather: ({ login, reversePath }) => {
      const who = { login: login.address };
      if (reversePath === null) return { ...who, sender: "", senderIs: "null path" };
      const senderIs = ownership(directory, login, reversePath);
      return { ...who, sender: formatAddress(reversePath), senderIs };
    },
    judge: (facts): Verdict =>
      facts.senderIs === "not own"
        ? refused(name, notOwn(facts.login, facts.sender), facts)
        : { action: "continue", check: name, evidence: facts },
    otherwise: ({ login, sender }) => [
      `an address that is ${login}'s: gatepost mailbox allow-sender, or an alias that leads there; not ${sender}`,
    ],
  };
}

/** When the content is in: everybody who is named as author or sender is the login. */
export function ownAuthorsCheck(
  directory: SenderDirectory,
): Check<AuthorsSubject, OwnAuthorsFacts> {
  const name = "own authors";
  return {
    name,
    gather: ({ login, authors }) => authorFacts(directory, login, authors),
    judge: (facts): Verdict => {
      if (facts.authorUnknown !== undefined)
        return refused(name, status(550, "5.6.0", facts.authorUnknown, SOURCE), facts);
      return facts.authorIs === "not own"
        ? refused(name, notOwn(facts.login, facts.author, facts.authorField), facts)
        : { action: "continue", check: name, evidence: facts };
    },
    otherwise: ({ login, author, authorUnknown }) => [
      authorUnknown === undefined
        ? `an author that is ${login}'s: gatepost mailbox allow-sender, or an alias that leads there; not ${author}`
        : "a header section that says who its author is",
    ],
  };
}

function authorFacts(
  directory: SenderDirectory,
  login: Login,
  authors: Authors | undefined,
): OwnAuthorsFacts {
  const who = { login: login.address };
  if (authors === undefined) throw new Error("a login's message came without its authors");
  if (authors.kind === "unreadable") return { ...who, authorUnknown: authors.why };
  const told = authors.authors.map((author) => ({
    author,
    authorIs: ownership(directory, login, author.address),
  }));
  const [first] = told;
  if (first === undefined) throw new Error("a header section that was read has an author");
  const { author, authorIs } = told.find((one) => one.authorIs === "not own") ?? first;
  return { ...who, ...named(author), authorIs };
}

function named({ field, address }: Author): Pick<OwnAuthorsFacts, "author" | "authorField"> {
  return { author: formatAddress(address), authorField: field };
}

/** Whoever gets the mail for an address may send as it; of several people behind an alias, each. */
function ownership(directory: SenderDirectory, login: Login, address: Address): Ownership {
  const { recipient, mailboxes } = directory.route({ forwardPath: address, sourceRoute: false });
  const reaches = mailboxes.some(({ id }) => id === login.mailbox);
  if (reaches && recipient !== "catch-all") return recipient;
  return granted(directory.senderGrants(login.mailbox), address) ?? "not own";
}

function granted(
  grants: readonly SenderGrant[],
  { local, host }: Address,
): "granted address" | "granted domain" | undefined {
  if (host.kind === "literal") return undefined;
  const of = grants.filter(({ domain }) => domain === host.domain);
  if (of.some((grant) => grant.local === localKey(local))) return "granted address";
  return of.some((grant) => grant.local === undefined) ? "granted domain" : undefined;
}

const SOURCE = "policy/own-sender";

/** Names login, address and rule: whoever reads it must know what to ask for. */
function notOwn(login: string, address = "", field?: AuthorField): Status {
  const where = field === undefined ? "" : ` (header field ${field})`;
  return status(
    550,
    "5.7.1",
    `${login} may not send as ${address}${where}: not its mailbox, alias or granted address`,
    SOURCE,
  );
}

function refused(check: string, said: Status, evidence: OwnSenderFacts | OwnAuthorsFacts): Verdict {
  return { action: "refuse", check, status: said, evidence };
}
