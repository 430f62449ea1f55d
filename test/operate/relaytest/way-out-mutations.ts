/** Servers that send: trusted networks, gateways, aliases abroad and rights to leave, taken too far. The vectors named must fail. */
import { parseDomain, parseIp, type Domain } from "../../../src/mail/index.ts";
import { stages, type Known } from "../../../src/policy/checks/index.ts";
import { domainOf, followsPath, relaysTo, trustsSender, trustsWord } from "./breakage.ts";
import type { Mutation } from "./mutations.ts";
import {
  both,
  CONTINUE,
  decides,
  grants,
  judges,
  mistakesAtRcpt,
  reroutes,
  sendsWithGrant,
  withTrusted,
} from "./sending-breakage.ts";
import { NAMES } from "./small-directory.ts";
import type { Parts, Surroundings } from "./small-site.ts";

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
    finds: ["R18l", "R67b", "R115q"],
    parts: knows("known"),
  },
  {
    name: "takes nobody for a gateway",
    finds: ["R67c", "R102d"],
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

const aliases: readonly Mutation[] = [
  {
    name: "forwards nothing",
    finds: ["R138", "R138b", "R138c", "R138d", "R138f", "R143b"],
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
