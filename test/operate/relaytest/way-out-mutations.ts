/** Servers that send: trusted networks, gateways, aliases abroad and rights to leave, taken too far. The vectors named must fail. */
import { VOUCHING_LISTS } from "../../../src/app/proof-lists.ts";
import { parseDomain, parseIp, type Domain, type Ip } from "../../../src/mail/index.ts";
import { isUnknownThere, stages, type Known } from "../../../src/policy/checks/index.ts";
import { judgeLists } from "../../../src/policy/lists/index.ts";
import { domainOf, followsPath, relaysTo, trustsSender, trustsWord } from "./breakage.ts";
import type { Mutation } from "./mutations.ts";
import {
  both,
  CONTINUE,
  decides,
  grants,
  judges,
  mistakesAtRcpt,
  reads,
  reroutes,
  sendsWithGrant,
  withTrusted,
} from "./sending-breakage.ts";
import { NAMES } from "./small-directory.ts";
import type { Parts, Surroundings } from "./small-site.ts";

const HELD = NAMES.gatewayWithAliases;
const HELD_ALIAS = `${HELD.alias}@${HELD.domain}`;

const networks: readonly Mutation[] = [
  {
    name: "trusts nobody",
    finds: ["R18d", "R18e"],
    parts: { session: () => ({ trustedNetwork: () => () => undefined }) },
    answersOnly: true,
  },
  {
    name: "compares trusted networks as text",
    finds: ["R17e", "R18g"],
    parts: trusts(({ clientText }) => clientText.startsWith("192.0.2.")),
  },
  {
    name: "does not know a trusted address in its IPv6 form",
    finds: ["R18e"],
    parts: {
      session: ({ clientText }) => ({
        trustedNetwork: (sound) => (ip) =>
          clientText.startsWith("::ffff:") ? undefined : sound(ip),
      }),
    },
    answersOnly: true,
  },
  {
    name: "compares trusted networks by too few bits",
    finds: ["R18g"],
    parts: trusts(({ client }) => /^192\.0\.2\.(?:1[6-9]|2[0-3])$/.test(client)),
  },
  {
    name: "has trusted networks that are too wide",
    finds: ["R18c"],
    parts: trusts(({ client }) => client.startsWith("10.")),
  },
  {
    name: "compares an IPv6 address by its last 32 bits",
    finds: ["R18f"],
    parts: {
      session: ({ clientText }) => ({
        trustedNetwork: (sound) => (ip) =>
          sound(parseIp(clientText.replace(/^.*:(?=[0-9.]+$)/, "")) ?? ip),
      }),
    },
  },
  {
    name: "takes a place on a list of good senders for a right",
    finds: ["R23"],
    parts: trusts(({ client }) => isVouchedFor(client)),
  },
  {
    name: "trusts the address in EHLO",
    finds: ["R18h"],
    parts: trustsWord(
      (ask, { names }) => ask.kind === "helo" && ask.name === `[${names.trusted.client}]`,
    ),
  },
  {
    name: "trusts the address in MAIL",
    finds: ["R18h"],
    parts: trustsSender((sender, { names }) => sender.endsWith(`@[${names.trusted.client}]>`)),
  },
  {
    name: "unpacks routes for trusted networks",
    finds: ["R18j", "R18l"],
    parts: withTrusted(followsPath((path) => path.replace(/^([^@%]*)%([^@%]*)@.*$/, "$1@$2"))),
  },
  {
    name: "lets trusted networks write to returns",
    finds: ["R18k"],
    parts: mistakesAtRcpt(({ client: { network } }) =>
      network === undefined ? {} : { reversePath: null },
    ),
  },
  {
    name: "asks no gateway about the recipients of trusted networks",
    finds: ["R18l"],
    parts: judges(({ recipient }) => ({
      recipient: (subject) =>
        subject.client.network !== undefined && subject.route.recipient === "gateway recipient"
          ? CONTINUE
          : recipient(subject),
    })),
  },
  {
    name: "may relay for loopback",
    finds: ["R17a", "R17b", "R17c"],
    parts: decides((client, recipient) =>
      client === "loopback" && recipient === "foreign domain"
        ? { kind: "relay", basis: "network" }
        : undefined,
    ),
    answersOnly: true,
  },
  {
    name: "may relay for private networks",
    finds: ["R18a", "R18b"],
    parts: decides((client, recipient) =>
      client === "private address" && recipient === "foreign domain"
        ? { kind: "relay", basis: "route" }
        : undefined,
    ),
    answersOnly: true,
  },
  {
    name: "takes private addresses for a trusted network",
    finds: ["R18a", "R18b", "R18c"],
    parts: trusts(({ client }) => /^(?:10\.|172\.1[6-9]\.|192\.168\.|fd)/.test(client)),
  },
  {
    name: "takes loopback for a trusted network",
    finds: ["R17a", "R17b", "R17c"],
    parts: trusts(({ client }) => client === "127.0.0.1" || client === "::1"),
  },
];

