/** The part of the page about evidence: of a test all that was said in the cases that came back, and by which way. */
import { html, lines, NOTHING, type Html } from "../operate/page/index.ts";
import { moment } from "../operate/tester/index.ts";
import { pathOf } from "./listed-path.ts";
import type { CaseView, EvidenceView, ListedView, ReturnView, SeenTest, SeenView, TestView } from "./listed-view.ts"; // prettier-ignore

export function evidenceSection(view: ListedView, evidence: EvidenceView): Html {
  return html`<h3>Evidence</h3>
    ${part(view, evidence)}`;
}

function part(view: ListedView, evidence: EvidenceView): Html {
  switch (evidence.kind) {
    case "test":
      return testPart(view, evidence);
    case "sample":
      return html`<p>A message that came from there:</p>
        ${digest(evidence.sha256)}`;
    case "note":
      return html`<p>What a person has seen: ${evidence.text}</p>`;
    case "import":
      return html`<p>Somebody else has it in his list, which was taken over as a file:</p>
        ${digest(evidence.sha256)}`;
  }
}

function digest(sha256: string): Html {
  return html`<p>SHA-256 <code>${sha256}</code></p> `;
}

function testPart({ subject }: ListedView, { id, sha256, seen }: TestView): Html {
  const ended =
    typeof seen === "string" || seen.endedAt === undefined
      ? ""
      : `, ended at ${moment(seen.endedAt)}`;
  return html`<p>Relay test ${id}${ended}.</p>
    ${digest(sha256)}
    ${typeof seen === "string" ? html`<p>${UNSEEN[seen]}</p> ` : seenPart(subject.text, seen)}`;
}

const UNSEEN: Readonly<Record<Exclude<SeenTest, object>, string>> = {
  "kept no longer": "Its transcripts are kept no longer.",
  "too many ask": "Its transcripts cannot be shown at this moment, for too many ask; try again.",
};

function seenPart(about: string, { tested, cases, more, mending, hiddenUntil }: SeenView): Html {
  const others = tested.filter((ip) => ip !== about);
  return html`${others.map(
      (ip) =>
        html`<p>The host that was tested is <a href="${pathOf(ip)}">${ip}</a>; its messages came by others.</p> `,
    )}
    <p>
      ${cases.length + more === 1 ? "One try" : `${cases.length + more} tries`} of which a message came
      back: what was said, and by which way it came. C: the tester, S: the server.
    </p>
    ${hiddenUntil === undefined ? NOTHING : html`<p class="quiet">The addresses of the messages are hidden until ${moment(hiddenUntil)}: until then they take mail.</p> `}
    ${cases.map((one, i) => caseBox(one, i === 0))}${more > 0 ? html`<p class="quiet">and ${more} more like these</p> ` : NOTHING}${mendingPart(mending)}`; // prettier-ignore
}

function mendingPart(mending: SeenView["mending"]): Html {
  if (mending.length === 0) return NOTHING;
  return html`<h3>How to mend it</h3>
    ${mending.map(
      ({ wrong, todo }) =>
        html`<p>${wrong}</p>
          <ul>
            ${todo.map((one) => html`<li>${one}</li> `)}
          </ul> `,
    )}`;
}

function caseBox({ title, manner, endpoint, transcript, returned }: CaseView, isFirst: boolean): Html {
  const inside = html`<summary>${title}, by ${manner}, in at ${endpoint}</summary>
    <pre>${lines(transcript)}</pre>
    ${returned.map(wayBack)}`;
  return isFirst ? html`<details open>${inside}</details> ` : html`<details>${inside}</details> `;
} // prettier-ignore

function wayBack({ from, at, received }: ReturnView): Html {
  const came = `It came back from ${from} at ${moment(at)}`;
  if (received.length === 0) return html`<p>${came}, without a Received field.</p> `;
  return html`<p>${came}:</p>
    <pre>${lines(received.map((field) => `Received: ${field}`))}</pre> `;
}
