/** What a session did, collected for the journal; used by whoever performs a session's requests. */
export { loginEvent, loginWay, type LoginWay } from "./login-event.ts";
export { Recorder, type NewEvent, type SessionFrame } from "./recorder.ts";
