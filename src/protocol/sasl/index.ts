/** SASL mechanisms (RFC 4422) as pure engines: a client's message in, what it claims out. */
export * from "./base64.ts";
export * from "./client.ts";
export type { SaslClient, SaslClientStep, SaslLogin } from "./client-exchange.ts";
export * from "./exchange.ts";
export * from "./line-exchange.ts";
export * from "./mechanisms.ts";
export { SCRAM_HASH_OCTETS, scramKeys, type ScramKeys, type ScramVerifier } from "./scram-keys.ts";
export * from "./utf8.ts";
