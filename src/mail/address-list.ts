/**
 * The addresses in a header field (RFC 5322 §3.4), read strictly from hostile octets. Promises: an address that comes out
 * is the canonical one that the envelope would have, and the only one that any reader finds there. So the obsolete forms
 * that readers take apart in different ways are faults: routes, blanks and comments inside an address, empty members.
 */
import { parseAddress, type Address } from "./address.ts";
import { commentEnd } from "./comments.ts";

/** Why a field is not read. */
export type AddressListFault =
  /** No UTF-8, or control characters. */
  | "no-text"
  | "syntax"
  | "no-address"
  /** `<@one,@two:user@three>`: some read the last address, some the first domain. */
  | "route"
  /** A name or comment in which a careless reader finds another address. */
  | "hidden-address"
  | "too-many";

/** Addresses of one field. */
export const ADDRESS_LIST_LIMIT = 100;

/** Reads a field's body, from behind the colon to the end of its last line. At least one address, or why not. */
export function parseAddressList(body: Uint8Array): readonly Address[] | AddressListFault {
  const text = unfolded(body);
  if (text === undefined) return "no-text";
  if (/^[ \t]*$/.test(text)) return "no-address";
  const reader = new ListReader(text);
  const fault = reader.read();
  if (fault !== undefined) return fault;
  return reader.addresses.length === 0 ? "no-address" : reader.addresses;
}

/** What is wrong with the field, in words for a person. */
export function addressListFaultText(fault: AddressListFault): string {
  switch (fault) {
    case "no-text":
      return "it is no UTF-8, or has control characters or an empty line in it";
    case "syntax":
      return "it is no list of addresses (RFC 5322 3.4)";
    case "no-address":
      return "it has no address";
    case "route":
      return "it has a source route in an address";
    case "hidden-address":
      return "a name or comment in it could be read as another address";
    case "too-many":
      return `it has more than ${ADDRESS_LIST_LIMIT} addresses`;
  }
}

/** Undefined where a control character is left, or a line of blanks, which some take for the header section's end. */
function unfolded(body: Uint8Array): string | undefined {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined; // that is how a decoder says no
  }
  if (/\r\n[ \t]+(?=\r\n|$)/.test(text)) return undefined;
  const joined = text.replace(/\r\n$/, "").replace(/\r\n(?=[ \t])/g, "");
  return /[\x00-\x08\x0a-\x1f\x7f-\x9f]/.test(joined) ? undefined : joined;
}

/** RFC 5322 §3.2.3 atoms and §4.1 dots between them; RFC 6532 §3.2 has all other letters too. */
const WORD = /[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-\u00a0-\u{10ffff}]+/uy;

