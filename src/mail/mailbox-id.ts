/** The key under which a store knows a mailbox: opaque, never reused, not its address (which may change hands). */
declare const stored: unique symbol;

export type MailboxId = number & { readonly [stored]: "mailbox" };
