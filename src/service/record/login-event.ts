/** A login that was tried, for the journal. Never a password, and no name that is not an address: that may be a password in the wrong field. */
import { journalKey, parseAddress, type FactEvent } from "../../mail/index.ts";

export type LoginEvent = Omit<Extract<FactEvent, { readonly kind: "login" }>, "at">;

/** How somebody tried to log in. */
export type LoginWay = Pick<LoginEvent, "mechanism" | "appPassword" | "certificate" | "slowedMs">;

/** Stands in the journal where the client named no address. */
const NO_ADDRESS = "no address";

/** `name` as the client sent it; undefined where no name was read. `result` in one or two words. */
export function loginEvent(
  name: string | undefined,
  result: string,
  way: LoginWay = {},
): LoginEvent {
  const address = parseAddress(name ?? "");
  const login = typeof address === "string" ? NO_ADDRESS : journalKey(address);
  return { kind: "login", login, result, ...way };
}

/** `outcome`: what came of it, as accounts say it. */
export function loginWay(mechanism: string, outcome: Omit<LoginWay, "mechanism"> = {}): LoginWay {
  const { appPassword, certificate, slowedMs } = outcome;
  return {
    mechanism,
    ...(appPassword !== undefined && { appPassword }),
    ...(certificate !== undefined && { certificate }),
    ...(slowedMs !== undefined && { slowedMs }),
  };
}
