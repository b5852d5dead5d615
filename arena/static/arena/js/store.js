/**
 * What this seat knows about its room, as one value and one pure function from frame to value.
 * Order is the server's; an event is taken in once, whatever the line repeats.
 *
 * @import * as wire from "./frames.js"
 *
 * @typedef {wire.MessageFrame & {key: string, held?: boolean}} Message
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
 *
 * @typedef {object} State
 * @property {Connection} connection
 * @property {number} attempts
 * @property {boolean} synced
 * @property {wire.RoomFrame|null} room
 * @property {boolean} ready
 * @property {wire.EndReason|null} ended
 * @property {wire.RevealFrame|null} reveal
 * @property {boolean} earlier whether there is an earlier page
 * @property {wire.EventFrame[]|null} page the earlier page that is on its way
 * @property {Message[]} messages
 * @property {Set<string>} known ids of the events that were taken in
 * @property {wire.EventFrame|null} first
 * @property {wire.EventFrame|null} last
 * @property {Item[]} outbox
 * @property {Map<string, string[]>} tags
 * @property {wire.Belief|null} belief the last one
 * @property {wire.BeliefAskedFrame|null} asked
 * @property {wire.VerdictFrame|null} verdict
 *
 * @typedef {{type: "connection", status: Connection, attempts: number}
 *   | {type: "ready"} | {type: "paging"}
 *   | {type: "queue", item: Unsent}
 *   | {type: "sending"|"retry"|"remove", id: string}
 *   | {type: "tagged", event: string, strategies: string[]}} Action what is done on this page
 */

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
  page: null,
  messages: [],
  known: new Set(),
  first: null,
  last: null,
  outbox: [],
  tags: new Map(),
  belief: null,
  asked: null,
  verdict: null,
});

/** @param {Item[]} outbox @param {string} id @param {Partial<Item>} change */
const update = (outbox, id, change) => outbox.map((item) => (item.id === id ? { ...item, ...change } : item));

/** @param {State} state @param {string} event @param {string[]} strategies */
const tagged = (state, event, strategies) => ({ ...state, tags: new Map(state.tags).set(event, strategies) });

/** @param {wire.MessageFrame} event @param {string} [key] @returns {Message} */
const asMessage = (event, key = event.id) => ({ ...event, key });

/** The room frame may know of a later one than the log has told of. @param {wire.Belief|null} known @param {wire.BeliefFrame} event */
const lastOf = (known, event) => (known && known.at > event.at ? known : event);

/** Facts beside the messages. @param {State} state @param {wire.EventFrame} event @returns {State} */
function withFact(state, event) {
  switch (event.kind) {
    case "belief": return { ...state, belief: lastOf(state.belief, event), asked: null };
    case "belief_asked": return { ...state, asked: event };
    case "verdict": return { ...state, verdict: event };
    case "tag": return tagged(state, event.event, event.strategies);
    default: return state;
  }
}

/** Whether something later is known already. @param {State} state @param {wire.EventFrame} event */
function outdated({ belief, asked, tags }, event) {
  if (event.kind === "belief") return belief !== null;
  if (event.kind === "belief_asked") return asked !== null || (belief !== null && belief.at >= event.at);
  return event.kind === "tag" && tags.has(event.event);
}

/** A fact of an earlier page must not overwrite what came later. @param {State} state @param {wire.EventFrame} event */
function withEarlierFact(state, event) {
  if (outdated(state, event)) return state;
  const next = withFact(state, event);
  return event.kind === "belief" ? { ...next, asked: state.asked } : next;
}

/**
 * One's own message may come back before its acknowledgement says that it is the same one.
 * @param {State} state @param {wire.MessageFrame} event @returns {State}
 */
function withOwn(state, event) {
  const item = state.outbox.find(({ event: id }) => id === event.id);
  if (item) {
    const outbox = state.outbox.filter((other) => other !== item);
    return { ...state, outbox, messages: [...state.messages, asMessage(event, item.id)] };
  }
  const held = state.outbox.some(({ status }) => status === "sending");
  return { ...state, messages: [...state.messages, { ...asMessage(event), held }] };
}

