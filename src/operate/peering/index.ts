/** What the operator gives to a peer: a certificate of this site's private authority, and the settings to go with it. */
export { issueCertificate, makePeerAuthority, type IssuedCertificate } from "./authority.ts";
export { peerSettings, type OwnCertificate, type PeerSettings } from "./settings-text.ts";
