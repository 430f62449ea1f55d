/**
 * The relay catalogue: every known way to make a mail server carry a stranger's mail, and our one right
 * answer to each. It is data; vector.ts says what the fields mean, ../names.ts what stands for the braces, most of them these:
 *
 *   {L} a domain of ours      {H} our host name           {IP} our address (IPv4)
 *   {F} a foreign domain      {u} a local part nobody has  {T} = {u}@{F}, the tester's own mailbox
 *   {G} an attacker's domain  {user} somebody's mailbox in {L}
 *
 * Letters of an origin, with the number the vector has there: M the MAPS relay test, A the abuse.net family,
 * N nmap's smtp-open-relay, R reedmedia.net's list, E ernw's open_mail_tester, P Postfix documentation,
 * X Exim documentation and tests, Q qmail and Courier, MS Microsoft bulletins, G GitHub issues of other
 * servers, C a CVE or its public proof, D derived here.
 *
 * RFC 2505 (BCP 30) §2.1 is the rule behind all of it: relaying is decided by who the client is and where
 * the mail goes, never by MAIL FROM, HELO or anything else a stranger writes.
 *
 * Others stand for parts that not every server has; ../names.ts says what they are.
 *
 * Not among them, because they are no session with this server: R18's configuration of a trusted network
 * behind address translation is refused when it is loaded; R116, the same answers on every listener, is
 * what running all of this for each listener shows; R140, challenges and call-outs, is never built.
 */
import { afterAcceptance } from "./after-acceptance.ts";
import { domainComparison } from "./domain-comparison.ts";
import { recipientRouting } from "./recipient-routing.ts";
import { relayTestReturns } from "./relay-test-returns.ts";
import { senderAndClientTrust } from "./sender-trust.ts";
import { sessionState } from "./session-state.ts";
import type { Chapter } from "./vector.ts";

export * from "./vector.ts";

export const CATALOGUE: readonly Chapter[] = [
  senderAndClientTrust,
  recipientRouting,
  domainComparison,
  sessionState,
  afterAcceptance,
  relayTestReturns,
];
