/** The room page: joins the parts, and decides what may be done at each moment. */
import { byId, setText } from "./dom.js";
import { announce } from "./a11y.js";
import { Attendance } from "./attendance.js";
import { Banner } from "./banner.js";
import { Belief } from "./belief.js";
import { SLOW_MS } from "./bubble.js";
import { Clock, inWords } from "./clock.js";
import { Countdown } from "./countdown.js";
import { Drafts } from "./drafts.js";
import { showEnding } from "./ending.js";
import { wireClosers, wireLeave } from "./leave.js";
import { Lobby, showStage } from "./lobby.js";
import { Net } from "./net.js";
import { Outbox } from "./outbox.js";
import { Panes } from "./panes.js";
import { Rounds } from "./rounds.js";
import { stage, Store } from "./store.js";
import { Tags } from "./tags.js";
import { Verdict } from "./verdict.js";

const config = JSON.parse(byId("room-config").textContent);
const asks = config.seat === "interrogator";
const store = new Store();
const clock = new Clock();
const drafts = new Drafts(config);
const rounds = new Rounds({ asks, clock });
const net = new Net({
  path: config.ws_path,
  lastEvent: () => store.state.last?.id ?? null,
  onFrame: receive,
  onStatus: (status, attempts) => store.act("connection", { status, attempts }),
});
const app = { config, store, clock, drafts, net, lastRtt: NaN, refresh, outbox: null, tags: null };
const CLOSED = asks ? "Time is up. Give your verdict." : "Time is up. The interrogator decides now.";
let panes = null;
let left = Infinity;

function receive(frame, rtt) {
  if (frame.is === "room") clock.set(frame.now);
  if (frame.is === "pong") {
    clock.set(frame.now, rtt);
    app.lastRtt = rtt;
  }
  if (frame.is === "error" && frame.re === null) announce(frame.message);
  store.frame(frame);
}

function refresh() {
  const { state } = store;
  const due = stage(state);
  lobby.show(state);
  if (state.room && (due === "live" || due === "ended")) {
    panes ??= new Panes(app, state.room.panes ?? []);
    panes.show(state);
  }
  const changed = showStage(due === "consent" ? lobby.step : due);
  if (due === "ended") finish(state);
  else permit(state);
  if (changed && due === "live") begin();
}

function begin() {
  announce("The room is live.");
  if (!matchMedia("(pointer: coarse)").matches) panes.panes[0].composer.focus();
}

/** Who may do what now: the server decides, the page only spares people a refusal. */
function permit(state) {
  const { room } = state;
  if (!panes) return;
  const open = room.phase === "live" && left > 0;
  panes.allow(open, room.phase === "paused" ? "Paused" : left <= 0 ? CLOSED : "", (pane) => rounds.closed(state, pane));
  if (asks) {
    byId("belief").disabled = !open;
    byId("verdict-open").disabled = room.phase !== "live";
  }
}

let finished = false;
function finish(state) {
  showEnding(config, state);
  byId("transcript-note").hidden = state.messages.length === 0;
  byId("live").hidden = state.messages.length === 0;
  if (finished) return;
  finished = true;
  panes?.allow(false, "");
  drafts.clear();
  drafts.storage = null;
  // The reveal may follow the end; the line stays open a little for it.
  setTimeout(() => net.stop(), 10_000);
}

function tick(leftMs) {
  const wasOpen = left > 0;
  left = leftMs;
  if (left <= 0 && verdict) verdict.lastCall(-left);
  if (wasOpen !== left > 0) refresh();
  else if (store.state.room?.round) permit(store.state);
}

app.outbox = new Outbox(app);
if (asks) {
  app.tags = new Tags({ ...app, strategies: config.strategies });
  new Belief(app);
}
const verdict = asks ? new Verdict(app) : null;
const lobby = new Lobby(app);
new Banner(app);
if (config.settings_path) new Attendance(app);
new Countdown({ clock, store, onTick: tick });
wireLeave(app);
wireClosers();
store.watch(refresh);
// A message that is slow to be stored says so, and nothing else would redraw it.
setInterval(() => { if (store.state.outbox.length > 0) refresh(); }, SLOW_MS / 3);
document.addEventListener("visibilitychange", () => { if (!document.hidden) clock.doubt(); });
for (const span of document.querySelectorAll("[data-duration]")) setText(span, inWords(config.duration_s));
net.start();
