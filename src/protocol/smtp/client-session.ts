/**
 * The SMTP client (RFC 5321) as an engine: octets of the server and answers of the desk in, steps out. It opens the
 * session (greeting, EHLO or HELO, STARTTLS), and then does one transaction after the other until the desk wants to quit.
 * Promises: nothing is said after the end; exactly one `settled` for each transaction, and one `ended`, the last tell.
 *
 * A server that speaks when it was asked nothing ends the connection: from there on its replies would be read as answers to
 * something else. So does a reply that is no reply.
 */
import { Input, NO_STEPS, type Session, type Steps, type TlsFacts } from "../dialogue/index.ts";
import { ClientMoves } from "./client-moves.ts";
import { ReplyReader } from "./client-replies.ts";
import type {
  SmtpClientAnswer,
  SmtpClientAsk,
  SmtpClientSettings,
  SmtpClientTell,
} from "./client-requests.ts";
import { ClientVoice } from "./client-voice.ts";

type ClientSteps = Steps<SmtpClientAsk, SmtpClientTell>;

export class SmtpClientSession implements Session<SmtpClientAsk, SmtpClientTell, SmtpClientAnswer> {
  readonly #input = new Input();
  readonly #replies = new ReplyReader();
  readonly #voice = new ClientVoice();
  readonly #moves: ClientMoves;
  #progress = 0;

  constructor(settings: SmtpClientSettings) {
    this.#moves = new ClientMoves(settings, this.#voice);
  }

  start(): ClientSteps {
    this.#moves.connected();
    return this.#run();
  }

  receive(bytes: Uint8Array): ClientSteps {
    if (this.#voice.ended) return NO_STEPS;
    // Not part of the handshake, so it came in the clear.
    if (this.#moves.turn === "handshake") this.#moves.ends.plaintext();
    else this.#input.append(bytes);
    return this.#run();
  }

  answer(answer: SmtpClientAnswer): ClientSteps {
    if (this.#voice.ended) return NO_STEPS;
    this.#moves.answered(answer);
    return this.#run();
  }

  drained(): ClientSteps {
    if (!this.#voice.ended) this.#moves.drained();
    return this.#run();
  }

  secured(facts: TlsFacts): ClientSteps {
    if (this.#voice.ended) return NO_STEPS;
    this.#moves.secured(facts);
    return this.#run();
  }

  timeout(): ClientSteps {
    if (this.#voice.ended) return NO_STEPS;
    this.#hearLastWords();
    if (!this.#voice.ended) this.#moves.ends.silent();
    return this.#run();
  }

  /** The transaction under way is finished; then it is QUIT instead of the next ask. A desk that is asked already may quit. */
  shutdown(): ClientSteps {
    this.#moves.stopping = true;
    return NO_STEPS;
  }

  closed(): ClientSteps {
    if (this.#voice.ended) return NO_STEPS;
    this.#voice.gone();
    this.#hearLastWords();
    if (!this.#voice.ended) this.#moves.ends.lost();
    return this.#run();
  }

  patienceMs(): number {
    return this.#moves.patienceMs();
  }

  /** Replies are counted when they are whole: a server that sends one octet a minute is silent. */
  progress(): number {
    return this.#progress;
  }

  /** Speaks and listens until it is somebody else's turn, or all is over. */
  #run(): ClientSteps {
    while (!this.#voice.ended) {
      const { turn } = this.#moves;
      const going = turn === "server" ? this.#listen() : turn === "ours" && this.#speak();
      if (!going) break;
    }
    if (this.#voice.ended) this.#input.clear();
    return this.#voice.take();
  }

  /** False when the reply is not complete. */
  #listen(): boolean {
    const result = this.#replies.next(this.#input);
    switch (result.kind) {
      case "more":
        return false;
      case "malformed":
        this.#moves.ends.malformed(result.why);
        return false;
      case "reply":
        this.#progress++;
        this.#moves.heard(result.reply, this.#input.length > 0);
        return true;
    }
  }

  #speak(): boolean {
    if (this.#input.length > 0 && !this.#moves.quitting) this.#hearOutOfTurn();
    if (this.#voice.ended) return false;
    this.#moves.speak();
    return true;
  }

  /** Octets that answer nothing. In the middle of content a reply may come in parts, and is waited for. */
  #hearOutOfTurn(): void {
    const result = this.#replies.next(this.#input);
    if (result.kind === "reply") this.#moves.ends.outOfTurn(result.reply);
    else if (result.kind === "malformed") this.#moves.ends.malformed(result.why);
    else if (!this.#moves.hasMoreContent) this.#moves.ends.outOfTurn(undefined);
  }

  /** What a server said before it left, or fell silent, while it was not its turn. */
  #hearLastWords(): void {
    if (this.#moves.turn === "server" || this.#input.length === 0) return;
    const result = this.#replies.next(this.#input);
    if (result.kind === "reply") this.#moves.ends.outOfTurn(result.reply);
  }
}
