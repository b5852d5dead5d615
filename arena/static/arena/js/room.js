/**
 * The room page: joins the parts, and decides what may be done at each moment.
 *
 * @import {AttendanceConfig, RoomConfig} from "./config.js"
 * @import {Frame} from "./frames.js"
 * @import {State} from "./store.js"
 */
import { byId, everyWith, setText } from "./dom.js";
import { announce } from "./a11y.js";
import { Attendance } from "./attendance.js";
import { Banner } from "./banner.js";
import { Belief } from "./belief.js";
import { SLOW_MS } from "./bubble.js";
import { Clock, inWords } from "./clock.js";
import { hasEarlier } from "./conversation.js";
import { Countdown } from "./countdown.js";
import { Dates } from "./dates.js";
import { Drafts } from "./drafts.js";
import { showEnding } from "./ending.js";
import { wireClosers, wireLeave } from "./leave.js";
import { Lobby, showStage } from "./lobby.js";
import { Net } from "./net.js";
import { Outbox } from "./outbox.js";
import { Panes } from "./panes.js";
import { watchReturns } from "./returns.js";
import { Rounds } from "./rounds.js";
import { stage, Store } from "./store.js";
import { Tags } from "./tags.js";
import { Verdict } from "./verdict.js";

/** How long the line may be quiet before it is asked whether it lives; pulse.js says why. */
const QUIET_MS = 2000;
/** Nobody waits for a hidden page, which is to cost little; proxies cut lines that are idle for a minute. */
const QUIET_HIDDEN_MS = 20_000;

const config = /** @type {RoomConfig} */ (JSON.parse(byId("room-config").textContent));
const asks = config.seat === "interrogator";
const store = new Store();
const clock = new Clock();
const dates = new Dates(config.duration_s);
const drafts = new Drafts(config);
const rounds = new Rounds({ asks, clock });
const net = new Net({
  connect: () => new WebSocket(`${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${config.ws_path}`),
  lastEvent: () => store.state.last?.id ?? null,
  quietMs: () => (document.hidden ? QUIET_HIDDEN_MS : QUIET_MS),
  onFrame: receive,
  onAnew: () => store.act({ type: "anew" }),
  onStatus: (status, attempts) => store.act({ type: "connection", status, attempts }),
});
const outbox = new Outbox({ net, store, drafts });
const tags = asks ? new Tags({ net, store, strategies: config.strategies }) : null;
const lobby = new Lobby({ net, store, clock, drafts, onAgreed: refresh });
const verdict = asks ? new Verdict({ config, net, store, drafts }) : null;
const MOVED = "This seat is not in this browser any more.";
const CLOSED = asks ? "Time is up. Give your verdict." : "Time is up. The interrogator decides now.";
let panes = /** @type {Panes|null} */ (null);
let left = Infinity;

/** @param {Frame} frame @param {number} [rtt] */
function receive(frame, rtt) {
  if (frame.is === "room") clock.guess(frame.now);
  if (frame.is === "pong" && rtt !== undefined) clock.set(frame.now, rtt);
  if (frame.is === "error" && frame.re === null) announce(frame.message);
  store.frame(frame);
}

function refresh() {
  const { state } = store;
  const moved = state.connection === "moved";
  const due = stage(state);
  lobby.show(state);
  if (state.room && (due === "live" || due === "ended")) {
    panes ??= new Panes({ config, store, net, drafts, outbox, tags, dates, clock }, state.room.panes);
    panes.show(state);
  }
  byId("leave-open", HTMLButtonElement).disabled = moved;
  const changed = showStage(shownStage(due, moved));
  if (due === "ended") finish(state);
  else permit(state);
  if (changed && due === "live") begin();
}

/** Without the seat there is nothing to do but to read. @param {ReturnType<typeof stage>} due @param {boolean} moved */
function shownStage(due, moved) {
  if (moved && due !== "live" && due !== "ended") return "moved";
  return due === "consent" ? lobby.step : due;
}

function begin() {
  announce("The room is live.");
  if (!matchMedia("(pointer: coarse)").matches) panes?.panes[0]?.composer.focus();
}

/** Who may do what now: the server decides, the page only spares people a refusal. @param {State} state */
function permit(state) {
  const { room, connection } = state;
  if (!panes || !room) return;
  const here = connection !== "moved";
  const live = here && room.phase === "live";
  const why = !here ? MOVED : room.phase === "paused" ? "Paused" : left <= 0 ? CLOSED : "";
  panes.allow(live && left > 0, why, (pane) => rounds.closed(state, pane));
  if (asks) {
    byId("belief", HTMLInputElement).disabled = !(live && left > 0);
    byId("verdict-open", HTMLButtonElement).disabled = !live;
  }
}

let finished = false;
/** @param {State} state */
function finish(state) {
  showEnding(config, state);
  const talks = [...state.conversations.values()];
  const isSilent = talks.every(({ tail }) => tail.length === 0);
  byId("transcript-note").hidden = isSilent;
  byId("live").hidden = isSilent;
  if (finished) return;
  finished = true;
  panes?.allow(false, "");
  drafts.close();
  // The reveal may follow the end; the line stays open a little for it, and for whoever may scroll back.
  const isWhole = talks.every((each) => !hasEarlier(each) && !each.away);
  if (isWhole) setTimeout(() => net.stop(), 10_000);
}

/** @param {number} leftMs */
function tick(leftMs) {
  const wasOpen = left > 0;
  left = leftMs;
  if (left <= 0 && store.state.connection !== "moved") verdict?.lastCall(-left);
  if (wasOpen !== left > 0) refresh();
  else if (store.state.room?.round) permit(store.state);
}

if (asks) new Belief({ config, net, store, clock, dates });
new Banner({ net, store });
if (config.settings_path) new Attendance({ config: /** @type {AttendanceConfig} */ (config), store, dates });
new Countdown({ clock, store, onTick: tick, onDoubt: () => net.now() });
wireLeave({ net, store });
wireClosers();
store.watch(refresh);
// A message that is slow to be stored says so, and nothing else would redraw it.
setInterval(() => { if (store.state.outbox.length > 0) refresh(); }, SLOW_MS / 3);
watchReturns(() => {
  net.now();
  outbox.collect();
});
for (const span of everyWith("data-duration")) setText(span, inWords(config.duration_s));
net.start();
