/**
 * What is stored in place of a password: an argon2id hash as a PHC string,
 * `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. The work is done on a thread of Node's pool, never on the event loop.
 */
import { argon2, timingSafeEqual } from "node:crypto";
import type { Random } from "../../runtime/index.ts";
import { preparePassword, type Password } from "./password.ts";

/** The price of one guess (RFC 9106 §3.1). */
export interface HashCost {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. */
export const HASH_COST: HashCost = { memoryKiB: 19_456, passes: 2, parallelism: 1 };

/** RFC 9106 §3.1, octets. */
const SALT_OCTETS = 16;
const HASH_OCTETS = 32;

/** More than this in a stored verifier is damage, and would take the machine down with it. */
const COST_LIMIT: HashCost = { memoryKiB: 1_048_576, passes: 64, parallelism: 16 };

export interface Verifier {
  readonly cost: HashCost;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/** The PHC string to store. Throws a RangeError for what is no password; ask `preparePassword` before. */
export async function makeVerifier(
  password: string,
  random: Random,
  cost: HashCost = HASH_COST,
): Promise<string> {
  const form = preparePassword(password);
  if (typeof form !== "string") throw new RangeError(`the password is no password: ${form.fault}`);
  const salt = random.octets(SALT_OCTETS);
  return formatVerifier({ cost, salt, hash: await hash(form, salt, HASH_OCTETS, cost) });
}

/** Whether it is the password that the verifier was made of. */
export async function isRight(password: Password, verifier: Verifier): Promise<boolean> {
  const { salt, cost, hash: stored } = verifier;
  return timingSafeEqual(await hash(password, salt, stored.length, cost), stored);
}

/** Reads a PHC string; undefined when it is none that we could check a password against. */
export function parseVerifier(phc: string): Verifier | undefined {
  const match =
    /^\$argon2id\$v=19\$m=([0-9]{1,7}),t=([0-9]{1,2}),p=([0-9]{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{16,86})$/.exec(
      phc,
    );
  if (match === null) return undefined;
  const [, memory, passes, parallelism, salt, hashed] = match;
  const cost = {
    memoryKiB: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
  };
  if (!isPayable(cost)) return undefined;
  return { cost, salt: decode(salt), hash: decode(hashed) };
}

function formatVerifier({ cost, salt, hash: hashed }: Verifier): string {
  const { memoryKiB, passes, parallelism } = cost;
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${parallelism}$${encode(salt)}$${encode(hashed)}`;
}

/** RFC 9106 §3.1: at least one pass and one lane, and 8 KiB for each lane. */
function isPayable({ memoryKiB, passes, parallelism }: HashCost): boolean {
  const enough = passes >= 1 && parallelism >= 1 && memoryKiB >= 8 * parallelism;
  const bearable =
    memoryKiB <= COST_LIMIT.memoryKiB &&
    passes <= COST_LIMIT.passes &&
    parallelism <= COST_LIMIT.parallelism;
  return enough && bearable;
}

/** Rejects only when the machine cannot do it: no memory. */
async function hash(
  password: Password,
  salt: Uint8Array,
  octets: number,
  { memoryKiB, passes, parallelism }: HashCost,
): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const parameters = {
    message: password,
    nonce: salt,
    tagLength: octets,
    memory: memoryKiB,
    passes,
    parallelism,
  };
  argon2("argon2id", parameters, (error, derived) => {
    if (error === null) resolve(derived);
    else reject(error);
  });
  return promise;
}

/** PHC strings leave the padding out. */
function encode(octets: Uint8Array): string {
  return Buffer.from(octets).toString("base64").replaceAll("=", "");
}

function decode(base64: string | undefined): Uint8Array {
  return Buffer.from(base64 ?? "", "base64");
}
