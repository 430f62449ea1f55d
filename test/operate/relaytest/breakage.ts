/** Tools for breaking a small site: each makes one part of a session behave as a careless server's would. */
import { formatAddress, formatReversePath } from "../../../src/mail/index.ts";
import type { Recipient, Route } from "../../../src/policy/routing/index.ts";
import {
  latin1,
  octetsOf,
  type Steps,
  type TlsFacts,
} from "../../../src/protocol/dialogue/index.ts";
import type { SmtpAnswer, SmtpAsk, SmtpTell } from "../../../src/protocol/smtp/index.ts";
import type { Parts, ReceiveDesk, Router, SmtpSession, Surroundings } from "./small-site.ts";

type SmtpSteps = Steps<SmtpAsk, SmtpTell>;

// ---- Whom it trusts ------------------------------------------------------------------------------

/** Sends mail abroad, for recipients that the sound router has no mailbox for, when `willing`. */
export function relaying(
  around: Surroundings,
  willing: (address: string, found: Route["recipient"]) => boolean,
) {
  return (sound: Router): Router => ({
    route(recipient) {
      const route = sound.route(recipient);
      const address = addressOf(recipient);
      const relay = route.mailboxes.length === 0 && willing(address, route.recipient);
      return relay ? around.abroad(address) : route;
    },
  });
}

/** Relays to any foreign domain while `trusting`. */
export function relayingWhile(around: Surroundings, trusting: () => boolean) {
  return relaying(around, (_, found) => found === "foreign domain" && trusting());
}

/** Relays to whatever recipients the sound site puts into this class, or only to some of them. */
export function relaysTo(
  recipient: Route["recipient"],
  which: (address: string, around: Surroundings) => boolean = () => true,
): Parts {
  return {
    session: (around) => ({
      router: relaying(around, (address, found) => found === recipient && which(address, around)),
    }),
  };
}

/** Takes some foreign domains for domains that it serves. */
export function serves(matches: (domain: string, ours: string) => boolean): Parts {
  return relaysTo("foreign domain", (address, { names }) =>
    matches(domainOf(address), names.domain),
  );
}

export function trustsClient(trusted: (around: Surroundings) => boolean): Parts {
  return { session: (around) => ({ router: relayingWhile(around, () => trusted(around)) }) };
}

/** Trusts the rest of the session once the client said such a thing. */
export function trustsWord(trusted: (ask: SmtpAsk, around: Surroundings) => boolean): Parts {
  return {
    session: (around) => {
      let trusting = false;
      return {
        router: relayingWhile(around, () => trusting),
        desk: (sound) => ({
          ...delegated(sound),
          ask(ask, reply) {
            if (trusted(ask, around)) trusting = true;
            sound.ask(ask, reply);
          },
        }),
      };
    },
  };
}

/** `sender` as it stood behind MAIL FROM, in brackets. */
export function trustsSender(trusted: (sender: string, around: Surroundings) => boolean): Parts {
  return trustsWord(
    (ask, around) => ask.kind === "sender" && trusted(formatReversePath(ask.reversePath), around),
  );
}

/** Trusts the rest of the session once such a line was said, and hears another instead of it. */
export function trustsLine(form: RegExp, instead = "NOOP"): Parts {
  return {
    session: (around) => {
      let trusting = false;
      return {
        router: relayingWhile(around, () => trusting),
        engine: hearing((line) => {
          if (!form.test(line)) return line;
          trusting = true;
          return line.replace(form, instead);
        }),
      };
    },
  };
}

// ---- What it hears -------------------------------------------------------------------------------

/** Hears other lines than were said; lines are found in what comes in one piece. */
export function hearing(change: (line: string) => string) {
  return hearingOctets((octets) => octets.split("\r\n").map(change).join("\r\n"));
}

export function hearingOctets(change: (octets: string) => string) {
  return (sound: SmtpSession): SmtpSession => new HearingSession(sound, change);
}

