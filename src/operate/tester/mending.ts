/**
 * What is wrong, in words, and how it is mended: for every hole a sentence that says what the server does, and for the servers that
 * most people have the settings that do it. Facts of their documentation; nothing here is tried.
 */
import type { Opening, OpeningName } from "./openings.ts";
import type { ServerKind } from "./server-kind.ts";

export interface Mending {
  /** "It relays for anybody." */
  readonly wrong: string;
  /** What to do, most likely first. */
  readonly todo: readonly string[];
}

export function mendingOf(opening: Opening, server: ServerKind): Mending {
  const { wrong, anywhere, at } = MENDINGS[opening.name];
  const own = at?.[server];
  return {
    wrong: opening.client === undefined ? wrong : `${wrong} Here it saw ${opening.client}.`,
    todo: [...(own === undefined ? [] : [`${server}: ${own}`]), ...anywhere],
  };
}

interface Words {
  readonly wrong: string;
  readonly anywhere: readonly string[];
  readonly at?: Partial<Readonly<Record<ServerKind, string>>>;
}

const ONLY_OURS =
  "let a stranger's mail in for your own domains only; decide by who the client is and where the mail goes, never by what he writes (RFC 2505)";

const TEST_OUTSIDE =
  "test once more from another network: from an address that is not private, and over IPv4 and IPv6";

