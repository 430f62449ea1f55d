/** Who a message is from, as far as anybody can tell: SPF, DKIM, DMARC, reverse DNS and the ARC chain that it brings. */
export {
  Authentication,
  type AuthenticationDeps,
  type Check,
  type CheckedClient,
} from "./authentication.ts";
export type { ChainStatus, Results, SpfFinding } from "./results.ts";
export type { AuthenticationSettings } from "./settings.ts";
export { SIGNATURES_LIMIT } from "./shape.ts";
