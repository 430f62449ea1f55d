/** Mail that this server writes itself to somebody who has a mailbox here. */
export { postNotice, type NoticeParts, type OwnNotice } from "./notice.ts";