const gateways: readonly Mutation[] = [
  {
    name: "takes whomever it is sent for a gateway",
    finds: ["R18l", "R67b", "R67f", "R67g", "R115q"],
    parts: knows("known"),
  },
  {
    name: "takes nobody for a gateway",
    finds: ["R67c", "R67e", "R102d"],
    parts: knows("unknown"),
    answersOnly: true,
  },
  {
    name: "is a gateway for all below a domain",
    finds: ["R67c", "R67d"],
    parts: both(knows("known"), {
      gateways: () => ({ has: (name) => name.endsWith(`.${NAMES.gateway.domain}`) }),
    }),
  },
  {
    name: "is a gateway for what ends like its domain",
    finds: ["R67d"],
    parts: both(knows("known"), {
      gateways: () => ({ has: (name) => name.endsWith(NAMES.gateway.domain) }),
    }),
  },
  {
    name: "is a gateway for what begins like its domain",
    finds: ["R67d"],
    parts: both(knows("known"), {
      gateways: () => ({ has: (name) => name.startsWith(NAMES.gateway.domain) }),
    }),
  },
  {
    name: "leaves routes to its gateway's host",
    finds: ["R18l", "R68c", "R68d", "R115q"],
    parts: relaysTo(
      "routing characters",
      (address, { names }) => domainOf(address) === names.gateway.domain,
    ),
  },
  {
    name: "is a gateway for whoever names it as MX",
    finds: ["R67a"],
    parts: both(knows("known"), {
      gateways: (sound) => ({ has: (name) => sound.has(name) || name === NAMES.attacker }),
    }),
  },
];

/** Of a gateway whose domain is in the directory: what it has here, and what it has not. */
const heldGateways: readonly Mutation[] = [
  {
    name: "is no gateway for a domain that is in its directory",
    finds: ["R67e", "R67f"],
    parts: { gateways: (sound) => ({ has: (name) => sound.has(name) && name !== HELD.domain }) },
    answersOnly: true,
  },
  {
    name: "is a gateway for all below a domain that has aliases",
    finds: ["R67f"],
    parts: both(knows("known"), {
      gateways: (sound) => ({ has: (name) => sound.has(name) || name.endsWith(`.${HELD.domain}`) }),
    }),
  },
  {
    name: "has a catch-all for what a gateway's host does not know",
    finds: ["R67f", "R67g"],
    parts: judges(({ recipient }) => ({
      recipient: async (subject) => {
        const verdict = await recipient(subject);
        return isUnknownThere(verdict) ? CONTINUE : verdict;
      },
    })),
  },
  {
    name: "knows aliases by their local part alone",
    finds: ["R67g"],
    parts: {
      directory: (sound) => ({
        ...sound,
        alias: (local, name) => sound.alias(local, name) ?? sound.alias(local, HELD.domain),
      }),
    },
  },
  {
    name: "takes every gateway for one with aliases, and knows those by their local part alone",
    finds: ["R54x", "R67g"],
    parts: both(
      reads((local, _, sound) => sound.read(local, HELD.domain)),
      {
        directory: (sound) => ({
          ...sound,
          domain: (name) => sound.domain(name) ?? (name === NAMES.gateway.domain ? {} : undefined),
          alias: (local, name) =>
            sound.alias(local, name === NAMES.gateway.domain ? HELD.domain : name),
        }),
      },
    ),
  },
  {
    name: "has no postmaster where a gateway's host has none",
    finds: ["R67h"],
    parts: reroutes((_, { otherwise: _none, ...found }) => found),
    answersOnly: true,
  },
  {
    name: "looks for a gateway's aliases while the directory does not answer, and finds none",
    finds: ["R111d"],
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
  },
  {
    name: "forwards by a gateway's alias to its host too",
    finds: ["R138g"],
    parts: sendsWithGrant(({ abroad }) => (abroad.address === HELD.target ? [HELD_ALIAS] : [])),
  },
  {
    name: "hands a gateway's aliases to its host",
    finds: ["R138g"],
    parts: both(knows("known"), {
      directory: (sound) => ({ ...sound, alias: () => undefined }),
    }),
  },
  {
    name: "relays to where a gateway's alias leads to",
    finds: ["R138h"],
    parts: relaysTo("foreign domain", (address) => address === HELD.target),
  },
  {
    name: "relays around a gateway's alias",
    finds: ["R138h"],
    parts: relaysTo("routing characters", (address) => address.includes(HELD.alias)),
  },
];

