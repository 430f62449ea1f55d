/** What the operator gives to a peer, or to a user: a certificate of this site's private authority, and the settings to go with it. */
export { issueCertificate, makePeerAuthority, type IssuedCertificate } from "./authority.ts";
export { loginSettings, type LoginSettings } from "./login-settings-text.ts";
export type { OwnCertificate } from "./settings-parts.ts";
export { peerSettings, type PeerSettings } from "./settings-text.ts";
