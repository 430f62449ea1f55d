/** How any protocol engine of ours converses: steps, bounded input, content framing, the driver. */
export * from "./content.ts";
export * from "./conversation.ts";
export * from "./input.ts";
export * from "./latin1.ts";
export * from "./memory-wire.ts";
export * from "./session.ts";
export * from "./stuffing.ts";
export * from "./voice.ts";
