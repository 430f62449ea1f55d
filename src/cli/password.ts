/** Where a new password comes from: the option, standard input, the person at the terminal, or chance. */
import type { Command } from "commander";
import { systemRandom } from "../runtime/index.ts";
import { generatePassword } from "../service/accounts/index.ts";
import { askHidden, isTerminal, readStandardInput } from "./terminal.ts";

export interface PasswordOptions {
  readonly password?: string;
  readonly passwordStdin?: boolean;
}

export function withPassword(command: Command): Command {
  return command
    .option(
      "--password <password>",
      "the password (others on this machine may see it while the command runs)",
    )
    .option("--password-stdin", "read the password from standard input");
}

export interface NewPassword {
  readonly password: string;
  /** Nobody knows it yet: it has to be shown. */
  readonly generated: boolean;
}

export async function newPassword(options: PasswordOptions): Promise<NewPassword> {
  const { password, passwordStdin } = options;
  if (password !== undefined) return { password, generated: false };
  if (passwordStdin === true) return { password: await readStandardInput(), generated: false };
  const typed = isTerminal() ? await askHidden("Password (empty: make one)") : "";
  if (typed !== "") return { password: typed, generated: false };
  return { password: generatePassword(systemRandom), generated: true };
}
