/**
 * The server's side of a POP3 session: RFC 1939 with CAPA (2449), STLS (2595), AUTH (5034) and UTF8 (6856).
 * It promises that nothing is deleted but at QUIT, that a maildrop is open only while it says so, and that a
 * message is sent whole, or without its end mark and the connection closed.
 */
import { Input, NO_STEPS, type Session, type Steps, type TlsFacts } from "../dialogue/index.ts";
import { capabilityList } from "./capabilities.ts";
import { parseCommand, type Command } from "./grammar.ts";
import { OpenMaildrop } from "./open-maildrop.ts";
import { unexpected, type Phase } from "./phases.ts";
import { OK, greeting } from "./replies.ts";
import type { Pop3Answer, Pop3Ask, Pop3Settings, Pop3Tell } from "./requests.ts";
import { ServerAuthorization } from "./server-authorization.ts";
import { ServerTransaction } from "./server-transaction.ts";
import { ServerVoice } from "./server-voice.ts";

type Pop3Steps = Steps<Pop3Ask, Pop3Tell>;

export class Pop3ServerSession implements Session<Pop3Ask, Pop3Tell, Pop3Answer> {
  readonly #settings: Pop3Settings;
  readonly #input = new Input();
  readonly #voice: ServerVoice;
  readonly #authorization: ServerAuthorization;
  /** Present from login on. */
  #transaction: ServerTransaction | undefined;
  #phase: Phase = "client";
  #stopping = false;
  #progress = 0;

  constructor(settings: Pop3Settings) {
    this.#settings = settings;
    this.#voice = new ServerVoice(settings);
    this.#authorization = new ServerAuthorization(settings, this.#voice);
  }

  start(): Pop3Steps {
    const { hostname, sessionId, tls } = this.#settings;
    if (tls !== undefined) this.#voice.tell({ kind: "secured", tls });
    this.#phase = this.#voice.reply(greeting(hostname, sessionId));
    return this.#voice.take();
  }

  receive(bytes: Uint8Array): Pop3Steps {
    if (this.#voice.ended) return NO_STEPS;
    if (this.#phase === "securing") this.#voice.end("plaintext after STLS");
    else this.#input.append(bytes);
    return this.#run();
  }

  answer(answer: Pop3Answer): Pop3Steps {
    if (this.#voice.ended) return NO_STEPS;
    this.#phase = this.#answered(answer);
    return this.#run();
  }

  drained(): Pop3Steps {
    this.#progress++;
    if (this.#voice.ended) return NO_STEPS;
    if (this.#phase === "wire" || this.#phase === "sending")
      this.#phase = this.#transaction?.drained() ?? "client";
    return this.#run();
  }

  secured(tls: TlsFacts): Pop3Steps {
    if (this.#voice.ended) return NO_STEPS;
    this.#authorization.secured(tls);
    this.#phase = "client";
    return this.#run();
  }

  /** RFC 1939 §3: nothing is deleted and nothing is said. */
  timeout(): Pop3Steps {
    if (this.#voice.ended) return NO_STEPS;
    this.#voice.end("timeout");
    return this.#run();
  }

  shutdown(): Pop3Steps {
    this.#stopping = true;
    return this.#run();
  }

  closed(): Pop3Steps {
    if (this.#voice.ended) return NO_STEPS;
    this.#voice.left();
    return this.#run();
  }

  /** Whoever has logged in is no stranger, and RFC 1939 §3 promises ten minutes. */
  patienceMs(crowded = false): number {
    const { loginTimeMs, idleTimeMs, crowdedTimeMs } = this.#settings.limits;
    if (this.#transaction !== undefined) return idleTimeMs;
    return crowded ? Math.min(loginTimeMs, crowdedTimeMs) : loginTimeMs;
  }

  progress(): number {
    return this.#progress;
  }

  /** Obeys line after line, while it is the client's turn and there are lines; after many replies the wire comes first. */
  #run(): Pop3Steps {
    while (!this.#voice.ended && this.#phase === "client") {
      const next = this.#next();
      if (next === undefined) break;
      this.#phase = next;
    }
    if (this.#voice.ended) this.#letGo();
    return this.#voice.take();
  }

  #letGo(): void {
    this.#input.clear();
    this.#transaction = undefined;
  }

  #next(): Phase | undefined {
    if (this.#stopping) return this.#voice.refuseAndEnd("stopping", "shutdown");
    if (!this.#voice.isLong) return this.#takeLine();
    this.#voice.flush();
    return "wire";
  }

  /** What the next line leads to; undefined while it is not complete. */
  #takeLine(): Phase | undefined {
    const { commandLineOctets, saslLineOctets } = this.#settings.limits;
    const { exchanging } = this.#authorization;
    const line = this.#input.takeLine(exchanging ? saslLineOctets : commandLineOctets);
    if (line.kind === "more") return undefined;
    if (line.kind === "fault") return this.#voice.refuseAndEnd(line.fault, line.fault);
    this.#progress++;
    if (line.kind === "too-long") {
      this.#authorization.forget();
      return this.#voice.refuse("line-too-long");
    }
    if (exchanging) return this.#authorization.respond(line.bytes);
    const result = parseCommand(line.bytes);
    if (result.kind === "command") return this.#obey(result.command);
    this.#authorization.forget();
    return this.#voice.refuse(result.fault);
  }

  #obey(command: Command): Phase {
    if (command.verb !== "PASS") this.#authorization.forget();
    const transaction = this.#transaction;
    switch (command.verb) {
      case "CAPA":
        return this.#capabilities();
      case "QUIT":
        return transaction === undefined ? this.#voice.end("quit", OK.quit) : transaction.quit();
      case "USER":
      case "PASS":
      case "APOP":
      case "AUTH":
      case "STLS":
      case "UTF8":
        return transaction === undefined
          ? this.#authorization.obey(command, this.#input.length > 0)
          : this.#voice.refuse("logged-in-already");
      default:
        return transaction === undefined
          ? this.#voice.refuse("log-in-first")
          : transaction.obey(command);
    }
  }

  /** A client that asks for them a thousand times and reads none must not fill our memory. */
  #capabilities(): Phase {
    const beforeLogin = this.#transaction === undefined;
    this.#voice.send(capabilityList(this.#authorization.capabilities(beforeLogin)));
    this.#voice.flush();
    return "wire";
  }

  #answered(answer: Pop3Answer): Phase {
    switch (this.#phase) {
      case "login":
        return this.#authorization.answered(answer);
      case "opening":
        return this.#opened(answer);
      case "sending":
      case "removing":
        return this.#transaction?.answered(answer) ?? unexpected(answer);
      case "client":
      case "wire":
      case "securing":
        throw new Error(`no question is open, and the answer is "${answer.kind}"`);
    }
  }

  #opened(answer: Pop3Answer): Phase {
    switch (answer.kind) {
      case "opened": {
        const maildrop = new OpenMaildrop(answer.messages);
        const { utf8 } = this.#authorization;
        this.#transaction = new ServerTransaction(maildrop, this.#settings, this.#voice, { utf8 });
        return this.#voice.reply(OK.opened(maildrop.count));
      }
      case "in-use":
      case "unavailable":
        return this.#voice.refuse(answer.kind);
      default:
        return unexpected(answer);
    }
  }
}
