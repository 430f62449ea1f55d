/** Rates over sockets, from public addresses, which a proxy names. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { handIn } from "./letter.ts";
import { newSite, portOf, USER } from "./site.ts";
import { Talk } from "./talk.ts";

const LISTENER = 'listen.smtp=[{ address = "127.0.0.1", port = 0, proxy_from = ["127.0.0.1"] }]';

test("a network that has sent what it may is put off; another one is not", async (t) => {
  const site = await newSite();
  t.after(() => site.remove());
  const server = await site.serve([LISTENER, "rates.none.messages_per_hour=2"]);
  t.after(() => server.stop(1000));

  const sends = async (ip: string): Promise<string> => {
    const talk = await Talk.to(portOf(server, "smtp"));
    talk.say(`PROXY TCP4 ${ip} 127.0.0.1 4711 25\r\n`);
    await talk.reply();
    await talk.ask("EHLO client.example");
    const reply = await handIn(talk, { from: "sam@foreign.example", to: USER });
    talk.destroy();
    return reply;
  };

  for (let i = 0; i < 2; i++) assert.match(await sends(`9.8.7.${i}`), /^250 /);
  const limit = await sends("9.8.7.6");
  assert.match(
    limit,
    /^450 4\.7\.1 your network 9\.8\.7\.0\/24 has reached its limit of 2 messages an hour; try again in \d+ minutes \[[0-9a-z]+\]\r\n$/,
  );
  assert.match(await sends("9.8.6.6"), /^250 /);
  for (let i = 0; i < 3; i++) assert.match(await sends("10.0.0.1"), /^250 /);
});
