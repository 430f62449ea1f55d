/**
 * What holds of every trace, in whatever manner it came about: octets that arrive at any time, a desk and a wire as late as
 * they like. It knows nothing of what the client said.
 */
import assert from "node:assert/strict";
import type {
  Pop3Answer,
  Pop3Ask,
  Pop3Settings,
  Pop3Tell,
} from "../../../src/protocol/pop3/index.ts";
import type { TraceItem } from "../trace.ts";

type Item = TraceItem<Pop3Ask, Pop3Tell, Pop3Answer>;

export function keepsPromises(items: readonly Item[], settings: Pop3Settings): void {
  const first = items.find(({ kind }) => kind !== "told");
  assert.ok(first?.kind === "said" && first.text.startsWith("+OK mx.local.example POP3 ready "));
  const session = new Session(settings);
  for (const item of items) session.see(item);
}

/** What a session has earned so far. */
class Session {
  readonly #settings: Pop3Settings;
  #secured = false;
  #last: Pop3Ask | undefined;
  #authenticated = false;
  /** Uids of the open maildrop. */
  #maildrop: ReadonlySet<string> | undefined;
  #removes = false;

  constructor(settings: Pop3Settings) {
    this.#settings = settings;
  }

  see(item: Item): void {
    if (item.kind === "told" && item.tell.kind === "secured") this.#secure();
    if (item.kind === "asked") this.#asked(item.ask);
    if (item.kind === "answered") this.#answered(item.answer);
  }

  #secure(): void {
    assert.equal(this.#maildrop, undefined, "TLS begins before login");
    this.#secured = true;
    this.#authenticated = false;
  }

  #asked(ask: Pop3Ask): void {
    assert.ok(!this.#removes, "after a deletion nothing is asked");
    this.#last = ask;
    switch (ask.kind) {
      case "credentials":
        assert.ok(this.#secured || this.#settings.plainTextLogin, "no password in plain text");
        return this.#beforeLogin();
      case "verifier":
      case "proof":
        return this.#beforeLogin();
      case "open":
        assert.ok(this.#authenticated, "a maildrop is opened for who has logged in");
        this.#authenticated = false;
        return undefined;
      case "read":
        assert.ok(this.#maildrop?.has(ask.uid), "a message of the own maildrop is read");
        return undefined;
      case "remove":
        this.#removes = true;
        assert.equal(new Set(ask.uids).size, ask.uids.length);
        for (const uid of ask.uids) assert.ok(this.#maildrop?.has(uid), "one's own is deleted");
    }
  }

  #beforeLogin(): void {
    assert.equal(this.#maildrop, undefined, "one login for a session");
  }

  #answered(answer: Pop3Answer): void {
    this.#authenticated = answer.kind === "authenticated";
    if (this.#authenticated && this.#last?.kind === "proof") assert.ok(this.#last.right);
    if (answer.kind === "opened") this.#maildrop = new Set(answer.messages.map(({ uid }) => uid));
  }
}
