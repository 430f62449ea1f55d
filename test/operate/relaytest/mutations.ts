/**
 * Deliberately broken servers, at least one for each class of vector: the mistakes that made real servers relay.
 * The proof has to find every one of them, by the vectors that are named with it.
 */
import {
  addressOf,
  domainOf,
  follows,
  followsPath,
  hears,
  hearsOctets,
  ImpatientSession,
  relaysTo,
  rereadDomain,
  saysBefore,
  sendsAlsoTo,
  sendsToHeader,
  serves,
  trustsClient,
  trustsLine,
  trustsSender,
  trustsWord,
} from "./breakage.ts";
import {
  betweenChunks,
  bounces,
  givesInAfter,
  keepsRefused,
  notifies,
  remembersTransaction,
} from "./careless.ts";
import type { Parts } from "./small-site.ts";

export interface Mutation {
  /** What this server does. */
  readonly name: string;
  /** Vectors that must fail. */
  readonly finds: readonly string[];
  readonly parts: Parts;
  /** It only answers otherwise than it must; of all others mail is seen to leave. */
  readonly answersOnly?: true;
}

const trust: readonly Mutation[] = [
  { name: "relays for everybody", finds: ["R01", "R02", "R72"], parts: relaysTo("foreign domain") },
  {
    name: "relays for everybody but the tester's domain",
    finds: ["R02"],
    parts: trustsSender((sender, { names }) => !sender.endsWith(`@${names.foreign}>`)),
  },
  {
    name: "trusts localhost as sender",
    finds: ["R03"],
    parts: trustsSender((sender) => sender.endsWith("@localhost>")),
  },
  {
    name: "trusts senders in our domain",
    finds: ["R06", "R07", "R08", "R19a"],
    parts: trustsSender((sender, { names }) => sender.endsWith(`@${names.domain}>`)),
  },
  {
    name: "qualifies senders",
    finds: ["R04", "R11"],
    parts: hears((line) => line.replace(/^MAIL FROM:<x@?>/, "MAIL FROM:<x@kite.example>")),
    answersOnly: true,
  },
  {
    name: "trusts postmaster as sender",
    finds: ["R08"],
    parts: trustsSender((sender) => sender.startsWith("<postmaster@")),
  },
  {
    name: "trusts the null sender",
    finds: ["R05"],
    parts: trustsSender((sender) => sender === "<>"),
  },
  {
    name: "trusts our host name as sender",
    finds: ["R09"],
    parts: trustsSender((sender, { names }) => sender.endsWith(`@${names.hostname}>`)),
  },
  {
    name: "trusts our own literal as sender",
    finds: ["R10"],
    parts: trustsSender((sender, { names }) => sender.endsWith(`@[${names.address}]>`)),
  },
  {
    name: "adds missing brackets, after the check",
    finds: ["R12"],
    parts: follows((line) => line.replace(/^RCPT TO:([^<].*)$/, "RCPT TO:<$1>")),
  },
  {
    name: "takes AUTH= from anybody",
    finds: ["R13"],
    parts: trustsLine(/^(MAIL FROM:<.*>) AUTH=\S+/, "$1"),
  },
  {
    name: "trusts the name in HELO",
    finds: ["R14a", "R14b", "R14c", "R14d"],
    parts: trustsWord(
      (ask, { names }) =>
        ask.kind === "helo" &&
        [names.domain, names.hostname, `[${names.address}]`, "localhost"].includes(ask.name),
    ),
  },
  {
    name: "trusts a name in HELO that does not resolve",
    finds: ["R14f"],
    parts: trustsWord((ask) => ask.kind === "helo" && ask.name.endsWith(".invalid")),
  },
  {
    name: "cuts a long name in HELO, and trusts what is left",
    finds: ["R14e", "R14g"],
    parts: trustsLine(/^EHLO .{255,}/, "EHLO kite.example"),
  },
  {
    name: "needs no greeting",
    finds: ["R15"],
    parts: saysBefore(/^MAIL/, "EHLO x"),
    answersOnly: true,
  },
  {
    name: "trusts loopback",
    finds: ["R17a", "R17b", "R17c"],
    parts: trustsClient(({ client }) => client === "127.0.0.1" || client === "::1"),
  },
  {
    name: "trusts loopback, compared as text",
    finds: ["R17a"],
    parts: trustsClient(({ clientText }) => clientText.startsWith("127.")),
  },
  {
    name: "trusts mapped addresses, compared as text",
    finds: ["R17b"],
    parts: trustsClient(({ clientText }) => clientText.startsWith("::ffff:")),
  },
  {
    name: "trusts the link",
    finds: ["R17d"],
    parts: trustsClient(({ client }) => client.startsWith("fe80:")),
  },
  {
    name: "trusts its own address",
    finds: ["R17e"],
    parts: trustsClient(({ client, names }) => client === names.address),
  },
  {
    name: "trusts private networks, and so the gateway",
    finds: ["R18a", "R18b"],
    parts: trustsClient(({ client }) => /^(?:10\.|172\.1[6-9]\.|192\.168\.|fd)/.test(client)),
  },
  { name: "believes XCLIENT", finds: ["R19a", "R18i", "R117g"], parts: trustsLine(/^XCLIENT .*/) },
  { name: "believes XFORWARD", finds: ["R19b"], parts: trustsLine(/^XFORWARD .*/) },
  { name: "believes anybody's PROXY header", finds: ["R20a"], parts: trustsLine(/^PROXY TCP4 .*/) },
  { name: "believes PROXY UNKNOWN", finds: ["R20b"], parts: trustsLine(/^PROXY UNKNOWN/) },
  {
    name: "takes off anybody's PROXY header of version 2",
    finds: ["R20c"],
    parts: hearsOctets((octets) => (octets.startsWith("\r\n\r\n\0") ? octets.slice(28) : octets)),
    answersOnly: true,
  },
];

