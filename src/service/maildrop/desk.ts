/**
 * Performs what a POP3 session asks: checks the login, leases and lists the mailbox, reads messages, deletes at
 * QUIT. One for each session. Promises: the lease is held exactly as long as the session, its last deletion
 * included, and a session that lost it deletes nothing.
 */
import type { MailboxEntry, MaildropMessage, Maildrops, SessionRecord } from "../../store/index.ts";
import type { Desk, Dialogue } from "../../protocol/dialogue/index.ts";
import type {
  LoginMechanism,
  Pop3Answer,
  Pop3Ask,
  Pop3Ending,
  Pop3Tell,
} from "../../protocol/pop3/index.ts";
import { errorText, type Clock, type Log } from "../../runtime/index.ts";
import { LoginQuestions, type Accounts, type JudgedLogin } from "../accounts/index.ts";
import { loginWay, type LoginWay } from "../record/index.ts";
import type { Holder, Lease, MaildropLeases } from "./leases.ts";
import type { Pop3Peer } from "./peer.ts";
import { SessionLog } from "./session-log.ts";

export interface MaildropDeps {
  readonly accounts: Pick<Accounts, "authenticate" | "openScram">;
  readonly maildrops: Maildrops;
  readonly leases: MaildropLeases;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes the session's record, once, when it has ended. */
  onEnd(record: SessionRecord): void;
}

/** Who has logged in, and how. */
interface User {
  readonly login: string;
  readonly mailbox: MailboxEntry;
  readonly way: LoginWay;
}

type Reply = (answer: Pop3Answer) => void;
type ReadAsk = Extract<Pop3Ask, { readonly kind: "read" }>;

const UNAVAILABLE: Pop3Answer = { kind: "unavailable" };
/** The same about a login. */
const DENIED: Pop3Answer = { kind: "denied", why: "unavailable" };
const GONE: Pop3Answer = { kind: "gone" };

export class MaildropDesk implements Desk<Pop3Ask, Pop3Tell, Pop3Answer>, Holder {
  readonly #deps: MaildropDeps;
  readonly #peer: Pop3Peer;
  readonly #journal: SessionLog;
  /** The conversation that this desk serves: what shows its client's life, and can be ended. */
  readonly #dialogue: () => Pick<Dialogue, "progress" | "timeout">;
  readonly #questions: LoginQuestions<LoginMechanism>;
  #user: User | undefined;
  #lease: Lease | undefined;
  /** Takes back the wish for a mailbox that somebody else holds. */
  #stopWaiting: (() => void) | undefined;
  /** An ask is being performed. */
  #busy = false;
  #ending: Pop3Ending | undefined;
  #expelled = false;

  constructor(
    deps: MaildropDeps,
    peer: Pop3Peer,
    dialogue: () => Pick<Dialogue, "progress" | "timeout">,
  ) {
    this.#deps = deps;
    this.#peer = peer;
    this.#dialogue = dialogue;
    this.#journal = new SessionLog(peer, deps.clock);
    this.#questions = new LoginQuestions(deps.accounts, { ip: peer.ip, protocol: "pop3" });
  }