export function hears(change: (line: string) => string): Parts {
  return { session: () => ({ engine: hearing(change) }) };
}

export function hearsOctets(change: (octets: string) => string): Parts {
  return { session: () => ({ engine: hearingOctets(change) }) };
}

/** Hears some lines otherwise; a recipient that it so misheard was checked before, and is not looked at again. */
export function follows(change: (line: string, around: Surroundings) => string): Parts {
  return {
    session: (around) => {
      const followed = new Set<string>();
      return {
        engine: hearing((line) => {
          const other = change(line, around);
          if (other !== line) followed.add(/<([^<>]*)>[^<>]*$/.exec(other)?.[1] ?? "");
          return other;
        }),
        router: relaying(
          around,
          (address, found) => found === "foreign domain" && followed.has(address),
        ),
      };
    },
  };
}

/** The same for the path inside the brackets alone. */
export function followsPath(read: (path: string, around: Surroundings) => string): Parts {
  return follows((line, around) => withPath(line, (path) => read(path, around)));
}

/** Says lines to itself before those that it hears, and keeps the answers to them to itself. `begin` is called for each session. */
export function saysToItself(begin: () => (line: string) => readonly string[]): Parts {
  return { session: () => ({ engine: (sound) => new SoliloquizingSession(sound, begin()) }) };
}

/** Says to itself, before any line of this form, another. */
export function saysBefore(form: RegExp, ...lines: readonly string[]): Parts {
  return saysToItself(() => (line) => (form.test(line) ? lines : []));
}

function withPath(line: string, read: (path: string) => string): string {
  return line.replace(/^RCPT TO:<(.*)>$/i, (_, path: string) => `RCPT TO:<${read(path)}>`);
}

/** Changes the domain of a path, as text; the octets on the wire are UTF-8. */
export function rereadDomain(path: string, read: (domain: string) => string): string {
  const text = Buffer.from(path, "latin1").toString("utf8");
  const at = text.lastIndexOf("@") + 1;
  return Buffer.from(text.slice(0, at) + read(text.slice(at)), "utf8").toString("latin1");
}

// ---- What it does --------------------------------------------------------------------------------

/** Also sends an accepted message to addresses it picked up on the way. */
export function sendingAlso(around: Surroundings, addresses: ReadonlySet<string>) {
  return (sound: ReceiveDesk): ReceiveDesk => ({
    ...delegated(sound),
    ask: (ask, reply) =>
      sound.ask(ask, (answer) => {
        const accepted = ask.kind === "message" && !isRefusal(answer);
        for (const address of accepted ? addresses : []) around.alsoSend(address);
        reply(answer);
      }),
  });
}

/** Picks addresses out of command lines: of each that has the form, the first group; and hears it without the rest. */
export function sendsAlsoTo(form: RegExp, instead: string): Parts {
  return {
    session: (around) => {
      const addresses = new Set<string>();
      return {
        desk: sendingAlso(around, addresses),
        engine: hearing((line) => {
          const address = form.exec(line)?.[1];
          if (address === undefined) return line;
          addresses.add(address);
          return line.replace(form, instead);
        }),
      };
    },
  };
}

/** Picks addresses out of the header section. */
export function sendsToHeader(field: RegExp): Parts {
  return {
    session: (around) => {
      const addresses = new Set<string>();
      return {
        desk: (sound) => {
          const sending = sendingAlso(around, addresses)(sound);
          return {
            ...delegated(sending),
            body(slice, drained) {
              for (const match of latin1(slice).matchAll(field)) addresses.add(match[1] ?? "");
              return sending.body(slice, drained);
            },
          };
        },
      };
    },
  };
}

/** Gives other answers than the sound desk. */
export function answers(
  change: (answer: SmtpAnswer, ask: SmtpAsk, around: Surroundings) => SmtpAnswer,
): Parts {
  return {
    session: (around) => ({
      desk: (sound) => ({
        ...delegated(sound),
        ask: (ask, reply) => sound.ask(ask, (answer) => reply(change(answer, ask, around))),
      }),
    }),
  };
}

