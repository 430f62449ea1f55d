/**
 * Postfix, postscreen, Exim and rspamd ask a list that Gatepost publishes, by the settings that docs/publishing.md prints: who is listed is refused in
 * the list's words, others are not, and who was taken out is not either.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { EXIM_PORT, startAskingExim } from "./support/asking-exim.ts";
import { POSTSCREEN_PORT, SMTPD_PORT, startAskingPostfix } from "./support/asking-postfix.ts";
import { AskingRspamd, type Asked } from "./support/asking-rspamd.ts";
import {
  BAD_NAME,
  GOOD_NAME,
  LISTED,
  LISTED_V6,
  NAME_TEXT,
  NAMES,
  PublishedList,
  RELAY_TEXT,
  RELAYS,
  UNLISTED,
  UNLISTED_V6,
} from "./support/published-list.ts";
import { recipientReply } from "./support/swaks.ts";

describe("clients of a published list", () => {
  let list: PublishedList;
  let rspamd: AskingRspamd;
  let others: readonly { log(): string; stop(): Promise<void> }[] = [];

  before(async () => {
    list = await PublishedList.open();
    const { network } = list;
    const started = [startAskingPostfix(network), startAskingExim(network)] as const;
    [rspamd, ...others] = await Promise.all([AskingRspamd.start(network), ...started]);
  });
  after(async () => {
    await Promise.all([rspamd, ...others].map((one) => one.stop()));
    await list.close();
  });

  const log = (): string => [list, rspamd, ...others].map((one) => one.log()).join("\n");
  const smtp = (port: number) => (who: Asked) => recipientReply(list.network, port, who);

  const CLIENTS = [
    {
      client: "Postfix",
      ask: smtp(SMTPD_PORT),
      refuses: (address: string) => `554 5.7.1 Service unavailable; Client host [${address}] blocked using ${RELAYS}; ${RELAY_TEXT}${address}`, // prettier-ignore
      refusesName: `554 5.7.1 Service unavailable; Sender address [x@${BAD_NAME}] blocked using ${NAMES}; ${NAME_TEXT}`, // prettier-ignore
      takes: "250 2.1.5 Ok",
    },
    {
      client: "postscreen",
      ask: smtp(POSTSCREEN_PORT),
      refuses: (address: string) => `550 5.7.1 Service unavailable; client [${address}] blocked using ${RELAYS}`, // prettier-ignore
      takes: "250 2.1.5 Ok",
    },
    {
      client: "Exim",
      ask: smtp(EXIM_PORT),
      refuses: (address: string) => `550 5.7.1 ${address} is listed by ${RELAYS}: ${RELAY_TEXT}${address}`, // prettier-ignore
      refusesName: `550 5.7.1 ${BAD_NAME} is listed by ${NAMES}: ${NAME_TEXT}`,
      takes: "250 Accepted",
    },
    {
      client: "rspamd",
      ask: (who: Asked) => rspamd.says(who),
      refuses: (address: string) => `reject GATEPOST_RELAY[${address}:from]`,
      refusesName: `reject GATEPOST_NAME[${BAD_NAME}:sender]`,
      takes: "no action",
    },
  ] as const;

  const asked = (from: string, name: string = GOOD_NAME): Asked => ({ from, sender: `x@${name}` });

  describe("while it lists them", { concurrency: true }, () => {
    for (const { client, ask, refuses, takes, ...more } of CLIENTS)
      describe(client, () => {
        for (const address of [LISTED, LISTED_V6])
          test(`refuses ${address}`, async () => {
            assert.equal(await ask(asked(address)), refuses(address), log());
          });
        for (const address of [UNLISTED, UNLISTED_V6])
          test(`does not refuse ${address}`, async () => {
            assert.equal(await ask(asked(address)), takes, log());
          });
        if ("refusesName" in more)
          test("refuses a sender's domain", async () => {
            assert.equal(await ask(asked(UNLISTED, BAD_NAME)), more.refusesName, log());
          });
      });
  });

  describe("when they were taken out", { concurrency: true }, () => {
    before(() => list.remove(LISTED, LISTED_V6, BAD_NAME));

    for (const { client, ask, takes } of CLIENTS)
      for (const address of [LISTED, LISTED_V6])
        test(`${client} does not refuse ${address}`, async () => {
          assert.equal(await ask(asked(address, BAD_NAME)), takes, log());
        });
  });
});
