/**
 * Before the room is live: consent, a check of what the room needs, and an honest wait.
 *
 * @import {Clock} from "./clock.js"
 * @import {Drafts} from "./drafts.js"
 * @import {Net} from "./net.js"
 * @import {State, Store} from "./store.js"
 *
 * @typedef {object} Parts
 * @property {Net} net
 * @property {Store} store
 * @property {Clock} clock
 * @property {Drafts} drafts
 * @property {() => void} onAgreed
 */
import { byId, everyWith, newId, part, setText } from "./dom.js";
import { announce, focusHeading } from "./a11y.js";
import { reason } from "./net.js";

const SLOW_MS = 2000;
const WAIT_MS = 8000;
const TICK_MS = 100;
const CLOCK_OFF_MS = 5000;

/** @param {number} ms */
const seconds = (ms) => (ms / 1000).toFixed(Math.abs(ms) < 10_000 ? 1 : 0);

/** @param {string} name @param {"wait"|"pass"|"fail"} state @param {string} words */
function report(name, state, words) {
  const line = byId(`check-${name}`);
  line.dataset.state = state;
  setText(part(line, "result"), words);
}

export class Lobby {
  #agreed = false;

  /** @param {Parts} parts */
  constructor(parts) {
    this.parts = parts;
    this.button = byId("ready-button", HTMLButtonElement);
    byId("consent-form").addEventListener("submit", (event) => { event.preventDefault(); this.#agree(); });
    byId("check-again").addEventListener("click", () => this.check());
    this.button.addEventListener("click", () => this.#ready());
  }

  /** Which of the two lobby steps is due before the wait. */
  get step() { return this.#agreed ? "check" : "consent"; }

  /** @param {State} state */
  show(state) { setText(byId("consent-text"), state.room?.consent?.text ?? ""); }

  #agree() {
    const box = byId("consent-box", HTMLInputElement);
    byId("consent-missing").hidden = box.checked;
    if (!box.checked) {
      box.focus();
      return;
    }
    this.#agreed = true;
    this.parts.onAgreed();
    this.check();
  }

  /** Measure the line, the clock and the storage, one visible line each. */
  async check() {
    for (const name of ["line", "clock", "drafts"]) report(name, "wait", "Checking…");
    this.button.disabled = true;
    const rtt = await this.#roundTrip();
    this.#judgeLine(rtt);
    this.#judgeClock();
    this.#judgeDrafts();
    const good = Number.isFinite(rtt);
    this.button.disabled = !good;
    announce(good ? "The check is done. You can say that you are ready." : "The check failed. The page says what to do.");
  }

  /** In ms, or NaN if nothing came back in time. */
  async #roundTrip() {
    const { net } = this.parts;
    const from = performance.now();
    let asked = false;
    do {
      asked ||= net.probe();
      await new Promise((resolve) => { setTimeout(resolve, TICK_MS); });
    } while (!(asked && Number.isFinite(net.rtt)) && performance.now() - from < WAIT_MS);
    return asked ? net.rtt : NaN;
  }

  /** @param {number} rtt */
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
    const { clock } = this.parts;
    const drift = clock.drift();
    const off = Math.abs(drift) > CLOCK_OFF_MS;
    report("clock", clock.known ? "pass" : "fail", !clock.known
      ? "The server's time is not known yet. Run the check again."
      : off ? `This computer's clock is ${seconds(Math.abs(drift))} s ${drift > 0 ? "ahead" : "behind"}. The room goes by the server's clock, so you need not do anything.`
        : "Agrees with the server to within a few seconds.");
  }

  #judgeDrafts() {
    const { works } = this.parts.drafts;
    report("drafts", works ? "pass" : "fail", works
      ? "What you type is kept on this device if the page reloads."
      : "This browser keeps nothing, so a reload would lose unsent text. Allow site data for this page, or go on without.");
  }

  async #ready() {
    const { net, store } = this.parts;
    this.button.disabled = true;
    setText(byId("ready-error"), "");
    try {
      await net.command({ do: "ready", id: newId(), consent: store.state.room?.consent?.sha256 ?? "" });
      store.act({ type: "ready" });
    } catch (refused) {
      setText(byId("ready-error"), reason(refused));
    }
    this.button.disabled = false;
  }
}

/** Show one of the page's stages. @param {string} name @returns {boolean} whether it changed */
export function showStage(name) {
  if (document.body.dataset.stage === name) return false;
  document.body.dataset.stage = name;
  for (const panel of everyWith("data-stages")) {
    panel.hidden = !panel.dataset.stages?.split(" ").includes(name);
  }
  /** @type {HTMLElement|null} */
  const shown = document.querySelector(`[data-stages~="${name}"]:not([hidden])`);
  if (shown && name !== "live") focusHeading(shown);
  scrollTo(0, 0);
  return true;
}
