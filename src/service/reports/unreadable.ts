/** What a mail cannot be a report for; its message is for the log. */
export class Unreadable extends Error {}
