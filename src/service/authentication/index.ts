/** Who a message is from, as far as anybody can tell: SPF, DKIM, DMARC and the ARC chain that it brings. */
export {
  Authentication,
  SIGNATURES_LIMIT,
  type AuthenticationDeps,
  type Check,
  type CheckedClient,
} from "./authentication.ts";
export type { ChainStatus, Results, Unknown } from "./results.ts";
