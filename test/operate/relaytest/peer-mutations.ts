/** Servers that know their peers, and let them or others do too much. The vectors named must fail. */
import {
  parseAddress,
  parseDomain,
  type Domain,
  type KnownPeer,
  type RelayPair,
} from "../../../src/mail/index.ts";
import type { Caller } from "../../../src/policy/identity/index.ts";
import { stages } from "../../../src/policy/checks/index.ts";
import { hasPair } from "../../../src/policy/checks/peer.ts";
import type { Route } from "../../../src/policy/routing/index.ts";

import { answers, followsPath, trustsWord } from "./breakage.ts";
import type { Mutation } from "./mutations.ts";
import { CONTINUE, judges, mistakesAtRcpt } from "./sending-breakage.ts";
import { NAMES } from "./small-directory.ts";
import { PEERS, type Parts, type Surroundings } from "./small-site.ts";

const { peerSender: PEER, foreign: FOREIGN, attacker: ATTACKER } = NAMES;
const HUB: Caller = { kind: "peer", peer: PEERS.hub, level: "pinned" };
const NOBODY: Caller = { kind: "nobody" };

const FORGED = ["R21a", "R21b", "R21c", "R21d", "R21e"];

export const PEER_MUTATIONS: readonly Mutation[] = [
  {
    name: "knows no peers",
    finds: ["R21f"],
    parts: callers(() => NOBODY),
    answersOnly: true,
  },
  {
    name: "takes whatever certificate it is shown for a peer's",
    finds: [...FORGED, "R21k", "R21l", "R21m", "R22"],
    parts: callers(() => HUB),
  },
  {
    name: "does not look at certificates that are worth nothing",
    finds: [...FORGED, "R22"],
    parts: callers((sound) => (sound.kind === "nobody" ? HUB : sound)),
  },
  {
    name: "remembers a peer that was taken away",
    finds: ["R22"],
    parts: callers((sound, { certificate }) =>
      certificate === "revoked, session resumed" ? HUB : sound,
    ),
  },
  {
    name: "takes whomever a public authority names for a peer",
    finds: ["R21k"],
    parts: callers((sound) => (sound.kind === "named" ? HUB : sound)),
  },
  {
    name: "lets a peer of a public authority relay",
    finds: ["R21l"],
    parts: callers((sound) =>
      sound.kind === "peer" && sound.level === "certificate" ? HUB : sound,
    ),
  },
  {
    name: "gives every peer that it knows the pairs of all",
    finds: ["R21m"],
    parts: callers((sound) => (sound.kind === "peer" && sound.level === "pinned" ? HUB : sound)),
  },
  {
    name: "lets a peer write to anybody",
    finds: ["R21g"],
    parts: pairs(
      [ATTACKER, PEER, below(FOREIGN), longer(FOREIGN)].map((recipient) => ({
        sender: PEER,
        recipient,
      })),
    ),
  },
  {
    name: "opens pairs for all that ends like their recipients",
    finds: ["R21g"],
    parts: pairs(
      [below(FOREIGN), longer(FOREIGN)].map((recipient) => ({ sender: PEER, recipient })),
    ),
  },
  {
    name: "opens pairs in both directions",
    finds: ["R21h"],
    parts: pairs([{ sender: FOREIGN, recipient: PEER }]),
  },
  {
    name: "lets a peer send as anybody",
    finds: ["R21i"],
    parts: pairs(
      [ATTACKER, FOREIGN, NAMES.domain].map((sender) => ({ sender, recipient: FOREIGN })),
    ),
  },
  {
    name: "opens pairs for all that ends like their senders",
    finds: ["R21i"],
    parts: pairs([below(PEER), longer(PEER)].map((sender) => ({ sender, recipient: FOREIGN }))),
  },
  {
    name: "lets reports leave by any peer",
    finds: ["R21i"],
    parts: {
      stages: (deps) => {
        const sound = stages(deps);
        const sender = addressAt(PEER);
        return {
          ...sound,
          recipient: (subject) =>
            sound.recipient({ ...subject, reversePath: subject.reversePath ?? sender }),
          grants: (client, route, path) => sound.grants(client, route, path ?? sender),
        };
      },
    },
  },
  {
    name: "looks for a peer's pair when it is asked, and not when it grants",
    finds: ["R21g", "R21h", "R21i"],
    parts: judges(({ grants }) => ({
      recipient: () => CONTINUE,
      grants: (client, route) =>
        client.peer === undefined
          ? grants(client, route, null)
          : route.abroad.flatMap((abroad) =>
              grants({ ...client, network: "192.0.2.16/30" }, { ...route, abroad: [abroad] }, null),
            ),
    })),
  },
  {
    name: "unpacks routes for peers",
    finds: ["R21j"],
    parts: withPeer(followsPath((path) => path.replace(/^([^@%]*)%([^@%]*)@.*$/, "$1@$2"))),
  },
  {
    name: "takes nothing of a peer but what its pairs are about",
    finds: ["R21n"],
    parts: judges(({ recipient }) => ({
      recipient: (subject) => {
        const paired = hasPair(subject.client.peer, subject.reversePath, FOREIGN);
        const unknown: Route = { recipient: "unknown mailbox", mailboxes: [], abroad: [] };
        const refused = subject.client.peer !== undefined && !paired;
        return recipient(refused ? { ...subject, route: unknown } : subject);
      },
    })),
    answersOnly: true,
  },
  {
    name: "trusts a peer's domain in EHLO",
    finds: ["R21o"],
    parts: trustsWord((ask, { names }) => ask.kind === "helo" && ask.name === names.peerSender),
  },
  {
    name: "lets peers write to returns",
    finds: ["R21p"],
    parts: mistakesAtRcpt(({ client: { peer } }) =>
      peer === undefined ? {} : { reversePath: null },
    ),
  },
  {
    name: "needs no login of a peer",
    finds: ["R117h"],
    parts: { submission: () => undefined },
  },
  {
    name: "lets a login send with any address that a peer may send with",
    finds: ["R117i"],
    parts: answers((answer, ask, { certificate }) =>
      ask.kind === "sender" && certificate === "peer" ? { kind: "proceed" } : answer,
    ),
    answersOnly: true,
  },
];

/** Takes clients for others than they are. */
function callers(change: (sound: Caller, around: Surroundings) => Caller): Parts {
  return {
    session: (around) => ({
      caller: (sound) => (around.certificate === undefined ? sound : change(sound, around)),
    }),
  };
}

/** Gives the peer pairs that the operator has not written down. */
function pairs(more: readonly RelayPair[]): Parts {
  const peer: KnownPeer = { ...PEERS.hub, relays: [...PEERS.hub.relays, ...more] };
  return callers((sound) =>
    sound.kind === "peer" && sound.peer === PEERS.hub ? { ...sound, peer } : sound,
  );
}

/** Makes its mistake with a peer only. */
function withPeer(mistake: Parts): Parts {
  return {
    session: (around) => (around.certificate === "peer" ? (mistake.session?.(around) ?? {}) : {}),
  };
}

function below(domain: Domain): Domain {
  return parseDomain(`sub.${domain}`) ?? mustBe();
}

function longer(domain: Domain): Domain {
  return parseDomain(`x${domain}`) ?? mustBe();
}

function addressAt(domain: Domain) {
  const address = parseAddress(`x@${domain}`);
  return typeof address === "string" ? mustBe() : address;
}

function mustBe(): never {
  throw new Error("the names of the small site are not what they were");
}