const routing: readonly Mutation[] = [
  {
    name: "decodes the percent hack",
    finds: [
      "R30",
      "R31",
      "R32",
      "R34",
      "R51b",
      "R55d",
      "R56b",
      "R64b",
      "R18j",
      "R18l",
      "R54s",
      "R68d",
      "R115d",
      "R115q",
      "R138e",
      "R115s",
    ],
    parts: followsPath(decodePercents),
  },
  {
    name: "qualifies a local part alone, and decodes its percent hack",
    finds: ["R33", "R35"],
    parts: followsPath((path) => path.replace(/^"?([^@"]+)%([^@"]+)"?$/, "$1@$2")),
  },
  {
    name: "unquotes local parts and reads them again",
    finds: ["R36", "R40", "R41", "R55c", "R56c", "R68b", "R68c", "R115q", "R115s"],
    parts: followsPath((path) => path.replace(/^"(?:ann\+)?(.*@.*)"(?:@.*)?$/, "$1")),
  },
  {
    name: "unquotes local parts and decodes their percent hack",
    finds: ["R42"],
    parts: followsPath((path) => path.replace(/^"(.*)%(.*)"@.*$/, "$1@$2")),
  },
  {
    name: "goes by the first @",
    finds: ["R37", "R38", "R39", "R52b", "R55b", "R56e", "R68a", "R115s"],
    parts: followsPath((path) => path.replace(/^([^"@]+@[^@]+)@.*$/, "$1")),
  },
  {
    name: "goes by the last @, whatever stands before",
    finds: ["R37", "R56e"],
    parts: followsPath((path) => path.replace(/^([^"@]+)@([^@]+)@(.*)$/, "$1=$2@$3")),
    answersOnly: true,
  },
  {
    name: "follows source routes",
    finds: [
      "R43",
      "R44",
      "R45",
      "R46a",
      "R46b",
      "R18j",
      "R54s",
      "R68d",
      "R115d",
      "R115q",
      "R138e",
      "R115s",
    ],
    parts: followsPath((path) => path.replace(/^@.*:/, "")),
  },
  {
    name: "follows bang paths",
    finds: ["R47", "R48", "R49", "R50", "R51a", "R56d", "R68d", "R138e", "R115s"],
    parts: followsPath((path) => path.replace(/^(?:.*!)?([^!]+)!([^!@]+)(?:@.*)?$/, "$2@$1")),
  },
  {
    name: "takes an empty domain for its own, and reads the rest again",
    finds: ["R52a", "R52b", "R52c", "R52d"],
    parts: followsPath((path) => path.replace(/^(.*)[%@]\[?([^\]]*)\]?@$/, "$1@$2")),
  },
  {
    name: "unpacks encapsulated addresses",
    finds: ["R53a", "R53b"],
    parts: followsPath((path) => path.replace(/^"?IMCEASMTP-(.*)\+40(.*?)"?@.*$/, "$1@$2")),
  },
  {
    name: "unpacks SRS without a look at the hash",
    finds: ["R54a"],
    parts: followsPath((path) => path.replace(/^SRS0=.*?=.*?=(.*?)=(.*)@.*$/, "$2@$1")),
  },
  {
    name: "unpacks second-hop SRS without a look at the hash",
    finds: ["R54b"],
    parts: followsPath((path) => path.replace(/^SRS1=.*?=(.*?)=(=.*)@.*$/, "SRS0$2@$1")),
  },
  {
    name: "unpacks BATV without a look at the signature",
    finds: ["R54c"],
    parts: followsPath((path) => path.replace(/^prvs=.*?=(.*)=(.*)@.*$/, "$1@$2")),
  },
  {
    name: "turns tags back into addresses",
    finds: ["R54d", "R55a"],
    parts: followsPath((path) => path.replace(/^.*\+(.*)=(.*)@.*$/, "$1@$2")),
  },
  {
    name: "lets a catch-all take everything",
    finds: ["R56b", "R56c", "R56d"],
    parts: relaysTo(
      "routing characters",
      (address, { names }) => domainOf(address) === names.catchAll?.domain,
    ),
  },
  {
    name: "has no catch-all",
    finds: ["R56a"],
    parts: { directory: (sound) => ({ ...sound, mailboxById: () => undefined }) },
    answersOnly: true,
  },
  {
    name: "hands local parts to the system as they are",
    finds: ["R57a", "R57b", "R57c", "R57d", "R57e", "R57g"],
    parts: relaysTo("routing characters"),
  },
  {
    name: "includes address files",
    finds: ["R57f"],
    parts: followsPath((path, { names }) => path.replace(/^:include:.*/, `x@${names.foreign}`)),
  },
  {
    name: "sends to the original recipient",
    finds: ["R119a", "R58"],
    parts: sendsAlsoTo(/ ORCPT=rfc822;([^+]*)$/, ""),
  },
  {
    name: "decodes xtext into commands",
    finds: ["R119b", "R59"],
    parts: follows((line) =>
      line.replace(/ ORCPT=.*\+0D\+0ARCPT\+20TO:<?([^<>]*)>?$/, "\r\nRCPT TO:<$1>"),
    ),
  },
  {
    name: "reads a second address in the same command",
    finds: ["R60a", "R60b", "R60c"],
    parts: sendsAlsoTo(/(?<=^RCPT TO:<[^<>]+>)[, ]?<?([^<>=]+@[^<>=]+)>?$/, ""),
  },
  {
    name: "reads paths as a header's addresses",
    finds: ["R62a", "R62b"],
    parts: follows((line) => line.replace(/^RCPT TO:[^<,]+(<[^<>]*>)$/, "RCPT TO:$1")),
  },
  {
    name: "takes comments out of domains",
    finds: ["R62c"],
    parts: followsPath((path) => path.replace(/\(.*\)/, "")),
    answersOnly: true,
  },
  {
    name: "expands groups",
    finds: ["R62d"],
    parts: follows((line) => line.replace(/^RCPT TO:.*:.*,(<.*>);$/, "RCPT TO:$1")),
  },
  {
    name: "has no limit for command lines",
    finds: ["R63a", "R14e"],
    parts: { limits: { commandLineOctets: 1_000_000 } },
    answersOnly: true,
  },
  {
    name: "leaves out what is too long in a route",
    finds: ["R63b"],
    parts: followsPath((path) => (path.length > 254 ? path.replace(/^@.*:/, "") : path)),
  },
  {
    name: "cuts local parts to 64 octets",
    finds: ["R63c"],
    parts: followsPath((path) => path.replace(/^([^@]{64})[^@]*/, "$1")),
    answersOnly: true,
  },
  {
    name: "cuts domains to what fits",
    finds: ["R63d"],
    parts: followsPath((path) => path.replace(/^(.*@foreign\.example).{200,}$/, "$1")),
  },
  {
    name: "takes mail for anybody's postmaster",
    finds: ["R64a"],
    parts: relaysTo("foreign domain", (address) => address.startsWith("postmaster@")),
  },
  {
    name: "takes mail for anybody's abuse desk",
    finds: ["R64c"],
    parts: relaysTo("foreign domain", (address) => address.startsWith("abuse@")),
  },
  {
    name: "takes anybody's reports about TLS",
    finds: ["R64d"],
    parts: relaysTo("foreign domain", (address) => address.startsWith("tls-reports@")),
  },
  {
    name: "qualifies recipients with its own domain",
    finds: ["R66"],
    parts: followsPath((path, { names }) =>
      path.includes("@") ? path : `${path}@${names.domain}`,
    ),
    answersOnly: true,
  },
  {
    name: "qualifies recipients with the wrong domain",
    finds: ["R65", "R66"],
    parts: followsPath((path, { names }) =>
      path.includes("@") ? path : `${path}@${names.foreign}`,
    ),
  },
  {
    name: "relays for whoever names it as MX",
    finds: ["R67a"],
    parts: serves((domain) => domain === "attacker.example"),
  },
];

const domains: readonly Mutation[] = [
  {
    name: "compares the end of domains",
    finds: ["R70", "R71"],
    parts: serves((domain, ours) => domain.endsWith(ours)),
  },
  {
    name: "serves all below its domains",
    finds: ["R71"],
    parts: serves((domain, ours) => domain.endsWith(`.${ours}`)),
  },
  {
    name: "compares the beginning of domains",
    finds: ["R72"],
    parts: serves((domain, ours) => domain.startsWith(ours)),
  },
  {
    name: "drops dots behind a domain",
    finds: ["R73a", "R73b"],
    parts: followsPath((path) => path.replace(/\.+$/, "")),
    answersOnly: true,
  },
  {
    name: "drops dots before a domain",
    finds: ["R73c"],
    parts: followsPath((path) => path.replace("@.", "@")),
    answersOnly: true,
  },
  {
    name: "distinguishes the case of domains",
    finds: ["R74"],
    parts: followsPath((path) => rereadDomain(path, (domain) => domain.replace("KITE", "other"))),
    answersOnly: true,
  },
  {
    name: "takes UTF-8 that was not asked for",
    finds: ["R75a"],
    parts: hears((line) => line.replace(/^MAIL FROM:<>$/, "MAIL FROM:<> SMTPUTF8")),
    answersOnly: true,
  },
  {
    name: "takes letters for those that they look like",
    finds: ["R75b"],
    parts: followsPath((path) => rereadDomain(path, (domain) => domain.replace("\u0456", "i"))),
    answersOnly: true,
  },
  {
    name: "shows A-labels as what they look like, and compares that",
    finds: ["R75c"],
    parts: followsPath((path) => path.replace("xn--kte-jhd.example", "kite.example")),
    answersOnly: true,
  },
  {
    name: "reads domains as a URL's host",
    finds: ["R76a", "R76b", "R76c", "R76d", "R76f"],
    parts: followsPath((path) => rereadDomain(path, urlHost)),
    answersOnly: true,
  },
  {
    name: "folds case beyond ASCII",
    finds: ["R76d"],
    parts: followsPath((path) => rereadDomain(path, (domain) => domain.toLowerCase())),
    answersOnly: true,
  },
  {
    name: "folds case by way of capitals",
    finds: ["R76e"],
    parts: followsPath((path) => rereadDomain(path, (domain) => domain.toUpperCase())),
    answersOnly: true,
  },
  {
    name: "does not know its own IDN",
    finds: ["R77a", "R77b"],
    parts: {
      directory: (sound) => ({
        ...sound,
        domain: (name) => (name.startsWith("xn--") ? undefined : sound.domain(name)),
      }),
    },
    answersOnly: true,
  },
  {
    name: "takes A-labels that are none",
    finds: ["R78a", "R78b"],
    parts: followsPath((path) => path.replace("@xn--9", "@9").replace("@xn--", "@foreign.example")),
  },
  {
    name: "takes numbers for address literals",
    finds: ["R79a", "R79b", "R79c"],
    parts: followsPath((path) => path.replace(/@(?:0x7f|[0-9.]+)(?:\.1)?$/, "@[127.0.0.1]")),
    answersOnly: true,
  },
  {
    name: "takes mail for its own literal",
    finds: ["R80", "R81c"],
    parts: followsPath((path, { names }) =>
      path.replace(/\[(?:IPv6:::ffff:)?192\.0\.2\.25\]/, names.domain),
    ),
    answersOnly: true,
  },
  {
    name: "relays to address literals",
    finds: ["R80", "R81a", "R81b", "R81c"],
    parts: relaysTo("address literal"),
  },
  {
    name: "repairs literals",
    finds: ["R81d", "R81e"],
    parts: followsPath((path) =>
      path.replace(/\[ *\]?$/, "[127.0.0.1]").replace(/(\[[0-9.]+)$/, "$1]"),
    ),
    answersOnly: true,
  },
  {
    name: "looks up names in literals",
    finds: ["R81f"],
    parts: followsPath((path) => path.replace(/\[([a-z.]+)\]$/, "$1")),
  },
  {
    name: "cuts domains at separators",
    finds: ["R82a", "R82b", "R82c", "R82d", "R82e"],
    parts: followsPath((path) => path.replace(/^([^@]+@[^,:;#\0]+)[,:;#\0].*$/, "$1")),
  },
];

const state: readonly Mutation[] = [
  { name: "counts a failed AUTH", finds: ["R100a"], parts: trustsLine(/^AUTH PLAIN .*/, "AUTH") },
  { name: "counts an AUTH that was given up", finds: ["R101a"], parts: trustsLine(/^\*$/, "*") },
  {
    name: "keeps the transaction through STARTTLS",
    finds: ["R103a"],
    parts: remembersTransaction(/^STARTTLS/, "EHLO x"),
    answersOnly: true,
  },
  {
    name: "runs inside TLS what came before it",
    finds: ["R103d", "R104"],
    parts: { session: () => ({ engine: (sound) => new ImpatientSession(sound) }) },
    answersOnly: true,
  },
  {
    name: "keeps the transaction through a greeting",
    finds: ["R105a", "R105b", "R105c"],
    parts: remembersTransaction(/^(?:EHLO|HELO)/),
    answersOnly: true,
  },
  {
    name: "needs no sender",
    finds: ["R106a"],
    parts: saysBefore(/^RCPT/, "MAIL FROM:<>"),
    answersOnly: true,
  },
  {
    name: "lets a second MAIL replace the first",
    finds: ["R106b"],
    parts: saysBefore(/^MAIL/, "RSET"),
    answersOnly: true,
  },
  { name: "keeps recipients that it refused", finds: ["R107"], parts: keepsRefused() },
  {
    name: "opens the content without a recipient",
    finds: ["R108a", "R108b"],
    parts: saysBefore(/^(?:DATA|BDAT)/, "RCPT TO:<postmaster>"),
    answersOnly: true,
  },
  {
    name: "passes over the content that it refused",
    finds: ["R109"],
    parts: hearsOctets((octets) => octets.replace(/(?<=DATA\r\n)[^]+\r\n\.\r\n$/, "")),
    answersOnly: true,
  },
  {
    name: "gives in after so many refusals",
    finds: ["R110a"],
    parts: { ...givesInAfter(20), limits: { errors: 1000 } },
  },
  {
    name: "counts no recipients",
    finds: ["R110b"],
    parts: { limits: { recipients: 1_000_000 } },
    answersOnly: true,
  },
  {
    name: "lets through what it cannot look up",
    finds: ["R111a", "R111b"],
    parts: {
      session: (around) => ({
        router: (sound) => ({
          route(recipient) {
            try {
              return sound.route(recipient);
            } catch {
              return around.abroad(addressOf(recipient)); // the mistake that this mutation is about
            }
          },
        }),
      }),
    },
  },
  {
    name: "takes a directory that does not answer for an empty one",
    finds: ["R111a", "R111b"],
    parts: {
      directory: (sound) => ({
        ...sound,
        domain(name) {
          try {
            return sound.domain(name);
          } catch {
            return undefined; // the mistake that this mutation is about
          }
        },
      }),
    },
    answersOnly: true,
  },
  {
    name: "verifies addresses",
    finds: ["R112a", "R112b", "R112c"],
    parts: hears((line) => line.replace(/^VRFY.*/, "NOOP")),
    answersOnly: true,
  },
  {
    name: "expands aliases",
    finds: ["R112d"],
    parts: hears((line) => line.replace(/^EXPN.*/, "NOOP")),
    answersOnly: true,
  },
  {
    name: "starts queues for strangers",
    finds: ["R113a", "R113b", "R113c"],
    parts: hears((line) => line.replace(/^(?:ETRN|ATRN|TURN).*/, "NOOP")),
    answersOnly: true,
  },
  {
    name: "takes SEND, SOML and SAML for a MAIL without checks",
    finds: ["R113d", "R113e", "R113f"],
    parts: trustsLine(/^(?:SEND|SOML|SAML) /, "MAIL "),
  },
];

const content: readonly Mutation[] = [
  {
    name: "ends lines at a bare LF",
    finds: ["R61a", "R130a", "R130e", "R130g", "R130m"],
    parts: hearsOctets((octets) => octets.replace(/(?<!\r)\n/g, "\r\n")),
    answersOnly: true,
  },
  {
    name: "ends lines at a bare CR",
    finds: ["R61b", "R130d", "R130f", "R130h", "R130k", "R130l"],
    parts: hearsOctets((octets) => octets.replace(/\r(?!\n)/g, "\r\n")),
    answersOnly: true,
  },
  {
    name: "ends lines at a bare CR or a bare LF",
    finds: ["R130b", "R130c"],
    parts: hearsOctets((octets) => octets.replace(/\r\n|\r|\n/g, "\r\n")),
    answersOnly: true,
  },
  {
    name: "drops NULs",
    finds: ["R61c", "R82d", "R130i", "R130j"],
    parts: hearsOctets((octets) => octets.replaceAll("\0", "")),
    answersOnly: true,
  },
  {
    name: "finds commands in chunks",
    finds: ["R131a"],
    parts: hearsOctets((octets) => octets.replace("BDAT 23", "BDAT 6")),
    answersOnly: true,
  },
  {
    name: "takes for the chunk whatever came",
    finds: ["R131b"],
    parts: hearsOctets((octets) =>
      octets.replace(
        /^BDAT 3 LAST\r\n([^]*)$/,
        (_, chunk: string) => `BDAT ${chunk.length} LAST\r\n${chunk}`,
      ),
    ),
    answersOnly: true,
  },
  {
    name: "takes recipients between chunks",
    finds: ["R131c"],
    parts: betweenChunks(/^RCPT TO:<(.*)>$/, "NOOP"),
  },
  {
    name: "begins again with DATA between chunks",
    finds: ["R131d"],
    parts: betweenChunks(/^DATA$/, "RSET"),
    answersOnly: true,
  },
  {
    name: "counts chunks in 64 bits",
    finds: ["R131e"],
    parts: hears((line) => line.replace("BDAT 18446744073709551617", "BDAT 1")),
    answersOnly: true,
  },
  {
    name: "takes a negative length for none",
    finds: ["R131f"],
    parts: hears((line) => line.replace("BDAT -1", "BDAT 0")),
    answersOnly: true,
  },
  {
    name: "completes a line end behind a chunk",
    finds: ["R131g"],
    parts: hears((line) => line.replace("BDAT 2 ", "BDAT 3 ")),
    answersOnly: true,
  },
  {
    name: "sends to the addresses in the header",
    finds: ["R132", "R132b"],
    parts: sendsToHeader(/^(?:Resent-)?(?:To|Cc|Bcc): <(.*)>/gim),
  },
  {
    name: "answers receipt requests",
    finds: ["R133"],
    parts: sendsToHeader(/^(?:Return-Receipt-To|Disposition-Notification-To|Errors-To): <(.*)>/gim),
  },
  { name: "accepts for nobody, and bounces", finds: ["R134"], parts: bounces("5.1.1") },
  { name: "accepts for a full mailbox, and bounces", finds: ["R135a"], parts: bounces("4.2.2") },
  {
    name: "has no limit for messages",
    finds: ["R135b"],
    parts: { limits: { messageOctets: 1e15 } },
    answersOnly: true,
  },
  {
    name: "sends success notifications",
    finds: ["R136a", "R136b"],
    parts: notifies(),
  },
  {
    name: "lets mail go round for ever",
    finds: ["R143", "R143b"],
    parts: { hops: 100_000 },
  },
];

export const MUTATIONS: readonly Mutation[] = [
  ...trust,
  ...routing,
  ...domains,
  ...state,
  ...content,
];

function decodePercents(path: string): string {
  const decoded = path.replace(/^([^@"]*)%([^%@"]*)@.*$/, "$1@$2");
  return decoded === path ? path : decodePercents(decoded);
}

function urlHost(domain: string): string {
  return URL.canParse(`http://${domain}/`) ? new URL(`http://${domain}/`).hostname : domain;
}
