/**
 * What a site would answer a client now: its real engine, desk and policy on a conversation in memory, with the real DNS, hosts behind us
 * and directory. Promises: nothing is stored, sent or remembered; the running server is not asked, nor told.
 */
import type { LoadedConfig } from "../config/index.ts";
import type { Ip } from "../mail/index.ts";
import { noGreetingDelay } from "../net/index.ts";
import type { LiveAnswer, LiveQuestion, LiveReply } from "../operate/journal/index.ts";
import { MemoryWire, type Dialogue } from "../protocol/dialogue/index.ts";
import { silentLog, systemClock, systemRandom } from "../runtime/index.ts";
import { NO_CALLERS } from "../service/receive/index.ts";
import { openSqliteStore } from "../store/sqlite/index.ts";
import type { MessageDraft, RelayTests, SessionRecord, Store, Suspects } from "../store/index.ts";
import { openListFiles } from "./list-files.ts";
import { sitePolicy } from "./policy.ts";
import { openLasting, smtpParts, type ServicesDeps } from "./services.ts";
import { openSmtp, type SmtpParts } from "./smtp.ts";
import { siteRoutes } from "./ways-out.ts";

/** Milliseconds for one reply: the DNS may be slow, and a host behind us too. */
const REPLY_MS = 120_000;
const LOOK_MS = 5;

export async function askLive(loaded: LoadedConfig, question: LiveQuestion): Promise<LiveAnswer> {
  const parts = { clock: systemClock, random: systemRandom, log: silentLog };
  const store = await openSqliteStore({ path: loaded.storePath, exclusive: false });
  try {
    const lasting = await openLasting(loaded.config, store, parts);
    lasting.listMemory.watch.recall(loaded.config.lists); // whether they have a vote is the server's to find out
    try {
      const listFiles = await openListFiles(loaded, silentLog);
      return await converse(liveParts(loaded, store, { lasting, listFiles }), question);
    } finally {
      await lasting.close();
    }
  } finally {
    await store.close();
  }
}

/** With a journal that only tells. */
type LiveParts = SmtpParts & { readonly records: readonly SessionRecord[] };

function liveParts(
  loaded: LoadedConfig,
  store: Store,
  opened: Pick<ServicesDeps, "lasting" | "listFiles">,
): LiveParts {
  const records: SessionRecord[] = [];
  const { smtp } = smtpParts({
    config: loaded.config,
    store: readOnly(store, records),
    buildPolicy: sitePolicy,
    ...opened,
    provedRevision: store.directory.proofRevision(), // nothing is delivered by it
    tlsContext: undefined,
    callers: NO_CALLERS,
    publishedFiles: () => [],
    routes: siteRoutes(loaded.config, (relative) => loaded.path(relative)),
    wake() {},
    reportCame() {},
    testReturned() {},
    isOwnPort: () => false,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
  });
  return { ...smtp, receive: { ...smtp.receive, greetingDelay: noGreetingDelay }, records };
}

/** The store as the desk sees it: it reads, and what it is to keep is told to the caller alone. */
function readOnly(store: Store, records: SessionRecord[]): Store {
  const note = (record: SessionRecord): void => void records.push(record);
  return {
    directory: store.directory,
    maildrops: store.maildrops,
    queue: store.queue,
    sending: store.sending,
    stsPolicies: store.stsPolicies,
    reportMails: store.reportMails,
    tlsReports: store.tlsReports,
    tlsResults: store.tlsResults,
    reportCounts: store.reportCounts,
    listQuestions: {
      add: nothing,
      since: (...asked) => store.listQuestions.since(...asked),
      clients: (...asked) => store.listQuestions.clients(...asked),
      prune: nothing,
    },
    journal: {
      note,
      find: (query) => store.journal.find(query),
      page: () => Promise.resolve({ records: [] }),
      prune: nothing,
    },
    identityCounts: {
      note() {},
      since: (day) => store.identityCounts.since(day),
      prune: nothing,
    },
    listHealth: { all: () => store.listHealth.all(), keep: nothing, retain: nothing },
    greylist: {
      passedAt: (network) => store.greylist.passedAt(network),
      firstTried: (triplet) => store.greylist.firstTried(triplet),
      noteAttempt() {},
      notePassed() {},
      prune: nothing,
    },
    relayTests: readOnlyTests(store.relayTests),
    published: store.published, // nobody in a session writes it
    suspects: readOnlySuspects(store.suspects),
    openMessage: () => forgettingDraft(note),
    recover: nothing,
    close: nothing,
  };
}

