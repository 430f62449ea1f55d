/** The part of the page about tests: what the last one has shown, when the next one is, and the button. */
import { html, NOTHING, type Html } from "../operate/page/index.ts";
import { moment } from "../operate/tester/index.ts";
import { pathOf } from "./listed-path.ts";
import type { ListedView, SuspectView, UnderWay } from "./listed-view.ts";

export function standingSection(view: ListedView): Html {
  const { suspect, underWay, canAsk } = view;
  if (suspect === undefined && !canAsk) return NOTHING;
  return html`<h2>Tests</h2>
    ${underWay === undefined ? NOTHING : underWayPart(underWay)}
    ${suspect === undefined ? NOTHING : standingPart(suspect, view)}
    ${canAsk ? button(view) : NOTHING}`;
}

function underWayPart({ asked, byHost, running }: UnderWay): Html {
  const began =
    running === undefined
      ? "It waits for its turn."
      : `It is under way since ${moment(running.began)}: ${running.tried} tries by now.`;
  const who = byHost === true ? ", by the host itself" : "";
  const wanted = asked === undefined ? "" : `A test was asked for at ${moment(asked)}${who}. `;
  return html`<p class="running">
    <b>${wanted}${began}</b> This page looks again by itself every few seconds, and shows its
    result.
  </p> `;
}

function standingPart(suspect: SuspectView, { at, underWay }: ListedView): Html {
  const { why, last, next } = suspect;
  const tested = last === undefined ? "" : `Tested last at ${moment(last.at)} (test ${last.test}). `;
  const due = next !== undefined && next > at ? `Looked at again at ${moment(next)} at the latest.` : "Looked at again soon.";
  return html`<p>${STANDINGS[suspect.standing]} ${why === "" ? NOTHING : html`<span class="quiet">Found: ${why}.</span>`}</p>
    <p>${tested}${next === undefined || underWay !== undefined ? "" : due}</p> `;
} // prettier-ignore

const STANDINGS: Readonly<Record<SuspectView["standing"], string>> = {
  reported: "It was reported, and waits for its test.",
  pending: "It took messages that it should have refused. Whether it hands them on is seen when one comes back, which may take five days.", // prettier-ignore
  proved: "The last test has shown an open relay.",
  clean: "The last test has found no open relay.",
  blocks: "It refuses the tester, so that nobody knows what it does for others. That is neither clean nor a proof: what is listed stays listed until a test goes through, or until it ends by itself.", // prettier-ignore
  unknown: "The last test could not find out whether it relays.",
  dismissed: "It is left alone until it is reported again.",
};

function button({ subject }: ListedView): Html {
  return html`<form method="post" action="${pathOf(subject.text)}/test">
    <input type="submit" value="Test it now" />
    <span class="quiet"
      >Free, at once, for anybody; once a minute. Tests that the host itself asks for are counted
      apart. There, without a browser:</span
    >
    <pre>curl -X POST https://…${pathOf(subject.text)}/test</pre>
  </form>`;
}
