/**
 * SMTP server transcripts. Settings: hostname, start-tls (offered, established, unavailable), submission (with-login,
 * without-login: whether AUTH LOGIN is offered), exporter (of a listener whose TLS is established), certificate (that the client shows
 * in a handshake: none, a stranger's, or ann's, by which she may log in), the right password, and the
 * limits below by their names. A rule's answer is a status ("550 5.7.1 words") or "end" and a status; an ask without
 * a rule may proceed, or of a login is answered as the password is right or wrong. SCRAM's salt, iterations and server nonce are those
 * of RFC 7677's example.
 */
import {
  formatForwardPath,
  formatReversePath,
  formatStatus,
  status,
} from "../../../src/mail/index.ts";
import type { TlsFacts } from "../../../src/protocol/dialogue/index.ts";
import {
  SmtpServerSession,
  type SmtpAnswer,
  type SmtpAsk,
  type SmtpSettings,
  type SmtpTell,
} from "../../../src/protocol/smtp/index.ts";
import type { Area, Setup } from "../../transcripts/runner.ts";
import { EXAMPLE, verifierOf } from "../sasl/scram-client.ts";

export const SMTP: Area<SmtpAsk, SmtpTell, SmtpAnswer> = {
  engine: (setup) => new SmtpServerSession(settingsOf(setup)),
  describeAsk,
  describeTell,
  answer: (ask, ruling, setup) => (ruling === undefined ? answer(ask, setup) : parseRuling(ruling)),
  voidsContent: (tell) => tell.kind === "reset" || tell.kind === "ended",
};

const TLS = { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" };

function settingsOf(setup: Setup): SmtpSettings {
  const startTls = setup.text("start-tls", "offered");
  if (startTls !== "offered" && startTls !== "established" && startTls !== "unavailable")
    throw new Error(`set start-tls: "${startTls}"`);
  return {
    hostname: setup.text("hostname", "mx.local.example"),
    sessionId: "k7q2m9x4tb3d",
    startTls,
    ...(startTls === "established" && { tls: tlsOf(setup) }),
    ...submissionOf(setup),
    limits: {
      messageOctets: setup.number("message-octets", 1000),
      recipients: setup.number("recipients", 100),
      errors: setup.number("errors", 20),
      commandLineOctets: setup.number("command-line-octets", 512),
      transactions: setup.number("transactions", 100),
      commandTimeMs: 300_000,
      contentTimeMs: 600_000,
      crowdedTimeMs: 10_000,
    },
  };
}

function tlsOf(setup: Setup): TlsFacts {
  const [exporter, certificate] = [setup.text("exporter", ""), setup.text("certificate", "none")];
  return {
    ...TLS,
    ...(exporter !== "" && { exporter: Buffer.from(exporter) }),
    ...(certificate !== "none" && { clientCertificates: [Buffer.from(certificate)] }),
  };
}

function submissionOf(setup: Setup): Pick<SmtpSettings, "submission"> {
  const kind = setup.text("submission", "no");
  if (kind === "no") return {};
  const saslLineOctets = setup.number("sasl-line-octets", 12_288);
  return { submission: { authLogin: kind === "with-login", saslLineOctets } };
}

function answer(ask: SmtpAsk, setup: Setup): SmtpAnswer {
  const password = setup.text("password", "secret");
  const external = setup.text("certificate", "none") === "ann's";
  switch (ask.kind) {
    case "credentials":
      return ask.password === password ? { kind: "authenticated" } : WRONG;
    case "verifier":
      return { kind: "verifier", verifier: verifierOf(password), nonce: EXAMPLE.serverNonce };
    case "proof":
      return ask.right ? { kind: "authenticated" } : WRONG;
    case "external":
      return external ? { kind: "authenticated" } : WRONG;
    case "helo":
      return { kind: "proceed", external };
    default:
      return { kind: "proceed" };
  }
}

const WRONG: SmtpAnswer = {
  kind: "status",
  status: status(535, "5.7.8", "wrong name or password", "desk"),
};

function parseRuling(ruling: string): SmtpAnswer {
  const match = /^(end )?([0-9]{3}) ([0-9.]+) (.+)$/.exec(ruling);
  if (match === null) throw new Error(`not a ruling: ${ruling}`);
  const [, end, code, enhanced, text] = match;
  const said = status(Number(code), enhanced ?? "", text ?? "", "desk");
  return { kind: end === undefined ? "status" : "end", status: said };
}

function describeAsk(ask: SmtpAsk): string {
  switch (ask.kind) {
    case "connected":
      return "connected";
    case "helo":
      return `helo ${ask.verb} ${ask.name}`;
    case "sender": {
      const { size, body, smtputf8, requireTls } = ask.parameters;
      const parts = ["sender", formatReversePath(ask.reversePath)];
      if (size !== undefined) parts.push(`SIZE=${size}`);
      if (body !== undefined) parts.push(`BODY=${body}`);
      if (smtputf8) parts.push("SMTPUTF8");
      if (requireTls === true) parts.push("REQUIRETLS");
      if (ask.dsn !== undefined) parts.push(JSON.stringify(ask.dsn));
      return parts.join(" ");
    }
    case "recipient": {
      const parts = ["recipient", formatForwardPath(ask.forwardPath)];
      if (ask.sourceRoute) parts.push("by source route");
      if (ask.dsn !== undefined) parts.push(JSON.stringify(ask.dsn));
      return parts.join(" ");
    }
    case "credentials":
      return `credentials ${ask.mechanism} ${ask.login} ${ask.password}`;
    case "verifier":
      return `verifier ${ask.mechanism} ${ask.login}`;
    case "proof":
      return `proof ${ask.right ? "right" : "wrong"}`;
    case "external":
      return `external ${ask.identity === "" ? "as himself" : ask.identity}`;
    case "content":
      return `content by ${ask.chunked ? "BDAT" : "DATA"}`;
    case "message":
      return `message of ${ask.octets} octets`;
  }
}

function describeTell(tell: SmtpTell): string {
  switch (tell.kind) {
    case "secured":
      return `secured ${tell.tls.version} ${tell.tls.cipher}`;
    case "reset":
      return "reset";
    case "refused":
      return `refused "${tell.command}": ${formatStatus(tell.status)}`;
    case "ended":
      return `ended ${tell.ending}`;
  }
}
