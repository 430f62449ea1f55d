/**
 * A second SMTP server, simple and slow: it reads what the client sent as one text and explains the engine's trace with
 * it, item by item. It knows what must be refused, what must be asked, and where content ends, and it fails
 * on anything in the trace that it cannot explain.
 */
import assert from "node:assert/strict";
import { isUtf8 } from "node:buffer";
import { formatHost } from "../../../src/mail/index.ts";
import type {
  SmtpAnswer,
  SmtpAsk,
  SmtpSettings,
  SmtpTell,
} from "../../../src/protocol/smtp/index.ts";
import type { Happening } from "../scenario.ts";
import { TraceReader, type TraceItem } from "../trace.ts";
import { LoginReference } from "./login.ts";
import { meaning, type Meant } from "./oracle.ts";
import { recipientNotice, senderNotice } from "./notices.ts";

type Verdict = "yes" | "no" | "over";

const REPLY = /^(?:[2-5][0-9]{2}-[ -~]*\r\n)*(?:[2-5][0-9]{2} [ -~]+|334 )\r\n/;
const WITH_EXTERNAL = /^250-mx\.local\.example\r\n[^]*^250-AUTH EXTERNAL /m;
const WITHOUT_EXTERNAL = /^250-mx\.local\.example\r\n(?![^]*EXTERNAL)/;
const MALFORMED = /\0|\r(?!\n)|(?<!\r)\n/;
const KNOWN = /^(?:EHLO|HELO|MAIL|RCPT|DATA|BDAT|RSET|NOOP|VRFY|HELP|STARTTLS|AUTH|QUIT)$/;
const BEFORE_LOGIN = /^(?:EHLO|HELO|STARTTLS|AUTH|RSET|NOOP|HELP|QUIT)$/;

/** Throws when the trace is not what this client had to get. */
export function explain(
  happenings: readonly Happening[],
  settings: SmtpSettings,
  items: readonly TraceItem<SmtpAsk, SmtpTell, SmtpAnswer>[],
): void {
  const reference = new Reference(settings, new TraceReader(items));
  reference.begin();
  for (const happening of happenings)
    if (typeof happening === "string") reference.happen(happening);
    else reference.send(Buffer.from(happening).toString("latin1"));
  reference.end();
}

class Reference {
  readonly #settings: SmtpSettings;
  readonly #trace: TraceReader<SmtpAsk, SmtpTell, SmtpAnswer>;
  /** What the client has sent and nobody has read, octets as characters. */
  #rest = "";
  #over = false;
  #handshake = false;
  #stopping = false;
  #finished = false;
  #secured: boolean;
  #errors = 0;
  #transactions = 0;
  #greeted = false;
  /** The open transaction. */
  #open = false;
  #recipients = 0;
  #surplus = 0;
  #smtputf8 = false;
  /** Content that came by BDAT so far; undefined before the first chunk. */
  #chunks: string | undefined;
  readonly #login: LoginReference;
  /** The desk has said of what the client showed that it is one to log in by. */
  #external = false;
  /** How the octets that come now are read. */
  #content: (() => boolean) | undefined;

