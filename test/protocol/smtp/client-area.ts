/**
 * SMTP and LMTP client transcripts; the scripted server speaks first. Settings: protocol (smtp, lmtp), start-tls (off, opportunistic, required), tls
 * (established), login (name and password; the nonce is RFC 7677's), pipelined (commands), chunk-octets, `content` (lines of the message; escapes as in server lines), and any number
 * of `transaction` lines: reverse-path, forward-paths, then words of 8bit, utf8, size=N (when it is not the content's), ret=,
 * envid=, and behind a forward-path notify= and orcpt=; or "query" and forward-paths. The desk hands them out one after the
 * other and quits then.
 * Rules: `transaction` = quit; `content OFFSET` = unavailable, or other octets than those of the message.
 */
import { pbkdf2Sync } from "node:crypto";
import {
  formatStatus,
  outcomeKind,
  parsePath,
  type ForwardPath,
  type Outcome,
  type ReversePath,
  type Status,
} from "../../../src/mail/index.ts";
import { originalRecipientOf } from "../../../src/protocol/dsn/index.ts";
import {
  SMTP_CLIENT_LIMITS,
  SmtpClientSession,
  type Capabilities,
  type MessageDsn,
  type OutgoingRecipient,
  type OutgoingTransaction,
  type SmtpClientAnswer,
  type SmtpClientAsk,
  type SmtpClientSettings,
  type SmtpClientTell,
} from "../../../src/protocol/smtp/index.ts";
import { decodeLine } from "../../transcripts/escapes.ts";
import { EXAMPLE } from "../sasl/scram-client.ts";
import { CLIENT_ENGINE, type Area, type Setup } from "../../transcripts/runner.ts";

export const SMTP_CLIENT: Area<SmtpClientAsk, SmtpClientTell, SmtpClientAnswer> = {
  roles: CLIENT_ENGINE,
  engine: (setup) => new SmtpClientSession(settingsOf(setup)),
  describeAsk,
  describeTell,
  answer,
  voidsContent: () => false,
};

