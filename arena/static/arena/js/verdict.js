/**
 * The verdict dialog: who, how sure, why; then one more look, because it cannot be taken back.
 * Nothing in it is chosen beforehand: what nobody has touched is no data.
 *
 * @import {RoomConfig} from "./config.js"
 * @import {Drafts} from "./drafts.js"
 * @import {Pane, StoredCommand} from "./frames.js"
 * @import {Net} from "./net.js"
 * @import {State, Store} from "./store.js"
 */
import { byId, newId, setText } from "./dom.js";
import { remaining } from "./clock.js";
import { reason } from "./net.js";

/**
 * Who writes when the time is up goes on for a moment: those keys were meant for a message. They are
 * dropped for a second, which it takes to see what has happened and to stop, and for as long as they
 * keep coming with less than half a second in between.
 */
const DEAF_MS = 1000;
const STILL_MS = 500;

export class Verdict {
  #asked = false;
  #isSure = false;
  #deafUntil = -Infinity;

  /** @param {{config: RoomConfig, net: Net, store: Store, drafts: Drafts}} options */
  constructor({ config, net, store, drafts }) {
    this.net = net;
    this.store = store;
    this.drafts = drafts;
    this.twoParty = config.format === "two_party";
    this.dialog = byId("verdict-dialog", HTMLDialogElement);
    this.graceMs = 1000 * Number(this.dialog.dataset.graceS);
    this.form = byId("verdict-form");
    this.confidence = byId("verdict-confidence", HTMLInputElement);
    this.reason = byId("verdict-reason", HTMLTextAreaElement);
    this.#wire();
    this.#restore();
    drafts.watch("verdict", () => { if (!this.dialog.open) this.#restore(); });
    store.watch((state) => this.#follow(state));
  }

  #wire() {
    byId("verdict-open").addEventListener("click", () => this.open());
    byId("verdict-back").addEventListener("click", () => this.#step(1));
    byId("verdict-give").addEventListener("click", () => this.#give());
    // To press exactly where the slider starts is a choice, and no input.
    for (const name of ["input", "pointerup"]) {
      this.confidence.addEventListener(name, () => { this.#sure(true); this.#keep(); });
    }
    this.form.addEventListener("input", () => this.#keep());
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.#review(); });
    this.dialog.addEventListener("keydown", (event) => this.#hear(event), { capture: true });
  }

  open() {
    if (this.dialog.open) return;
    this.#step(1);
    this.dialog.showModal();
    byId("verdict-title").focus();
  }

  /** @param {KeyboardEvent} event */
  #hear(event) {
    const now = performance.now();
    if (now >= this.#deafUntil) return;
    this.#deafUntil = Math.max(this.#deafUntil, now + STILL_MS);
    event.preventDefault();
    event.stopPropagation();
  }

  #keep() {
    const confidence = this.#isSure ? this.confidence.value : null;
    this.drafts.setDraft("verdict", JSON.stringify({ human: this.#choice(), confidence, reason: this.reason.value }));
  }

  /** What was filled in before a reload. */
  #restore() {
    const { human = null, confidence = null, reason: words = "" } = JSON.parse(this.drafts.draft("verdict") || "{}");
    for (const choice of this.#choices()) choice.checked = choice.value === human;
    if (confidence !== null) this.confidence.value = confidence;
    this.#sure(confidence !== null);
    this.reason.value = words;
  }

  /** Time is up: ask at once, and say how long there is. @param {number} overMs since the end of the time */
  lastCall(overMs) {
    setText(byId("verdict-last-call"), `Time is up, and no more messages can be sent. You can still decide for ${remaining(this.graceMs - overMs)}.`);
    byId("verdict-last-call").hidden = false;
    if (this.#asked) return;
    this.#asked = true;
    if (!this.dialog.open) this.#deafUntil = performance.now() + DEAF_MS;
    this.open();
  }

  /** @param {State} state */
  #follow(state) {
    if ((state.ended !== null || state.connection === "moved") && this.dialog.open) this.dialog.close();
  }

  /** @param {boolean} isSure whether a confidence is chosen */
  #sure(isSure) {
    this.#isSure = isSure;
    this.confidence.classList.toggle("range-unset", !isSure);
    if (isSure) byId("verdict-unsure").hidden = true;
    const words = isSure ? inPercent(Number(this.confidence.value)) : "Not chosen yet";
    setText(byId("verdict-confidence-now"), words);
    this.confidence.setAttribute("aria-valuetext", words);
  }

  #choices() { return /** @type {HTMLInputElement[]} */ ([...this.form.querySelectorAll("input[name=human]")]); }

  /** @returns {string|null} */
  #choice() { return this.#choices().find(({ checked }) => checked)?.value ?? null; }

  #review() {
    const choice = this.#choice();
    byId("verdict-missing").hidden = choice !== null;
    byId("verdict-unsure").hidden = this.#isSure;
    if (choice === null || !this.#isSure) {
      (choice === null ? this.#choices()[0] : this.confidence)?.focus();
      return;
    }
    const claim = this.twoParty
      ? `The witness is a ${choice === "true" ? "human" : "machine"}`
      : `${choice} is the human`;
    setText(byId("verdict-claim"), `${claim}, and you are ${this.confidence.value} % sure.`);
    this.#step(2);
  }

  /** @param {1|2} n */
  #step(n) {
    this.form.hidden = n !== 1;
    byId("verdict-review").hidden = n !== 2;
    setText(byId("verdict-error"), "");
    if (n === 2) byId("verdict-claim").focus();
  }

  /** @returns {StoredCommand} */
  #frame() {
    const choice = this.#choice();
    return {
      do: "verdict",
      id: newId(),
      human: this.twoParty ? choice === "true" : /** @type {Pane} */ (choice),
      confidence: Number(this.confidence.value) / 100,
      reason: this.reason.value.toWellFormed?.() ?? this.reason.value,
    };
  }

  async #give() {
    const buttons = byId("verdict-review").querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    setText(byId("verdict-give"), "Giving the verdict…");
    try {
      await this.net.command(this.#frame());
      this.dialog.close();
    } catch (refused) {
      setText(byId("verdict-error"), reason(refused));
    }
    for (const button of buttons) button.disabled = false;
    setText(byId("verdict-give"), "Give this verdict");
  }
}

/** @param {number} percent */
function inPercent(percent) {
  const gloss = percent === 50 ? "a coin toss" : percent === 100 ? "certain" : "";
  return gloss ? `${percent} %, ${gloss}` : `${percent} %`;
}
