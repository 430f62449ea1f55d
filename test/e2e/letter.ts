/** Handing mail in by hand: the commands of one message, over a connection that has said EHLO. */
import { Talk } from "./talk.ts";

/** Text of any language is in UTF-8 on the wire. */
export interface Letter {
  /** "" is the null reverse-path. */
  readonly from: string;
  /** An address each, with its parameters behind a blank where it has any. */
  readonly to: string | readonly string[];
  /** Of MAIL: "BODY=8BITMIME RET=FULL". */
  readonly parameters?: string;
  /** As it stands on the wire, without the final dot; a short one of the sender where none is given. */
  readonly content?: string;
}

/** The reply to the final dot, or the first refusal. */
export async function handIn(talk: Talk, letter: Letter): Promise<string> {
  const { from, to, parameters, content = `From: <${from}>\r\nSubject: x\r\n\r\ntext` } = letter;
  const recipients = [to].flat().map((one) => {
    const [address = "", ...more] = one.split(" ");
    return ["RCPT TO:", `<${address}>`, ...more.map((word) => ` ${word}`)].join("");
  });
  const begin = `MAIL FROM:<${from}>${parameters === undefined ? "" : ` ${parameters}`}`;
  for (const line of [begin, ...recipients, "DATA"]) {
    const reply = await talk.ask(octets(line));
    if (!/^[23]/.test(reply)) {
      await talk.ask("RSET");
      return reply;
    }
  }
  return talk.ask(`${octets(content)}\r\n.`);
}

/** A stranger, on port 25; from an address of this machine that the system chooses, and by a name of no account, unless it says who it is. */
export interface Stranger {
  readonly address?: string;
  readonly helo?: string;
}

export async function handInAt(
  port: number,
  letter: Letter,
  { address, helo = "client.example" }: Stranger = {},
): Promise<string> {
  const talk = await Talk.to(port, "127.0.0.1", address);
  await talk.reply();
  await talk.ask(`EHLO ${helo}`);
  const reply = await handIn(talk, letter);
  await talk.ask("QUIT");
  talk.destroy();
  return reply;
}

/** The id that an acceptance names; anything else fails. */
export function idIn(reply: string): string {
  const [, id] = /^250 2\.0\.0 accepted as (\S+)\r\n$/.exec(reply) ?? [];
  if (id === undefined) throw new Error(`not accepted: ${reply}`);
  return id;
}

/** A text's UTF-8, a character for each octet: what `Talk` says. */
export function octets(text: string): string {
  return Buffer.from(text).toString("latin1");
}
