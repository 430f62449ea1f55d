/** SASL mechanisms (RFC 4422) as pure functions: a client's message in, what it claims out. */
export * from "./base64.ts";
export * from "./plain.ts";
export * from "./utf8.ts";
