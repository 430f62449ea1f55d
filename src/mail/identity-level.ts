/** How well it is known who speaks, from not at all to best: what an administrator can ask for, and what the journal says of a caller. */

export const IDENTITY_LEVELS = [
  /** Anybody. */
  "none",
  /** Its address has a name, and the name that address (iprev, RFC 8601 §3). */
  "forward-confirmed",
  /** The author's domain vouches for the message (DMARC, RFC 9989). */
  "aligned",
  /** A certificate under a public authority, for its own name. */
  "certificate",
  /** A peer that the operator knows by its key, or by a private authority. */
  "pinned",
] as const;

export type IdentityLevel = (typeof IDENTITY_LEVELS)[number];

export function isAtLeast(level: IdentityLevel, wanted: IdentityLevel): boolean {
  return IDENTITY_LEVELS.indexOf(level) >= IDENTITY_LEVELS.indexOf(wanted);
}
