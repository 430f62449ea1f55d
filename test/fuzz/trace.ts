/** What an engine did, in order and without a trace of how its octets came: what two runs of one case must share. */
import assert from "node:assert/strict";
import type { TlsFacts } from "../../src/protocol/dialogue/index.ts";

export type TraceItem<Ask, Tell, Answer> =
  | { readonly kind: "said"; readonly text: string }
  | { readonly kind: "asked"; readonly ask: Ask }
  | { readonly kind: "answered"; readonly answer: Answer }
  | { readonly kind: "told"; readonly tell: Tell }
  /** All of a message's content, before it is asked about. */
  | { readonly kind: "content"; readonly text: string }
  /** What was said before has to be taken by the wire before anything else happens. */
  | { readonly kind: "flushed" }
  | { readonly kind: "start-tls" }
  | { readonly kind: "closed" };

export class Trace<Ask, Tell, Answer> {
  readonly items: TraceItem<Ask, Tell, Answer>[] = [];
  #said = "";
  #content = "";

  say(text: string): void {
    this.#said += text;
  }

  content(text: string): void {
    this.#content += text;
  }

  /** The content so far belongs to nothing: how much of it was passed on depends on how it came. */
  voidContent(): void {
    this.#content = "";
  }

  /** The content so far is what is asked about next. */
  endContent(): void {
    if (this.#content !== "") this.add({ kind: "content", text: this.#content });
    this.#content = "";
  }

  add(item: TraceItem<Ask, Tell, Answer>): void {
    this.flush();
    this.items.push(item);
  }

  flush(): void {
    if (this.#said !== "") this.items.push({ kind: "said", text: this.#said });
    this.#said = "";
  }
}

export const TLS_FACTS: TlsFacts = { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" };

/** Reads a trace item by item; complains when the next one is not what must be there. Flushes may be passed over. */
export class TraceReader<Ask, Tell, Answer> {
  readonly #items: readonly TraceItem<Ask, Tell, Answer>[];
  #at = 0;
  /** Of the text being read, what has not been read. */
  #text = "";

  constructor(items: readonly TraceItem<Ask, Tell, Answer>[]) {
    this.#items = items;
  }

  get nextIsTold(): boolean {
    return this.#text === "" && this.#items[this.#at]?.kind === "told";
  }

  /** What comes next, for a message. */
  get next(): string {
    return this.#text === "" ? JSON.stringify(this.#items[this.#at]) : JSON.stringify(this.#text);
  }

  take<Kind extends TraceItem<Ask, Tell, Answer>["kind"]>(
    kind: Kind,
    why: string,
  ): Extract<TraceItem<Ask, Tell, Answer>, { readonly kind: Kind }> {
    if (kind !== "flushed") this.#passFlushes();
    const item = this.#items[this.#at];
    if (this.#text !== "" || item?.kind !== kind)
      assert.fail(`${why}: expected "${kind}", not ${this.next}`);
    this.#at++;
    // The kind was compared just now; the compiler does not carry that over to the type parameter.
    return item as Extract<TraceItem<Ask, Tell, Answer>, { readonly kind: Kind }>;
  }

  /** The next piece of what was said, which is where `form` (sticky) matches. */
  text(form: RegExp, why: string): string {
    this.#passFlushes();
    const item = this.#items[this.#at];
    if (this.#text === "" && item?.kind === "said") {
      this.#text = item.text;
      this.#at++;
    }
    const match = form.exec(this.#text);
    if (match?.index !== 0) assert.fail(`${why}: ${form.source} does not begin ${this.next}`);
    this.#text = this.#text.slice(match[0].length);
    return match[0];
  }

  /** Exactly these octets. */
  exactly(text: string, why: string): void {
    let left = text;
    while (left !== "") {
      const part = this.text(/^[^]+/, why);
      assert.ok(part.startsWith(left) || left.startsWith(part), `${why}: other octets`);
      if (part.length > left.length) this.#text = part.slice(left.length);
      left = left.slice(part.length);
    }
  }

  end(): void {
    this.#passFlushes();
    assert.ok(
      this.#text === "" && this.#at === this.#items.length,
      `nothing is left to explain ${this.next}`,
    );
  }

  #passFlushes(): void {
    while (this.#text === "" && this.#items[this.#at]?.kind === "flushed") this.#at++;
  }
}
