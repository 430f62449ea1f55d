/**
 * Whom nobody has here, where senders are told of it by mail: what SPF says of a sender, asked once for a message and for its first
 * recipient, whoever that is, so that the time of a reply does not tell who is here; and how often a domain has been told, in memory.
 * By default not asked of clients within, of which the DNS of the world knows nothing.
 */
import { ipReach, type Domain } from "../../mail/index.ts";
import type { RecipientsSettings } from "../../policy/checks/index.ts";
import { HourlyCounts, type Clock } from "../../runtime/index.ts";
import type { Authentication, CheckedClient, SpfFinding } from "../authentication/index.ts";

export interface UnknownRecipientsDeps {
  readonly authentication: Pick<Authentication, "spf">;
  /** Clients with a loopback or private address are asked about too. */
  readonly privateClients: boolean;
  readonly settings: Pick<RecipientsSettings, "reports_per_hour" | "reported_recipients">;
  readonly clock: Pick<Clock, "elapsed">;
}

/** Sender domains counted at once; what is forgotten beyond is what was counted longest ago. */
const DOMAINS = 10_000;

export class UnknownRecipients {
  readonly #deps: UnknownRecipientsDeps;
  readonly #told: HourlyCounts<Domain>;

  constructor(deps: UnknownRecipientsDeps) {
    this.#deps = deps;
    this.#told = new HourlyCounts(DOMAINS, deps.clock);
  }

  /** Unknown recipients of one message that its report may name. */
  get most(): number {
    return this.#deps.settings.reported_recipients;
  }

  /** Does not reject. */
  spf(client: CheckedClient, domain: Domain): SpfFinding | Promise<SpfFinding> {
    const { authentication, privateClients } = this.#deps;
    if (!privateClients && ipReach(client.ip) !== "public") return { result: "none", domain };
    return authentication.spf(client);
  }

  /** One more message of this sender domain may be reported now. */
  hasRoom(domain: Domain): boolean {
    return this.#told.hasRoom(domain, this.#deps.settings.reports_per_hour);
  }

  count(domain: Domain): void {
    this.#told.count(domain);
  }
}