  ask(ask: Pop3Ask, reply: Reply): void {
    switch (ask.kind) {
      case "credentials":
        return this.#perform(reply, DENIED, async () =>
          this.#judged(await this.#questions.credentials(ask)),
        );
      case "verifier":
        return this.#perform(reply, DENIED, () => {
          const opened = this.#questions.verifier(ask.mechanism, ask.login);
          return opened.kind === "verifier" ? opened : this.#judged(opened);
        });
      case "proof":
        return this.#perform(reply, DENIED, async () =>
          this.#judged(await this.#questions.proof(ask.right)),
        );
      case "open":
        return this.#perform(reply, UNAVAILABLE, () => this.#open());
      case "read":
        return this.#perform(reply, UNAVAILABLE, () => this.#read(ask));
      case "remove":
        return this.#perform(reply, UNAVAILABLE, () => this.#remove(ask.uids));
    }
  }

  tell(tell: Pop3Tell): void {
    switch (tell.kind) {
      case "secured":
        return this.#journal.secured(tell.tls);
      case "login-refused":
        return this.#journal.login(undefined, tell.why);
      case "retrieved":
        return this.#journal.retrieved();
      case "ended":
        return this.#end(tell.ending);
    }
  }

  /** A POP3 client sends no content. */
  body(): boolean {
    return true;
  }

  // ---- Holder ----

  progress(): number {
    return this.#dialogue().progress();
  }

  isServed(): boolean {
    return this.#busy;
  }

  expel(): void {
    this.#expelled = true;
    this.#lease = undefined;
    this.#dialogue().timeout(); // ends it as silence does: without a word, and nothing is deleted
  }

  // ---- Asks ----

  /** Replies at once where the answer is known at once, and with `broken` when a store or a machine fails. */
  #perform(reply: Reply, broken: Pop3Answer, answer: () => Pop3Answer | Promise<Pop3Answer>): void {
    this.#busy = true;
    const answered = (known: Pop3Answer): void => {
      this.#busy = false;
      if (this.#ending === undefined) return reply(known);
      this.#finish(this.#ending); // the client left while we worked
    };
    const failed = (error: unknown): void => {
      this.#storeFailed(error);
      answered(broken);
    };
    let known: Pop3Answer | Promise<Pop3Answer>;
    try {
      known = answer();
    } catch (error) {
      return failed(error);
    }
    if (known instanceof Promise) known.then(answered, failed);
    else answered(known);
  }

  #storeFailed(error: unknown): void {
    this.#deps.log.warn("maildrop not served", {
      session: this.#peer.session,
      problem: errorText(error),
    });
  }

  #judged({ mechanism, login, result }: JudgedLogin<LoginMechanism>): Pop3Answer {
    const way = loginWay(mechanism, result);
    this.#user = undefined; // whoever was let in before and did not go on
    if (result.kind === "ok") {
      this.#user = { login, mailbox: result.mailbox, way };
      return { kind: "authenticated" };
    }
    this.#journal.login(login, result.kind, way);
    if (result.kind === "unavailable") this.#storeFailed(result.reason);
    if (result.kind === "damaged")
      this.#deps.log.error("account damaged", {
        login,
        problem: result.reason,
        todo: "give the mailbox a new password",
      });
    return { kind: "denied", why: result.kind };
  }

  async #open(): Promise<Pop3Answer> {
    const user = this.#user;
    if (user === undefined) throw new Error("a maildrop is opened before anybody has logged in");
    const lease = await this.#leaseOf(user.mailbox);
    if (lease === undefined) {
      this.#journal.login(user.login, "in use", user.way);
      return { kind: "in-use" };
    }
    this.#lease = lease;
    const messages = await this.#list(user.mailbox);
    this.#journal.login(user.login, messages === undefined ? "unavailable" : "ok", user.way);
    if (messages === undefined) return UNAVAILABLE;
    this.#journal.opened();
    return { kind: "opened", messages };
  }

  #leaseOf({ id }: MailboxEntry): Promise<Lease | undefined> {
    const { promise, resolve } = Promise.withResolvers<Lease | undefined>();
    let decided = false;
    const stopWaiting = this.#deps.leases.acquire(id, this, (lease) => {
      decided = true;
      this.#stopWaiting = undefined;
      resolve(lease);
    });
    if (!decided) this.#stopWaiting = stopWaiting;
    return promise;
  }

  /** Undefined when the store does not say; then nobody holds the mailbox (RFC 1939 §4). */
  async #list({ id }: MailboxEntry): Promise<readonly MaildropMessage[] | undefined> {
    try {
      return await this.#deps.maildrops.list(id);
    } catch (error) {
      this.#release();
      this.#storeFailed(error);
      return undefined;
    }
  }

  #read({ uid, offset, limit }: ReadAsk): Pop3Answer | Promise<Pop3Answer> {
    if (this.#user === undefined || this.#lease === undefined) return GONE;
    const octets = this.#deps.maildrops.read(this.#user.mailbox.id, uid, offset, limit);
    return octets instanceof Promise ? octets.then(contentOf) : contentOf(octets);
  }

  async #remove(uids: readonly string[]): Promise<Pop3Answer> {
    if (this.#user === undefined || this.#lease === undefined) return UNAVAILABLE;
    await this.#deps.maildrops.remove(this.#user.mailbox.id, uids);
    this.#journal.deleted(uids.length);
    return { kind: "removed" };
  }

  // ---- The end ----

  /** What is being done for the session is done first; waiting for a mailbox is given up. */
  #end(ending: Pop3Ending): void {
    this.#ending = ending;
    const waited = this.#stopWaiting !== undefined;
    this.#stopWaiting?.();
    if (!this.#busy || waited) this.#finish(ending);
  }

  #finish(ending: Pop3Ending): void {
    this.#release();
    const { record, summary } = this.#journal.end(this.#expelled ? "taken over" : ending);
    if (record !== undefined) this.#deps.onEnd(record);
    this.#deps.log.info("pop3 session", summary);
  }

  #release(): void {
    this.#lease?.release();
    this.#lease = undefined;
  }
}

function contentOf(octets: Uint8Array | undefined): Pop3Answer {
  return octets === undefined ? GONE : { kind: "content", octets };
}
