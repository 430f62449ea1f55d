/** Routes from the configuration, with the passwords that it keeps in files. */
import { readFileSync, statSync } from "node:fs";
import type { Domain } from "../../mail/index.ts";
import type { RelayRoute, RelayRoutes } from "../../policy/routing/index.ts";
import { errorText, OperatorError } from "../../runtime/index.ts";
import type { PasswordSetting, RouteSetting, RoutesSettings } from "./settings.ts";

/** A password file is a line; octets. */
const FILE_OCTETS_LIMIT = 1024;

/** Permissions of anybody but the owner. */
const OTHERS = 0o077;

/** `path` makes a path of the configuration absolute. Throws an OperatorError for a file that cannot be used. */
export function openRoutes(
  settings: RoutesSettings,
  path: (relative: string) => string,
): RelayRoutes {
  const opened = [...settings].map(([domain, route]): [Domain | "*", RelayRoute] => [
    domain,
    openRoute(domain, route, path),
  ]);
  return new Map(opened);
}

function openRoute(
  domain: string,
  { login, ...route }: RouteSetting,
  path: (relative: string) => string,
): RelayRoute {
  if (login === undefined) return route;
  const { name, password } = login;
  return { ...route, login: { name, password: passwordOf(domain, password, path) } };
}

function passwordOf(
  domain: string,
  password: PasswordSetting,
  path: (relative: string) => string,
): string {
  if (password.kind === "text") return password.text;
  const file = path(password.file);
  const where = `routes."${domain}".password_file`;
  const text = readSecret(file, where);
  const line = text.replace(/\r?\n$/, "");
  if (line === "" || /[\r\n\0]/.test(line))
    throw new OperatorError(`${where}: ${file} is not one line with a password`);
  return line;
}

function readSecret(file: string, where: string): string {
  try {
    const { mode, size } = statSync(file);
    if ((mode & OTHERS) !== 0)
      throw new OperatorError(`${where}: ${file} can be read by others; chmod 600 it`);
    if (size > FILE_OCTETS_LIMIT)
      throw new OperatorError(`${where}: ${file} has more than ${FILE_OCTETS_LIMIT} octets`);
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(`${where}: ${errorText(error)}`, { cause: error });
  }
}
