/**
 * A mail program that is not ours: Python's HTTP, XML, POP3 and SMTP, put together by the rules that Thunderbird documents. It
 * knows an address and a password, looks for the settings where Thunderbird looks, in that order, takes the first server of each kind, sends
 * the user a message and fetches it. Certificates and their names are verified.
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { run } from "./programs.ts";

const CLIENT = `
import email.message, json, poplib, smtplib, socket, ssl, sys, time, urllib.error, urllib.parse, urllib.request
import xml.etree.ElementTree as ElementTree

told = json.load(sys.stdin)
address, password = told["address"], told["password"]
local, domain = address.rsplit("@", 1)
trust = ssl.create_default_context(cafile=told["ca"])
asked = []

# Every name there is leads to this machine, ports of the web to those of the test.
def at_home(host, port, *rest, find=socket.getaddrinfo, **more):
    if host not in told["names"]:
        raise socket.gaierror("there is no " + host)
    return find("127.0.0.1", told["ports"].get(str(port), port), *rest, **more)
socket.getaddrinfo = at_home

def fetched():
    query = "?" + urllib.parse.urlencode({"emailaddress": address})
    for scheme in ("https", "http"):
        for place in ("autoconfig." + domain + "/mail/", domain + "/.well-known/autoconfig/mail/"):
            url = scheme + "://" + place + "config-v1.1.xml" + query
            asked.append(url)
            try:
                return urllib.request.urlopen(url, timeout=30, context=trust).read()
            except (OSError, urllib.error.URLError):
                pass
    raise SystemExit("no settings at " + ", ".join(asked))

def server(element):
    text = lambda name: element.find(name).text
    user = text("username").replace("%EMAILADDRESS%", address)
    user = user.replace("%EMAILLOCALPART%", local).replace("%EMAILDOMAIN%", domain)
    found = {"type": element.get("type"), "host": text("hostname"), "port": int(text("port")), "user": user}
    return {**found, "socketType": text("socketType"), "authentication": text("authentication")}

config = ElementTree.fromstring(fetched())
assert config.tag == "clientConfig" and config.get("version") == "1.1"
provider = config.find("emailProvider")
assert domain in [one.text for one in provider.findall("domain")]
incoming, outgoing = (server(provider.find(kind)) for kind in ("incomingServer", "outgoingServer"))
assert (incoming["type"], outgoing["type"]) == ("pop3", "smtp")
assert {incoming["authentication"], outgoing["authentication"]} == {"password-cleartext"}

def submit(message):
    at = outgoing["host"], outgoing["port"]
    if outgoing["socketType"] == "SSL":
        smtp = smtplib.SMTP_SSL(*at, context=trust, timeout=30)
    else:
        smtp = smtplib.SMTP(*at, timeout=30)
        smtp.starttls(context=trust)
    with smtp:
        smtp.login(outgoing["user"], password)
        smtp.send_message(message)

def fetch():
    at = incoming["host"], incoming["port"]
    if incoming["socketType"] == "SSL":
        pop3 = poplib.POP3_SSL(*at, context=trust, timeout=30)
    else:
        pop3 = poplib.POP3(*at, timeout=30)
        pop3.stls(context=trust)
    pop3.user(incoming["user"])
    pop3.pass_(password)
    messages = [b"\\n".join(pop3.retr(i + 1)[1]).decode() for i in range(pop3.stat()[0])]
    for i in range(len(messages)):
        pop3.dele(i + 1)
    pop3.quit()
    return messages

message = email.message.EmailMessage()
message["From"], message["To"], message["Subject"] = address, address, told["subject"]
message.set_content("It works.")
submit(message)
json.dump({"asked": asked, "incoming": incoming, "outgoing": outgoing, "messages": fetch()}, sys.stdout)
`;

const Server = z.object({
  host: z.string(),
  port: z.int(),
  user: z.string(),
  socketType: z.string(),
});
const SetUp = z.object({
  /** Addresses that it looked at; the last one had the settings. */
  asked: z.array(z.string()),
  incoming: Server,
  outgoing: Server,
  /** What was in the mailbox afterwards. */
  messages: z.array(z.string()),
});

export interface Told {
  readonly address: string;
  readonly password: string;
  readonly subject: string;
  /** PEM file of who vouches for certificates. */
  readonly ca: string;
  /** Host names that are in the DNS. */
  readonly names: readonly string[];
  /** Where the test has what is usually at ports 80 and 443. */
  readonly ports: Readonly<Record<80 | 443, number>>;
}

/** Fails, with what Python says, where it could not set itself up, send or fetch. */
export async function setUpAndUse(told: Told): Promise<z.output<typeof SetUp>> {
  const { code, stdout, said } = await run("python3", ["-c", CLIENT], {
    input: JSON.stringify(told),
  });
  assert.equal(code, 0, said);
  return SetUp.parse(JSON.parse(stdout.toString()));
}
