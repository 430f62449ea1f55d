/** Servers whose mistake takes a memory: of a transaction, of refusals, of the sender. */
import { formatReversePath } from "../../../src/mail/index.ts";
import type { SmtpAnswer } from "../../../src/protocol/smtp/index.ts";
import {
  addressOf,
  delegated,
  hearing,
  isRefusal,
  relaying,
  saysToItself,
  sendingAlso,
} from "./breakage.ts";
import type { Parts, ReceiveDesk, Surroundings } from "./small-site.ts";

/** Its transaction outlives a line that should end it: it says it all again, after `before`, to itself. */
export function remembersTransaction(end: RegExp, ...before: readonly string[]): Parts {
  return saysToItself(() => {
    let said: string[] = [];
    let ended = false;
    return (line) => {
      if (end.test(line)) {
        ended = said.length > 0;
        return [];
      }
      if (line === "") return [];
      const again = ended ? [...before, ...said] : [];
      if (ended) said = [];
      ended = false;
      if (/^(?:MAIL|RCPT)/.test(line)) said.push(line);
      return again;
    };
  });
}

/** A refused recipient gets the message all the same. */
export function keepsRefused(): Parts {
  return {
    session: (around) => {
      const refused = new Set<string>();
      return {
        desk: (sound) => {
          const sending = sendingAlso(around, refused)(sound);
          return {
            ...delegated(sending),
            ask: (ask, reply) =>
              sending.ask(ask, (answer) => {
                if (ask.kind === "recipient" && isRefusal(answer)) refused.add(addressOf(ask));
                reply(answer);
              }),
          };
        },
      };
    },
  };
}

/** Relays for whoever was refused often enough. */
export function givesInAfter(refusals: number): Parts {
  return {
    session: (around) => {
      let refused = 0;
      return { router: relaying(around, () => ++refused > refusals) };
    },
  };
}

/** Between two chunks it hears some lines otherwise, and the addresses in them get the message too. */
export function betweenChunks(form: RegExp, instead: string): Parts {
  return {
    session: (around) => {
      const addresses = new Set<string>();
      let between = false;
      return {
        desk: sendingAlso(around, addresses),
        engine: hearing((line) => {
          if (line.startsWith("BDAT")) between = !line.endsWith("LAST");
          const match = between ? form.exec(line) : null;
          if (match?.[1] !== undefined) addresses.add(match[1]);
          return match === null ? line : line.replace(form, instead);
        }),
      };
    },
  };
}

/** Takes mail that it cannot deliver, for this enhanced code, and returns it to whoever the sender is said to be. */
export function bounces(reason: string): Parts {
  return {
    session: (around) => ({
      desk: writingBack(
        around,
        (answer) => answer.kind === "status" && answer.status.enhanced === reason,
      ),
    }),
  };
}

/** Tells whoever the sender is said to be that his message has arrived, when he asks for it. */
export function notifies(): Parts {
  return {
    session: (around) => {
      let asked = false;
      return {
        engine: hearing((line) => {
          const plain = line.replace(/ (?:RET|NOTIFY)=\S*$/, "");
          asked ||= plain !== line;
          return plain;
        }),
        desk: writingBack(around, () => asked),
      };
    },
  };
}

/** Recipients answered in such a way are taken, and the sender gets a message of our own for each. */
function writingBack(around: Surroundings, due: (answer: SmtpAnswer) => boolean) {
  return (sound: ReceiveDesk): ReceiveDesk => {
    const senders = new Set<string>();
    let sender = "";
    const sending = sendingAlso(around, senders)(sound);
    return {
      ...delegated(sending),
      ask(ask, reply) {
        if (ask.kind === "sender") sender = formatReversePath(ask.reversePath).slice(1, -1);
        sending.ask(ask, (answer) => {
          if (ask.kind !== "recipient" || !due(answer)) return reply(answer);
          senders.add(sender);
          reply({ kind: "proceed" });
        });
      },
    };
  };
}
