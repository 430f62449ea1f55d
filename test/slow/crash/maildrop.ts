/** What is in our mailbox: letters by their token, and whom reports name. */
import { PASSWORD, USER } from "../../e2e/site.ts";
import { Talk } from "../../e2e/talk.ts";

export interface Maildrop {
  /** How often each token is there; what has none stands under its subject. */
  readonly stored: ReadonlyMap<string, number>;
  /** How often reports say of a forward-path that it failed. */
  readonly reported: ReadonlyMap<string, number>;
}

/** Lines of a body that hold a whole report. */
const LINES = 100;

export async function readMaildrop(port: number): Promise<Maildrop> {
  const talk = await Talk.to(port);
  await talk.reply();
  await talk.ask(`USER ${USER}`);
  const login = await talk.ask(`PASS ${PASSWORD}`);
  if (!login.startsWith("+OK")) throw new Error(login);
  const count = Number(/^\+OK (\d+)/.exec(await talk.ask("STAT"))?.[1]);
  const stored = new Map<string, number>();
  const reported = new Map<string, number>();
  for (let number = 1; number <= count; number++) {
    await talk.ask(`TOP ${number} ${LINES}`);
    const message = await talk.block();
    const header = message.slice(0, message.indexOf("\r\n\r\n"));
    if (!/^Content-Type: multipart\/report;/im.test(header)) {
      add(stored, /^Subject: (\S+)/m.exec(header)?.[1] ?? "no subject");
      continue;
    }
    for (const [, path = ""] of message.matchAll(FAILED)) add(reported, path);
  }
  await talk.ask("QUIT");
  await talk.closed();
  return { stored, reported };
}

/** RFC 3464 §2.3: the fields of one recipient, in the order in which we write them. */
const FAILED = /^Final-Recipient: rfc822; ?(\S+)\r\nAction: failed\r$/gm;

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
