/** JUnit's XML of a test, read by somebody else's parser (expat, in Python): well-formed whatever was said, and of the structure that readers expect. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { junitReport, untestedFindings } from "../../src/operate/tester/index.ts";
import { hostileFindings, HOSTILE_TEXTS } from "../operate/tester/made-findings.ts";
import { run } from "./support/programs.ts";
import { startSite } from "./support/site.ts";

/** The structure: elements, attributes that are there, counts that are true. Prints the suites as JSON. */
const READER = `
import json, sys
import xml.etree.ElementTree as tree
root = tree.fromstring(sys.stdin.buffer.read())
kinds = {"failures": "failure", "errors": "error", "skipped": "skipped"}
def counted(element, cases):
    assert int(element.attrib["tests"]) == len(cases)
    for name, kind in kinds.items():
        assert int(element.attrib[name]) == sum(case.find(kind) is not None for case in cases), name
assert root.tag == "testsuites" and set(root.attrib) == {"name", "tests", *kinds}
counted(root, root.findall("testsuite/testcase"))
suites = []
for suite in root:
    assert suite.tag == "testsuite" and set(suite.attrib) == {"name", "timestamp", "tests", *kinds}
    counted(suite, list(suite))
    cases = []
    for case in suite:
        assert case.tag == "testcase" and set(case.attrib) == {"classname", "name"}
        assert len(case) <= 1
        for result in case:
            assert result.tag in ("failure", "error", "skipped", "system-out") and len(result) == 0
            assert result.tag == "system-out" or "message" in result.attrib
        cases.append([case.attrib["name"], *(["passed", ""] if len(case) == 0 else [case[0].tag, (case[0].text or "") + case[0].attrib.get("message", "")])])
    assert len({case[0] for case in cases}) == len(cases), "two cases of one name"
    suites.append({"name": suite.attrib["name"], "cases": cases})
print(json.dumps(suites))
`;

interface Suite {
  readonly name: string;
  readonly cases: readonly (readonly [name: string, outcome: string, text: string])[];
}

async function read(xml: string): Promise<readonly Suite[]> {
  const { code, stdout, said } = await run("python3", ["-c", READER], { input: Buffer.from(xml) });
  assert.equal(code, 0, said);
  return JSON.parse(stdout.toString()) as readonly Suite[]; // what READER prints
}

test("hostile words come out as they went in, but for what XML cannot have", async () => {
  const suites = await read(junitReport([hostileFindings(), untestedFindings("x", "y")], 0));
  const failed = suites.flatMap(({ cases }) => cases).find(([, outcome]) => outcome === "failure");
  for (const text of HOSTILE_TEXTS.filter((one) => /^[\x20-\x7e]*$/.test(one)))
    assert.ok(failed?.[2].includes(text), text);
});

test("of a server, and of the site's own proof; on standard output and in a file", async (t) => {
  const site = await startSite();
  t.after(() => site.stop());
  const [junit, html] = [join(site.directory, "r.xml"), join(site.directory, "r.html")];
  const own = await site.gatepost("test", "--self", "--junit", junit, "--html", html);
  assert.equal(own.code, 0, own.said);
  assert.match(own.stdout.toString(), /^Closed: mx\.local\.example/);
  const suites = await read(readFileSync(junit, "utf8"));
  assert.ok(suites.some(({ name }) => /^mx\.local\.example .*smtp/.test(name)));
  assert.ok(suites.every(({ cases }) => cases.every(([, outcome]) => outcome === "passed")));
  assert.match(readFileSync(html, "utf8"), /Closed: mx\.local\.example refused everything/);

  const address = `127.0.0.1:${site.ports.smtp}`;
  const target = [address, "--vector", "R30", "--domain", "local.example"];
  const tested = await site.gatepost("test", ...target, "--junit", "-");
  assert.equal(tested.code, 0, tested.said);
  const [suite] = await read(tested.stdout.toString());
  assert.deepEqual(
    suite?.cases.map(([name, outcome]) => [name, outcome]),
    ["can be tested", "R30 by EHLO", "R30 by HELO", "R30 by EHLO in TLS"].map((name) => [
      name,
      "passed",
    ]),
  );
});

test("where a report cannot be written nothing is tested; where nothing can be tested the report says so", async (t) => {
  const site = await startSite();
  t.after(() => site.stop());
  let visits = 0;
  const visited = createServer((socket) => {
    visits++;
    socket.end("554 no\r\n");
  }).listen(0, "127.0.0.1");
  t.after(() => visited.close());
  await once(visited, "listening");
  const { port } = visited.address() as AddressInfo; // it listens to a port
  const address = `127.0.0.1:${port}`;
  for (const file of [join(site.directory, "nowhere/r.xml"), site.directory])
    for (const option of ["--junit", "--html"]) {
      const { code, stderr } = await site.gatepost("test", address, option, file);
      assert.equal(code, 2);
      assert.match(stderr, new RegExp(`^gatepost: ${option} ${file}: E[A-Z]+`));
    }
  const both = await site.gatepost("test", address, "--html", "-", "--json");
  assert.equal(both.code, 2);
  assert.equal(visits, 0);
  writeFileSync(join(site.directory, "opt-out"), "127.0.0.1\n");
  appendFileSync(join(site.directory, "gatepost.toml"), '[tester]\nopt_out = "opt-out"\n');
  const refused = await site.gatepost("test", address, "--junit", "-");
  assert.equal(refused.code, 2);
  const [suite] = await read(refused.stdout.toString());
  assert.deepEqual(
    suite?.cases.map(([, outcome]) => outcome),
    ["error"],
  );
});
