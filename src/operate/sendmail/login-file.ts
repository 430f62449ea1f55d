/**
 * The file with the login that mail is submitted with. It holds a password, so one that anybody else can read or change is
 * refused, with the command that mends it.
 */
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parse, stringify } from "smol-toml";
import { z } from "zod";
import {
  faultText,
  ipReach,
  parseAddress,
  parseIp,
  parsePin,
  PIN_EXPECTED,
  type Address,
} from "../../mail/index.ts";
import { errorText, OperatorError } from "../../runtime/index.ts";
import type { OwnAddresses } from "./prepare.ts";
import type { ServerTrust, SubmissionServer } from "./submission.ts";

export interface SendmailLogin {
  readonly server: SubmissionServer;
  readonly own: OwnAddresses;
}

/** Why there is no login, in words that say what to do. */
export class LoginFileError extends OperatorError {
  override readonly name = "LoginFileError";
}

/** Where it is unless somebody says otherwise. */
export function usualLoginFile(home: string): string {
  return join(home, ".config", "gatepost", "sendmail.toml");
}

const AddressText = z.string().transform((text, context): Address => {
  const address = parseAddress(text);
  if (typeof address !== "string") return address;
  context.addIssue(`"${text}" cannot be used: ${faultText(address)}`);
  return z.NEVER;
});

const LoginFile = z.strictObject({
  host: z.string().min(1),
  tls: z.enum(["starttls", "implicit"]).default("starttls"),
  port: z.int().min(1).max(65_535).optional(),
  user: z.string().min(1),
  password: z.string().min(1),
  from: AddressText.optional(),
  local_mail: AddressText.optional(),
  ca: z.string().optional(),
  pin: z
    .string()
    .transform((text, context) => {
      const sha256 = parsePin(text);
      if (sha256 !== undefined) return sha256;
      context.addIssue(PIN_EXPECTED);
      return z.NEVER;
    })
    .optional(),
});

type LoginFile = z.infer<typeof LoginFile>;

/** Throws a LoginFileError. `uid` is who asks. */
export function readLoginFile(file: string, uid: number): SendmailLogin {
  const result = LoginFile.safeParse(parsed(file, privateText(file, uid)));
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new LoginFileError(`${file}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
  }
  const said = result.data;
  return { server: serverOf(said, file), own: ownOf(said, file) };
}

/** What stands in a new file; the rest has defaults. */
export interface NewLogin {
  readonly host: string;
  readonly port?: number;
  readonly tls: "starttls" | "implicit";
  readonly user: string;
  readonly password: string;
}

/** Writes it where there is none, for its user's eyes alone. Throws a LoginFileError. */
export function writeLoginFile(file: string, login: NewLogin): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, `${HEAD}${stringify(login)}\n`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (isCode(error, "EEXIST"))
      throw new LoginFileError(`${file} is there already; nothing was changed`);
    throw new LoginFileError(`${file}: ${errorText(error)}`);
  }
}

const HEAD = `# The login of \`gatepost sendmail\`. It works only while nobody else can read this file.
# Also: from, local_mail, ca, pin; see docs/operating.md.
`;

/** Looked at and read through one descriptor, so that nobody can put another file in between. */
function privateText(file: string, uid: number): string {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (error) {
    if (isCode(error, "ENOENT"))
      throw new LoginFileError(
        `there is no login: no file ${file}. \`gatepost sendmail --init\` makes it`,
      );
    throw new LoginFileError(`${file}: ${errorText(error)}`);
  }
  try {
    const { mode, uid: owner } = fstatSync(descriptor);
    if (owner !== uid)
      throw new LoginFileError(
        `${file} belongs to somebody else; mend it with: chown ${uid} ${file}`,
      );
    if ((mode & 0o077) !== 0)
      throw new LoginFileError(`${file} is open to others; mend it with: chmod 600 ${file}`);
    return readFileSync(descriptor, "utf8");
  } finally {
    closeSync(descriptor);
  }
}

function parsed(file: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    const [line = ""] = errorText(error).split("\n"); // the rest quotes the file, password and all
    throw new LoginFileError(`${file}: ${line}`);
  }
}

function serverOf(said: LoginFile, file: string): SubmissionServer {
  const { host, tls, port, user, password } = said;
  const usual = tls === "implicit" ? 465 : 587;
  return { host, port: port ?? usual, tls, user, password, trust: trustOf(said, file) };
}

function trustOf({ host, ca, pin }: LoginFile, file: string): ServerTrust {
  if (pin !== undefined) return { kind: "pin", sha256: pin };
  if (ca !== undefined) return { kind: "authority", ca: pemText(resolve(dirname(file), ca)) };
  return isLoopback(host) ? { kind: "loopback" } : { kind: "authority" };
}

/** By what was written: a name that only DNS leads to this machine is none. */
function isLoopback(host: string): boolean {
  const ip = parseIp(host);
  return host === "localhost" || (ip !== undefined && ipReach(ip) === "loopback");
}

function pemText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new LoginFileError(`ca: ${errorText(error)}`);
  }
}

function ownOf({ user, from, local_mail: localMail }: LoginFile, file: string): OwnAddresses {
  const own = from ?? parseAddress(user);
  if (typeof own === "string")
    throw new LoginFileError(`${file}: from: it is needed, for the user "${user}" is no address`);
  return { from: own, ...(localMail !== undefined && { localMail }) };
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
