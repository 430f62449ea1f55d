/** Whether a form was sent from our own page, and not from another site's that makes its reader's browser do so. */
import type { WebRequest } from "./exchange.ts";

/**
 * A browser says from where it was sent: by Sec-Fetch-Site over TLS, by Origin else (Fetch §3.2). What says neither is no browser, and nobody else
 * can make it ask.
 */
export function isFromHere({
  fetchSite,
  origin,
  authority = "",
}: Pick<WebRequest, "fetchSite" | "origin" | "authority">): boolean {
  if (fetchSite !== "") return fetchSite === "same-origin" || fetchSite === "none";
  if (origin === "") return true;
  return /^https?:\/\/(.*)$/s.exec(origin)?.[1]?.toLowerCase() === authority.toLowerCase();
}
