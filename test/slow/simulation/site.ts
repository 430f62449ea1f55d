/** The simulation's site: example.org with ann and its postmaster, and what its queue is put together from. */
import {
  parseAddress,
  parseDomain,
  type Domain,
  type MailboxId,
  type RelayGrant,
} from "../../../src/mail/index.ts";
import { silentLog, type Random } from "../../../src/runtime/index.ts";
import type { Delivery } from "../../../src/service/delivery/index.ts";
import type { QueueDeps } from "../../../src/service/queue/index.ts";
import type { Store } from "../../../src/store/index.ts";
import { Dice } from "../../fuzz/dice.ts";
import type { MortalStore } from "./mortal-store.ts";
import type { SimulatedTime } from "./time.ts";

export const ANN = "ann@example.org";

export interface Mailboxes {
  readonly ann: MailboxId;
  readonly postmaster: MailboxId;
}

export async function makeSite({ directory }: Store): Promise<Mailboxes> {
  const domain = domainOf("example.org");
  await directory.change({ kind: "add-domain", domain }, () => true);
  const mailbox = async (local: string): Promise<MailboxId> => {
    const change = { kind: "add-mailbox", local, domain, verifier: "none" } as const;
    await directory.change(change, () => true);
    return known(directory.mailbox(local, domain)).id;
  };
  return { ann: await mailbox("ann"), postmaster: await mailbox("postmaster") };
}

/** What outlives a server. */
export interface Surroundings {
  readonly mailboxes: Mailboxes;
  readonly delivery: Delivery;
  readonly time: SimulatedTime;
}

export function queueDeps(
  mortal: MortalStore,
  { mailboxes, delivery, time }: Surroundings,
  seed: number,
): QueueDeps {
  const postmaster = parseAddress("postmaster@example.org");
  if (typeof postmaster === "string") throw new Error(postmaster);
  const routes = new Map(Object.entries(mailboxes));
  return {
    queue: mortal.queue,
    messages: mortal,
    delivery,
    policy: {
      renewGrant: (row) => grantFor(row.grant.domain),
      verifiedSender: () => undefined,
      strangerRoute: () => ({ mailboxes: [], abroad: [] }),
      route: ({ local }) => ({ mailboxes: [routes.get(local) ?? []].flat(), abroad: [] }),
    },
    site: () => ({ hostname: domainOf("mx.example.org"), postmaster }),
    signing: { open: () => undefined },
    clock: time,
    timer: time,
    random: seededRandom(seed),
    log: silentLog,
  };
}

function seededRandom(seed: number): Random {
  const dice = new Dice(seed);
  return { octets: (count) => Uint8Array.from({ length: count }, () => dice.below(256)) };
}

export function grantFor(domain: string): RelayGrant {
  return { basis: "login", holder: ANN, domain: domainOf(domain) } as RelayGrant; // nobody judges here
}

function domainOf(name: string): Domain {
  return known(parseDomain(name));
}

export function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("not there yet");
  return value;
}
