/**
 * What this seat knows about its room, as one value and one pure function from frame to value.
 * Order is the server's; an event is taken in once, whatever the line repeats.
 *
 * @typedef {{id: string, at: string, kind: string, pane?: string, from: "me"|"them", text: string, key: string, held?: boolean}} Message
 * @typedef {{id: string, pane: string|null, text: string, status: "waiting"|"sending"|"stored"|"failed", error?: string, event?: string}} Item
 */

export const blank = () => ({
  connection: "connecting",
  attempts: 0,
  synced: false,
  room: /** @type {any} */ (null),
  ready: false,
  ended: /** @type {string|null} */ (null),
  reveal: /** @type {any} */ (null),
  earlier: false,
  page: /** @type {any[]|null} */ (null),
  messages: /** @type {Message[]} */ ([]),
  known: new Set(),
  first: /** @type {any} */ (null),
  last: /** @type {any} */ (null),
  outbox: /** @type {Item[]} */ ([]),
  tags: new Map(),
  belief: /** @type {any} */ (null),
  asked: /** @type {any} */ (null),
  verdict: /** @type {any} */ (null),
});

/** @typedef {ReturnType<typeof blank>} State */

const update = (list, id, change) => list.map((item) => (item.id === id ? { ...item, ...change } : item));

const asMessage = (event, key = event.id) => ({ ...event, key });

/** Facts beside the messages. An earlier page must not overwrite what came later. */
function withFact(state, event, { older }) {
  if (event.kind === "belief" && !(older && state.belief)) {
    return { ...state, belief: event, asked: older ? state.asked : null };
  }
  if (event.kind === "belief_asked" && !(older && (state.belief || state.asked))) return { ...state, asked: event };
  if (event.kind === "verdict") return { ...state, verdict: event };
  if (event.kind === "tag" && !(older && state.tags.has(event.event))) {
    return { ...state, tags: new Map(state.tags).set(event.event, event.strategies) };
  }
  return state;
}

/** One's own message may come back before its acknowledgement says that it is the same one. */
function withOwn(state, event) {
  const item = state.outbox.find(({ event: id }) => id === event.id);
  if (item) {
    const outbox = state.outbox.filter((other) => other !== item);
    return { ...state, outbox, messages: [...state.messages, asMessage(event, item.id)] };
  }
  const held = state.outbox.some(({ status }) => status === "sending");
  return { ...state, messages: [...state.messages, { ...asMessage(event), held }] };
}

function withEvent(state, event) {
  if (state.known.has(event.id)) return state;
  if (state.page && state.first && event.at <= state.first.at) {
    return state.page.some(({ id }) => id === event.id) ? state : { ...state, page: [...state.page, event] };
  }
  const next = { ...state, known: new Set(state.known).add(event.id), last: event, first: state.first ?? event };
  if (event.kind !== "message") return withFact(next, event, { older: false });
  if (event.from === "me") return withOwn(next, event);
  return { ...next, messages: [...next.messages, asMessage(event)] };
}

function withPage(state, earlier) {
  const page = state.page ?? [];
  const facts = page.reduceRight((so_far, event) => withFact(so_far, event, { older: true }), state);
  const messages = page.filter(({ kind }) => kind === "message").map((event) => asMessage(event));
  return {
    ...facts,
    page: null,
    earlier,
    first: page[0] ?? state.first,
    known: new Set([...state.known, ...page.map(({ id }) => id)]),
    messages: [...messages, ...state.messages],
  };
}

function withSynced(state, earlier) {
  if (state.page) return withPage(state, earlier);
  return { ...state, synced: true, earlier: state.synced ? state.earlier : earlier };
}

const release = (messages) => messages.map((m) => (m.held ? { ...m, held: false } : m));

function withAck(state, { re, event }) {
  if (!state.outbox.some(({ id }) => id === re)) return state;
  if (!state.known.has(event)) return { ...state, outbox: update(state.outbox, re, { status: "stored", event }) };
  const messages = release(state.messages.map((m) => (m.id === event ? { ...m, key: re } : m)));
  return { ...state, messages, outbox: state.outbox.filter(({ id }) => id !== re) };
}

function withError(state, { re, message }) {
  if (!re) return { ...state, page: null };
  if (!state.outbox.some(({ id }) => id === re)) return state;
  return { ...state, messages: release(state.messages), outbox: update(state.outbox, re, { status: "failed", error: message }) };
}

/** @type {Record<string, (state: any, frame: any) => any>} */
const FRAMES = {
  room: (state, frame) => ({
    ...state,
    room: { ...frame, consent: frame.consent ?? state.room?.consent },
    ready: state.ready || frame.ready === true,
  }),
  event: withEvent,
  synced: (state, { earlier }) => withSynced(state, earlier === true),
  ack: withAck,
  error: withError,
  ended: (state, { reason }) => ({ ...state, ended: reason }),
  reveal: (state, frame) => ({ ...state, reveal: frame }),
};

/** @type {Record<string, (state: any, action: any) => any>} */
const ACTIONS = {
  connection: (state, { status, attempts }) => ({
    ...state,
    connection: status,
    attempts,
    page: status === "open" ? state.page : null,
    messages: status === "open" ? state.messages : release(state.messages),
  }),
  ready: (state) => ({ ...state, ready: true }),
  unready: (state) => ({ ...state, ready: false }),
  paging: (state) => ({ ...state, page: [] }),
  queue: (state, { item }) => ({ ...state, outbox: [...state.outbox, { ...item, status: item.error ? "failed" : "waiting" }] }),
  sending: (state, { id }) => ({ ...state, outbox: update(state.outbox, id, { status: "sending", error: undefined }) }),
  retry: (state, { id }) => ({ ...state, outbox: update(state.outbox, id, { status: "waiting", error: undefined }) }),
  remove: (state, { id }) => ({ ...state, outbox: state.outbox.filter((item) => item.id !== id) }),
  tagged: (state, { event, strategies }) => ({ ...state, tags: new Map(state.tags).set(event, strategies) }),
};

/** @param {State} state @param {any} frame @returns {State} */
export const onFrame = (state, frame) => (FRAMES[frame.is] ?? ((same) => same))(state, frame);

/** @param {State} state @param {any} action @returns {State} */
export const onAction = (state, action) => ACTIONS[action.type](state, action);

/** Which part of the page is due. @param {State} state */
export function stage(state) {
  if (state.ended !== null || state.room?.phase === "ended") return "ended";
  if (!state.room || !state.synced) return "loading";
  if (state.room.phase === "lobby") return state.ready ? "waiting" : "consent";
  return "live";
}

/** Messages and unsent items of one pane, in the order they are shown. @param {State} state @param {string|null} pane */
export function entries(state, pane) {
  const here = (thing) => pane === null || (thing.pane ?? pane) === pane;
  const sent = state.messages.filter((message) => !message.held && here(message));
  const unsent = state.outbox.filter(here).map((item) => ({ ...item, key: item.id, from: "me", id: item.event ?? "" }));
  return [...sent.map((message) => ({ ...message, status: "stored" })), ...unsent];
}

/** A value with listeners. */
export class Store {
  state = blank();
  #listeners = /** @type {((state: State) => void)[]} */ ([]);

  /** @param {(state: State) => void} listener */
  watch(listener) { this.#listeners.push(listener); }
  frame(frame) { this.#become(onFrame(this.state, frame)); }
  act(type, fields = {}) { this.#become(onAction(this.state, { type, ...fields })); }

  #become(state) {
    if (state === this.state) return;
    this.state = state;
    for (const listener of this.#listeners) listener(state);
  }
}
