/**
 * What is asked of a server before the first case: who it says it is, what it offers, and what it does with somebody who must be there
 * and with somebody who cannot be. No message is sent.
 */
import type { Domain } from "../../mail/index.ts";
import type { Reply } from "../relaytest/index.ts";
import type { Endpoint, Machine } from "./machine.ts";
import type { Offers } from "./remote-cases.ts";
import { serverNames, type Knowledge, type ServerNames } from "./remote-names.ts";
import { offers, openSession, type NotReady, type Ready } from "./session.ts";
import type { Token } from "./token.ts";

export type FirstLook = (Seen & { readonly slowestMs: number }) | NotReady;

export interface Seen {
  readonly kind: "seen";
  readonly banner: Reply;
  readonly names: ServerNames;
  readonly offers: Offers;
  /** The answer to MAIL from the tester's domain. */
  readonly mail?: Reply;
  /** Answers to RCPT: for `user` of the names, and for a name that nobody has. */
  readonly known?: Reply;
  readonly unknown?: Reply;
  /** It puts off mail for its own people: greylisting, most likely. */
  readonly deferred: boolean;
}

export interface Looking {
  readonly knowledge: Knowledge;
  readonly foreign: Domain;
  readonly wayBack?: { readonly name: string };
}

/** `token`: of the sender; the same one knocks again, as greylisting knows it by (RFC 6647 §2.3). */
export async function firstLook(
  endpoint: Endpoint,
  { knowledge, foreign, wayBack }: Looking,
  machine: Machine,
  token: Token,
): Promise<FirstLook> {
  const first = await greeted(endpoint, foreign, machine);
  if (first.kind !== "ready") return first;
  const { talker, banner, hello, ehlo } = first;
  const names = serverNames(endpoint, banner, hello, knowledge);
  const ask = async (line: string): Promise<Reply | undefined> => {
    const heard = talker.over ? undefined : await talker.ask(`${line}\r\n`);
    return heard?.kind === "reply" ? heard.reply : undefined;
  };
  const mail = await ask(`MAIL FROM:<${token}.b@${foreign}>`);
  const [known, unknown] =
    mail?.code === 250
      ? [
          await ask(`RCPT TO:<${names.user}@${names.domain}>`),
          await ask(`RCPT TO:<${token}@${names.domain}>`),
        ]
      : [mail, undefined];
  if (!talker.over) talker.say("QUIT\r\n");
  talker.close();
  return {
    kind: "seen",
    banner,
    names,
    offers: {
      ehlo,
      startTls: !endpoint.implicitTls && offers(hello, "STARTTLS"),
      chunking: offers(hello, "CHUNKING"),
      mailbox: knowledge.mailbox !== undefined,
      wayBack: wayBack !== undefined,
    },
    ...(mail !== undefined && { mail }),
    ...(known !== undefined && { known }),
    ...(unknown !== undefined && { unknown }),
    deferred: known !== undefined && known.code >= 400 && known.code < 500,
    slowestMs: talker.slowestMs,
  };
}

/** By EHLO, and by HELO where a server of old does not know it. */
async function greeted(
  endpoint: Endpoint,
  foreign: Domain,
  machine: Machine,
): Promise<(Ready & { readonly ehlo: boolean }) | NotReady> {
  const open = (verb: "EHLO" | "HELO") =>
    openSession(
      endpoint,
      { manner: verb, hello: `${verb} ${foreign}\r\n`, name: foreign },
      machine,
    );
  const first = await open("EHLO");
  if (first.kind === "ready") return { ...first, ehlo: true };
  if (first.kind !== "turned away" || first.at === "greeting") return first;
  const second = await open("HELO");
  return second.kind === "ready" ? { ...second, ehlo: false } : second;
}