  constructor(settings: SmtpSettings, trace: TraceReader<SmtpAsk, SmtpTell, SmtpAnswer>) {
    this.#settings = settings;
    this.#trace = trace;
    this.#secured = settings.startTls === "established";
    this.#login = new LoginReference(settings, {
      ask: (ask) => this.#askLogin(ask),
      reply: (form) => this.#reply(form),
      refuse: (form) => this.#refuse(form),
    });
  }

  begin(): void {
    if (this.#secured) this.#told("secured");
    const verdict = this.#ask("connected", {});
    if (verdict === "yes") this.#reply(/^220 mx\.local\.example ESMTP/);
    else if (verdict === "no") this.#lastWords(/^[45]/, "refused");
  }

  send(octets: string): void {
    if (this.#over || octets === "") return;
    if (this.#handshake) return this.#ended("plaintext after STARTTLS");
    this.#rest += octets;
    this.#run();
  }

  happen(event: Exclude<Happening, Uint8Array>): void {
    if (this.#over) return;
    switch (event) {
      case "TLS":
        return this.#secure();
      case "TIMEOUT":
        return this.#handshake
          ? this.#ended("timeout")
          : this.#lastWords(/^421 4\.4\.2 /, "timeout");
      case "SHUTDOWN":
        this.#stopping = true;
        return this.#run();
      case "HANGUP":
        return this.#ended("closed by client", false);
      case "FINISHED":
        this.#finished = true;
        return this.#run();
      case "ANSWER":
      case "SWITCH":
        return undefined;
    }
  }

  end(): void {
    if (!this.#over) this.#ended("closed by client", false);
    this.#trace.end();
  }

  #run(): void {
    while (!this.#over && !this.#handshake) {
      const going = this.#content === undefined ? this.#command() : this.#content();
      if (!going) break;
    }
    if (this.#finished && !this.#over && !this.#handshake) this.#ended("closed by client", false);
  }

  // ---- Commands ----

  #command(): boolean {
    if (this.#stopping && this.#chunks === undefined) {
      this.#lastWords(/^421 4\.3\.2 /, "shutdown");
      return false;
    }
    const crlf = this.#rest.indexOf("\r\n");
    const wrong = MALFORMED.exec(this.#rest);
    const undecided = wrong?.[0] === "\r" && wrong.index === this.#rest.length - 1;
    if (wrong !== null && !undecided && (crlf < 0 || wrong.index < crlf)) {
      this.#malformed(wrong[0]);
      return false;
    }
    if (crlf < 0) return false;
    const line = this.#rest.slice(0, crlf);
    this.#rest = this.#rest.slice(crlf + 2);
    if (this.#login.exchanging) this.#login.respond(line);
    else this.#obey(line);
    return true;
  }

  #malformed(octet: string): void {
    this.#refusal(/^521 5\.5\.2 /);
    this.#ended(octet === "\0" ? "NUL" : octet === "\r" ? "bare CR" : "bare LF");
  }

  #obey(line: string): void {
    const text = line.replace(/ +$/, "");
    const [word = ""] = text.split(" ", 1);
    const verb = /^[A-Za-z]+$/.test(word) ? word.toUpperCase() : "";
    const argument = text.slice(word.length + 1);
    const readable =
      line.length + 2 <= this.#lineLimit(verb) &&
      !/[\0-\x1f\x7f]/.test(line) &&
      isUtf8(Buffer.from(line, "latin1")) &&
      KNOWN.test(verb) &&
      (/^[\0-\x7f]*$/.test(line) || /^(?:MAIL|RCPT|VRFY)$/.test(verb));
    if (!readable) return this.#refuse();
    if (verb === "AUTH") return this.#auth(argument);
    if (this.#isBarred(verb)) {
      const barred = (): void => this.#refuse(/^530 5\.7\.0 /);
      return verb === "BDAT" ? this.#bdat(argument, barred) : barred();
    }
    switch (verb) {
      case "EHLO":
      case "HELO":
        return this.#helo(verb, argument);
      case "MAIL":
        return this.#mail(line);
      case "RCPT":
        return this.#rcpt(line);
      case "BDAT":
        return this.#bdat(argument);
      case "DATA":
        return this.#data(argument);
      case "STARTTLS":
        return this.#startTls(argument);
      case "VRFY":
        return argument === "" ? this.#refuse() : this.#reply(/^252 2\./);
      case "RSET":
        if (argument !== "") return this.#refuse();
        this.#reset();
        return this.#reply(/^250 2\.0\.0 /);
      case "QUIT":
        return argument === "" ? this.#lastWords(/^221 2\.0\.0 /, "quit") : this.#refuse();
      default:
        return this.#reply(/^2(?:50|14) 2\.0\.0 /);
    }
  }

  #lineLimit(verb: string): number {
    const { limits, submission } = this.#settings;
    return verb === "AUTH" && submission !== undefined
      ? Math.max(limits.commandLineOctets, submission.saslLineOctets)
      : limits.commandLineOctets;
  }

  /** Nothing is sent on a submission port before a login. */
  #isBarred(verb: string): boolean {
    const { submission } = this.#settings;
    return submission !== undefined && !this.#login.loggedIn && !BEFORE_LOGIN.test(verb);
  }

  #auth(argument: string): void {
    if (this.#settings.submission === undefined) return this.#refuse(/^502 5\.5\.1 /);
    if (!this.#greeted || this.#open || this.#login.loggedIn) return this.#refuse(/^503 5\.5\.1 /);
    if (!this.#secured) return this.#refuse(/^538 5\.7\.11 /);
    this.#login.begin(argument);
  }

  /** A question about a login, and its answer; undefined when that is a no, which has been said. */
  #askLogin(ask: SmtpAsk): SmtpAnswer | undefined {
    assert.deepEqual(this.#trace.take("asked", ask.kind).ask, ask);
    const { answer } = this.#trace.take("answered", ask.kind);
    if (answer.kind === "authenticated" || answer.kind === "verifier") return answer;
    if (answer.kind === "end") this.#lastWords(/^[45]/, "refused");
    else if (answer.kind === "status" && answer.status.code < 500) this.#reply(/^4/);
    else this.#refuseForDesk();
    return undefined;
  }

  #helo(verb: "EHLO" | "HELO", name: string): void {
    if (!/^[^ ()<>@,;\\"]{1,255}$/.test(name)) return this.#refuse();
    const verdict = this.#ask("helo", { verb, name });
    if (verdict === "no") return this.#refuseForDesk();
    if (verdict === "over") return;
    this.#reset();
    this.#greeted = true;
    if (verb === "HELO") this.#reply(/^250 mx\.local\.example\r\n$/);
    else this.#reply(this.#offersExternal ? WITH_EXTERNAL : WITHOUT_EXTERNAL);
  }

  get #offersExternal(): boolean {
    const canLogIn = this.#settings.submission !== undefined && !this.#login.loggedIn;
    return canLogIn && this.#login.certificate && this.#external;
  }

  #mail(line: string): void {
    if (!this.#greeted || this.#open) return this.#refuse();
    if (this.#transactions >= this.#settings.limits.transactions) {
      this.#refusal(/^421 4\.7\.0 /);
      return this.#ended("too many transactions");
    }
    const meant = meaning(line, "MAIL FROM:");
    if (meant === undefined || meant.address === "postmaster") return this.#refuse();
    const { loggedIn } = this.#login;
    const parameters = senderParameters(meant, loggedIn);
    const dsn = senderNotice(meant.parameters);
    if (parameters === undefined || (loggedIn && dsn === "wrong")) return this.#refuse();
    if (meant.international && !parameters.smtputf8) return this.#refuse();
    if ((parameters.size ?? 0) > this.#settings.limits.messageOctets) return this.#refuse();
    if (meant.needsTables && !this.#trace.next.includes('"kind":"sender"')) return this.#refuse();
    const { address } = meant;
    this.#transactions++;
    const verdict = this.#ask("sender", { parameters, ...(loggedIn && { dsn }) }, (ask) => {
      if (ask.kind !== "sender") return false;
      return address === undefined
        ? ask.reversePath === null
        : ask.reversePath !== null && isSame(ask.reversePath, address);
    });
    if (verdict === "no") return this.#refuseForDesk();
    if (verdict === "over") return;
    this.#open = true;
    this.#recipients = this.#surplus = 0;
    this.#smtputf8 = parameters.smtputf8;
    this.#reply(/^250 2\.1\.0 /);
  }

  #rcpt(line: string): void {
    if (!this.#open || this.#chunks !== undefined) return this.#refuse();
    const meant = meaning(line, "RCPT TO:");
    if (meant === undefined || meant.address === undefined) return this.#refuse();
    const dsn = recipientNotice(meant.parameters, this.#smtputf8);
    if (meant.parameters.size > 0 && (!this.#login.loggedIn || dsn === "wrong"))
      return this.#refuse();
    if (meant.international && !this.#smtputf8) return this.#refuse();
    const { address, routed: sourceRoute } = meant;
    if (meant.needsTables && !/"kind":"recipient"|452 4\.5\.3/.test(this.#trace.next))
      return this.#refuse();
    if (this.#recipients >= this.#settings.limits.recipients) return this.#surplusRecipient();
    const verdict = this.#ask("recipient", { sourceRoute, dsn }, (ask) => {
      if (ask.kind !== "recipient") return false;
      return typeof address === "string"
        ? ask.forwardPath === address
        : typeof ask.forwardPath !== "string" && isSame(ask.forwardPath, address);
    });
    if (verdict === "no") return this.#refuseForDesk();
    if (verdict === "over") return;
    this.#recipients++;
    this.#reply(/^250 2\.1\./);
  }

  #surplusRecipient(): void {
    this.#refusal(/^452 4\.5\.3 /);
    if (this.#surplus++ >= this.#settings.limits.recipients) this.#countError();
  }

  #startTls(argument: string): void {
    if (this.#secured || this.#settings.startTls !== "offered" || argument !== "")
      return this.#refuse();
    if (this.#rest !== "") {
      this.#refusal(/^501 5\.5\.4 /);
      return this.#ended("plaintext after STARTTLS");
    }
    this.#reply(/^220 2\.0\.0 /);
    this.#trace.take("start-tls", "STARTTLS");
    this.#handshake = true;
  }

  #secure(): void {
    if (!this.#handshake) return;
    this.#handshake = false;
    this.#reset();
    this.#greeted = false;
    this.#secured = true;
    this.#login.forget();
    this.#told("secured");
    this.#run();
  }

  // ---- Content ----

  #data(argument: string): void {
    if (this.#recipients === 0 || !this.#open || this.#chunks !== undefined || argument !== "")
      return this.#refuse();
    const verdict = this.#ask("content", { chunked: false });
    if (verdict === "over") return;
    if (verdict === "no") {
      this.#reset();
      return this.#refuseForDesk();
    }
    this.#reply(/^354 /);
    this.#content = () => this.#dotted();
  }

  /** Everything up to CRLF.CRLF, if nothing malformed stands before it. */
  #dotted(): boolean {
    const text = `\r\n${this.#rest}`;
    const end = text.indexOf("\r\n.\r\n");
    const until = end < 0 ? text.length : end + 5;
    const wrong = MALFORMED.exec(text.slice(0, until));
    const lines = end < 0 ? text.slice(2).replace(/(?<=^|\r\n)\.\r$/, "") : text.slice(2, end + 2);
    const content = lines.replaceAll(/(?<=^|\r\n)\./g, "");
    const tooLarge = content.length > this.#settings.limits.messageOctets;
    if (wrong !== null && !(wrong[0] === "\r" && wrong.index === text.length - 1)) {
      this.#reset();
      this.#malformed(wrong[0]);
      return false;
    }
    if (tooLarge) this.#reset();
    if (end < 0) return false;
    this.#rest = this.#rest.slice(end + 3);
    this.#content = undefined;
    if (tooLarge) this.#refuse();
    else this.#message(content);
    return true;
  }

  /** `barred`: how it is refused, whatever else it is. */
  #bdat(argument: string, barred?: () => void): void {
    const match = /^([0-9]{1,15})( LAST)?$/i.exec(argument);
    if (match === null) {
      this.#refusal(/^501 5\.5\.4 /);
      return this.#ended("malformed BDAT");
    }
    const octets = Number(match[1]);
    const last = match[2] !== undefined;
    if (barred !== undefined) return this.#skip(octets, barred);
    if (!this.#open || this.#recipients === 0) return this.#skip(octets, () => this.#refuse());
    const already = this.#chunks?.length ?? 0;
    if (already + octets > this.#settings.limits.messageOctets) {
      this.#reset();
      return this.#skip(octets, () => this.#refuse());
    }
    if (this.#chunks === undefined) {
      const verdict = this.#ask("content", { chunked: true });
      if (verdict === "over") return;
      if (verdict === "no") {
        this.#reset();
        return this.#skip(octets, () => this.#refuseForDesk());
      }
      this.#chunks = "";
    }
    const before = this.#chunks;
    this.#content = () => this.#chunk(before, octets, last);
  }

  #skip(octets: number, then: () => void): void {
    this.#content = () => {
      if (this.#rest.length < octets) return false;
      this.#rest = this.#rest.slice(octets);
      this.#content = undefined;
      then();
      return true;
    };
  }

  #chunk(before: string, octets: number, last: boolean): boolean {
    const content = before + this.#rest.slice(0, octets);
    const complete = this.#rest.length >= octets;
    const wrong = MALFORMED.exec(content);
    const pending = wrong?.[0] === "\r" && wrong.index === content.length - 1;
    if (wrong !== null && !(pending && !(complete && last))) {
      this.#reset();
      this.#malformed(wrong[0]);
      return false;
    }
    if (!complete) return false;
    this.#rest = this.#rest.slice(octets);
    this.#content = undefined;
    if (last) this.#message(content);
    else {
      this.#chunks = content;
      this.#reply(/^250 2\.0\.0 [0-9]+ octets received/);
    }
    return true;
  }

  #message(content: string): void {
    if (content !== "") assert.equal(this.#trace.take("content", "a message").text, content);
    this.#open = false;
    this.#recipients = 0;
    this.#chunks = undefined;
    const verdict = this.#ask("message", { octets: content.length });
    if (verdict === "no") this.#refuseForDesk();
    else if (verdict === "yes") this.#reply(/^250 2\./);
  }

  // ---- What must be in the trace ----

  /** An ask of this kind with these fields, and what became of it. */
  #ask(
    kind: SmtpAsk["kind"],
    fields: object,
    fits: (ask: SmtpAsk) => boolean = () => true,
  ): Verdict {
    const { ask } = this.#trace.take("asked", kind);
    assert.equal(ask.kind, kind);
    for (const [name, value] of Object.entries(fields))
      assert.deepEqual(Reflect.get(ask, name), value, `${kind}: ${name}`);
    assert.ok(fits(ask), `${JSON.stringify(ask)} is not what the client said`);
    const { answer } = this.#trace.take("answered", kind);
    if (kind === "helo") this.#external = answer.kind === "proceed" && answer.external === true;
    if (answer.kind === "proceed") return "yes";
    if (answer.kind === "status") return answer.status.code < 300 ? "yes" : "no";
    this.#lastWords(/^[45]/, "refused");
    return "over";
  }

  #reply(form: RegExp): void {
    const reply = this.#trace.text(REPLY, "a reply");
    assert.match(reply, form);
    for (const line of reply.split("\r\n")) assert.ok(line.length <= 510, "512 octets at most");
    if (reply.startsWith("334 ")) return;
    const enhanced = /^([245])[0-9]{2} \1\.[0-9]{1,3}\.[0-9]{1,3} \S/.test(reply);
    assert.ok(enhanced || /^(?:220 mx|250[ -]mx|354 )/.test(reply), `${reply}: no enhanced code`);
    if (/^[45]/.test(reply)) assert.ok(reply.includes(`[${this.#settings.sessionId}]`), reply);
  }

  /** The engine's own no, which the desk is told; said before or after that. */
  #refusal(form: RegExp): void {
    const toldFirst = this.#trace.nextIsTold;
    if (toldFirst) this.#told("refused");
    this.#reply(form);
    if (!toldFirst) this.#told("refused");
  }

  #refuse(form = /^5/): void {
    this.#refusal(form);
    this.#countError();
  }

  #refuseForDesk(): void {
    this.#reply(/^[45]/);
    this.#countError();
  }

  #countError(): void {
    if (++this.#errors >= this.#settings.limits.errors)
      this.#lastWords(/^421 4\.7\.0 /, "too many errors");
  }

  #lastWords(form: RegExp, ending: string): void {
    this.#reply(form);
    this.#ended(ending);
  }

  #ended(ending: string, closes = true): void {
    const { tell } = this.#trace.take("told", ending);
    assert.deepEqual(tell, { kind: "ended", ending });
    if (closes) this.#trace.take("closed", ending);
    this.#over = true;
  }

  #told(kind: SmtpTell["kind"]): void {
    assert.equal(this.#trace.take("told", kind).tell.kind, kind);
  }

  #reset(): void {
    if (this.#open) this.#told("reset");
    this.#open = false;
    this.#recipients = 0;
    this.#chunks = undefined;
  }
}

