/** Accounts over a directory in memory, with time that goes when it is told to. */
import { parseIp, type Ip } from "../../../src/mail/index.ts";
import { ManualClock, systemRandom } from "../../../src/runtime/index.ts";
import {
  Accounts,
  type AccountsSettings,
  type HashCost,
  type LoginResult,
  type Visitor,
} from "../../../src/service/accounts/index.ts";
import { accountsSchema } from "../../../src/service/accounts/settings.ts";
import { MemoryDirectory } from "./directory.ts";

export const ANN = "ann@local.example";

/** The cheapest that argon2 has: these tests are not about its price. */
export const CHEAP: HashCost = { memoryKiB: 8, passes: 1, parallelism: 1 };

export const HOME = ipOf("192.0.2.7");

/** Where logins come to; from home by POP3, unless it is said otherwise. */
export interface Door {
  authenticate(login: string, password: string, visitor?: Partial<Visitor>): Promise<LoginResult>;
}

export async function openOffice(settings: Partial<AccountsSettings> = {}) {
  const directory = new MemoryDirectory();
  const clock = new ManualClock();
  /** How long each login that was held back had to wait, milliseconds. */
  const pauses: number[] = [];
  const pause = async (ms: number): Promise<void> => {
    pauses.push(ms);
    clock.advance(ms);
  };
  const all = { ...accountsSchema.parse({}), ...settings };
  const real = await Accounts.open({
    directory,
    clock,
    random: systemRandom,
    settings: all,
    pause,
  });
  const accounts: Door & Pick<Accounts, "openScram" | "stands" | "certificates"> = {
    authenticate: (login, password, visitor = {}) =>
      real.authenticate(login, password, { ip: HOME, protocol: "pop3", ...visitor }),
    openScram: (login, visitor) => real.openScram(login, visitor),
    stands: (login) => real.stands(login),
    certificates: real.certificates,
  };
  return { accounts, directory, clock, pauses };
}

export function ipOf(text: string): Ip {
  const ip = parseIp(text);
  if (ip === undefined) throw new Error(`${text} is no address`);
  return ip;
}
