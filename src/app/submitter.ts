/** Submits one message as a client of somebody's submission port: resolver, dialler, engine and desk put together. */
import { pbkdf2 } from "node:crypto";
import { hostname } from "node:os";
import {
  isFullyQualified,
  parseDomain,
  parseIp,
  status,
  type Ip,
  type Outcome,
  type Status,
} from "../mail/index.ts";
import {
  NetDialler,
  openResolver,
  trustedAuthorities,
  type Connected,
  type Conversing,
  type ShownCertificate,
} from "../net/index.ts";
import { Conversation, type Desk } from "../protocol/dialogue/index.ts";
import { nameOfDomain } from "../protocol/dns/index.ts";
import {
  SMTP_CLIENT_LIMITS,
  SmtpClientSession,
  type OutgoingTransaction,
  type SmtpClientAnswer,
  type SmtpClientAsk,
  type SmtpClientTell,
} from "../protocol/smtp/index.ts";
import { silentLog, systemClock, systemRandom } from "../runtime/index.ts";
import type {
  ServerTrust,
  Submission,
  SubmissionServer,
  Submitted,
  Submitter,
} from "../operate/sendmail/index.ts";

/** Milliseconds. A program waits for it, and people for the program. */
const CONNECT_TIME_MS = 10_000;
const HANDSHAKE_TIME_MS = 30_000;
const SESSION_TIME_MS = 30 * 60_000;

const DNS_SETTINGS = {
  servers: [],
  trust_ad: false,
  deadline_ms: 5000,
  attempt_ms: 1500,
  questions: 10,
  cache_mebibytes: 1,
};

/** Octets of chance in a SCRAM nonce; written in hexadecimal digits. */
const NONCE_OCTETS = 18;

type Refused = Extract<Submitted, { readonly kind: "not submitted" }>;

export class NetSubmitter implements Submitter {
  async submit(server: SubmissionServer, submission: Submission): Promise<Submitted> {
    const addresses = await addressesOf(server.host);
    if ("kind" in addresses) return addresses;
    const settings = { handshakeMs: HANDSHAKE_TIME_MS, sessionMs: SESSION_TIME_MS };
    const dialler = new NetDialler({ clock: systemClock, log: silentLog, ...settings });
    try {
      const connected = await firstConnected(dialler, addresses, server);
      if (connected.kind !== "connected") return connected;
      return await converse(dialler, connected, server, submission);
    } finally {
      await dialler.stop(0);
    }
  }
}

async function addressesOf(host: string): Promise<readonly Ip[] | Refused> {
  const literal = parseIp(host);
  if (literal !== undefined) return [literal];
  if (host === "localhost") return LOCALHOST; // RFC 6761 §6.3: never asked for
  const domain = parseDomain(host);
  if (domain === undefined) return notReached(`${host} is no host name`);
  const resolver = openResolver(DNS_SETTINGS, { clock: systemClock, random: systemRandom });
  const name = nameOfDomain(domain);
  const found = await Promise.all([resolver.resolve(name, "AAAA"), resolver.resolve(name, "A")]);
  resolver.close();
  const addresses = found.flatMap((one) => (one.kind === "found" ? one.records : []));
  return addresses.length > 0 ? addresses : notReached(`${host} has no address`);
}

const LOCALHOST = ["127.0.0.1", "::1"].flatMap((text) => parseIp(text) ?? []);

/** One after the other: there is one message, and its sender has time. */
async function firstConnected(
  dialler: NetDialler,
  addresses: readonly Ip[],
  { host, port }: SubmissionServer,
): Promise<Connected | Refused> {
  const { signal } = new AbortController();
  let why = "";
  for (const ip of addresses) {
    const result = await dialler.connect({ ip, port }, { timeMs: CONNECT_TIME_MS, signal });
    if (result.kind === "connected") return result;
    ({ why } = result);
  }
  return notReached(`${host} port ${port}: ${why}`);
}

function notReached(text: string): Refused {
  return { kind: "not submitted", why: "not reached", status: ours("4.4.1", text) };
}

function ours(enhanced: string, text: string): Status {
  return status(451, enhanced, text, "sendmail");
}

function converse(
  dialler: NetDialler,
  connected: Connected,
  server: SubmissionServer,
  submission: Submission,
): Promise<Submitted> {
  const { host, port, tls, trust } = server;
  const judge = new CertificateJudge(trust);
  const { promise, resolve } = Promise.withResolvers<Submitted>();
  const desk = new SubmissionDesk(server, submission, (end) => {
    resolve(judge.distrusted === undefined ? end : distrusted(server, judge.distrusted));
  });
  const conversing: Conversing = {
    ...(parseIp(host) === undefined && { name: host }),
    tls: tls === "implicit" ? "at once" : "when asked",
    opportunistic: false,
    authorities:
      trust.kind === "authority" && trust.ca !== undefined ? [trust.ca] : trustedAuthorities(),
    trusts: (certificate) => judge.trusts(certificate),
    open: (wire, facts) => {
      const nonce = Buffer.from(systemRandom.octets(NONCE_OCTETS)).toString("hex");
      const engine = new SmtpClientSession({
        hostname: ownName(connected),
        remote: `${host} port ${port}`,
        startTls: "required",
        ...(facts !== undefined && { tls: facts }),
        login: { name: server.user, password: server.password, nonce },
        limits: SMTP_CLIENT_LIMITS,
      });
      return new Conversation(engine, desk, wire);
    },
    gone: () => desk.gone(),
  };
  dialler.converse(connected, conversing);
  return promise;
}

