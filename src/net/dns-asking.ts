/**
 * One question, asked of the servers until one answers or its time is over. A server that says that it cannot is not
 * asked again; one that is silent is, after the others. Each message that leaves has an id and a case of its own, and a
 * port where others could answer (dns-carrier.ts).
 */
import {
  CHANCE_OCTETS,
  makeQuestion,
  questionOctets,
  readAnswer,
  type DnsName,
  type Failed,
  type FailureReason,
  type Manner,
  type Reading,
  type RecordType,
} from "../protocol/dns/index.ts";
import type { Clock, Random } from "../runtime/index.ts";
import type { Carrier, Trouble } from "./dns-carrier.ts";
import type { NameServer } from "./name-server.ts";
import type { ServerOrder } from "./server-order.ts";

export interface AskingEnvironment {
  readonly clock: Clock;
  readonly random: Random;
  readonly carrier: Carrier;
  readonly servers: ServerOrder;
  /** Whether the servers are believed when they say AD. */
  readonly trusted: boolean;
  /** How long one server may be silent, in milliseconds. */
  readonly attemptMs: number;
}

/** How often a silent server is asked. */
const TRIES_PER_SERVER = 3;

export type Outcome<Type extends RecordType> = Exclude<
  Reading<Type>,
  { readonly kind: "stray" | "instead" }
>;

/** `deadline` is a time of the clock's `elapsed`. */
export async function askServers<Type extends RecordType>(
  name: DnsName,
  type: Type,
  deadline: number,
  environment: AskingEnvironment,
): Promise<Outcome<Type>> {
  const { clock, servers } = environment;
  let failure: Failed | undefined;
  let left = servers.now();
  for (let tries = 0; tries < TRIES_PER_SERVER; tries++) {
    const silent: NameServer[] = [];
    for (const server of left) {
      if (clock.elapsed() >= deadline) break;
      const outcome = await askServer(server, name, type, deadline, environment);
      if (outcome.kind !== "failed" || isSaid(outcome.why)) servers.spoke(server);
      else servers.silent(server);
      if (outcome.kind !== "failed") return outcome;
      if (!isSaid(outcome.why)) silent.push(server);
      failure = weightier(failure, outcome);
    }
    left = silent;
  }
  return failure ?? failed("timeout");
}

/** As it should be asked first, and then as the server wants it: over TCP, without EDNS. Each is wanted once at most. */
async function askServer<Type extends RecordType>(
  server: NameServer,
  name: DnsName,
  type: Type,
  deadline: number,
  environment: AskingEnvironment,
): Promise<Outcome<Type>> {
  let manner: Manner = { transport: "udp", edns: true };
  for (;;) {
    const limitMs = Math.min(environment.attemptMs, deadline - environment.clock.elapsed());
    if (limitMs <= 0) return failed("timeout");
    const reading = await exchange({ server, name, type, manner, limitMs }, environment);
    if (reading.kind === "stray") return failed("malformed");
    if (reading.kind !== "instead") return reading;
    manner = reading.by === "tcp" ? { ...manner, transport: "tcp" } : { ...manner, edns: false };
  }
}

interface Exchange<Type extends RecordType> {
  readonly server: NameServer;
  readonly name: DnsName;
  readonly type: Type;
  readonly manner: Manner;
  readonly limitMs: number;
}

async function exchange<Type extends RecordType>(
  { server, name, type, manner, limitMs }: Exchange<Type>,
  { carrier, random, trusted }: AskingEnvironment,
): Promise<Reading<Type>> {
  const chance = random.octets(CHANCE_OCTETS);
  const question = makeQuestion({ name, type }, chance, manner, trusted);
  const octets = questionOctets(question);
  if (manner.transport === "tcp") {
    const message = await carrier.stream(server, octets, limitMs);
    return typeof message === "string"
      ? afterTrouble(message)
      : readAnswer(message, question, type);
  }
  const reading = await carrier.datagram(server, octets, limitMs, (message) => {
    const read = readAnswer(message, question, type);
    return read.kind === "stray" ? undefined : read;
  });
  return typeof reading === "string" ? afterTrouble(reading) : reading;
}

function afterTrouble(trouble: Trouble): Reading<never> {
  return trouble === "strays" ? { kind: "instead", by: "tcp" } : failed(trouble);
}

function failed(why: FailureReason): Failed {
  return { kind: "failed", why };
}

/** Whether a server said so, or we found it out by ourselves. */
function isSaid(why: FailureReason): boolean {
  return why !== "timeout" && why !== "unreachable";
}

/** What a server said tells more than silence, and silence more than that nobody is there. */
function weightier(before: Failed | undefined, now: Failed): Failed {
  const weight = ({ why }: Failed): number => (isSaid(why) ? 2 : why === "timeout" ? 1 : 0);
  return before === undefined || weight(now) >= weight(before) ? now : before;
}
