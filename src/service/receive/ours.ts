/** Whose mail it is that comes in. */
import type { Client } from "../../policy/checks/index.ts";

/** One of our own hands it in: a program of a user, or a device that has no login. */
export function isOurs({ login, network }: Client): boolean {
  return login !== undefined || network !== undefined;
}
