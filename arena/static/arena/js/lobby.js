/** Before the room is live: consent, a check of what the room needs, and an honest wait. */
import { byId, newId, part, setText } from "./dom.js";
import { announce, focusHeading } from "./a11y.js";

const SLOW_MS = 2000;
const WAIT_MS = 8000;
const TICK_MS = 100;
const CLOCK_OFF_MS = 5000;

/** @param {number} ms */
const seconds = (ms) => (ms / 1000).toFixed(Math.abs(ms) < 10_000 ? 1 : 0);

function report(name, state, words) {
  const line = byId(`check-${name}`);
  line.dataset.state = state;
  setText(part(line, "result"), words);
}

export class Lobby {
  /** @param {{net: any, store: any, clock: any, drafts: any}} app */
  constructor(app) {
    this.app = app;
    this.agreed = false;
    byId("consent-form").addEventListener("submit", (event) => { event.preventDefault(); this.#agree(); });
    byId("check-again").addEventListener("click", () => this.check());
    byId("ready-button").addEventListener("click", () => this.#ready());
  }

  /** Which of the two lobby steps is due before the wait. */
  get step() { return this.agreed ? "check" : "consent"; }

  show(state) { setText(byId("consent-text"), state.room?.consent?.text ?? ""); }

  #agree() {
    const box = byId("consent-box");
    byId("consent-missing").hidden = box.checked;
    if (!box.checked) {
      box.focus();
      return;
    }
    this.agreed = true;
    this.app.refresh();
    this.check();
  }

  /** Measure the line, the clock and the storage, one visible line each. */
  async check() {
    for (const name of ["line", "clock", "drafts"]) report(name, "wait", "Checking…");
    byId("ready-button").disabled = true;
    const rtt = await this.#roundTrip();
    this.#judgeLine(rtt);
    this.#judgeClock();
    this.#judgeDrafts();
    const good = Number.isFinite(rtt);
    byId("ready-button").disabled = !good;
    announce(good ? "The check is done. You can say that you are ready." : "The check failed. The page says what to do.");
  }

  async #roundTrip() {
    const from = performance.now();
    this.app.lastRtt = NaN;
    let asked = false;
    while (Number.isNaN(this.app.lastRtt) && performance.now() - from < WAIT_MS) {
      asked ||= this.app.net.probe();
      await new Promise((resolve) => { setTimeout(resolve, TICK_MS); });
    }
    return this.app.lastRtt;
  }

  #judgeLine(rtt) {
    if (!Number.isFinite(rtt)) {
      report("line", "fail", "No answer from the server. Check your network; if a firewall or VPN blocks WebSockets, switch it off for this page, then run the check again.");
    } else if (rtt > SLOW_MS) {
      report("line", "pass", `Answers in ${seconds(rtt)} s. That is slow, but nothing will be lost. Close other downloads if you can.`);
    } else {
      report("line", "pass", `Answers in ${Math.max(1, Math.round(rtt))} ms.`);
    }
  }

  #judgeClock() {
    const drift = this.app.clock.drift();
    const off = Math.abs(drift) > CLOCK_OFF_MS;
    report("clock", this.app.clock.known ? "pass" : "fail", !this.app.clock.known
      ? "The server's time is not known yet. Run the check again."
      : off ? `This computer's clock is ${seconds(Math.abs(drift))} s ${drift > 0 ? "ahead" : "behind"}. The room goes by the server's clock, so you need not do anything.`
        : "Agrees with the server to within a few seconds.");
  }

  #judgeDrafts() {
    const { works } = this.app.drafts;
    report("drafts", works ? "pass" : "fail", works
      ? "What you type is kept on this device if the page reloads."
      : "This browser keeps nothing, so a reload would lose unsent text. Allow site data for this page, or go on without.");
  }

  async #ready() {
    const button = byId("ready-button");
    button.disabled = true;
    setText(byId("ready-error"), "");
    try {
      await this.app.net.command({ do: "ready", id: newId(), consent: this.app.store.state.room.consent.sha256 });
      this.app.store.act("ready");
    } catch (refused) {
      setText(byId("ready-error"), refused.message);
    }
    button.disabled = false;
  }
}

/** Show one of the page's stages. @returns {boolean} whether it changed */
export function showStage(name) {
  if (document.body.dataset.stage === name) return false;
  document.body.dataset.stage = name;
  for (const panel of document.querySelectorAll("[data-stages]")) {
    panel.hidden = !panel.dataset.stages.split(" ").includes(name);
  }
  const shown = document.querySelector(`[data-stages~="${name}"]:not([hidden])`);
  if (shown && name !== "live") focusHeading(shown);
  scrollTo(0, 0);
  return true;
}
