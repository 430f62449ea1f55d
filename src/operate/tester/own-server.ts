/**
 * The way back by this site's own server, as far as it can be seen without a message: it is asked as any other server would ask it,
 * for a recipient that no test awaits. Only a server that takes tokens of that domain says that there is no such mailbox.
 */
import type { Domain } from "../../mail/index.ts";
import type { Reply } from "../relaytest/index.ts";
import { wordsOf } from "./grade.ts";
import { endpointText, type Endpoint, type Machine } from "./machine.ts";
import { Talker, type Heard } from "./talker.ts";
import { makeToken } from "./token.ts";

/** How long it may take for a reply, in milliseconds; a server may be slow to greet. */
const PATIENCE_MS = 30_000;

/** Why nothing would come back to it, in words; undefined where the first of its listeners that answers would take it. */
export async function doubtOfOwnServer(
  listeners: readonly Endpoint[],
  domain: Domain,
  machine: Machine,
): Promise<string | undefined> {
  const silent: string[] = [];
  for (const listener of listeners) {
    const connection = await machine.connect(listener);
    if (!("kind" in connection))
      return doubtOf(
        await answer(new Talker(connection, machine.clock), domain, machine),
        listener,
      );
    silent.push(`${endpointText(listener)} (${connection.why})`);
  }
  return silent.length === 0
    ? "this site has no listener for mail of other servers (listen.smtp)"
    : `this site's server does not answer at ${silent.join(", ")}`;
}

/** What it says to RCPT, or whatever comes instead. */
async function answer(talker: Talker, domain: Domain, { random }: Machine): Promise<Heard> {
  try {
    let heard = await talker.hear(PATIENCE_MS);
    for (const line of [
      `EHLO ${domain}`,
      "MAIL FROM:<>",
      `RCPT TO:<${makeToken(random)}@${domain}>`,
    ]) {
      if (heard.kind !== "reply" || heard.reply.code >= 400) return heard;
      talker.say(`${line}\r\n`);
      heard = await talker.hear(PATIENCE_MS);
    }
    talker.say("QUIT\r\n");
    return heard;
  } finally {
    talker.close();
  }
}

function doubtOf(heard: Heard, listener: Endpoint): string | undefined {
  const where = `this site's server at ${endpointText(listener)}`;
  if (heard.kind !== "reply") return `${where} does not answer (${heard.kind})`;
  if (isNobody(heard.reply)) return undefined;
  return `${where} does not take mail for it, and says ${wordsOf(heard.reply.lines)}; has it read the setting tester.domain?`;
}

function isNobody({ code, enhanced }: Reply): boolean {
  return code === 550 && enhanced === "5.1.1";
}
