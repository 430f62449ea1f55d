/** The bar of identity on a running server: the strict mode of 2002 at MAIL, its exceptions, what is only observed, and the report of it. */
import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { explain } from "../../src/operate/journal/index.ts";
import { openDirectory, type GatepostServer } from "../../src/app/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import { run } from "../interop/support/programs.ts";
import { GATEPOST } from "../interop/support/site.ts";
import { idIn } from "./letter.ts";
import { ANY_PORTS, newSite, PASSWORD, portOf, USER, type Site } from "./site.ts";
import { deliver, Talk } from "./talk.ts";

async function running(
  t: TestContext,
  ...settings: readonly string[]
): Promise<{ readonly site: Site; readonly server: GatepostServer }> {
  const site = await newSite();
  const server = await site.serve([...ANY_PORTS, ...settings]);
  t.after(async () => {
    await server.stop(1000);
    site.remove();
  });
  return { site, server };
}

const STRICT = 'admission.require="certificate"';

async function mail(server: GatepostServer, from: string): Promise<string> {
  const talk = await Talk.to(portOf(server, "smtp"));
  await talk.reply();
  await talk.ask("EHLO client.example");
  const reply = await talk.ask(`MAIL FROM:<${from}>`);
  talk.destroy();
  return reply;
}

describe("admission", () => {
  test("the strict mode: whoever shows no certificate is told so at MAIL, and the server starts all the same", async (t) => {
    const { server } = await running(t, STRICT);
    assert.match(
      await mail(server, "x@remote.example"),
      /^530 5\.7\.0 this server takes mail only over TLS .* certificate .*port 587/,
    );
    assert.match(await mail(server, ""), /^530 /);
  });

  test("our own users log in and are asked nothing", async (t) => {
    const { server } = await running(t, STRICT);
    const talk = await Talk.toTls(portOf(server, "submissions"));
    await talk.reply();
    await talk.ask("EHLO client.example");
    const plain = Buffer.from(`\0${USER}\0${PASSWORD}`).toString("base64");
    assert.match(await talk.ask(`AUTH PLAIN ${plain}`), /^235 /);
    assert.match(await talk.ask(`MAIL FROM:<${USER}>`), /^250 /);
    talk.destroy();
  });

  test("a domain may be let off, or held to more", async (t) => {
    const { server } = await running(t, STRICT, 'admission.domains={ "friend.example" = "none" }');
    assert.match(await mail(server, "x@friend.example"), /^250 /);
    assert.match(await mail(server, "x@sub.friend.example"), /^530 /);
    const other = await running(t, 'admission.domains={ "bank.example" = "pinned" }');
    assert.match(await mail(other.server, "x@bank.example"), /^530 /);
    assert.match(await mail(other.server, "x@friend.example"), /^250 /);
  });

  test("what is only observed is taken, explained and counted", async (t) => {
    const { site, server } = await running(t, 'admission.observe="certificate"');
    const reply = await deliver(portOf(server, "smtp"), USER, "Subject: x\r\n\r\ntext");
    const id = idIn(reply);
    const session = await openDirectory(loadConfig(site.file, []));
    t.after(() => session.close());
    assert.match(
      await explain(session.journal, id, false),
      /judged on .*observed=certificate wouldRefuse=true\n[^]*admission +passed +level=none/,
    );
    const { code, stdout, said } = await run(GATEPOST, [
      "report",
      "identity",
      "--config",
      site.file,
      "--json",
    ]);
    assert.equal(code, 0, said);
    const { all } = JSON.parse(stdout.toString()) as { all: { messages: number; refused: object } };
    assert.equal(all.messages, 1);
    assert.deepEqual(all.refused, {
      none: 0,
      "forward-confirmed": 1,
      aligned: 1,
      certificate: 1,
      pinned: 1,
    });
  });
});
