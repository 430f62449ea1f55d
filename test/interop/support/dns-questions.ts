/** Asks a name server thousands of questions, some at once, as a resolver does: over UDP with EDNS, and again over TCP where it is told to. */
import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { decode, encode, type Answer } from "dns-packet";
import { framed, IncomingMessages } from "../../../src/net/index.ts";

export interface AskedName {
  readonly name: string;
  readonly type: "A" | "TXT" | "SOA" | "NS" | "AAAA" | "MX";
}

/** "NOERROR aa; A 2100 127.0.0.2; TXT 2100 open relay", records in order. */
export type Said = string;

/** At once; so many find room in a socket's buffer. */
const TOGETHER = 64;

const OPT: Answer = {
  type: "OPT",
  name: ".",
  udpPayloadSize: 4096,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};

/** Milliseconds, and tries: a datagram may be lost. */
const ANSWER_MS = 2000;
const TRIES = 4;

export class DnsQuestions {
  readonly #socket: Socket;
  readonly #port: number;
  readonly #waiting = new Map<number, (answer: Buffer) => void>();

  private constructor(socket: Socket, port: number) {
    this.#socket = socket;
    this.#port = port;
    socket.on("message", (answer: Buffer) => this.#waiting.get(answer.readUInt16BE(0))?.(answer));
  }

  static async to(port: number): Promise<DnsQuestions> {
    const socket = createSocket("udp4");
    socket.connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new DnsQuestions(socket, port);
  }

  close(): void {
    this.#socket.close();
  }

  /** The answers, in the order of the questions. */
  async ask(questions: readonly AskedName[]): Promise<Said[]> {
    const answers: Said[] = [];
    let next = 0;
    const one = async (id: number): Promise<void> => {
      for (let at = next++; at < questions.length; at = next++) {
        const question = questions[at];
        if (question !== undefined) answers[at] = await this.#ask(question, id);
      }
    };
    await Promise.all(Array.from({ length: TOGETHER }, (_, id) => one(id)));
    return answers;
  }

  async #ask({ name, type }: AskedName, id: number): Promise<Said> {
    const question = encode({
      type: "query",
      id,
      questions: [{ type, name }],
      additionals: [OPT],
    });
    for (let tries = 0; tries < TRIES; tries++) {
      const answer = await this.#once(question, id);
      if (answer === undefined) continue;
      return said(isCut(answer) ? await this.#overTcp(question) : answer);
    }
    assert.fail(`no answer: ${name} ${type}`);
  }

  async #overTcp(question: Buffer): Promise<Buffer> {
    const socket = connect(this.#port, "127.0.0.1");
    const incoming = new IncomingMessages();
    socket.write(framed(question));
    for await (const chunk of socket) {
      incoming.give(chunk as Buffer);
      const answer = incoming.next();
      if (answer !== undefined) return Buffer.from(answer);
    }
    assert.fail("no answer over TCP");
  }

  #once(question: Buffer, id: number): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      const end = (answer: Buffer | undefined): void => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve(answer);
      };
      const timer = setTimeout(() => end(undefined), ANSWER_MS);
      this.#waiting.set(id, end);
      this.#socket.send(question);
    });
  }
}

function said(answer: Buffer): Said {
  const { rcode, flag_aa, flag_tc, answers = [] } = decode(answer) as unknown as Decoded; // the types of the package know no code
  const head = [rcode, flag_aa ? "aa" : "", flag_tc ? "tc" : ""].filter((word) => word !== "");
  return [head.join(" "), ...answers.map(recordText).toSorted()].join("; ");
}

/** TC */
function isCut(answer: Buffer): boolean {
  return (answer.readUInt16BE(2) & 0x0200) !== 0;
}

interface Decoded {
  readonly rcode: string;
  readonly flag_aa: boolean;
  readonly flag_tc: boolean;
  readonly answers?: readonly Answer[];
}

function recordText(record: Answer): string {
  const data: unknown = "data" in record ? record.data : "";
  const ttl = "ttl" in record ? record.ttl : 0;
  const text = Array.isArray(data) ? data.map(String).join("") : JSON.stringify(data);
  return `${record.type} ${ttl} ${text}`;
}