/** @param {State} state @param {wire.EventFrame} event @returns {State} */
function withEvent(state, event) {
  if (state.known.has(event.id)) return state;
  if (state.page && state.first && event.at <= state.first.at) {
    return state.page.some(({ id }) => id === event.id) ? state : { ...state, page: [...state.page, event] };
  }
  const next = { ...state, known: new Set(state.known).add(event.id), last: event, first: state.first ?? event };
  if (event.kind !== "message") return withFact(next, event);
  if (event.from === "me") return withOwn(next, event);
  return { ...next, messages: [...next.messages, asMessage(event)] };
}

/** @param {State} state @param {wire.EventFrame[]} page @param {boolean} earlier @returns {State} */
function withPage(state, page, earlier) {
  const facts = page.reduceRight(withEarlierFact, state);
  const messages = page.filter((event) => event.kind === "message").map((event) => asMessage(event));
  return {
    ...facts,
    page: null,
    earlier,
    first: page[0] ?? state.first,
    known: new Set([...state.known, ...page.map(({ id }) => id)]),
    messages: [...messages, ...state.messages],
  };
}

/** @param {State} state @param {wire.SyncedFrame} frame @returns {State} */
function withSynced(state, { earlier }) {
  if (state.page) return withPage(state, state.page, earlier);
  return { ...state, synced: true, earlier: state.synced ? state.earlier : earlier };
}

/** @param {Message[]} messages */
const release = (messages) => messages.map((m) => (m.held ? { ...m, held: false } : m));

/** @param {State} state @param {wire.AckFrame} frame @returns {State} */
function withAck(state, { re, event }) {
  if (!state.outbox.some(({ id }) => id === re)) return state;
  if (!state.known.has(event)) return { ...state, outbox: update(state.outbox, re, { status: "stored", event }) };
  const messages = release(state.messages.map((m) => (m.id === event ? { ...m, key: re } : m)));
  return { ...state, messages, outbox: state.outbox.filter(({ id }) => id !== re) };
}

/** @param {State} state @param {wire.ErrorFrame} frame @returns {State} */
function withError(state, { re, message }) {
  if (!re) return { ...state, page: null };
  if (!state.outbox.some(({ id }) => id === re)) return state;
  return { ...state, messages: release(state.messages), outbox: update(state.outbox, re, { status: "failed", error: message }) };
}

/** @param {State} state @param {wire.RoomFrame} frame @returns {State} */
function withRoom(state, frame) {
  const consent = frame.consent ?? state.room?.consent;
  return {
    ...state,
    room: consent ? { ...frame, consent } : frame,
    ready: state.ready || frame.ready === true,
    belief: frame.belief === undefined ? state.belief : frame.belief,
  };
}

/** @param {State} state @param {wire.Frame} frame @returns {State} */
export function onFrame(state, frame) {
  switch (frame.is) {
    case "room": return withRoom(state, frame);
    case "event": return withEvent(state, frame);
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
    case "paging": return { ...state, page: [] };
    case "queue": return { ...state, outbox: [...state.outbox, queued(action.item)] };
    case "sending": return { ...state, outbox: update(state.outbox, action.id, { status: "sending", error: undefined }) };
    case "retry": return { ...state, outbox: update(state.outbox, action.id, { status: "waiting", error: undefined }) };
    case "remove": return { ...state, outbox: state.outbox.filter(({ id }) => id !== action.id) };
    case "tagged": return tagged(state, action.event, action.strategies);
  }
}

/** @param {Unsent} item @returns {Item} */
const queued = (item) => ({ ...item, status: item.error ? "failed" : "waiting" });

/** @param {State} state @param {{status: Connection, attempts: number}} line @returns {State} */
function withConnection(state, { status, attempts }) {
  const next = { ...state, connection: status, attempts };
  return status === "open" ? next : { ...next, page: null, messages: release(state.messages) };
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
 * Messages and unsent items of one pane, in the order they are shown.
 * @param {State} state @param {wire.Pane|null} pane @returns {Entry[]}
 */
export function entries(state, pane) {
  /** @param {{pane?: wire.Pane|null}} thing */
  const here = (thing) => pane === null || (thing.pane ?? pane) === pane;
  const sent = state.messages.filter((message) => !message.held && here(message));
  const unsent = state.outbox.filter(here);
  return [
    ...sent.map((message) => ({ ...message, status: /** @type {const} */ ("stored") })),
    ...unsent.map((item) => ({ ...item, key: item.id, from: /** @type {const} */ ("me"), id: item.event ?? "" })),
  ];
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
