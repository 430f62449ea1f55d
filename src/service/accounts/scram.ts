/**
 * The second verifier of a password, for SCRAM-SHA-256: salt, iterations, StoredKey and ServerKey as one text,
 * `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey` (the form of RFC 5803). And the false one of a name that is nobody's,
 * which stays the same for ever, as a mailbox's does.
 */
import { createHmac, pbkdf2 } from "node:crypto";
import {
  decodeBase64,
  SCRAM_HASH_OCTETS,
  scramKeys,
  type ScramVerifier,
} from "../../protocol/sasl/index.ts";
import type { Random } from "../../runtime/index.ts";
import type { Password } from "./password.ts";

/**
 * Who steals the store guesses at this verifier, not at the dearer argon2id one; but it is the client that pays, at each
 * login. RFC 7677 §4 wants 4096 at least and what takes a modern machine a tenth of a second at best; this takes
 * that without hash instructions, a fifth of it with them, and some tenths of a second on a phone.
 */
export const SCRAM_ITERATIONS = 100_000;

/** Octets; as long as argon2id's. */
const SALT_OCTETS = 16;

/** More iterations than this in a stored verifier is damage, and would hang every client. */
const ITERATIONS_LIMIT = 10_000_000;

const NAME = "SCRAM-SHA-256";

/** The text to store. The hashing is done on a thread of Node's pool. */
export async function makeScramVerifier(
  password: Password,
  random: Random,
  iterations: number = SCRAM_ITERATIONS,
): Promise<string> {
  const salt = random.octets(SALT_OCTETS);
  const salted = await saltedPassword(scramForm(password), salt, iterations);
  const { storedKey, serverKey } = scramKeys(salted);
  const [s, stored, server] = [salt, storedKey, serverKey].map((octets) => octets.toBase64());
  return `${NAME}$${iterations}:${s}$${stored}:${server}`;
}

/** Undefined when the text is none that a client could be asked to fit. */
export function parseScramVerifier(text: string): ScramVerifier | undefined {
  const match =
    /^SCRAM-SHA-256\$([1-9][0-9]{0,7}):([A-Za-z0-9+/=]{1,128})\$([A-Za-z0-9+/=]{44}):([A-Za-z0-9+/=]{44})$/.exec(
      text,
    );
  const [, count, ...fields] = match ?? [];
  const [salt, storedKey, serverKey] = fields.map(decodeBase64);
  const iterations = Number(count);
  if (salt === undefined || storedKey?.length !== SCRAM_HASH_OCTETS) return undefined;
  if (serverKey?.length !== SCRAM_HASH_OCTETS || iterations > ITERATIONS_LIMIT) return undefined;
  return { salt, iterations, storedKey, serverKey };
}

/**
 * What a name of nobody gets: made of the site's secret and the name, so that asking again, also after a restart, tells
 * nothing. Nothing fits it, for nobody knows what its StoredKey is a hash of.
 */
export function falseScramVerifier(secret: Uint8Array, name: string): ScramVerifier {
  const part = (what: string): Uint8Array =>
    createHmac("sha256", secret).update(`scram ${what}\0${name}`).digest();
  return {
    salt: part("salt").subarray(0, SALT_OCTETS),
    iterations: SCRAM_ITERATIONS,
    storedKey: part("stored key"),
    serverKey: part("server key"),
  };
}

/** RFC 3454 B.1: characters that SASLprep leaves out. */
const LEFT_OUT =
  /\u00ad|\u034f|\u1806|[\u180b-\u180d]|[\u200b-\u200d]|\u2060|[\ufe00-\ufe0f]|\ufeff/g;

/**
 * RFC 5802 §2.2: the client hashes the password as SASLprep (RFC 4013) has it, which unlike our own form folds
 * compatible characters ("ﬁ" and "fi") into one. ASCII is the same in both.
 */
function scramForm(password: Password): string {
  return password.replace(LEFT_OUT, "").normalize("NFKC");
}

function saltedPassword(password: string, salt: Uint8Array, iterations: number) {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  pbkdf2(password, salt, iterations, SCRAM_HASH_OCTETS, "sha256", (error, derived) => {
    if (error === null) resolve(derived);
    else reject(error);
  });
  return promise;
}