export function isRefusal(answer: SmtpAnswer): boolean {
  return answer.kind === "status" && answer.status.code >= 400;
}

export function addressOf({ forwardPath }: Recipient): string {
  return forwardPath === "postmaster" ? forwardPath : formatAddress(forwardPath);
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1);
}

export function delegated(sound: ReceiveDesk): ReceiveDesk {
  return {
    ask: (ask, reply) => sound.ask(ask, reply),
    tell: (tell) => sound.tell(tell),
    body: (slice, drained) => sound.body(slice, drained),
  };
}

// ---- Engines -------------------------------------------------------------------------------------

/** An engine that behaves as the sound one but for what is overridden. */
export class WrappedSession implements SmtpSession {
  readonly sound: SmtpSession;

  constructor(sound: SmtpSession) {
    this.sound = sound;
  }

  start(): SmtpSteps {
    return this.sound.start();
  }

  receive(bytes: Uint8Array): SmtpSteps {
    return this.sound.receive(bytes);
  }

  answer(answer: SmtpAnswer): SmtpSteps {
    return this.sound.answer(answer);
  }

  drained(): SmtpSteps {
    return this.sound.drained();
  }

  secured(facts: TlsFacts): SmtpSteps {
    return this.sound.secured(facts);
  }

  timeout(): SmtpSteps {
    return this.sound.timeout();
  }

  shutdown(): SmtpSteps {
    return this.sound.shutdown();
  }

  closed(): SmtpSteps {
    return this.sound.closed();
  }

  patienceMs(): number {
    return this.sound.patienceMs();
  }

  progress(): number {
    return this.sound.progress();
  }
}

class HearingSession extends WrappedSession {
  readonly #change: (octets: string) => string;

  constructor(sound: SmtpSession, change: (octets: string) => string) {
    super(sound);
    this.#change = change;
  }

  override receive(bytes: Uint8Array): SmtpSteps {
    return this.sound.receive(octetsOf(this.#change(latin1(bytes))));
  }
}

/** After TLS it runs what had come before it in the clear, and answers it then. */
export class ImpatientSession extends WrappedSession {
  #early = "";

  override receive(bytes: Uint8Array): SmtpSteps {
    const octets = latin1(bytes);
    const [before = "", after] = octets.split(/(?<=^STARTTLS\r\n)/m);
    this.#early = after ?? "";
    return this.sound.receive(octetsOf(before));
  }

  override secured(facts: TlsFacts): SmtpSteps {
    return [...this.sound.secured(facts), ...this.sound.receive(octetsOf(this.#early))];
  }
}

/** Says lines to itself before those it hears; each has one reply, which nobody else gets. */
class SoliloquizingSession extends WrappedSession {
  readonly #lines: (line: string) => readonly string[];
  /** Of the replies to come, which are its own. */
  #own: boolean[] = [false];

  constructor(sound: SmtpSession, lines: (line: string) => readonly string[]) {
    super(sound);
    this.#lines = lines;
  }

  override start(): SmtpSteps {
    return this.#heard(this.sound.start());
  }

  override receive(bytes: Uint8Array): SmtpSteps {
    const said = latin1(bytes).split("\r\n");
    const spoken = said.map((line) => {
      const own = this.#lines(line);
      this.#own.push(...own.map(() => true), false);
      return own.map((text) => `${text}\r\n`).join("") + line;
    });
    this.#own.pop(); // behind the last CRLF there is nothing, or something without one
    return this.#heard(this.sound.receive(octetsOf(spoken.join("\r\n"))));
  }

  override answer(answer: SmtpAnswer): SmtpSteps {
    return this.#heard(this.sound.answer(answer));
  }

  #heard(steps: SmtpSteps): SmtpSteps {
    return steps.filter((step) => step.kind !== "send" || this.#own.shift() !== true);
  }
}
