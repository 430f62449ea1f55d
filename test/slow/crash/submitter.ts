/** A client that hands letters in, one after the other over one connection, until that breaks. */
import { PASSWORD, USER } from "../../e2e/site.ts";
import { Talk } from "../../e2e/talk.ts";
import type { Letter } from "./book.ts";
import type { Victim } from "./victim.ts";

/** By which way: logged in under TLS, or from a network that is trusted. */
export type Door = "submission" | "submissions" | "trusted network";

/** The address of those who need no login. */
export const TRUSTED = "127.0.0.9";

export class Submitter {
  readonly #talk: Talk;

  private constructor(talk: Talk) {
    this.#talk = talk;
  }

  /** Undefined when the server is gone. */
  static async at({ ports }: Victim, door: Door): Promise<Submitter | undefined> {
    try {
      const talk = await open(ports, door);
      await talk.ask("EHLO client.example");
      if (door === "trusted network") return new Submitter(talk);
      const login = Buffer.from(`\0${USER}\0${PASSWORD}`).toString("base64");
      const reply = await talk.ask(`AUTH PLAIN ${login}`);
      return reply.startsWith("235 ") ? new Submitter(talk) : undefined;
    } catch {
      return undefined; // refused connection: the server is down at this moment
    }
  }

  /** True when it was answered 250. Throws when it is refused: nothing here gives a reason to. */
  async submit(letter: Letter): Promise<boolean> {
    const recipients = [...(letter.here ? [USER] : []), ...letter.abroad];
    const lines = [
      `MAIL FROM:<${USER}>`,
      ...recipients.map((path) => `RCPT TO:<${path}>`),
      "DATA",
      `${contentOf(letter)}.`,
    ];
    let reply = "";
    for (const line of lines) {
      reply = await this.#talk.ask(line);
      if (/^[45]/.test(reply)) throw new Error(`${letter.token}: ${line.slice(0, 80)}: ${reply}`);
      if (!/^[23]/.test(reply)) return false;
    }
    return reply.startsWith("250 2.0.0 accepted");
  }

  leave(): void {
    this.#talk.destroy();
  }
}

async function open(ports: Victim["ports"], door: Door): Promise<Talk> {
  switch (door) {
    case "submissions": {
      const talk = await Talk.toTls(ports.submissions);
      await talk.reply();
      return talk;
    }
    case "submission": {
      const talk = await Talk.to(ports.submission);
      await talk.reply();
      await talk.ask("EHLO client.example");
      await talk.ask("STARTTLS");
      if (!(await talk.secure())) throw new Error("no TLS");
      return talk;
    }
    case "trusted network": {
      const talk = await Talk.to(ports.smtp, "127.0.0.1", TRUSTED);
      await talk.reply();
      return talk;
    }
  }
}

function contentOf(letter: Letter): string {
  return `From: <${USER}>\r\nSubject: ${letter.token}\r\n\r\n${bodyOf(letter)}\r\n`;
}

/** Whether its body has come as it was handed in; without the line end before the final dot. */
export function isWhole(content: string, letter: Letter): boolean {
  return content.endsWith(`\r\n\r\n${bodyOf(letter)}`);
}

function bodyOf({ token, octets }: Letter): string {
  return `${`${"x".repeat(70)}\r\n`.repeat(Math.ceil(octets / 72))}end of ${token}`;
}