/** Up to where the domain of an address without brackets goes at most. */
const DOMAIN = /\[[^[\]\\]*\]|[^\s,;:<>()[\]"\\@]+/uy;

class ListReader {
  readonly addresses: Address[] = [];
  readonly #text: string;
  #at = 0;
  /** Behind the last address: from here on is what people read, and what may hide another one. */
  #shownFrom = 0;
  #inGroup = false;

  constructor(text: string) {
    this.#text = text;
  }

  read(): AddressListFault | undefined {
    for (;;) {
      const fault = this.#blanks() ?? this.#member() ?? this.#blanks();
      if (fault !== undefined) return fault;
      if (this.#inGroup && this.#takes(";")) {
        this.#inGroup = false;
        const behind = this.#blanks();
        if (behind !== undefined) return behind;
      }
      if (this.#at === this.#text.length) return this.#inGroup ? "syntax" : this.#hidden(this.#at);
      if (!this.#takes(",")) return "syntax";
    }
  }

  /** A mailbox, or the head of a group with its first member. */
  #member(): AddressListFault | undefined {
    const start = this.#at;
    const words = this.#words();
    if (typeof words === "string") return words;
    switch (this.#text[this.#at]) {
      case "@":
        return words === 0 ? "syntax" : this.#bare(start);
      case "<":
        return this.#bracketed();
      case ":":
        return words === 0 ? "syntax" : this.#group();
      default:
        return "syntax";
    }
  }

  /** Passes words up to what is none, a display name, a group's, or a local part; how many. */
  #words(): number | AddressListFault {
    for (let words = 0; ; words++) {
      const fault = this.#blanks() ?? this.#word();
      if (fault === "no word") return words;
      if (fault !== undefined) return fault;
    }
  }

  #word(): AddressListFault | "no word" | undefined {
    if (this.#text[this.#at] === '"') return this.#quoted();
    return this.#match(WORD) ? undefined : "no word";
  }

  #quoted(): AddressListFault | undefined {
    for (let i = this.#at + 1; i < this.#text.length; i++) {
      const char = this.#text[i];
      if (char === "\\") i++;
      else if (char === '"') {
        this.#at = i + 1;
        return undefined;
      }
    }
    return "syntax";
  }

  /** `user@domain`; what should be its local part has been passed. */
  #bare(start: number): AddressListFault | undefined {
    this.#at++;
    if (!this.#match(DOMAIN)) return "syntax";
    return this.#hidden(start) ?? this.#add(this.#text.slice(start, this.#at));
  }

  /** `<user@domain>`, nothing else in the brackets. */
  #bracketed(): AddressListFault | undefined {
    const start = this.#at + 1;
    for (this.#at = start; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at];
      if (char === ">") {
        const inside = this.#text.slice(start, this.#at++);
        return this.#hidden(start - 1) ?? this.#add(inside);
      }
      if (char !== '"') continue;
      if (this.#quoted() !== undefined) return "syntax";
      this.#at--; // the loop goes on behind the quote
    }
    return "syntax";
  }

  /** RFC 6854 lets an author be a group; an empty one adds nobody. Groups do not nest. */
  #group(): AddressListFault | undefined {
    if (this.#inGroup) return "syntax";
    this.#inGroup = true;
    this.#at++;
    const fault = this.#blanks();
    return fault !== undefined || this.#text[this.#at] === ";" ? fault : this.#member();
  }

  #add(text: string): AddressListFault | undefined {
    if (text.startsWith("@")) return "route";
    if (text.includes("=?")) return "hidden-address"; // an encoded word, which has no place there (RFC 2047 §5)
    const address = parseAddress(text);
    // Blanks that are not ASCII are letters of a name for RFC 6532, and blanks for many readers.
    if (typeof address === "string" || /(?! )\s/.test(text)) return "syntax";
    if (/[<>@]/.test(address.local)) return "hidden-address"; // `<"a>b"@c>`: some end at the first bracket
    if (this.addresses.length === ADDRESS_LIST_LIMIT) return "too-many";
    this.addresses.push(address);
    this.#shownFrom = this.#at;
    return undefined;
  }

  #hidden(end: number): AddressListFault | undefined {
    const shown = this.#text.slice(this.#shownFrom, end);
    return hidesAddress(shown) || hidesAddress(decodedWords(shown)) ? "hidden-address" : undefined;
  }

  /** Blanks and comments. */
  #blanks(): AddressListFault | undefined {
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at];
      if (char === " " || char === "\t") continue;
      if (char !== "(") return undefined;
      const end = commentEnd(this.#text, this.#at);
      if (end < 0) return "syntax";
      this.#at = end - 1;
    }
    return undefined;
  }

  #takes(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #match(form: RegExp): boolean {
    form.lastIndex = this.#at;
    if (!form.test(this.#text)) return false;
    this.#at = form.lastIndex;
    return true;
  }
}

/** Whether a reader that looks for brackets first finds an address in what is none. */
function hidesAddress(text: string): boolean {
  const bracket = text.indexOf("<");
  return bracket >= 0 && text.includes("@", bracket);
}

/** RFC 2047 words decoded, as readers do that decode before they look for addresses; their ASCII letters are enough here. */
function decodedWords(text: string): string {
  const words = text.matchAll(/=\?[^?]*\?([BbQq])\?([^?]*)\?=/g);
  return Array.from(words, ([, encoding = "", content = ""]) =>
    encoding.toLowerCase() === "b"
      ? Buffer.from(content, "base64").toString("latin1")
      : unquoted(content),
  ).join("");
}

function unquoted(content: string): string {
  return content.replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
