/** What TLS there is on a connection to another server, and what its server showed: for the journal, and for the count of it. */
import type { CarrierSecurity, Status } from "../../mail/index.ts";
import type { Tested } from "../../policy/identity/index.ts";
import type { TlsFacts } from "../../protocol/dialogue/index.ts";
import type { JudgedCertificate, JudgedFault } from "./certificate.ts";
import type { Carried } from "./parcel.ts";
import { certificateNotTrusted } from "./statuses.ts";
import type { SeenTls } from "./tls-results.ts";

export class RemoteTls {
  readonly #security: CarrierSecurity;
  readonly #tested: Tested | undefined;
  #facts: TlsFacts | undefined;
  #certificate: JudgedCertificate | undefined;
  /** What the tested policy holds against its certificate. */
  #testedFault: JudgedFault | undefined;

  /** `security`: what the server has to show. `tested`: a policy that it would have to satisfy, were it not only tested. */
  constructor(security: CarrierSecurity, tested: Tested | undefined) {
    this.#security = security;
    this.#tested = tested;
  }

  secured(facts: TlsFacts): void {
    this.#facts = facts;
  }

  /** False: it is not trusted. */
  shown(certificate: JudgedCertificate, testedFault: JudgedFault | undefined): boolean {
    this.#certificate = certificate;
    this.#testedFault = testedFault;
    return certificate.trusted;
  }

  /** What is wrong with the certificate that `remote` showed; undefined where it is trusted, or none was shown. */
  distrusted(remote: string): Status | undefined {
    const { trusted = true, why = "" } = this.#certificate ?? {};
    return trusted ? undefined : certificateNotTrusted(remote, why, this.#security.why);
  }

  get carried(): Pick<Carried, "tls" | "certificate" | "security"> {
    const tls = this.#facts;
    const tested = this.#testedWords();
    const { sha256 = "", why = "" } = this.#certificate ?? {};
    return {
      ...(tls !== undefined && { tls }),
      ...(this.#certificate !== undefined && { certificate: { sha256, why } }),
      security: { ...this.#security, ...(tested !== undefined && { tested }) },
    };
  }

  get seen(): SeenTls {
    const { trusted = true, fault, why = "" } = this.#certificate ?? {};
    const tested = this.#testedProblem();
    return {
      secured: this.#facts !== undefined,
      ...(!trusted && fault !== undefined && { fault: { fault, why } }),
      ...(tested !== undefined && { tested }),
    };
  }

  /** RFC 8461 §5: what a policy would have done that is only tested. */
  #testedWords(): string | undefined {
    if (this.#tested === undefined) return undefined;
    const problem = this.#testedProblem();
    if (problem !== undefined) return `it would get no mail: ${problem.why}`;
    return this.#facts === undefined ? "it would get no mail without TLS" : "it would get mail";
  }

  #testedProblem(): SeenTls["tested"] {
    if (this.#tested?.ownServer === false)
      return { fault: "server", why: "it is no server of the policy" };
    return this.#facts === undefined ? undefined : this.#testedFault;
  }
}
