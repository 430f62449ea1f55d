/** The nouns of mail: every other room speaks in these, and this one knows no other. */
export * from "./address.ts";
export * from "./attempt-facts.ts";
export * from "./comments.ts";
export * from "./date-time.ts";
export * from "./domain.ts";
export * from "./envelope.ts";
export * from "./grant.ts";
export * from "./header.ts";
export * from "./ip.ts";
export * from "./login.ts";
export * from "./mailbox-id.ts";
export * from "./outcome.ts";
export * from "./notification.ts";
export * from "./session-facts.ts";
export * from "./session-id.ts";
export * from "./status.ts";
export * from "./visible.ts";
