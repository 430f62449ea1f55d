/**
 * Where a stranger's message comes from, found out while it comes in: one check of it, for what is decided about it and for the
 * seal of a forward. Our own people's mail is not asked about, nor by default that of clients within, of whose addresses the
 * DNS of the world knows nothing.
 */
import { ipReach, type Domain, type IdentityLevel, type Ip } from "../../mail/index.ts";
import type { Authentication, Check, CheckedClient, Results } from "../authentication/index.ts";
import type { NewEvent } from "../record/index.ts";
import type { Forward, Forwards } from "./forwards.ts";
import { MARK_FIELD } from "./own-fields.ts";

export interface OriginsDeps {
  readonly authentication: Pick<Authentication, "open">;
  readonly forwards: Pick<Forwards, "open">;
  readonly enabled: boolean;
  /** Clients with a loopback or private address are asked about too. */
  readonly privateClients: boolean;
}

export class Origins {
  readonly #deps: OriginsDeps;

  constructor(deps: OriginsDeps) {
    this.#deps = deps;
  }

  /** Of a stranger's message that aliases of these domains send on; undefined where nobody wants to know. */
  open(forwardingDomains: readonly Domain[], client: CheckedClient): Origin | undefined {
    const { authentication, forwards } = this.#deps;
    let check: Check | undefined;
    const once = (): Check => (check ??= authentication.open(client));
    const forward = forwards.open(forwardingDomains, once);
    const judged = this.#isJudged(client.ip) ? once() : undefined;
    return forward === undefined && judged === undefined ? undefined : new Origin(judged, forward);
  }

  #isJudged(ip: Ip): boolean {
    const { enabled, privateClients } = this.#deps;
    return enabled && (privateClients || ipReach(ip) === "public");
  }
}

export class Origin {
  readonly forward: Forward | undefined;
  readonly #judged: Check | undefined;
  /** The one check, whoever wants to hear of it. */
  readonly #check: Check | undefined;

  constructor(judged: Check | undefined, forward: Forward | undefined) {
    this.#judged = judged;
    this.forward = forward;
    this.#check = judged ?? forward?.check;
  }

  /** The header section as it came, with its blank line, and what of the body came with it. */
  begin(section: Uint8Array, body: Uint8Array): void {
    this.#check?.begin(section);
    this.forward?.begin(section);
    this.body(body);
  }

  /** The next slice of the body. */
  body(slice: Uint8Array): void {
    this.#check?.body(slice);
    this.forward?.body(slice);
  }

  /** The body is over: what there is to judge, if anything. Does not reject. */
  async results(): Promise<Results | undefined> {
    return this.#judged?.finish();
  }
}

/** What the journal keeps of it. */
export function originEvent(results: Results, level: IdentityLevel = "none"): NewEvent {
  const { spf, spfDomain, dkim, dmarc, author, policy, arc, iprev, unknown } = results;
  return {
    kind: "origin",
    spf,
    spfDomain,
    dkim: dkim.join(),
    dmarc,
    arc,
    iprev,
    level,
    ...(author !== undefined && { author }),
    ...(policy !== undefined && { policy }),
    ...(unknown !== undefined && { reason: unknown }),
  };
}

/** What a reader is told, on top of the message: RFC 8601, and a field for each mark, to be sorted by. */
export function originFields(results: Results | undefined, marks: readonly string[]): Uint8Array {
  const told = results === undefined ? "" : `Authentication-Results: ${results.text}\r\n`;
  return Buffer.from(told + marks.map((mark) => `${MARK_FIELD}: ${mark}\r\n`).join(""));
}
