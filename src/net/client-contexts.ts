/**
 * What we bring into a TLS handshake as a client. To read a hundred and fifty authorities takes a while, and most connections have
 * the same, so each combination is made once, for as long as whoever named its parts holds on to them.
 */
import { createSecureContext, DEFAULT_CIPHERS, type SecureContext } from "node:tls";
import { MIN_TLS_VERSION } from "./tls-context.ts";

export interface ClientTls {
  /** Any TLS is better than none, also one with old ciphers and short keys (RFC 7435). */
  readonly opportunistic: boolean;
  /** Who vouches for certificates, as PEM; left out, those that come with Node. */
  readonly authorities?: readonly string[];
  /** Ours, for a server that asks for one; PEM. */
  readonly clientCertificate?: { readonly certificate: string; readonly key: string };
}

/** Stands for what was left out. */
const USUAL: object = {};

export class ClientContexts {
  readonly #strict = new WeakMap<object, WeakMap<object, SecureContext>>();
  readonly #lenient = new WeakMap<object, WeakMap<object, SecureContext>>();

  for(wanted: ClientTls): SecureContext {
    const { opportunistic, authorities = USUAL, clientCertificate = USUAL } = wanted;
    const contexts = opportunistic ? this.#lenient : this.#strict;
    const byOwn = contexts.get(authorities) ?? new WeakMap<object, SecureContext>();
    contexts.set(authorities, byOwn);
    const context = byOwn.get(clientCertificate) ?? made(wanted);
    byOwn.set(clientCertificate, context);
    return context;
  }
}

function made({ opportunistic, authorities, clientCertificate }: ClientTls): SecureContext {
  return createSecureContext({
    minVersion: MIN_TLS_VERSION,
    ...(opportunistic && { ciphers: `${DEFAULT_CIPHERS}:@SECLEVEL=0` }),
    ...(authorities !== undefined && { ca: [...authorities] }),
    ...(clientCertificate !== undefined && {
      cert: clientCertificate.certificate,
      key: clientCertificate.key,
    }),
  });
}
