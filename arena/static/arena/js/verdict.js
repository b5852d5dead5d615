/**
 * The verdict dialog: who, how sure, why; then one more look, because it cannot be taken back.
 *
 * @import {RoomConfig} from "./config.js"
 * @import {Pane, StoredCommand} from "./frames.js"
 * @import {Net} from "./net.js"
 * @import {State, Store} from "./store.js"
 */
import { byId, newId, setText } from "./dom.js";
import { remaining } from "./clock.js";
import { reason } from "./net.js";

export class Verdict {
  #asked = false;

  /** @param {{config: RoomConfig, net: Net, store: Store}} options */
  constructor({ config, net, store }) {
    this.net = net;
    this.store = store;
    this.twoParty = config.format === "two_party";
    this.dialog = byId("verdict-dialog", HTMLDialogElement);
    this.graceMs = 1000 * Number(this.dialog.dataset.graceS);
    this.form = byId("verdict-form");
    this.confidence = byId("verdict-confidence", HTMLInputElement);
    this.reason = byId("verdict-reason", HTMLTextAreaElement);
    byId("verdict-open").addEventListener("click", () => this.open());
    byId("verdict-back").addEventListener("click", () => this.#step(1));
    byId("verdict-give").addEventListener("click", () => this.#give());
    this.confidence.addEventListener("input", () => this.#sure());
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.#review(); });
    store.watch((state) => this.#follow(state));
    this.#sure();
  }

  open() {
    if (this.dialog.open) return;
    this.#step(1);
    this.dialog.showModal();
  }

  /** Time is up: ask at once, and say how long there is. @param {number} overMs since the end of the time */
  lastCall(overMs) {
    setText(byId("verdict-last-call"), `Time is up, and no more messages can be sent. You can still decide for ${remaining(this.graceMs - overMs)}.`);
    byId("verdict-last-call").hidden = false;
    if (this.#asked) return;
    this.#asked = true;
    this.open();
  }

  /** @param {State} state */
  #follow(state) {
    if ((state.ended !== null || state.connection === "moved") && this.dialog.open) this.dialog.close();
  }

  #sure() {
    const percent = Number(this.confidence.value);
    const gloss = percent === 50 ? "a coin toss" : percent === 100 ? "certain" : "";
    const words = gloss ? `${percent} %, ${gloss}` : `${percent} %`;
    setText(byId("verdict-confidence-now"), words);
    this.confidence.setAttribute("aria-valuetext", words);
  }

  #choices() { return /** @type {HTMLInputElement[]} */ ([...this.form.querySelectorAll("input[name=human]")]); }

  /** @returns {string|null} */
  #choice() { return this.#choices().find(({ checked }) => checked)?.value ?? null; }

  #review() {
    const choice = this.#choice();
    byId("verdict-missing").hidden = choice !== null;
    if (choice === null) {
      this.#choices()[0]?.focus();
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