/** RFC 5321 §4.1.4: what is no full name says its address instead. */
function ownName({ socket }: Connected): string {
  const domain = parseDomain(hostname());
  if (domain !== undefined && isFullyQualified(domain)) return domain;
  const ip = parseIp(socket.localAddress ?? "") ?? "127.0.0.1";
  return ip.includes(":") ? `[IPv6:${ip}]` : `[${ip}]`;
}

class CertificateJudge {
  readonly #trust: ServerTrust;
  /** The one that was not taken. */
  distrusted: ShownCertificate | undefined;

  constructor(trust: ServerTrust) {
    this.#trust = trust;
  }

  trusts(certificate: ShownCertificate): boolean {
    const will = this.#will(certificate);
    if (!will) this.distrusted = certificate;
    return will;
  }

  #will({ sha256, problem }: ShownCertificate): boolean {
    switch (this.#trust.kind) {
      case "loopback":
        return true;
      case "pin":
        return sha256 === this.#trust.sha256;
      case "authority":
        return problem === undefined;
    }
  }
}

function distrusted({ host, trust }: SubmissionServer, shown: ShownCertificate): Refused {
  const why =
    trust.kind === "pin" ? "it is not the pinned one" : (shown.problem?.words ?? "unknown");
  const text = `the certificate of ${host} is not trusted: ${why}. If it is right, put into the login file: pin = "sha256:${shown.sha256}"`;
  return { kind: "not submitted", why: "not trusted", status: ours("4.7.5", text) };
}

type Ended = Extract<SmtpClientTell, { readonly kind: "ended" }>;

/** One transaction, and then QUIT. */
class SubmissionDesk implements Desk<SmtpClientAsk, SmtpClientTell, SmtpClientAnswer> {
  readonly #server: SubmissionServer;
  readonly #submission: Submission;
  readonly #end: (submitted: Submitted) => void;
  #begun = false;
  #outcomes: readonly Outcome[] | undefined;
  #ended: Ended | undefined;

  constructor(
    server: SubmissionServer,
    submission: Submission,
    end: (submitted: Submitted) => void,
  ) {
    this.#server = server;
    this.#submission = submission;
    this.#end = end;
  }

  ask(ask: SmtpClientAsk, reply: (answer: SmtpClientAnswer) => void): void {
    switch (ask.kind) {
      case "transaction":
        if (this.#begun) return reply({ kind: "quit" });
        this.#begun = true;
        return reply({ kind: "transaction", transaction: transactionOf(this.#submission) });
      case "content": {
        const { offset, limit } = ask;
        const octets = this.#submission.content.subarray(offset, offset + limit);
        return reply({ kind: "content", octets });
      }
      case "salted password":
        return this.#salted(ask.salt, ask.iterations, reply);
    }
  }

  tell(tell: SmtpClientTell): void {
    if (tell.kind === "settled") this.#outcomes = tell.outcomes;
    if (tell.kind === "ended") this.#ended = tell;
  }

  body(): boolean {
    throw new Error("a client is sent no message");
  }

  /** The connection is gone, and with it the last chance to hear anything. */
  gone(): void {
    if (this.#outcomes !== undefined)
      return this.#end({ kind: "answered", outcomes: this.#outcomes });
    const text = `TLS with ${this.#server.host} could not be begun`;
    const { ending, status: why = ours("4.7.5", text), reply } = this.#ended ?? {};
    const isRefusal = ending === "login failed" && reply?.lines[0]?.startsWith("4") !== true;
    const said =
      reply === undefined ? why : { ...why, text: `${why.text}: ${reply.lines.join(" ")}` };
    this.#end({
      kind: "not submitted",
      why: isRefusal ? "login refused" : "not reached",
      status: said,
    });
  }

  /** RFC 5802 §2.2, with SASLprep's folding of compatible characters. */
  #salted(salt: Uint8Array, iterations: number, reply: (answer: SmtpClientAnswer) => void): void {
    const password = this.#server.password.normalize("NFKC");
    pbkdf2(password, salt, iterations, 32, "sha256", (error, octets) => {
      if (error !== null) throw error;
      reply({ kind: "salted password", octets });
    });
  }
}

function transactionOf(submission: Submission): OutgoingTransaction {
  const { reversePath, recipients, notify, ret, envid, body, content } = submission;
  const wanted = notify?.filter((word) => word !== "NEVER") ?? [];
  const dsn =
    notify === undefined ? {} : { dsn: { notify: wanted.length > 0 ? wanted : "NEVER" } as const };
  return {
    reversePath,
    recipients: recipients.map((forwardPath) => ({ forwardPath, ...dsn })),
    octets: content.length,
    body,
    smtputf8: false, // what the addresses need is seen from them
    dsn: { ...(ret !== undefined && { ret }), ...(envid !== undefined && { envid }) },
  };
}
