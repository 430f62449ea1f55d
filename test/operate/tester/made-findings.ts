/** Findings with the same words in every place that a stranger's words, or an operator's, can get into. */
import type { Ip } from "../../../src/mail/index.ts";
import type { Findings, Try } from "../../../src/operate/tester/findings.ts";
import type { Token } from "../../../src/operate/tester/token.ts";

export const HOSTILE_TEXTS: readonly string[] = [
  "</script><script>alert(1)</script>",
  `"><img src=x onerror='alert(1)'>`,
  "</title></style></pre></details><h1>Closed</h1>",
  "]]><![CDATA[ --> <!-- &lt; &#60; &amp;",
  "javascript:alert(1) http://evil.example/ url(http://evil.example/)",
  "\u202eyaler nepo\u202c \u2066 \u200b \ufeff \u061c",
  "\u0000 \u0007 \u001b[31m \u007f \u0085 \u2028 \ud800 \uffff",
  "\r\n250 ok\r\n",
  "${x} {{x}} <%= x %>",
  "x".repeat(10_000),
];

export function hostileFindings(): Findings {
  return findingsOf(HOSTILE_TEXTS.join(" "));
}

export function findingsOf(text: string): Findings {
  const tried: Try = {
    title: text,
    manner: text,
    endpoint: text,
    grade: "relayed",
    reason: text,
    transcript: [
      { by: "client", octets: text },
      { by: "server", octets: text },
    ],
    returned: [
      {
        token: text as Token, // these are what a report gets, made of anything
        kind: "relay",
        from: text as Ip,
        at: 0,
        received: [text, text],
      },
    ],
  };
  return {
    target: text,
    verdict: "open",
    headline: text,
    unfinished: [text],
    notes: [text],
    places: [
      {
        name: text,
        grade: "relayed",
        doubt: text,
        facts: [text],
        character: [{ trait: "catch-all", why: text }],
        holes: [
          {
            name: "anybody",
            grade: "relayed",
            wrong: text,
            todo: [text],
            vectors: [text],
            example: tried,
          },
        ],
        vectors: [
          { id: text, why: text, manner: text, grade: "relayed", tries: [tried] },
          {
            id: `${text}.`,
            why: text,
            manner: text,
            grade: "closed",
            tries: [{ ...tried, grade: "closed" }],
          },
        ],
        untried: new Map([[text, [text]]]),
      },
      {
        name: text,
        grade: "inconclusive",
        unheard: text,
        facts: [],
        character: [],
        holes: [],
        vectors: [],
        untried: new Map(),
      },
    ],
  };
}
