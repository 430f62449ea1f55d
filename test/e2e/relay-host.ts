/**
 * A mail server on a loopback address of its own that behaves as a test says: it relays whatever it is told to the site that tests it, or keeps it, or
 * is closed, or refuses whoever tests.
 */
import type { Owner } from "../support/scripted-server.ts";
import { ScriptedServer } from "../support/scripted-server.ts";
import { handInAt } from "./letter.ts";

export type Manner = "open" | "keeps" | "closed" | "blocks";

export interface RelayHostPlan {
  readonly address: string;
  /** From where it hands on; its own address otherwise. */
  readonly from?: string;
  /** Left out: any. */
  readonly port?: number;
}

/** Messages that an open one hands on; all the same for what they prove. */
const HANDED_ON = 3;

const TESTER = "tests.local.example";

export class RelayHost {
  readonly address: string;
  #manner: Manner = "open";
  /** Where the site takes mail. */
  siteAt = 0;
  /** Called with the number of senders heard until now. */
  onSender = (_senders: number): void => {};
  senders = 0;
  readonly #from: string;
  #server: ScriptedServer | undefined;
  /** Those that were told to go abroad, with their content. */
  readonly kept: (readonly [token: string, content: string])[] = [];

  private constructor(address: string, from: string) {
    this.address = address;
    this.#from = from;
  }

  static async open(
    owner: Owner,
    { address, from = address, port = 0 }: RelayHostPlan,
  ): Promise<RelayHost> {
    const host = new RelayHost(address, from);
    const answer = (command: string, talk: { readonly taken: readonly string[] }) =>
      host.#answer(command, talk.taken);
    host.#server = await ScriptedServer.open(owner, { answer, offers: [] }, { address, port });
    return host;
  }

  set manner(manner: Manner) {
    this.#manner = manner;
    this.kept.length = 0;
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  /** What it has kept so far reaches the site after all: the first one. */
  async handOn(): Promise<void> {
    const [first] = this.kept;
    if (first === undefined) throw new Error("it has taken nothing");
    await this.#passOn(...first);
  }

  #answer(command: string, taken: readonly string[]): string | undefined {
    if (command.startsWith("MAIL")) this.onSender(++this.senders);
    switch (this.#manner) {
      case "blocks":
        return command === "greeting" ? "554 5.7.1 your address is blocked here" : undefined;
      case "closed":
        if (command.startsWith("RCPT")) return "550 5.7.1 relaying denied";
        return command.startsWith("DATA") ? "503 5.5.1 no recipient" : undefined;
      case "open":
      case "keeps":
        if (command === ".") this.#taken(taken);
        return undefined;
    }
  }

  #taken(taken: readonly string[]): void {
    const content = this.#server?.messages.at(-1) ?? "";
    for (const path of taken) {
      const token = /t-[a-z2-7]{16}/.exec(path)?.[0];
      if (token === undefined) continue;
      this.kept.push([token, content]);
      const hands = this.#manner === "open" && this.kept.length <= HANDED_ON;
      if (hands) this.#passOn(token, content).catch(() => undefined); // the site may be down
    }
  }

  async #passOn(token: string, content: string): Promise<void> {
    const to = `${token}@${TESTER}`;
    await handInAt(this.siteAt, { from: "x@foreign.example", to, content }, { address: this.#from }); // prettier-ignore
  }
}
