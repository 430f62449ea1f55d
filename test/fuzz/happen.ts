/** What happens to a conversation over a wire in memory, once. Nobody is waited for. */
import type { Conversation, MemoryWire } from "../../src/protocol/dialogue/index.ts";
import type { Happening } from "./scenario.ts";
import { TLS_FACTS } from "./trace.ts";

export function happen<Ask, Tell, Answer>(
  conversation: Conversation<Ask, Tell, Answer>,
  wire: MemoryWire,
  happening: Happening,
): void {
  if (typeof happening !== "string") return conversation.receive(Uint8Array.from(happening)); // the engine may keep the array
  switch (happening) {
    case "TLS":
      if (!wire.startingTls) return undefined;
      wire.startingTls = false;
      return conversation.secured(TLS_FACTS);
    case "TIMEOUT":
      return conversation.timeout();
    case "SHUTDOWN":
      return conversation.shutdown();
    case "HANGUP":
      return conversation.closed();
    case "FINISHED":
      return conversation.finished();
    case "ANSWER":
    case "SWITCH":
      return undefined;
  }
}
