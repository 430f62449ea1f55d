/**
 * `--sink`: a mail server of our own engine that takes messages of relay tests and nothing else, for as long as a test runs. It offers
 * STARTTLS, with a certificate that vouches for nobody: some servers send in TLS or not at all.
 */
import {
  SESSION_ID_ENTROPY_OCTETS,
  sessionId,
  status,
  type Domain,
  type Ip,
} from "../mail/index.ts";
import { NetServer, selfSignedContext } from "../net/index.ts";
import { SinkDesk, type TestMemory } from "../operate/tester/index.ts";
import { Conversation } from "../protocol/dialogue/index.ts";
import { SmtpServerSession, statusLine, type SmtpLimits } from "../protocol/smtp/index.ts";
import { silentLog, systemClock, systemRandom } from "../runtime/index.ts";

export interface Sink {
  readonly port: number;
  close(): Promise<void>;
}

const CONNECTIONS = { connections: 200, connectionsPerAddress: 200, connectionsPerNetwork: 200 };

const LIMITS: SmtpLimits = {
  messageOctets: 1_048_576,
  recipients: 100,
  errors: 20,
  commandLineOctets: 2048,
  transactions: 10_000,
  commandTimeMs: 60_000,
  contentTimeMs: 60_000,
  crowdedTimeMs: 10_000,
};

const SESSION_MS = 3_600_000;
const HANDSHAKE_MS = 30_000;

/** Rejects with a ListenError in words. */
export async function openSink(
  at: { readonly ip: Ip; readonly port: number },
  domain: Domain,
  memory: TestMemory,
): Promise<Sink> {
  const context = await selfSignedContext(domain, systemClock.now());
  const server = new NetServer(() => CONNECTIONS, silentLog);
  const listener = {
    name: "sink",
    setting: "--sink",
    address: at.ip,
    port: at.port,
    implicitTls: false,
    proxyFrom: [],
  };
  const listening = await server.listen(listener, {
    open: ({ ip }, wire) => {
      const engine = new SmtpServerSession({
        hostname: domain,
        sessionId: sessionId(systemRandom.octets(SESSION_ID_ENTROPY_OCTETS)),
        startTls: "offered",
        limits: LIMITS,
      });
      const desk = new SinkDesk({ domain, memory, clock: systemClock, log: silentLog }, ip);
      return new Conversation(engine, desk, wire);
    },
    busy: () => statusLine(status(421, "4.3.2", "too many connections", "tester")),
    environment: () => ({
      clock: systemClock,
      log: silentLog,
      handshakeMs: HANDSHAKE_MS,
      crowdedMs: HANDSHAKE_MS,
      sessionMs: SESSION_MS,
      secureContext: () => context,
    }),
  });
  return { port: listening.port, close: () => server.stop(0) };
}
