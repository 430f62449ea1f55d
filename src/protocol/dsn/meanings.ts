/**
 * What the enhanced status codes (RFC 3463 and IANA's registry of them) mean to somebody who sent a message and is no
 * mail engineer: why, in a sentence, and what to do, in another. The class is left out: whether it is for good
 * is said by the action.
 */

export interface Meaning {
  readonly why: string;
  /** What the sender can do when it failed. */
  readonly advice: string;
}

/** The meaning of "class.subject.detail"; of the subject in general where the detail has none. */
export function meaningOf(enhanced: string): Meaning {
  const [, subject = "", detail = ""] = enhanced.split(".");
  return MEANINGS.get(`${subject}.${detail}`) ?? MEANINGS.get(`${subject}.0`) ?? UNKNOWN;
}

const ADVICE = {
  spelling:
    "Check the address for a typing mistake. If it is right, ask the recipient in another way whether it is still in use.",
  otherWay: "Tell the recipient in another way; only there can this be changed.",
  theirPostmaster:
    "If you have to reach the recipient, tell him or her in another way and pass on the words below: the people who run the mail there need them.",
  ourPostmaster:
    "Pass this report on to the postmaster named at the end: this has to be put right at the sending side.",
  later: "Send it again later. If that fails too, tell the recipient in another way.",
  smaller: "Send less at once: leave out or shrink attachments, or pass them on by a link.",
  rewrite:
    "Look at the words below for what they object to, change the message accordingly and send it again.",
} as const;

const UNKNOWN: Meaning = {
  why: "The message was refused, and the code for it does not say why.",
  advice: ADVICE.theirPostmaster,
};