function readOnlySuspects(suspects: Suspects): Suspects {
  return {
    find: (ip) => suspects.find(ip),
    due: () => [],
    countDue: (now, limit) => suspects.countDue(now, limit),
    apply: () => Promise.resolve(true),
    list: (query) => suspects.list(query),
    reports: (ip, limit) => suspects.reports(ip, limit),
    countReports: (by, since) => suspects.countReports(by, since),
    prune: nothing,
  };
}

function readOnlyTests(tests: RelayTests): RelayTests {
  return {
    begin: nothing,
    take: () => Promise.resolve(false),
    expect: nothing,
    tried: nothing,
    isKnown: (token, since) => tests.isKnown(token, since),
    testOf: (token) => tests.testOf(token),
    came: nothing,
    conclude: nothing,
    countSince: (about, since) => tests.countSince(about, since),
    find: (id) => tests.find(id),
    list: (query) => tests.list(query),
    cases: (id) => tests.cases(id),
    returns: (id) => tests.returns(id),
    prune: nothing,
  };
}

function forgettingDraft(note: (record: SessionRecord) => void): MessageDraft {
  return {
    write: () => true,
    commit: ({ record }) => {
      note(record);
      return Promise.resolve({ kind: "committed" });
    },
    abandon() {},
  };
}

async function converse(
  { records, ...parts }: LiveParts,
  question: LiveQuestion,
): Promise<LiveAnswer> {
  const { ip, helo, from, to, message } = question;
  const wire = new MemoryWire();
  const peer = { ip, port: 0, listener: "asked by gatepost explain --live" };
  const dialogue = openSmtp(parts, peer, false, wire);
  const replies: LiveReply[] = [];
  const say = async (said: string, octets = `${said}\r\n`): Promise<boolean> => {
    if (octets !== "") dialogue.receive(Buffer.from(octets, "latin1"));
    const reply = await replyOn(wire, dialogue);
    replies.push({ said, reply });
    return /^[23]/.test(reply.at(-1) ?? "");
  };
  dialogue.start();
  if ((await say("", "")) && (await say(`EHLO ${helo}`)) && (await say(`MAIL FROM:<${from}>`))) {
    let taken = false;
    for (const one of to) taken = (await say(`RCPT TO:<${one}>`)) || taken;
    if (taken && message !== undefined && (await say("DATA")))
      await say("the message", `${stuffed(message)}.\r\n`);
  }
  const origin = message === undefined ? await originOf(parts, ip, helo, from) : undefined;
  await say("QUIT");
  dialogue.closed();
  return { replies, records, ...(origin !== undefined && { origin }) };
}

/** What is known of a message before there is one. */
async function originOf(
  { receive }: SmtpParts,
  ip: Ip,
  helo: string,
  sender: string,
): Promise<LiveAnswer["origin"]> {
  const results = await receive.origins.open([], { ip, helo, sender })?.results();
  return results && { spf: results.spf, spfDomain: results.spfDomain, iprev: results.iprev };
}

async function replyOn(wire: MemoryWire, dialogue: Dialogue): Promise<readonly string[]> {
  let text = "";
  const deadline = systemClock.elapsed() + REPLY_MS;
  for (;;) {
    text += wire.take();
    if (/(?:^|\n)[0-9]{3} [^\n]*\n$/.test(text)) return text.trimEnd().split("\r\n");
    const isOver = wire.ended || systemClock.elapsed() > deadline;
    if (isOver || dialogue.patienceMs() !== undefined) return text === "" ? [] : [text.trimEnd()];
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Lines of any kind become CRLF; RFC 5321 §4.5.2. Octets as characters. */
function stuffed(message: Uint8Array): string {
  const lines = Buffer.from(message)
    .toString("latin1")
    .replace(/\r\n?|\n/g, "\r\n");
  const whole = lines.endsWith("\r\n") ? lines : `${lines}\r\n`;
  return whole.replace(/^\./gm, "..");
}

function nothing(): Promise<void> {
  return Promise.resolve();
}
