/** Where mail for a recipient would go, by the site's own directory alone. Decides nothing about who may send it. */
export * from "./certificate-trust.ts";
export * from "./directory.ts";
export * from "./inner-host.ts";
export * from "./lmtp.ts";
export * from "./route.ts";
export { dayOf, RETURN_DAYS, returnKey, type Day } from "./return-mark.ts";
export * from "./srs.ts";
export * from "./exchanges.ts";
export * from "./next-hop.ts";
