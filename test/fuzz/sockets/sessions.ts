/** Sessions over sockets by number: half of them SMTP, half POP3; half take turns, half say everything at once. */
import assert from "node:assert/strict";
import { Talk } from "../../e2e/talk.ts";
import { Dice } from "../dice.ts";
import { pop3Happenings } from "../pop3/generator.ts";
import { PASSWORD } from "../pop3/scram.ts";
import { formatScenario, type Happening, type Scenario } from "../scenario.ts";
import { smtpHappenings } from "../smtp/generator.ts";
import { opening, type Service } from "./opening.ts";
import { Pop3Speaker } from "./pop3.ts";
import { PEOPLE, type SocketSite } from "./site.ts";
import { SmtpSpeaker } from "./smtp.ts";
import { takeTurns } from "./turns.ts";

/** Sessions at once. */
const AT_ONCE = 16;

export class Sessions {
  readonly #site: SocketSite;
  readonly #seed: number;
  #next = 0;
  /** Ids of messages that a client was told were taken. */
  readonly accepted = new Set<string>();
  /** Ports of clients that hung up before they had heard everything. */
  readonly hungUp = new Set<number>();

  constructor(site: SocketSite, seed: number) {
    this.#site = site;
    this.#seed = seed;
  }

  get count(): number {
    return this.#next;
  }

  /** Plays so many more. Rejects with the first find in words. */
  async play(count: number): Promise<void> {
    const until = this.#next + count;
    const one = async (): Promise<void> => {
      while (this.#next < until) await this.#session(this.#next++);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    await this.#site.ended(this.#next);
  }

  async #session(n: number): Promise<void> {
    const dice = new Dice(this.#seed ^ Math.imul(n, 0x9e3779b1));
    const protocol = n % 2 === 0 ? "smtp" : "pop3";
    const client = protocol === "smtp" ? smtpHappenings(dice) : pop3Happenings(dice, PEOPLE);
    const happenings = [...opening(dice, protocol), ...client];
    const talk = await Talk.to(this.#site.port(protocol));
    try {
      if (dice.chance(50)) await this.#inTurns(talk, protocol, happenings, dice);
      else await this.#atOnce(talk, protocol, happenings, dice);
    } catch (error) {
      const scenario: Scenario = { protocol, settings: 0, mood: 0, happenings };
      const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
      throw new Error(formatScenario(scenario, `seed ${this.#seed}, session ${n}\n${problem}`), {
        cause: error,
      });
    } finally {
      talk.destroy();
    }
  }

  async #inTurns(
    talk: Talk,
    protocol: Service,
    happenings: readonly Happening[],
    dice: Dice,
  ): Promise<void> {
    assert.match(await talk.reply(), GREETING);
    if (protocol === "smtp")
      return takeTurns(talk, new SmtpSpeaker(talk, (id) => this.#accept(id)), happenings);
    const speaker = new Pop3Speaker(talk);
    if (dice.chance(15)) await speaker.scram(dice.pick(PEOPLE), dice.pick([PASSWORD, "guess"]));
    return takeTurns(talk, speaker, happenings);
  }

  /** TLS, if it is asked for, never begins: what stands behind it is plaintext. */
  async #atOnce(
    talk: Talk,
    protocol: Service,
    happenings: readonly Happening[],
    dice: Dice,
  ): Promise<void> {
    const greeting = dice.chance(90) ? await talk.reply() : "";
    for (const happening of happenings) {
      if (happening === "HANGUP") {
        this.hungUp.add(talk.port);
        return;
      }
      if (happening === "FINISHED") break;
      if (typeof happening === "string") continue;
      talk.say(Buffer.from(happening).toString("latin1"));
      if (dice.chance(30)) await new Promise(setImmediate);
    }
    talk.finish();
    const said = greeting + (await talk.rest());
    assert.match(said, protocol === "smtp" ? SMTP_SAID : GREETING);
    if (protocol === "smtp")
      for (const [, id = ""] of said.matchAll(/^250 2\.0\.0 accepted as (\S+)\r$/gm))
        this.#accept(id);
  }

  #accept(id: string): void {
    assert.ok(!this.accepted.has(id), "an id is one message's");
    this.accepted.add(id);
  }
}

const GREETING = /^(?:220 mx\.local\.example |\+OK mx\.local\.example POP3 ready )/;
/** Replies and nothing else; behind the reply to STARTTLS stand octets of TLS. */
const SMTP_SAID = /^(?:[2-5][0-9]{2}[ -][ -~]*\r\n)+(?:(?<=ready.*\r\n)[^]*)?$/;
