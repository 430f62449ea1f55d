/** The message's octets for a session that asks for them: at once where the store has them at hand, or that they cannot be had. */
import type { SmtpClientAnswer } from "../../protocol/smtp/index.ts";
import { errorText, type Log } from "../../runtime/index.ts";
import type { Parcel } from "./parcel.ts";

/** `reply` is called once. */
export function readContent(
  parcel: Pick<Parcel, "message" | "read">,
  { offset, limit }: { readonly offset: number; readonly limit: number },
  log: Log,
  reply: (answer: SmtpClientAnswer) => void,
): void {
  const unreadable = (error: unknown): void => {
    log.error("message not read", {
      message: parcel.message,
      problem: errorText(error),
      todo: "look at the store; the message is tried again",
    });
    reply({ kind: "unavailable" });
  };
  let octets: ReturnType<Parcel["read"]>;
  try {
    octets = parcel.read(offset, limit);
  } catch (error) {
    return unreadable(error);
  }
  if (!(octets instanceof Promise)) return reply(contentOf(octets));
  octets.then((read) => reply(contentOf(read)), unreadable);
}

function contentOf(octets: Uint8Array | undefined): SmtpClientAnswer {
  return octets === undefined ? { kind: "unavailable" } : { kind: "content", octets };
}
