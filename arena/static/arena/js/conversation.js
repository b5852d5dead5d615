/**
 * One conversation, of which the page holds a stretch: its newest messages, and where somebody reads
 * elsewhere, the stretch that is read. Both are bounded, whatever the length of the whole.
 *
 * @import {Message} from "./store.js"
 *
 * @typedef {object} Conversation
 * @property {Message[]} tail the newest messages, without a gap up to now
 * @property {boolean} earlier whether there may be messages before the tail
 * @property {Message[]|null} away the stretch that is shown in place of the tail
 * @property {boolean} awayEarlier whether there are messages before that
 * @property {boolean} follows whether the reader is at the end, where news push old messages out
 * @property {number} heard how many messages of the other side have come in at the end
 * @property {{id: string, want: Want}|null} asking the page that is on its way
 * @property {{id: string, to: string}|null} jumped the last jump, and the message it led to
 *
 * @typedef {"earlier"|"later"|"jump"} Want
 * @typedef {{messages: Message[], earlier: boolean, later: boolean}} Page
 */

/** As many messages are shown at most, so that the page costs the same in a room of any length. */
export const MOST = 300;
/** As many are asked for at once; and where somebody reads elsewhere, kept of the end. */
export const PAGE = 100;

/** @param {boolean} earlier @returns {Conversation} */
export const blankConversation = (earlier) => ({
  tail: [], earlier, away: null, awayEarlier: false, follows: true, heard: 0, asking: null, jumped: null,
});

/** @param {Conversation} conversation */
export const shown = ({ tail, away }) => away ?? tail;

/** @param {Conversation} conversation */
export const hasEarlier = ({ away, earlier, awayEarlier }) => (away ? awayEarlier : earlier);

/** @param {Message[]} list @param {Message[]} others */
function without(list, others) {
  const ids = new Set(others.map(({ id }) => id));
  return list.filter(({ id }) => !ids.has(id));
}

/**
 * A message at the end. It pushes out the oldest, but not from under somebody who reads there.
 * @param {Conversation} conversation @param {Message} message
 * @returns {Conversation}
 */
export function withMessage(conversation, message) {
  const heard = conversation.heard + (message.from === "them" ? 1 : 0);
  const tail = [...conversation.tail, message];
  if (tail.length <= MOST) return { ...conversation, heard, tail };
  if (conversation.away || conversation.follows) return { ...conversation, heard, tail: tail.slice(-MOST), earlier: true };
  const { tail: away, earlier: awayEarlier } = conversation;
  return { ...conversation, heard, away, awayEarlier, tail: tail.slice(-PAGE), earlier: true };
}

/** What stands before the stretch that is shown. @param {Conversation} conversation @param {Page} page @returns {Conversation} */
export function withEarlier(conversation, { messages, earlier }) {
  const list = [...without(messages, shown(conversation)), ...shown(conversation)];
  if (conversation.away) return { ...conversation, away: list.slice(0, MOST), awayEarlier: earlier };
  if (list.length <= MOST) return { ...conversation, tail: list, earlier };
  const tail = conversation.tail.slice(-PAGE);
  return { ...conversation, away: list.slice(0, MOST), awayEarlier: earlier, tail, earlier: true };
}

/**
 * The stretch and everything up to now, where the two meet; null where something lies between.
 * @param {Message[]} tail @param {Message[]} list @param {boolean} reaches whether nothing came after the stretch when it was read
 */
function joined(tail, list, reaches) {
  const places = new Map(tail.map(({ id }, i) => [id, i]));
  const meets = list.findIndex(({ id }) => places.has(id));
  if (meets >= 0) return [...list.slice(0, meets), ...tail.slice(meets > 0 ? places.get(list[meets]?.id ?? "") : 0)];
  return reaches ? [...list, ...tail] : null;
}

/**
 * What stands after the stretch that is read: more of it, and in the end the tail itself.
 * @param {Conversation} conversation @param {Page} page nothing where the tail has it already
 * @returns {Conversation}
 */
export function withLater(conversation, { messages, later }) {
  const { tail, away } = conversation;
  if (!away) return conversation;
  const list = [...away, ...without(messages, away)];
  const whole = joined(tail, list, !later);
  const n = Math.max(list.length, away.length + PAGE);
  if (whole && whole.length <= MOST + PAGE) {
    const earlier = whole.length > MOST || conversation.awayEarlier;
    return { ...conversation, tail: whole.slice(-MOST), earlier, away: null, awayEarlier: false };
  }
  const more = (whole ?? list).slice(0, n);
  return { ...conversation, away: more.slice(-MOST), awayEarlier: more.length > MOST || conversation.awayEarlier };
}

/** Whether the tail has what comes after the stretch. @param {Conversation} conversation */
export function meetsTail({ tail, away }) {
  const last = away?.at(-1)?.id;
  return tail.some(({ id }) => id === last);
}

/** A stretch somewhere else. @param {Conversation} conversation @param {Page} page @param {string} id @returns {Conversation} */
export function withJump(conversation, { messages, earlier, later }, id) {
  const to = messages[0]?.id;
  if (to === undefined) return atEnd(conversation);
  const whole = joined(conversation.tail, messages, !later);
  const moved = { ...conversation, follows: false, jumped: { id, to } };
  if (!whole || whole.length > MOST) return { ...moved, away: messages, awayEarlier: earlier };
  return { ...moved, tail: whole, earlier: whole[0]?.id === to ? earlier : conversation.earlier, away: null };
}

/** The reader goes to the newest message. @param {Conversation} conversation @returns {Conversation} */
export const atEnd = (conversation) => ({ ...conversation, away: null, awayEarlier: false, follows: true });
