/** Delivery status notifications: who is told, what is said, and what is one (RFC 3461, RFC 3464, RFC 6522, RFC 6533). */
export * from "./build.ts";
export * from "./due.ts";
export * from "./parameters.ts";
export * from "./recognise.ts";
export * from "./report.ts";
export { decodeXtext } from "./xtext.ts";
