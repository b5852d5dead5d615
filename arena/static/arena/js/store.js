/**
 * What this seat knows about its room, as one value and one pure function from frame to value.
 * Order is the server's; an event is taken in once, whatever the line repeats. Of a long log it holds
 * a part; what a seat is and has done is known from the room frame, however small that part is.
 *
 * @import * as wire from "./frames.js"
 * @import {Conversation, Want} from "./conversation.js"
 *
 * @typedef {wire.MessageFrame & {key: string, status: "stored", held?: boolean, strategies?: string[]}} Message
 *   strategies are its tags as an earlier page told them; what came since is in the state's tags
 * @typedef {{id: string, pane: wire.Pane|null, text: string, typed?: wire.HowTyped|undefined, error?: string|undefined}} Unsent
 * @typedef {"waiting"|"sending"|"stored"|"failed"} Status
 * @typedef {Unsent & {status: Status, event?: string}} Item
 * @typedef {"connecting"|import("./net.js").Status} Connection
 *
 * @typedef {object} Entry a message as it is shown, stored or on its way
 * @property {string} key
 * @property {string} id the event, or "" until there is one
 * @property {wire.From} from
 * @property {string} text
 * @property {Status} status
 * @property {wire.Moment} [at]
 * @property {string|undefined} [error]
 * @property {string[]} [strategies]
 *
 * @typedef {object} State
 * @property {Connection} connection
 * @property {number} attempts
 * @property {boolean} synced
 * @property {wire.RoomFrame|null} room
 * @property {boolean} ready
 * @property {wire.EndReason|null} ended
 * @property {wire.RevealFrame|null} reveal
 * @property {boolean} earlier whether there was something before the first sync
 * @property {Map<string, Conversation>} conversations by pane; a witness's is ""
 * @property {{re: string, events: wire.EventFrame[]}|null} stretch the page of a conversation that is coming in
 * @property {Set<string>} known ids of the events that were taken in last
 * @property {string|null} first the first event of the first sync
 * @property {wire.EventFrame|null} last
 * @property {Record<string, wire.Moment>} latest when each side wrote last, by `latestOf`
 * @property {Item[]} outbox
 * @property {Map<string, string[]>} tags
 * @property {wire.Belief|null} belief the last one
 * @property {{at: wire.Moment}|null} asked since when a question for it waits
 * @property {wire.VerdictFrame|null} verdict
 *
 * @typedef {{type: "asks", pane: string, id: string, want: Want}
 *   | {type: "gives-up"|"extend"|"to-end", pane: string}
 *   | {type: "follows", pane: string, follows: boolean}} Move what is done in one conversation
 *
 * @typedef {{type: "connection", status: Connection, attempts: number}
 *   | {type: "ready"|"anew"}
 *   | Move
 *   | {type: "queue", item: Unsent}
 *   | {type: "sending"|"retry"|"remove", id: string}
 *   | {type: "tagged", event: string, strategies: string[]|undefined}} Action what is done on this page
 */
import { atEnd, blankConversation, shown, withEarlier, withJump, withLater, withMessage } from "./conversation.js";

/** An event that is repeated is among so many: a page of the server's, and what came meanwhile. */
const REMEMBERED = 400;

/** @returns {State} */
export const blank = () => ({
  connection: "connecting",
  attempts: 0,
  synced: false,
  room: null,
  ready: false,
  ended: null,
  reveal: null,
  earlier: false,
  conversations: new Map(),
  stretch: null,
  known: new Set(),
  first: null,
  last: null,
  latest: {},
  outbox: [],
  tags: new Map(),
  belief: null,
  asked: null,
  verdict: null,
});

/**
 * The log is told from its newest page on, as at the first time: what was known may end before that.
 * @param {State} state @returns {State}
 */
function anew(state) {
  if (!state.synced) return state;
  const { conversations, known, first, last, tags, stretch } = blank();
  return { ...state, conversations, known, first, last, tags, stretch, synced: false };
}

/** @param {Item[]} outbox @param {string} id @param {Partial<Item>} change */
const update = (outbox, id, change) => outbox.map((item) => (item.id === id ? { ...item, ...change } : item));

/** @param {State} state @param {string} event @param {string[]|undefined} strategies nothing takes it back */
function tagged(state, event, strategies) {
  const tags = new Map(state.tags);
  if (strategies) tags.set(event, strategies);
  else tags.delete(event);
  return { ...state, tags };
}

/** What a message is tagged with. @param {State} state @param {Entry} entry */
export const tagsOf = ({ tags }, { id, strategies }) => tags.get(id) ?? strategies ?? [];

/** @param {{pane?: wire.Pane|null}} thing */
const keyOf = ({ pane }) => pane ?? "";

/** The conversation of a pane. @param {State} state @param {string} key @returns {Conversation} */
export const conversation = ({ conversations, earlier }, key) => conversations.get(key) ?? blankConversation(earlier);

/** @param {State} state @param {string} key @param {(before: Conversation) => Conversation} change @returns {State} */
function withConversation(state, key, change) {
  const before = conversation(state, key);
  const after = change(before);
  return after === before ? state : { ...state, conversations: new Map(state.conversations).set(key, after) };
}

