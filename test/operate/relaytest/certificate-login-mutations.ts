/** Broken submission ports: who is let in by a certificate that must not be, and as whom. The vectors named must fail. */
import type { CertificateLogin } from "../../../src/service/accounts/index.ts";
import { hears, saysBefore } from "./breakage.ts";
import type { Mutation } from "./mutations.ts";
import { judges, CONTINUE } from "./sending-breakage.ts";
import { ANN, NAMES } from "./small-directory.ts";
import type { Parts } from "./small-site.ts";

const ADDRESS = `${NAMES.user}@${NAMES.domain}`;

const AS_ANN: CertificateLogin = {
  kind: "ok",
  mailbox: ANN.id,
  holder: { address: ADDRESS, certificate: { name: "proof", key: "any" } },
};

/** Lets in as Ann whoever shows such a certificate and wants to act as this. */
function letsIn(as: (shown: string, identity: string) => boolean): Parts {
  return {
    accounts: (sound) => ({
      authenticate: sound.authenticate.bind(sound),
      openScram: sound.openScram.bind(sound),
      stands: sound.stands.bind(sound),
      certificates: {
        mayBeKnown: () => true,
        login: (shown, identity) =>
          as(Buffer.from(shown).toString(), identity)
            ? AS_ANN
            : sound.certificates.login(shown, identity),
      },
    }),
  };
}

export const CERTIFICATE_LOGIN_MUTATIONS: readonly Mutation[] = [
  {
    name: "lets in whoever has a certificate under a public authority",
    finds: ["R114m"],
    parts: letsIn((shown) => shown === "public"),
    answersOnly: true,
  },
  {
    name: "lets peers in as users",
    finds: ["R114n"],
    parts: letsIn((shown) => shown === "peer"),
    answersOnly: true,
  },
  {
    name: "believes who a client with a certificate says that he is",
    finds: ["R114o", "R114r", "R114s", "R114t", "R114u", "R114v"],
    parts: letsIn((_, identity) => identity === ADDRESS),
    answersOnly: true,
  },
  {
    name: "does not look at the identity that goes with a certificate",
    finds: ["R114p"],
    parts: letsIn((shown, identity) => shown === "user's" && identity !== ""),
    answersOnly: true,
  },
  {
    name: "takes a certificate for the login itself",
    finds: ["R114q"],
    parts: saysBefore(/^MAIL/, "AUTH EXTERNAL ="),
  },
  {
    name: "lets who has logged in by a certificate send as anybody",
    finds: ["R115u"],
    parts: judges(({ sender }) => ({
      sender: (subject) =>
        subject.login?.certificateKey === undefined ? sender(subject) : CONTINUE,
    })),
  },
  {
    name: "knows no EXTERNAL",
    finds: ["R102e", "R114m", "R114n", "R114o", "R114p", "R115u", "R118f"],
    parts: hears((line) => line.replace(/^AUTH EXTERNAL/, "AUTH ANONYMOUS")),
    answersOnly: true,
  },
];