const TLS = { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" };

function settingsOf(setup: Setup): SmtpClientSettings {
  const startTls = setup.text("start-tls", "opportunistic");
  if (startTls !== "off" && startTls !== "opportunistic" && startTls !== "required")
    throw new Error(`set start-tls: "${startTls}"`);
  const protocol = setup.text("protocol", "smtp");
  if (protocol !== "smtp" && protocol !== "lmtp") throw new Error(`set protocol: "${protocol}"`);
  return {
    hostname: "mx.local.example",
    remote: "mx.foreign.example",
    ...(protocol === "lmtp" && { protocol }),
    startTls,
    ...(setup.text("tls", "") === "established" && { tls: TLS }),
    ...loginOf(setup),
    limits: {
      ...SMTP_CLIENT_LIMITS,
      pipelinedCommands: setup.number("pipelined", 50),
      chunkOctets: setup.number("chunk-octets", 1000),
    },
  };
}

function loginOf(setup: Setup): Pick<SmtpClientSettings, "login"> {
  const [name = "", password = ""] = setup.text("login", "").split(" ");
  return name === "" ? {} : { login: { name, password, nonce: EXAMPLE.clientNonce } };
}

function describeAsk(ask: SmtpClientAsk): string {
  if (ask.kind === "content") return `content ${ask.offset} ${ask.limit}`;
  if (ask.kind === "salted password")
    return `salted password ${ask.salt.toBase64()} ${ask.iterations}`;
  return ["transaction", ...offersOf(ask.capabilities)].join(" ");
}

function offersOf(capabilities: Capabilities): string[] {
  return Object.entries(capabilities).flatMap(([offer, value]) =>
    value === false ? [] : value === true ? [offer] : [`${offer}=${value}`],
  );
}

function describeTell(tell: SmtpClientTell): string {
  switch (tell.kind) {
    case "secured":
      return `secured ${tell.tls.version}`;
    case "settled":
      return `settled${tell.outcomes.map((outcome) => `\n  ${describeOutcome(outcome)}`).join("")}`;
    case "ended":
      return `ended ${tell.ending}${tell.status === undefined ? "" : `: ${describe(tell.status)}`}`;
  }
}

function describeOutcome(outcome: Outcome): string {
  const doubt = outcome.inDoubt === true ? ", may have arrived" : "";
  const dsn = outcome.dsnPassedOn === true ? ", reports are that server's" : "";
  return `${outcomeKind(outcome)}${doubt}${dsn}: ${describe(outcome.status)}`;
}

function describe(status: Status): string {
  const reason = status.reason === undefined ? "" : ` (${status.reason})`;
  return `${formatStatus(status)}${reason} [${status.source}]`;
}

function answer(
  ask: SmtpClientAsk,
  ruling: string | undefined,
  setup: Setup,
  earlier: number,
): SmtpClientAnswer {
  if (ruling === "quit" || ruling === "unavailable") return { kind: ruling };
  if (ask.kind === "salted password") {
    const [, password = ""] = setup.text("login", "").split(" ");
    const octets = pbkdf2Sync(password, ask.salt, ask.iterations, 32, "sha256");
    return { kind: "salted password", octets: Uint8Array.from(octets) };
  }
  const content = contentOf(setup);
  if (ask.kind === "content") {
    const octets = content.slice(ask.offset, ask.offset + ask.limit);
    return { kind: "content", octets: ruling === undefined ? octets : decodeLine(ruling) };
  }
  const words = setup.all("transaction")[earlier];
  if (words === undefined) return { kind: "quit" };
  const [first, ...rest] = words.split(" ");
  if (first === "query") return { kind: "query", recipients: rest.map(forwardPathOf) };
  return { kind: "transaction", transaction: parseTransaction(words.split(" "), content.length) };
}

function contentOf(setup: Setup): Uint8Array {
  const lines = setup.all("content");
  return Uint8Array.from(
    Buffer.concat((lines.length === 0 ? ["Subject: x", "", "text"] : lines).map(decodeLine)),
  );
}

function parseTransaction(words: readonly string[], octets: number): OutgoingTransaction {
  const paths = words.filter((word) => word.startsWith("<")).map(pathOf);
  const [reversePath, ...forwardPaths] = paths;
  if (reversePath === undefined || reversePath === "postmaster" || forwardPaths.includes(null))
    throw new Error(`not a transaction: ${words.join(" ")}`);
  const ret = valueOf(words, "ret");
  const envid = valueOf(words, "envid");
  const dsn: MessageDsn = {
    ...((ret === "FULL" || ret === "HDRS") && { ret }),
    ...(envid !== undefined && { envid }),
  };
  return {
    reversePath,
    recipients: recipientsOf(words),
    octets: Number(valueOf(words, "size") ?? octets),
    body: words.includes("8bit") ? "8BITMIME" : "7BIT",
    smtputf8: words.includes("utf8"),
    ...(words.includes("requiretls") && { requireTls: true }),
    ...(Object.keys(dsn).length > 0 && { dsn }),
  };
}

function recipientsOf(words: readonly string[]): OutgoingRecipient[] {
  const recipients: OutgoingRecipient[] = [];
  for (const word of words.slice(1)) {
    const last = recipients.at(-1);
    const [key, value = ""] = word.split(/=(.*)/s);
    if (word.startsWith("<")) {
      recipients.push({ forwardPath: forwardPathOf(word) });
    } else if (last !== undefined && key === "notify") {
      recipients[recipients.length - 1] = {
        ...last,
        dsn: { ...last.dsn, notify: notifyOf(value) },
      };
    } else if (last !== undefined && key === "orcpt") {
      const originalRecipient = originalRecipientOf(value);
      recipients[recipients.length - 1] = { ...last, dsn: { ...last.dsn, originalRecipient } };
    }
  }
  return recipients;
}

function notifyOf(text: string): "NEVER" | ("SUCCESS" | "FAILURE" | "DELAY")[] {
  if (text === "NEVER") return text;
  return text.split(",").map((word) => {
    if (word !== "SUCCESS" && word !== "FAILURE" && word !== "DELAY") throw new Error(word);
    return word;
  });
}

function valueOf(words: readonly string[], key: string): string | undefined {
  return words.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1);
}

function forwardPathOf(text: string): ForwardPath {
  const path = pathOf(text);
  if (path === null) throw new Error("<> receives nothing");
  return path;
}

function pathOf(text: string): ReversePath | ForwardPath {
  const path = parsePath(text, 0, true);
  if (path.kind === "fault") throw new Error(`${text}: ${path.fault}`);
  return path.kind === "address" ? path.address : path.kind === "null" ? null : "postmaster";
}