/** Change every message that is held in some tail. @param {State} state @param {(message: Message) => Message} change @returns {State} */
function withTails(state, change) {
  const conversations = new Map([...state.conversations].map(([key, each]) => [key, { ...each, tail: each.tail.map(change) }]));
  return { ...state, conversations };
}

/** Where `latest` has it when somebody last wrote. @param {wire.From} from @param {string} key */
export const latestOf = (from, key) => `${from}:${key}`;

/** @param {wire.MessageFrame} event @param {string} [key] @returns {Message} */
const asMessage = (event, key = event.id) => ({ ...event, key, status: "stored" });

/** The room frame may know of a later one than the log has told of. @param {wire.Belief|null} known @param {wire.BeliefFrame} event */
const lastOf = (known, event) => (known && known.at > event.at ? known : event);

/** Whether a question is answered. @param {State} state @param {wire.BeliefAskedFrame} event */
const isAnswered = ({ belief }, event) => belief !== null && belief.at > event.at;

/** Facts beside the messages. @param {State} state @param {wire.EventFrame} event @returns {State} */
function withFact(state, event) {
  switch (event.kind) {
    case "belief": return { ...state, belief: lastOf(state.belief, event), asked: null };
    case "belief_asked": return isAnswered(state, event) ? state : { ...state, asked: event };
    case "verdict": return { ...state, verdict: event };
    case "tag": return tagged(state, event.event, event.strategies);
    default: return state;
  }
}

/**
 * One's own message may come back before its acknowledgement says that it is the same one.
 * @param {State} state @param {wire.MessageFrame} event @returns {State}
 */
function withOwn(state, event) {
  const item = state.outbox.find(({ event: id }) => id === event.id);
  const outbox = item ? state.outbox.filter((other) => other !== item) : state.outbox;
  const held = !item && state.outbox.some(({ status }) => status === "sending");
  return withTail({ ...state, outbox }, item ? asMessage(event, item.id) : { ...asMessage(event), held });
}

/** @param {State} state @param {Message} message @returns {State} */
function withTail(state, message) {
  const key = keyOf(message);
  const latest = { ...state.latest, [latestOf(message.from, key)]: message.at };
  return withConversation({ ...state, latest }, key, (each) => withMessage(each, message));
}

/** @param {Set<string>} known @param {string} id */
const remember = (known, id) => new Set([...known, id].slice(-REMEMBERED));

/** @param {State} state @param {wire.EventFrame} event @returns {State} */
function withEvent(state, event) {
  const { stretch } = state;
  if (stretch) return { ...state, stretch: { ...stretch, events: [...stretch.events, event] } };
  if (state.known.has(event.id)) return state;
  const next = { ...state, known: remember(state.known, event.id), last: event, first: state.first ?? event.id };
  if (event.kind !== "message") return withFact(next, event);
  if (event.from === "me") return withOwn(next, event);
  return withTail(next, asMessage(event));
}

/** The messages of a page, with the tags that it says they have. @param {wire.EventFrame[]} events @returns {Message[]} */
function messagesOf(events) {
  const tags = new Map(events.filter((event) => event.kind === "tag").map((event) => [event.event, event.strategies]));
  return events.filter((event) => event.kind === "message").map((event) => {
    const strategies = tags.get(event.id);
    return strategies ? { ...asMessage(event), strategies } : asMessage(event);
  });
}

/** The page that was asked for is here; one that nobody waits for any more is let go. @param {State} state @param {wire.SyncedFrame} frame @returns {State} */
function withStretch(state, { earlier, later }) {
  const { re, events } = state.stretch ?? { re: "", events: [] };
  const next = { ...state, stretch: null };
  const [key] = [...state.conversations].find(([, { asking }]) => asking?.id === re) ?? [];
  if (key === undefined) return next;
  const page = { messages: messagesOf(events), earlier, later: later === true };
  return withConversation(next, key, (each) => {
    const answered = { ...each, asking: null };
    if (each.asking?.want === "earlier") return withEarlier(answered, page);
    return each.asking?.want === "later" ? withLater(answered, page) : withJump(answered, page, re);
  });
}

/** @param {State} state @param {wire.SyncedFrame} frame @returns {State} */
function withSynced(state, frame) {
  if (frame.re !== undefined) return state.stretch?.re === frame.re ? withStretch(state, frame) : state;
  if (state.synced) return state;
  const { earlier } = frame;
  const conversations = new Map([...state.conversations].map(([key, each]) => [key, { ...each, earlier }]));
  return { ...state, synced: true, earlier, conversations };
}

/** @param {State} state */
const release = (state) => withTails(state, (m) => (m.held ? { ...m, held: false } : m));

/** @param {State} state @param {wire.AckFrame} frame @returns {State} */
function withAck(state, { re, event }) {
  if (!state.outbox.some(({ id }) => id === re)) return state;
  if (!state.known.has(event)) return { ...state, outbox: update(state.outbox, re, { status: "stored", event }) };
  const named = withTails(state, (m) => (m.id === event ? { ...m, key: re } : m));
  return { ...release(named), outbox: state.outbox.filter(({ id }) => id !== re) };
}