const aliases: readonly Mutation[] = [
  {
    name: "forwards nothing",
    finds: ["R138", "R138b", "R138c", "R138d", "R138f", "R138g", "R143b"],
    parts: { directory: (sound) => ({ ...sound, alias: () => undefined }) },
    answersOnly: true,
  },
  {
    name: "forwards no reports",
    finds: ["R138b"],
    parts: judges(({ recipient }) => ({
      recipient: (subject) =>
        recipient(
          subject.route.recipient === "alias abroad" && subject.reversePath === null
            ? { ...subject, route: { recipient: "unknown mailbox", mailboxes: [], abroad: [] } }
            : subject,
        ),
    })),
    answersOnly: true,
  },
  {
    name: "expands the tag of an alias like an address",
    finds: ["R138c"],
    parts: reroutes((address, found) => {
      const target = /\+(.*)=(.*)@/.exec(address);
      return found.recipient !== "alias abroad" || target === null
        ? found
        : {
            ...found,
            abroad: found.abroad.map((one) => ({
              ...one,
              address: `${target[1] ?? ""}@${target[2] ?? ""}`,
            })),
          };
    }),
  },
  {
    name: "relays to where an alias leads to",
    finds: ["R138d"],
    parts: relaysTo("foreign domain", (address) => address === NAMES.aliasAbroad.target),
  },
  {
    name: "knows an alias by its local part alone",
    finds: ["R138e"],
    parts: relaysTo("foreign domain", (address) =>
      address.startsWith(`${NAMES.aliasAbroad.local}@`),
    ),
  },
];

const rights: readonly Mutation[] = [
  {
    name: "grants for another domain than the recipient's",
    finds: ["R18d", "R54e", "R67c", "R102a", "R102d", "R138"],
    parts: grants(({ abroad, grant }) => ({ abroad, grant: { ...grant, domain: NAMES.attacker } })),
  },
  {
    name: "grants for the domain above the recipient's",
    finds: ["R18d", "R54e", "R67c", "R102a", "R102d", "R138"],
    parts: grants(({ abroad, grant }) => ({
      abroad,
      grant: { ...grant, domain: parent(grant.domain) },
    })),
  },
  {
    name: "grants in the name of somebody who has no right",
    finds: ["R18d", "R54e", "R102a", "R102d", "R138"],
    parts: grants(({ abroad, grant }) => ({ abroad, grant: { ...grant, holder: "x@y.example" } })),
  },
  {
    name: "grants everything as a login's",
    finds: ["R18d", "R54e", "R67c", "R138"],
    parts: grants(({ abroad, grant }) => ({ abroad, grant: { ...grant, basis: "login" } })),
  },
  {
    name: "sends what it forwards to the alias's name there too",
    finds: ["R102d", "R138"],
    parts: sendsWithGrant(({ grant }) =>
      grant.basis === "alias" ? [`${NAMES.aliasAbroad.local}@${grant.domain}`] : [],
    ),
  },
  {
    name: "sends by one right to another domain",
    finds: ["R18d", "R54e", "R67c", "R102a", "R102d", "R138"],
    parts: sendsWithGrant(() => [`x@${NAMES.attacker}`]),
  },
];

export const WAY_OUT_MUTATIONS: readonly Mutation[] = [
  ...networks,
  ...gateways,
  ...heldGateways,
  ...aliases,
  ...rights,
];

/** Takes some clients for those of the trusted network. */
function trusts(trusted: (around: Surroundings) => boolean): Parts {
  return {
    session: (around) => ({
      trustedNetwork: (sound) => (ip) =>
        trusted(around) ? sound(parseIp(NAMES.trusted.client) ?? mustBe()) : sound(ip),
    }),
  };
}

function isVouchedFor(client: Ip): boolean {
  const facts = VOUCHING_LISTS.about({ client });
  if (facts instanceof Promise) throw new Error("the proof waits for nobody");
  return judgeLists(facts, VOUCHING_LISTS.rules).vouching.length > 0;
}

/** Whoever is asked about a gateway's recipients always says the same. */
function knows(answer: Known): Parts {
  return { stages: (deps) => stages({ ...deps, verifyRecipient: () => answer }) };
}

function parent(domain: Domain): Domain {
  return parseDomain(domain.slice(domain.indexOf(".") + 1)) ?? mustBe();
}

function mustBe(): never {
  throw new Error("the names of the small site are not what they were");
}