const MENDINGS: Readonly<Record<OpeningName, Words>> = {
  anybody: {
    wrong: "It relays for anybody, to anywhere.",
    anywhere: [ONLY_OURS],
    at: {
      Postfix:
        "smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination; and look for a permit, a static: table or relay_domains that comes before it or names too much (postconf -n, and -o in master.cf)",
      Exim: "the ACL of acl_smtp_rcpt must end in deny, and before it accept only domains = +local_domains : +relay_to_domains, hosts = +relay_from_hosts, or authenticated = *",
      sendmail: "take FEATURE(promiscuous_relay) out of sendmail.mc; relay by the access map alone",
      OpenSMTPD:
        "a rule `match from any for any action …` must not be there; from any belongs to for domain only",
      Exchange:
        "the receive connector must not grant Ms-Exch-SMTP-Accept-Any-Recipient to ANONYMOUS LOGON (Get-ReceiveConnector | Get-ADPermission)",
      Haraka:
        "do not set connection.relaying in a plugin of your own; take the relay plugin's acl off strangers, and load rcpt_to.in_host_list",
    },
  },
  "client address": {
    wrong:
      "It relays for whoever comes from an address that it trusts, or for anybody: which of both, a test from a private address cannot tell.",
    anywhere: [
      "trust no private network, and no address of a gateway, bridge or proxy: behind network address translation (a container's, a load balancer's) all the world comes from it",
      "container: publish the port without a userland proxy, give the container IPv6 of its own, or let users log in instead of trusting networks",
      "proxy: pass the client's address on by the PROXY protocol, believed from the proxy alone",
      TEST_OUTSIDE,
    ],
    at: {
      Postfix:
        "mynetworks = 127.0.0.0/8 [::1]/128 or nothing at all, mynetworks_style = host; then smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination",
      Exim: "hostlist relay_from_hosts = : (nobody), and logins instead",
      sendmail: "take the address out of the access map and out of class R (relay-domains)",
      OpenSMTPD:
        "no rule `match from any for any action …`, nor one whose `for domain` fits more than your own domains; take the network out of `match from src`; `match from local` covers addresses of this machine",
      Exchange: "narrow RemoteIPRanges of the relay connector to the few addresses that need it",
      Haraka: "take the network out of relay_acl_allow",
    },
  },
  sender: {
    wrong: "It relays for whoever writes one of its own domains as the sender.",
    anywhere: [
      "a sender proves nothing: let your own people log in (port 587 or 465), and trust no MAIL FROM",
    ],
    at: {
      Postfix:
        "check_sender_access, permit or OK for your own domains must not stand before reject_unauth_destination, nor in smtpd_relay_restrictions",
      Exim: "no `accept senders = …` or `accept sender_domains = …` before `deny` in the RCPT ACL",
      sendmail: "take FEATURE(relay_local_from) and relay_mail_from out of sendmail.mc",
      OpenSMTPD: "`match mail-from …` for any needs `auth` or `from local` as well",
      Haraka: "a plugin must not set relaying by the sender's domain",
    },
  },
  "greeting name": {
    wrong: "It relays for whoever greets with one of its own names.",
    anywhere: ["the name in HELO proves nothing: take it out of every rule that lets mail through"],
    at: { Postfix: "no check_helo_access with OK before reject_unauth_destination" },
  },
  "client told by itself": {
    wrong:
      "It believes clients what they say of where they come from, or who has logged in (XCLIENT, XFORWARD, PROXY, AUTH=).",
    anywhere: ["believe a proxy's words from the proxy's own addresses alone"],
    at: {
      Postfix:
        "smtpd_authorized_xclient_hosts and smtpd_authorized_xforward_hosts must name your proxies only; no smtpd_upstream_proxy_protocol on a port that others reach",
      Exim: "hosts_proxy must name your proxies only",
      Haraka: "hosts in connection.ini [haproxy] must be your proxies only",
    },
  },
  "percent hack": {
    wrong: "It reads user%elsewhere@here as user@elsewhere, and sends it there unchecked.",
    anywhere: ["refuse % in local parts, or read the address before the decision and not after it"],
    at: {
      Postfix:
        "allow_percent_hack = no, or allow_untrusted_routing = no (the default) and reject_unauth_destination in smtpd_relay_restrictions",
      Exim: "take percent_hack_domains and redirect routers like ${local_part} with % out; deny local_parts = ^.*[@%!/|]",
      sendmail: "no FEATURE(loose_relay_check)",
      Haraka: "refuse such addresses with rcpt_to.routes or a plugin of your own",
    },
  },
  "bang path": {
    wrong: "It reads elsewhere!user as user@elsewhere, and sends it there unchecked.",
    anywhere: ["refuse ! in local parts"],
    at: {
      Postfix: "swap_bangpath = no, and reject_unauth_destination",
      Exim: "deny local_parts = ^.*[@%!/|]",
    },
  },
  "source route": {
    wrong: "It obeys source routes (<@here:user@elsewhere>).",
    anywhere: ["take the route off and judge the address that is left (RFC 5321 §4.1.1.3)"],
  },
  "quoted address": {
    wrong:
      'It unpacks addresses in quotes ("user@elsewhere"@here), or hands them to a server behind it that does.',
    anywhere: ["refuse @ in local parts, also for domains that you only pass on"],
    at: {
      Postfix: "resolve_dequoted_address = yes and allow_untrusted_routing = no (the defaults)",
      Exim: "deny local_parts = ^.*[@%!/|]",
    },
  },
  "two at signs": {
    wrong: "It checks one @ of an address and delivers by the other.",
    anywhere: ["refuse addresses with two @: they are none (RFC 5321 §4.1.2)"],
  },
  "empty domain": {
    wrong: "It takes an empty domain for its own, and then reads what stands before it.",
    anywhere: ["refuse addresses without a domain"],
    at: { Postfix: "resolve_null_domain = no (the default)" },
  },
  "encapsulated address": {
    wrong: "It unpacks IMCEASMTP addresses after the check.",
    anywhere: ["a server that old has to be replaced (MS99-027)"],
  },
  "forward's return": {
    wrong: "It unpacks return addresses (SRS, BATV, VERP) that it has not made.",
    anywhere: ["check the mark in them, its key and its age, before they are unpacked"],
  },
  "sub-address": {
    wrong: "It reads an address out of the tag of another.",
    anywhere: ["deliver user+tag to user, whatever the tag says"],
  },
  "similar domain": {
    wrong: "It takes domains for its own that only look like them.",
    anywhere: [
      "compare whole domains, in one canonical form; for parents only where that is wanted",
    ],
    at: {
      Postfix:
        "parent_domain_matches_subdomains must not contain relay_domains or smtpd_access_maps where subdomains are not yours",
    },
  },
  "injected command": {
    wrong: "It reads a second recipient where there is one argument.",
    anywhere: ["parse paths strictly, and end lines at CRLF alone"],
  },
  "session state": {
    wrong: "It lets mail through in a state of the session in which it was never checked.",
    anywhere: ["update the server: this is a fault of its software"],
  },
  smuggling: {
    wrong:
      "It takes something else than CRLF.CRLF for the end of a message, or what came before TLS for what came in it: mail can be smuggled through it.",
    anywhere: ["update the server (CVE-2023-51764 to 51766, CVE-2011-0411)"],
    at: {
      Postfix:
        "smtpd_forbid_bare_newline = normalize (3.9; `yes` in 3.8.4, 3.7.9, 3.6.13, 3.5.23) and smtpd_data_restrictions = reject_unauth_pipelining",
      Exim: "4.97.1 or newer",
      sendmail: "8.18 or newer, and its srv_features without o, g, u",
    },
  },
  "header recipients": {
    wrong: "It sends to addresses in the header section, whoever wrote them.",
    anywhere: ["take recipients from the envelope alone; no sendmail -t behind the server"],
  },
  backscatter: {
    wrong:
      "It takes mail first and reports back later that it cannot be delivered, to senders that are forged: backscatter.",
    anywhere: [
      "refuse in the session what will not be delivered: the list of your mailboxes belongs to the server that takes the mail",
    ],
    at: {
      Postfix:
        "local_recipient_maps, virtual_mailbox_maps and relay_recipient_maps must be complete; no catch-all before them",
      Exim: "verify = recipient in the RCPT ACL, with /callout for domains behind",
      Exchange: "turn recipient filtering on, or directory-based edge blocking",
    },
  },
  other: { wrong: "It relays.", anywhere: [ONLY_OURS] },
};
