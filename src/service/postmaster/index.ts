/** What the server itself writes, to its postmaster or in his name. */
export { deposit, letter, type Letter } from "./letter.ts";
export { letterRecord, type LetterRecord } from "./record.ts";
