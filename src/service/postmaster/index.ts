/** What the server itself writes to its postmaster. */
export { deposit, letter, type Letter } from "./letter.ts";
