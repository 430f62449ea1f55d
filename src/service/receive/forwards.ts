/**
 * What an alias forwards is checked as it comes in and sealed before it is stored (ARC, RFC 8617), so that the next server can
 * see what the sender's signature and address were worth here. Promises: no mail is held up or refused for it; what cannot
 * be found out leaves without a seal, with the reason.
 */
import type { Domain, FactEvent } from "../../mail/index.ts";
import { errorText } from "../../runtime/index.ts";
import type { Check, Results } from "../authentication/index.ts";
import type { Seal, Sealing, Signing } from "../signing/index.ts";

export interface ForwardsDeps {
  readonly signing: Pick<Signing, "openSeal">;
}

/** What became of it; for the journal. */
export type SealFacts = Omit<Extract<FactEvent, { readonly kind: "seal" }>, "at">;

export interface Forward {
  /** Whose results are sealed; fed and begun by whoever opened it. Absent where nothing is sealed. */
  readonly check?: Check;
  /** The header section as it came, with its blank line. */
  begin(section: Uint8Array): void;
  /** The next slice of the body. */
  body(slice: Uint8Array): void;
  /** The body is over: the fields to write on top, if any. Does not reject. */
  finish(): Promise<{ readonly fields: Uint8Array; readonly facts: SealFacts }>;
}

export class Forwards {
  readonly #deps: ForwardsDeps;

  constructor(deps: ForwardsDeps) {
    this.#deps = deps;
  }

  /** A stranger's message that aliases of these domains forward; undefined where none of them has a key to seal with. */
  open(domains: readonly Domain[], check: () => Check): Forward | undefined {
    for (const domain of domains) {
      try {
        const sealing = this.#deps.signing.openSeal(domain);
        if (sealing !== undefined) return forwardOf(domain, check(), sealing);
      } catch (error) {
        return unsealed(domain, errorText(error));
      }
    }
    return undefined;
  }
}

function forwardOf(domain: Domain, check: Check, sealing: Sealing): Forward {
  let section: Uint8Array | undefined;
  return {
    check,
    begin: (whole) => {
      section = whole.slice(); // the wire's memory is used again
    },
    body: (slice) => sealing.body(slice),
    finish: async () => {
      if (section === undefined) return notSealed(domain, "it has no header section");
      try {
        const results = await check.finish();
        if (results.unknown !== undefined) return notSealed(domain, results.unknown);
        const { arc: chain, text } = results;
        const seal = await sealing.finish(section, { chain, results: text });
        return typeof seal === "string" ? notSealed(domain, seal) : sealed(domain, seal, results);
      } catch (error) {
        return notSealed(domain, errorText(error));
      }
    },
  };
}

function unsealed(domain: Domain, reason: string): Forward {
  return { begin() {}, body() {}, finish: () => Promise.resolve(notSealed(domain, reason)) };
}

function notSealed(domain: Domain, reason: string) {
  return { fields: new Uint8Array(0), facts: { kind: "seal", domain, reason } as const };
}

function sealed(domain: Domain, { fields, instance }: Seal, { spf, dkim, dmarc, arc }: Results) {
  const found = { instance, arc, spf, dkim: dkim.join(), dmarc };
  return { fields, facts: { kind: "seal", domain, sealed: found } as const };
}
