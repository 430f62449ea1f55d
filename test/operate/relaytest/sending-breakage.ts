/** Tools for breaking what sends: the stages, return addresses, rights to leave. */
import { parseAddress } from "../../../src/mail/index.ts";
import {
  decide,
  stages,
  type Decision,
  type GrantedAddress,
  type RecipientStageSubject,
  type Stages,
} from "../../../src/policy/checks/index.ts";
import type { ReturnReading, Returns, Route } from "../../../src/policy/routing/index.ts";
import { addressOf } from "./breakage.ts";
import { NAMES } from "./small-directory.ts";
import type { Parts } from "./small-site.ts";

/** What a check says that has nothing against it. */
export const CONTINUE = { action: "continue", check: "none", evidence: {}, checks: [] } as const;

// ---- Stages ----

/** Some stages in another way. */
export function judges(change: (sound: Stages) => Partial<Stages>): Parts {
  return {
    stages: (deps) => {
      const sound = stages(deps);
      return { ...sound, ...change(sound) };
    },
  };
}

/** The checks of a recipient are told something else than what is. */
export function mistakesAtRcpt(
  mistaken: (subject: RecipientStageSubject) => Partial<RecipientStageSubject>,
): Parts {
  return judges(({ recipient }) => ({
    recipient: (subject) => recipient({ ...subject, ...mistaken(subject) }),
  }));
}

/** A decision table with cells of its own; undefined: the sound one's. */
export function decides(
  change: (...cell: Parameters<typeof decide>) => Decision | undefined,
): Parts {
  return { decide: (client, recipient) => change(client, recipient) ?? decide(client, recipient) };
}

// ---- Rights to leave ----

export function grants(change: (granted: GrantedAddress) => GrantedAddress): Parts {
  return judges((sound) => ({
    grants: (...asked) => sound.grants(...asked).map(change),
  }));
}

/** Puts a right to leave to addresses that it is not about. */
export function sendsWithGrant(
  to: (granted: GrantedAddress, route: Route) => readonly string[],
): Parts {
  return judges((sound) => ({
    grants: (client, route, sender) =>
      sound.grants(client, route, sender).flatMap((granted) => [
        granted,
        ...to(granted, route).map((address) => ({
          ...granted,
          abroad: { ...granted.abroad, address },
        })),
      ]),
  }));
}

// ---- Returns ----

/** What stands in a return address of the first kind. */
export interface ReturnParts {
  readonly mark: string;
  readonly day: string;
  readonly host: string;
  readonly user: string;
}

export function returnParts(local: string): ReturnParts | undefined {
  const [, mark, day, host, user] = /^SRS0=([^=]*)=([^=]*)=([^=]*)=(.+)$/i.exec(local) ?? [];
  if (mark === undefined || day === undefined || host === undefined || user === undefined)
    return undefined;
  return { mark, day, host, user };
}

export function returnOf({ mark, day, host, user }: ReturnParts): string {
  return `SRS0=${mark}=${day}=${host}=${user}`;
}

/** Reads returns in another way; what the sound one finds no fault with stays as it is. */
export function reads(
  read: (local: string, domain: Parameters<Returns["read"]>[1], sound: Returns) => ReturnReading,
): Parts {
  return {
    returns: (sound) => ({
      read(local, domain) {
        const reading = sound.read(local, domain);
        return reading.kind === "valid" ? reading : read(local, domain, sound);
      },
    }),
  };
}

/** A mark that would be right for the one is taken for the other: these parts of it are not under the key. */
export function leavesOutOfTheMark(right: (said: ReturnParts) => ReturnParts): Parts {
  return reads((local, domain, sound) => {
    const said = returnParts(local);
    if (said === undefined) return sound.read(local, domain);
    const { kind } = sound.read(returnOf(right(said)), domain);
    return kind === "valid" ? validReturn(`${said.user}@${said.host}`) : { kind: "forged" };
  });
}

export function validReturn(original: string): ReturnReading {
  const address = parseAddress(original);
  return typeof address === "string" ? { kind: "forged" } : { kind: "valid", original: address };
}

// ---- Others ----

/** Finds other routes to some recipients than the sound router. */
export function reroutes(change: (address: string, found: Route) => Route): Parts {
  return {
    session: () => ({
      router: (sound) => ({
        route: (recipient) => change(addressOf(recipient), sound.route(recipient)),
      }),
    }),
  };
}

/** Makes its mistake with a client of the trusted network only. */
export function withTrusted(mistake: Parts): Parts {
  return {
    session: (around) =>
      around.client === NAMES.trusted.client ? (mistake.session?.(around) ?? {}) : {},
  };
}

/** Both mistakes at once. */
export function both(one: Parts, other: Parts): Parts {
  return { ...one, ...other };
}
