/**
 * The MTA-STS policy that counts for a domain now (RFC 8461): as the store remembers it, fetched anew where the DNS says that it has
 * changed. Promises: one fetch of a domain at a time; a policy is used only once it is on the disk, for whoever blocks the way to it
 * must not be helped by a restart; a domain whose policy cannot be had is left alone for a while. A store that cannot be read throws:
 * mail waits then, for a policy may stand in it.
 */
import type { Domain } from "../../mail/index.ts";
import type { FetchedFile } from "../../net/index.ts";
import {
  decideSts,
  parseStsPolicy,
  STS_RETRY_MS,
  stsRecordName,
  type RememberedSts,
  type StsPolicy,
} from "../../policy/identity/index.ts";
import type { Resolver } from "../../protocol/dns/index.ts";
import type { Clock, Log } from "../../runtime/index.ts";
import type { StsPolicies } from "../../store/index.ts";

export interface StsDeps {
  readonly resolver: Resolver;
  readonly policies: StsPolicies;
  /** Does not reject. */
  fetch(domain: Domain): Promise<FetchedFile>;
  readonly clock: Clock;
  readonly log: Log;
  /** Each time that one could not be had. */
  missed(domain: Domain, problem: StsProblem): void;
}

export interface StsProblem {
  readonly kind: "fetch" | "invalid" | "certificate";
  readonly why: string;
}

export interface StsFound {
  readonly policy?: StsPolicy;
  /** Why there is none: "no MTA-STS policy". */
  readonly why?: string;
}

/** Domains whose fetch failed; the one remembered longest is forgotten first. */
const FAILURES_LIMIT = 10_000;

const SECOND = 1000;

export class Sts {
  readonly #deps: StsDeps;
  /** When fetching failed last. */
  readonly #failures = new Map<Domain, number>();
  readonly #fetching = new Map<Domain, Promise<StsFound>>();

  constructor(deps: StsDeps) {
    this.#deps = deps;
  }

  /** May reject with a StoreError. */
  async find(domain: Domain): Promise<StsFound> {
    const { resolver, clock } = this.#deps;
    const name = stsRecordName(domain);
    if (name === undefined) return { why: "no MTA-STS policy" };
    const record = await resolver.resolve(name, "TXT");
    const remembered = this.#remembered(domain);
    const failedAt = this.#failures.get(domain);
    const decision = decideSts(
      {
        ...(remembered !== undefined && { remembered }),
        ...(failedAt !== undefined && { failedAt }),
      },
      record,
      clock.now(),
    );
    switch (decision.kind) {
      case "none":
        return { why: decision.why };
      case "apply":
        if (decision.refresh && remembered !== undefined)
          void this.#fetched(domain, remembered.id).catch(() => undefined); // the next one finds the store no better
        return { policy: decision.policy };
      case "fetch": {
        const found = await this.#fetched(domain, decision.id);
        const { otherwise } = decision;
        return found.policy === undefined && otherwise !== undefined
          ? { policy: otherwise }
          : found;
      }
    }
  }

  #remembered(domain: Domain): RememberedSts | undefined {
    const stored = this.#deps.policies.find(domain);
    const policy = stored && parseStsPolicy(stored.policy);
    return stored && policy && { id: stored.id, policy, fetchedAt: stored.fetchedAt };
  }

  #fetched(domain: Domain, id: string): Promise<StsFound> {
    const under = this.#fetching.get(domain);
    if (under !== undefined) return under;
    const fetching = this.#fetch(domain, id).finally(() => this.#fetching.delete(domain));
    this.#fetching.set(domain, fetching);
    return fetching;
  }

  async #fetch(domain: Domain, id: string): Promise<StsFound> {
    const { policies, clock } = this.#deps;
    const file = await this.#deps.fetch(domain);
    if (file.kind === "failed") {
      const kind = file.at === "certificate" ? file.at : "fetch";
      return this.#failed(domain, { kind, why: file.why });
    }
    // RFC 8461 §3.3 wants this looked at: a page that somebody may write on a web server is mostly something else.
    if (file.mediaType !== "text/plain")
      return this.#failed(domain, { kind: "invalid", why: `it is no text/plain` });
    const policy = parseStsPolicy(file.octets);
    if (policy === undefined)
      return this.#failed(domain, { kind: "invalid", why: "it cannot be read" });
    const fetchedAt = clock.now();
    const until = fetchedAt + policy.maxAge * SECOND;
    await policies.keep(domain, { id, policy: file.octets, fetchedAt, until });
    this.#failures.delete(domain);
    return { policy };
  }

  #failed(domain: Domain, problem: StsProblem): StsFound {
    const { clock, log } = this.#deps;
    const [oldest] = this.#failures.keys();
    if (this.#failures.size >= FAILURES_LIMIT && oldest !== undefined)
      this.#failures.delete(oldest);
    this.#failures.delete(domain);
    this.#failures.set(domain, clock.now());
    this.#deps.missed(domain, problem);
    log.info("MTA-STS policy not fetched", {
      domain,
      problem: problem.why,
      again_seconds: STS_RETRY_MS / SECOND,
    });
    return { why: `no MTA-STS policy to be had, ${problem.why}` };
  }
}