/** Undefined when one of them is unknown here or has a wrong value. */
function senderParameters({ parameters }: Meant, loggedIn: boolean) {
  const body = parameters.get("BODY")?.toUpperCase();
  const size = parameters.get("SIZE");
  const known = [...parameters.keys()].every((name) =>
    (loggedIn
      ? /^(?:SIZE|BODY|SMTPUTF8|RET|ENVID|AUTH|REQUIRETLS)$/
      : /^(?:SIZE|BODY|SMTPUTF8)$/
    ).test(name),
  );
  const good =
    known &&
    (size === undefined || /^[0-9]{1,20}$/.test(size)) &&
    (body === undefined || body === "7BIT" || body === "8BITMIME") &&
    (parameters.get("SMTPUTF8") ?? "") === "" &&
    (parameters.get("REQUIRETLS") ?? "") === "";
  if (!good) return undefined;
  return {
    smtputf8: parameters.has("SMTPUTF8"),
    ...(size !== undefined && { size: Number(size) }),
    ...(body !== undefined && { body }),
    ...(parameters.has("REQUIRETLS") && { requireTls: true }),
  };
}

/** The engine's address is the one that was meant; a literal is compared by its brackets only, it has many forms. */
function isSame(
  { local, host }: { local: string; host: Parameters<typeof formatHost>[0] },
  meant: { readonly local: string; readonly host: string },
): boolean {
  const shown = formatHost(host);
  return local === meant.local && (shown === meant.host || (shown + meant.host).includes("]["));
}
