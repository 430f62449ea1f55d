/**
 * POP3 for the transcript runner. Settings of a transcript: `tls` (offered, established, unavailable),
 * `exporter` (of a listener whose TLS is established), `plain_text_login` (yes, no), `auth_login` (yes, no), `international_messages` (sent, refused), the limits `errors`,
 * `command_octets`, `sasl_octets`, `chunk_octets`, the right `password`, and any number of `message UID CONTENT` (CRLF is
 * added; escapes as in client lines). SCRAM's salt, iterations and server nonce are those of RFC 7677's example.
 * Rules: `credentials …`, `proof …` = authenticated or a denial; `verifier LOGIN` = a denial; `open` = in-use, unavailable;
 * `read UID OFFSET` = gone, unavailable, or content that the listing did not promise; `remove` = unavailable.
 */
import type { TlsFacts } from "../../../src/protocol/dialogue/index.ts";
import {
  Pop3ServerSession,
  type LoginDenial,
  type Pop3Answer,
  type Pop3Ask,
  type Pop3Settings,
  type Pop3Tell,
} from "../../../src/protocol/pop3/index.ts";
import { decodeLine } from "../../transcripts/escapes.ts";
import { EXAMPLE, verifierOf } from "../sasl/scram-client.ts";
import type { Area, Setup } from "../../transcripts/runner.ts";

export const POP3: Area<Pop3Ask, Pop3Tell, Pop3Answer> = {
  engine: (setup) => new Pop3ServerSession(settingsOf(setup)),
  describeAsk,
  describeTell,
  answer,
  voidsContent: () => false,
};

const TLS = { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" };

const CHOICES = {
  tls: ["offered", "established", "unavailable"],
  mail: ["sent", "refused"],
} as const;

function settingsOf(setup: Setup): Pop3Settings {
  const startTls = oneOf(CHOICES.tls, setup.text("tls", "offered"));
  return {
    hostname: setup.text("hostname", "mx.local.example"),
    sessionId: "0123456789ab",
    startTls,
    ...(startTls === "established" && { tls: tlsOf(setup) }),
    plainTextLogin: setup.text("plain_text_login", "yes") === "yes",
    authLogin: setup.text("auth_login", "no") === "yes",
    internationalMessages: oneOf(CHOICES.mail, setup.text("international_messages", "sent")),
    limits: {
      errors: setup.number("errors", 20),
      commandLineOctets: setup.number("command_octets", 255),
      saslLineOctets: setup.number("sasl_octets", 12_288),
      chunkOctets: setup.number("chunk_octets", 65_536),
      loginTimeMs: 180_000,
      crowdedTimeMs: 10_000,
      idleTimeMs: 600_000,
    },
  };
}

function tlsOf(setup: Setup): TlsFacts {
  const exporter = setup.text("exporter", "");
  return exporter === "" ? TLS : { ...TLS, exporter: Buffer.from(exporter) };
}

function oneOf<T extends string>(choices: readonly T[], text: string): T {
  const choice = choices.find((known) => known === text);
  if (choice === undefined) throw new Error(`"${text}" is none of ${choices.join(", ")}`);
  return choice;
}

function describeAsk(ask: Pop3Ask): string {
  switch (ask.kind) {
    case "credentials":
      return `credentials ${ask.mechanism} ${ask.login} ${ask.password}`;
    case "verifier":
      return `verifier ${ask.login}`;
    case "proof":
      return `proof ${ask.right ? "right" : "wrong"}`;
    case "open":
      return "open";
    case "read":
      return `read ${ask.uid} ${ask.offset} ${ask.limit}`;
    case "remove":
      return `remove ${ask.uids.join(" ")}`;
  }
}

function describeTell(tell: Pop3Tell): string {
  switch (tell.kind) {
    case "secured":
      return `secured ${tell.tls.version}`;
    case "login-refused":
      return `login-refused ${tell.why}`;
    case "retrieved":
      return `retrieved ${tell.octets}`;
    case "ended":
      return `ended ${tell.ending}`;
  }
}

const DENIALS = ["wrong", "disabled", "busy", "slowed", "unavailable", "damaged"] as const;

function answer(ask: Pop3Ask, ruling: string | undefined, setup: Setup): Pop3Answer {
  const password = setup.text("password", "secret");
  if (ask.kind === "credentials") return login(ask.password === password, ruling);
  if (ask.kind === "proof") return login(ask.right, ruling);
  if (ask.kind === "verifier")
    return ruling === undefined
      ? { kind: "verifier", verifier: verifierOf(password), nonce: EXAMPLE.serverNonce }
      : login(false, ruling);
  if (ruling === "in-use" || ruling === "unavailable" || ruling === "gone") return { kind: ruling };
  switch (ask.kind) {
    case "open":
      return {
        kind: "opened",
        messages: messagesOf(setup).map(({ uid, content }) => ({ uid, octets: content.length })),
      };
    case "read": {
      if (ruling !== undefined) return { kind: "content", octets: decodeLine(ruling) };
      const message = messagesOf(setup).find(({ uid }) => uid === ask.uid);
      if (message === undefined) return { kind: "gone" };
      return { kind: "content", octets: message.content.slice(ask.offset, ask.offset + ask.limit) };
    }
    case "remove":
      return { kind: "removed" };
  }
}

function login(right: boolean, ruling: string | undefined): Pop3Answer {
  if (ruling === "authenticated" || (ruling === undefined && right))
    return { kind: "authenticated" };
  const why: LoginDenial = oneOf(DENIALS, ruling ?? "wrong");
  return { kind: "denied", why };
}

function messagesOf(setup: Setup): { uid: string; content: Uint8Array }[] {
  return setup.all("message").map((line) => {
    const [uid = ""] = line.split(" ", 1);
    return { uid, content: decodeLine(line.slice(uid.length + 1)) };
  });
}
