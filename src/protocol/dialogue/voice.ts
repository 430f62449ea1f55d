/**
 * What an engine says, asks and tells, gathered as the steps of one input. Each protocol has a voice of its own on top of
 * this, which knows its words and the one way in which its sessions end.
 */
import { CLOSE, FLUSH, NO_STEPS, START_TLS, type Step, type Steps } from "./session.ts";

export class Voice<Ask, Tell> {
  #steps: Step<Ask, Tell>[] = [];
  #ended = false;

  /** Nothing is said after that. */
  get ended(): boolean {
    return this.#ended;
  }

  send(data: string | Uint8Array): void {
    this.#steps.push({ kind: "send", data });
  }

  ask(ask: Ask): void {
    this.#steps.push({ kind: "ask", ask });
  }

  tell(tell: Tell): void {
    this.#steps.push({ kind: "tell", tell });
  }

  body(slice: Uint8Array): void {
    this.#steps.push({ kind: "body", slice });
  }

  flush(): void {
    this.#steps.push(FLUSH);
  }

  startTls(): void {
    this.#steps.push(START_TLS);
  }

  /** `closing`: the other side is still there. */
  protected finish(closing: boolean): void {
    if (closing) this.#steps.push(CLOSE);
    this.#ended = true;
  }

  /** The steps gathered since the last time. */
  take(): Steps<Ask, Tell> {
    if (this.#steps.length === 0) return NO_STEPS;
    const steps = this.#steps;
    this.#steps = [];
    return steps;
  }
}