/** Nothing more is to be expected of what was asked for. @param {State} state @param {(id: string) => boolean} concerns @returns {State} */
function givenUp(state, concerns) {
  const waiting = [...state.conversations].filter(([, { asking }]) => asking && concerns(asking.id));
  if (waiting.length === 0) return state;
  return waiting.reduce((next, [key]) => withConversation(next, key, (each) => ({ ...each, asking: null })), state);
}

/** @param {State} state @param {wire.ErrorFrame} frame @returns {State} */
function withError(state, { re, message }) {
  if (!re) return state;
  if (!state.outbox.some(({ id }) => id === re)) return givenUp(state, (id) => id === re);
  return { ...release(state), outbox: update(state.outbox, re, { status: "failed", error: message }) };
}

/** @param {State} state @param {wire.RoomFrame} frame @returns {State} */
function withRoom(state, frame) {
  const consent = frame.consent ?? state.room?.consent;
  return {
    ...state,
    room: consent ? { ...frame, consent } : frame,
    ready: state.ready || frame.ready === true,
    belief: frame.belief === undefined ? state.belief : frame.belief,
    asked: frame.asked === undefined ? state.asked : frame.asked,
  };
}

/** @param {State} state @param {wire.Frame} frame @returns {State} */
export function onFrame(state, frame) {
  switch (frame.is) {
    case "room": return withRoom(state, frame);
    case "event": return withEvent(state, frame);
    case "page": return { ...state, stretch: { re: frame.re, events: [] } };
    case "synced": return withSynced(state, frame);
    case "ack": return withAck(state, frame);
    case "error": return withError(state, frame);
    case "ended": return { ...state, ended: frame.reason };
    case "reveal": return { ...state, reveal: frame };
    default: return state;
  }
}

/** @param {State} state @param {Action} action @returns {State} */
export function onAction(state, action) {
  switch (action.type) {
    case "connection": return withConnection(state, action);
    case "ready": return { ...state, ready: true };
    case "anew": return anew(state);
    case "queue": return { ...state, outbox: [...state.outbox, queued(action.item)] };
    case "sending": return { ...state, outbox: update(state.outbox, action.id, { status: "sending", error: undefined }) };
    case "retry": return { ...state, outbox: update(state.outbox, action.id, { status: "waiting", error: undefined }) };
    case "remove": return { ...state, outbox: state.outbox.filter(({ id }) => id !== action.id) };
    case "tagged": return tagged(state, action.event, action.strategies);
    default: return withConversation(state, action.pane, (each) => moved(each, action));
  }
}

/** What a reader does in one conversation. @param {Conversation} each @param {Move} action @returns {Conversation} */
function moved(each, action) {
  switch (action.type) {
    case "asks": return { ...each, asking: { id: action.id, want: action.want } };
    case "gives-up": return { ...each, asking: null };
    case "extend": return withLater(each, { messages: [], earlier: true, later: true });
    case "to-end": return atEnd(each);
    case "follows": return each.follows === action.follows ? each : { ...each, follows: action.follows };
  }
}

/** @param {Unsent} item @returns {Item} */
const queued = (item) => ({ ...item, status: item.error ? "failed" : "waiting" });

/** @param {State} state @param {{status: Connection, attempts: number}} line @returns {State} */
function withConnection(state, { status, attempts }) {
  const next = { ...state, connection: status, attempts };
  return status === "open" ? next : givenUp({ ...release(next), stretch: null }, () => true);
}

/**
 * Which part of the page is due.
 * @param {State} state @returns {"loading"|"consent"|"waiting"|"live"|"ended"}
 */
export function stage(state) {
  if (state.ended !== null || state.room?.phase === "ended") return "ended";
  if (!state.room || !state.synced) return "loading";
  if (state.room.phase === "lobby") return state.ready ? "waiting" : "consent";
  return "live";
}

/**
 * What is shown of one pane, in order: messages, and at their end what is not sent yet.
 * @param {State} state @param {wire.Pane|null} pane @returns {Entry[]}
 */
export function entries(state, pane) {
  const each = conversation(state, keyOf({ pane }));
  const sent = shown(each).filter(({ held }) => !held);
  if (each.away) return sent;
  const unsent = state.outbox.filter((item) => keyOf(item) === keyOf({ pane }));
  return [...sent, ...unsent.map((item) => ({ ...item, key: item.id, from: /** @type {const} */ ("me"), id: item.event ?? "" }))];
}

/** A value with listeners. */
export class Store {
  state = blank();
  #listeners = /** @type {((state: State) => void)[]} */ ([]);

  /** @param {(state: State) => void} listener */
  watch(listener) { this.#listeners.push(listener); }
  /** @param {wire.Frame} frame */
  frame(frame) { this.#become(onFrame(this.state, frame)); }
  /** @param {Action} action */
  act(action) { this.#become(onAction(this.state, action)); }

  /** @param {State} state */
  #become(state) {
    if (state === this.state) return;
    this.state = state;
    for (const listener of this.#listeners) listener(state);
  }
}
