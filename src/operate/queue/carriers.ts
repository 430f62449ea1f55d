/** Over which connections the last attempts at a message went: the journal knows it, for as long as it keeps them. */
import { messageSession, storedPathKey, type Carrier, type MessageId } from "../../mail/index.ts";
import type { Journal, QueueRow } from "../../store/index.ts";
import { attemptsOf } from "../journal/index.ts";

/** Undefined where the last attempt got no connection, or is not known any more. */
export type CarrierOf = (row: QueueRow) => Carrier | undefined;

export async function lastCarriers(
  journal: Pick<Journal, "find">,
  message: MessageId,
): Promise<CarrierOf> {
  const records = await journal.find({ kind: "session", session: messageSession(message) });
  const last = new Map<string, Carrier | undefined>();
  for (const { message: its, carried, recipients } of attemptsOf(records)) {
    if (its !== message) continue;
    // The last attempt is the first here.
    for (const { address } of recipients) if (!last.has(address)) last.set(address, carried);
  }
  return ({ forwardPath }) => last.get(storedPathKey(forwardPath));
}
