/** What the stages ask of a login, and do not ask of anybody else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatStatus,
  parseAddress,
  parseIp,
  readAuthors,
  type Address,
  type Login,
} from "../../src/mail/index.ts";
import {
  stages,
  type SendingAccount,
  type SendingLimits,
  type SendingDeps,
  type Verdict,
} from "../../src/policy/checks/index.ts";
import { Routing } from "../../src/policy/routing/index.ts";
import { domainOf, MemoryDirectory } from "../support/memory-directory.ts";

const directory = new MemoryDirectory()
  .withDomain("local.example")
  .withMailbox("ann@local.example", "bob@local.example");
const ann: Login = {
  mailbox: directory.mailboxAt("ann@local.example"),
  address: "ann@local.example",
};
const routing = new Routing({
  directory,
  postmaster: () => directory.mailbox("ann", domainOf("local.example")),
});

const IP = parseIp("192.0.2.9") ?? assert.fail();

const ACCOUNT: SendingAccount = {
  now: 1_000_000_000,
  sent: [],
};

const LIMITS: SendingLimits = {
  messagesPerHour: 2,
  recipientsPerHour: 10,
  messagesPerDay: 10,
  recipientsPerDay: 10,
  recipientsPerMessage: 3,
};

function deps(account: Partial<SendingAccount> = {}): SendingDeps {
  return {
    senders: {
      route: (recipient) => routing.route(recipient),
      senderGrants: (mailbox) => directory.senderGrants(mailbox),
    },
    counter: {
      account: () => ({ ...ACCOUNT, ...account }),
      limits: () => LIMITS,
      habits: (_login, network) => ({
        networks: 2,
        networkKnown: network === "192.0.2.0",
        recipients: 40,
        recipientsRefused: 4,
      }),
    },
  };
}

function address(text: string): Address {
  const read = parseAddress(text);
  assert.ok(typeof read === "object");
  return read;
}

function told(verdict: Verdict | Promise<Verdict>): string {
  assert.ok(!(verdict instanceof Promise));
  const words = "status" in verdict ? ` ${formatStatus(verdict.status)}` : "";
  return `${verdict.check} ${verdict.action}${words}`;
}

const FULL = { sent: [{ until: ACCOUNT.now, messages: 2, recipients: 9 }] };

test("at MAIL a login is asked for its address and its limit, a stranger for nothing", () => {
  const { sender } = stages({ sending: deps() });
  const own = address("ann@local.example");
  const other = address("bob@local.example");
  assert.equal(
    told(sender({ login: ann, reversePath: own })),
    "own sender, sending limit continue",
  );
  assert.match(told(sender({ login: ann, reversePath: other })), /^own sender refuse 550 5\.7\.1 /);
  assert.equal(told(sender({ reversePath: other })), "admission continue");
  const full = stages({ sending: deps(FULL) });
  assert.match(
    told(full.sender({ login: ann, reversePath: null })),
    /^sending limit defer 450 4\.7\.1 /,
  );
});

test("at RCPT the limit is asked after who may send where", () => {
  const mailboxes = [directory.mailbox("bob", domainOf("local.example")) ?? assert.fail()];
  const asked = (recipient: "mailbox" | "source route", before: number, login?: Login) => {
    const { recipient: judge } = stages({ sending: deps() });
    return told(
      judge({
        client: { ip: IP },
        reversePath: null,
        returnBefore: false,
        forwardPath: address("bob@local.example"),
        route: { recipient, mailboxes, abroad: [] },
        declaredOctets: 0,
        recipientsBefore: before,
        ...(login !== undefined && { login }),
      }),
    );
  };
  assert.equal(
    asked("mailbox", 2, ann),
    "relay, peer, return, network spread, quota, gateway, sending limit continue",
  );
  assert.match(asked("mailbox", 3, ann), /^sending limit defer 452 4\.5\.3 /);
  assert.match(asked("source route", 3, ann), /^relay refuse 550 5\.7\.1 /);
  assert.equal(asked("mailbox", 3), "relay, peer, return, network spread, quota, gateway continue");
});

test("when the content is in, a login's authors are judged, and its habits are told", () => {
  const { message } = stages({ sending: deps() });
  const asked = (section: string) =>
    message({
      login: ann,
      authors: readAuthors(Buffer.from(section)),
      network: "192.0.2.0",
      recipientsRefused: 1,
      received: 0,
      returns: false,
      octets: 0,
    });
  const verdict = asked("From: ann@local.example\r\n\r\n");
  assert.ok(!(verdict instanceof Promise));
  assert.equal(told(verdict), "hops, return size, own authors, sending habits continue");
  assert.deepEqual(verdict.evidence, {
    received: 0,
    limit: 100,
    login: "ann@local.example",
    author: "ann@local.example",
    authorField: "From",
    authorIs: "mailbox",
    network: "192.0.2.0",
    networkKnown: true,
    networksWeek: 2,
    recipientsSentDay: 40,
    recipientsRefusedDay: 4,
    recipientsRefusedNow: 1,
  });
  assert.match(told(asked("From: bob@local.example")), /^own authors refuse 550 5\.7\.1 /);
  assert.match(told(asked("")), /^own authors refuse 550 5\.6\.0 /);
  assert.equal(
    told(message({ received: 0, returns: false, octets: 0 })),
    "hops, return size, dmarc, spf, dkim, iprev, admission continue",
  );
});

test("where nobody says what a login may send, it sends nothing; strangers are not concerned", async () => {
  const { sender, message } = stages();
  const reversePath = address("ann@local.example");
  await assert.rejects(async () => sender({ login: ann, reversePath }), /nobody said/);
  const authors = readAuthors(Buffer.from("From: ann@local.example\r\n\r\n"));
  const asked = { login: ann, authors, received: 0, limit: 100, returns: false, octets: 0 };
  await assert.rejects(async () => message(asked), /nobody said/);
  assert.equal(told(sender({ reversePath })), "admission continue");
});