const MEANINGS: ReadonlyMap<string, Meaning> = new Map(
  Object.entries({
    "0.0": UNKNOWN,

    "1.0": { why: "Something is wrong with the address.", advice: ADVICE.spelling },
    "1.1": { why: "There is no mailbox with this name at that domain.", advice: ADVICE.spelling },
    "1.2": {
      why: "The part of the address behind the @ is no domain that can receive mail.",
      advice: ADVICE.spelling,
    },
    "1.3": { why: "The address is not written as an address can be.", advice: ADVICE.spelling },
    "1.4": {
      why: "The address fits more than one mailbox there.",
      advice: "Ask the recipient for the full address.",
    },
    "1.5": { why: "The address is valid.", advice: "There is nothing to do." },
    "1.6": {
      why: "The mailbox has moved, and mail is not sent on.",
      advice: "The words below may name the new address; else ask the recipient for it.",
    },
    "1.7": {
      why: "Your own address, as the sender, is not written as an address can be.",
      advice: "Look at the sender address that your mail program is set up with.",
    },
    "1.8": {
      why: "The domain of your own address, as the sender, was not found or cannot receive mail.",
      advice: ADVICE.ourPostmaster,
    },
    "1.9": {
      why: "The message went to a mail system that does not report what becomes of it.",
      advice: "Ask the recipient if you have to know.",
    },
    "1.10": {
      why: "The domain of the address says that it receives no mail at all.",
      advice: ADVICE.spelling,
    },

    "2.0": { why: "Something is wrong with the mailbox.", advice: ADVICE.otherWay },
    "2.1": { why: "The mailbox exists but is switched off.", advice: ADVICE.otherWay },
    "2.2": {
      why: "The mailbox is full.",
      advice: "Tell the recipient in another way, and send it again when there is room.",
    },
    "2.3": { why: "The message is larger than this mailbox takes.", advice: ADVICE.smaller },
    "2.4": {
      why: "The address is a mailing list, and the list could not be worked through.",
      advice: "Tell the owner of the list.",
    },

    "3.0": { why: "The mail system there has a problem.", advice: ADVICE.later },
    "3.1": { why: "The mail system there has no room left.", advice: ADVICE.later },
    "3.2": { why: "The mail system there takes no mail at present.", advice: ADVICE.later },
    "3.3": {
      why: "The mail system there cannot do what this message needs.",
      advice: ADVICE.rewrite,
    },
    "3.4": { why: "The message is larger than that mail system takes.", advice: ADVICE.smaller },
    "3.5": { why: "The mail system there is set up wrongly.", advice: ADVICE.theirPostmaster },
    "3.6": {
      why: "The message was taken with another priority than it asked for.",
      advice: "There is nothing to do.",
    },

    "4.0": { why: "There is a problem on the way to that mail system.", advice: ADVICE.later },
    "4.1": { why: "The mail server of that domain does not answer.", advice: ADVICE.later },
    "4.2": {
      why: "The connection to the mail server of that domain broke off.",
      advice: ADVICE.later,
    },
    "4.3": {
      why: "Where the mail of that domain goes could not be looked up.",
      advice: ADVICE.later,
    },
    "4.4": {
      why: "There is no way to the mail server of that domain: none is named, or it is named wrongly.",
      advice: ADVICE.spelling,
    },
    "4.5": { why: "The mail system there has too much to do.", advice: ADVICE.later },
    "4.6": {
      why: "The message went round in a circle between mail servers.",
      advice: ADVICE.theirPostmaster,
    },
    "4.7": { why: "The time in which it could be delivered is over.", advice: ADVICE.later },

    "5.0": {
      why: "The two mail servers did not understand each other.",
      advice: ADVICE.ourPostmaster,
    },
    "5.3": {
      why: "The message had more recipients than that mail system takes at once.",
      advice: "Send it again to fewer recipients at a time.",
    },

    "6.0": { why: "The content of the message was not accepted.", advice: ADVICE.rewrite },
    "6.1": {
      why: "The recipient's mail system does not take this kind of content.",
      advice: ADVICE.rewrite,
    },
    "6.2": {
      why: "The content would have to be converted on the way, and that is not allowed.",
      advice: ADVICE.rewrite,
    },
    "6.3": {
      why: "The content would have to be converted on the way, and that is not possible.",
      advice: ADVICE.rewrite,
    },
    "6.4": { why: "The content could only be converted with losses.", advice: ADVICE.rewrite },
    "6.5": { why: "Converting the content failed.", advice: ADVICE.rewrite },
    "6.6": {
      why: "A part of the content is kept elsewhere and could not be had.",
      advice: ADVICE.rewrite,
    },
    "6.7": {
      why: "An address has letters beyond English ones, and that mail system cannot handle them.",
      advice: "Ask the recipient for an address in plain letters, or send from one.",
    },
    "6.8": {
      why: "The answer has letters beyond English ones, and they could not be passed on.",
      advice: ADVICE.theirPostmaster,
    },
    "6.9": {
      why: "The header of the message (its subject, names or addresses) has letters in a form that mail system cannot handle.",
      advice: "Send it again with a subject, names and addresses in plain letters.",
    },
    "6.10": {
      why: "An address has letters beyond English ones, and that mail system cannot handle them.",
      advice: "Ask the recipient for an address in plain letters, or send from one.",
    },

    "7.0": { why: "It was refused for reasons of security.", advice: ADVICE.theirPostmaster },
    "7.1": {
      why: "The mail system there refuses it: by its rules you may not send this, or not to this recipient.",
      advice: ADVICE.theirPostmaster,
    },
    "7.2": {
      why: "The address is a mailing list, and you may not write to it.",
      advice: "Ask the owner of the list, or write to a person.",
    },
    "7.3": {
      why: "Its encryption would have to be changed on the way, and that is not possible.",
      advice: ADVICE.rewrite,
    },
    "7.4": {
      why: "That mail system does not have the protection that the message asks for.",
      advice: ADVICE.otherWay,
    },
    "7.5": { why: "Its encryption or signature could not be worked with.", advice: ADVICE.rewrite },
    "7.6": {
      why: "Its encryption or signature is of a kind that is not supported there.",
      advice: ADVICE.rewrite,
    },
    "7.7": {
      why: "The message was changed on the way.",
      advice: "Send it again. If that fails too, tell the postmaster named at the end.",
    },
    "7.8": {
      why: "The login with which our server introduced itself was not accepted.",
      advice: ADVICE.ourPostmaster,
    },
    "7.9": {
      why: "The login with which our server introduced itself is too weak for that server.",
      advice: ADVICE.ourPostmaster,
    },
    "7.10": {
      why: "That server takes mail only over an encrypted connection.",
      advice: ADVICE.ourPostmaster,
    },
    "7.11": {
      why: "That server takes this login only over an encrypted connection.",
      advice: ADVICE.ourPostmaster,
    },
    "7.12": {
      why: "The password for that server has to be renewed first.",
      advice: ADVICE.ourPostmaster,
    },
    "7.13": { why: "The account is switched off.", advice: ADVICE.ourPostmaster },
    "7.14": {
      why: "That server wants our server to be introduced to it first.",
      advice: ADVICE.ourPostmaster,
    },
    "7.15": {
      why: "At present that server takes only messages of higher priority.",
      advice: ADVICE.later,
    },
    "7.16": { why: "The message is too large for its priority.", advice: ADVICE.smaller },
    "7.17": {
      why: "The mailbox belongs to somebody else than when you last had to do with it.",
      advice:
        "Do not send it again before you know whose it is: ask the person you mean in another way.",
    },
    "7.18": {
      why: "The domain belongs to somebody else than when you last had to do with it.",
      advice:
        "Do not send it again before you know whose it is: ask the person you mean in another way.",
    },
    "7.19": {
      why: "Whether the mailbox still belongs to the same person could not be found out.",
      advice: ADVICE.otherWay,
    },
    "7.20": {
      why: "The message has no valid signature of its domain (DKIM).",
      advice: ADVICE.ourPostmaster,
    },
    "7.21": {
      why: "The signature of the message (DKIM) is valid but not one that is accepted there.",
      advice: ADVICE.ourPostmaster,
    },
    "7.22": {
      why: "The message is not signed (DKIM) by the domain of its author.",
      advice: ADVICE.ourPostmaster,
    },
    "7.23": {
      why: "The domain of the sender does not allow our server to send for it (SPF).",
      advice: ADVICE.ourPostmaster,
    },
    "7.24": {
      why: "Which servers may send for the domain of the sender could not be found out (SPF).",
      advice: ADVICE.ourPostmaster,
    },
    "7.25": {
      why: "The address of our server has no name in the DNS, or not the right one.",
      advice: ADVICE.ourPostmaster,
    },
    "7.26": {
      why: "Nothing shows that the message really comes from the domain that it names as its sender's (SPF, DKIM, DMARC).",
      advice: ADVICE.ourPostmaster,
    },
    "7.27": {
      why: "The domain of your own address, as the sender, says that it receives no mail.",
      advice: ADVICE.ourPostmaster,
    },
    "7.28": {
      why: "Too much mail came at once, to this recipient or from our server.",
      advice: ADVICE.later,
    },
    "7.29": {
      why: "The message was handed on by a server on the way, and its proof of that (ARC) did not hold.",
      advice: ADVICE.ourPostmaster,
    },
    "7.30": {
      why: "The message asks for encryption on its whole way (REQUIRETLS), and that way was not to be had.",
      advice:
        "Send it without that request if it may also travel unprotected; else tell the recipient in another way.",
    },
  }),
);
