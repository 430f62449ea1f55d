/**
 * Addresses as people and scripts write them on a command line or in To, Cc and Bcc. Our own user says here who is to get
 * his mail, so it is read kindly (any display name, names without a domain), other than what a server judges by. But what
 * is found is an address by the one strict grammar, or it is a fault: nothing is guessed.
 */
import { faultText, parseAddress, type Address } from "../../mail/index.ts";

export type Named =
  | { readonly kind: "address"; readonly address: Address }
  /** A name of this machine's, such as root: cron writes to it. */
  | { readonly kind: "local"; readonly name: string };

/** All that are listed, or what cannot be read of it. Folded lines are joined already. */
export function readAddresses(text: string): readonly Named[] | string {
  const found: Named[] = [];
  for (const member of members(text) ?? [text]) {
    const named = readNamed(member);
    if (typeof named === "string") return named;
    found.push(named);
  }
  return found;
}

function readNamed(text: string): Named | string {
  const address = parseAddress(text);
  if (typeof address !== "string") return { kind: "address", address };
  if (address === "unqualified" && /^[A-Za-z0-9._-]+$/.test(text))
    return { kind: "local", name: text };
  return `"${text}" cannot be used: ${faultText(address)}`;
}

/**
 * What stands between the commas: the part in angle brackets where there is one, else all without comments. Empty places
 * are left out. Undefined where something is opened and not closed.
 */
function members(text: string): readonly string[] | undefined {
  const found: string[] = [];
  let plain = "";
  let bracketed: string | undefined;
  const end = (): void => {
    const member = bracketed ?? plain.trim();
    if (bracketed !== undefined || member !== "") found.push(member);
    plain = "";
    bracketed = undefined;
  };
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    const close = CLOSED_BY.get(char);
    if (close !== undefined) {
      const after = endOf(text, i, char, close);
      if (after === undefined) return undefined;
      if (char === "<") bracketed = text.slice(i + 1, after - 1).trim();
      else if (char !== "(") plain += text.slice(i, after);
      i = after - 1;
    } else if (char === "," || char === ";") end(); // ";" ends a group; some programs mean a comma
    else if (char === ":" && bracketed === undefined) plain = ""; // what stood before was a group's name
    else plain += char;
  }
  end();
  return found;
}

const CLOSED_BY: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["(", ")"],
  ["<", ">"],
  ["[", "]"],
]);

/** Index behind the end of what `open` opens at `from`: comments nest, a backslash takes a meaning away. */
function endOf(text: string, from: number, open: string, close: string): number | undefined {
  let depth = 1;
  for (let i = from + 1; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === "\\" && open !== "<") i++;
    else if (char === close) depth--;
    else if (char === open && open === "(") depth++;
    if (depth === 0) return i + 1;
  }
  return undefined;
}
