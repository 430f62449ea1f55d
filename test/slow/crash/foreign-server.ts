/**
 * A server of another domain, in the test's own process: it outlives the one that is killed, so it knows what it took. On
 * its dice it greylists, hangs up and answers late; what it refuses for good is in the address, so that a test knows.
 */
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** What became of a message after its final dot. */
export type Ending =
  | "answered"
  /** Taken, and the connection broke before a word was said. */
  | "taken and dropped"
  /** Neither taken nor answered; the other side cannot tell it from the one above. */
  | "dropped";

export interface Arrival {
  readonly forwardPaths: readonly string[];
  readonly content: string;
  readonly ending: Ending;
  /** The round in which the connection was made. */
  readonly round: number;
}

/** How often it does what, of a hundred. */
export interface Moods {
  readonly noGreeting: number;
  readonly greylists: number;
  readonly dropsInData: number;
  readonly dropsAfterDot: number;
  /** After the final dot, so that a kill finds its server there. */
  readonly answersLate: number;
  /** Milliseconds, at most. */
  readonly lateMs: number;
}

export const CALM: Moods = {
  noGreeting: 0,
  greylists: 0,
  dropsInData: 0,
  dropsAfterDot: 0,
  answersLate: 0,
  lateMs: 0,
};

export const MOODY: Moods = {
  noGreeting: 2,
  greylists: 15,
  dropsInData: 4,
  dropsAfterDot: 10,
  answersLate: 30,
  lateMs: 40,
};

export interface ForeignServerOptions {
  readonly moods: () => Moods;
  /** In [0, 1). */
  readonly random: () => number;
  readonly round: () => number;
  readonly arrived: (arrival: Arrival) => void;
}

const CAPABILITIES = "250-mx.foreign.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n";

export class ForeignServer {
  readonly #options: ForeignServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Forward-paths that have been here before. */
  readonly #known = new Set<string>();

  private constructor(options: ForeignServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  static async open(options: ForeignServerOptions): Promise<ForeignServer> {
    const server = new ForeignServer(options);
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port; // a TCP server's address is an AddressInfo
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  /** True as often as its mood says. */
  throws(mood: Exclude<keyof Moods, "lateMs">): boolean {
    return this.#options.random() * 100 < this.#options.moods()[mood];
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    if (this.throws("noGreeting")) return void socket.destroy();
    const round = this.#options.round();
    const session = new ForeignSession(socket, this, (arrival) =>
      this.#options.arrived({ ...arrival, round }),
    );
    socket.setEncoding("latin1").on("data", (text: string) => session.heard(text));
    socket.write("220 mx.foreign.example\r\n");
  }

  /** The reply to RCPT. */
  judge(forwardPath: string): string {
    if (forwardPath.includes("-refused")) return "550 5.1.1 no such user";
    const isNew = !this.#known.has(forwardPath);
    this.#known.add(forwardPath);
    return isNew && this.throws("greylists") ? "450 4.7.1 come again" : "250 2.1.5 ok";
  }

  lateMs(): number {
    return this.throws("answersLate") ? this.#options.random() * this.#options.moods().lateMs : 0;
  }
}

class ForeignSession {
  readonly #socket: Socket;
  readonly #server: ForeignServer;
  readonly #arrived: (arrival: Omit<Arrival, "round">) => void;
  #input = "";
  #inData = false;
  #dropsInData = false;
  #forwardPaths: string[] = [];

  constructor(
    socket: Socket,
    server: ForeignServer,
    arrived: (arrival: Omit<Arrival, "round">) => void,
  ) {
    this.#socket = socket;
    this.#server = server;
    this.#arrived = arrived;
  }

  heard(text: string): void {
    this.#input += text;
    if (this.#inData && this.#dropsInData) return void this.#socket.destroy();
    for (;;) {
      const mark = this.#inData ? "\r\n.\r\n" : "\r\n";
      const end = this.#input.indexOf(mark);
      if (this.#socket.destroyed || end < 0) return;
      const said = this.#input.slice(0, end);
      this.#input = this.#input.slice(end + mark.length);
      if (this.#inData) this.#message(said);
      else this.#command(said);
    }
  }

  #command(line: string): void {
    const [, forwardPath] = /^RCPT TO:<([^>]*)>/i.exec(line) ?? [];
    if (forwardPath !== undefined) return this.#recipient(forwardPath);
    switch (line.slice(0, 4).toUpperCase()) {
      case "EHLO":
        return void this.#socket.write(CAPABILITIES);
      case "DATA":
        return this.#data();
      case "QUIT":
        return void this.#socket.end("221 2.0.0 bye\r\n");
      default:
        this.#forwardPaths = []; // MAIL and RSET
        this.#say("250 2.0.0 ok");
    }
  }

  #recipient(forwardPath: string): void {
    const reply = this.#server.judge(forwardPath);
    if (reply.startsWith("250 ")) this.#forwardPaths.push(forwardPath);
    this.#say(reply);
  }

  #data(): void {
    if (this.#forwardPaths.length === 0) return this.#say("554 5.5.1 nobody to take it");
    this.#inData = true;
    this.#dropsInData = this.#server.throws("dropsInData");
    this.#say("354 go ahead");
  }

  #message(content: string): void {
    const forwardPaths = this.#forwardPaths;
    this.#inData = false;
    if (forwardPaths.some((path) => path.includes("-unwanted")))
      return this.#say("554 5.7.1 we do not want this");
    const drops = this.#server.throws("dropsAfterDot");
    const taken = !drops || content.length % 2 === 0; // as good as a throw
    const ending = drops ? (taken ? "taken and dropped" : "dropped") : "answered";
    this.#arrived({ forwardPaths, content, ending });
    if (drops) return void this.#socket.destroy();
    const answer = (): void => this.#say("250 2.0.0 taken");
    const late = this.#server.lateMs();
    if (late === 0) answer();
    else setTimeout(answer, late);
  }

  #say(reply: string): void {
    if (this.#socket.writable) this.#socket.write(`${reply}\r\n`);
  }
}
