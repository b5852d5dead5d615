/**
 * The running belief: a ruler between two equal claims, always in reach, reported on release.
 *
 * @import {RoomConfig} from "./config.js"
 * @import {Belief as Reported, Format} from "./frames.js"
 * @import {Clock} from "./clock.js"
 * @import {Dates} from "./dates.js"
 * @import {Net} from "./net.js"
 * @import {Store} from "./store.js"
 */
import { byId, newId, setText } from "./dom.js";
import { announce } from "./a11y.js";
import { reason } from "./net.js";

const SETTLE_MS = 500;

/**
 * The two ends, left and right, and how the ruler's number maps to the reported probability.
 * @type {Record<Format, {ends: [string, string], toP: (value: number) => number, toValue: (p: number) => number}>}
 */
const SCALES = {
  three_party: { ends: ["A", "B"], toP: (value) => 1 - value / 100, toValue: (p) => Math.round(100 * (1 - p)) },
  two_party: { ends: ["Machine", "Human"], toP: (value) => value / 100, toValue: (p) => Math.round(100 * p) },
};

export class Belief {
  #timer = 0;
  #asked = false;
  #shown = /** @type {Reported|null} */ (null);

  /** @param {{config: RoomConfig, net: Net, store: Store, clock: Clock, dates: Dates}} options */
  constructor({ config, net, store, clock, dates }) {
    this.dates = dates;
    this.net = net;
    this.store = store;
    this.clock = clock;
    this.scale = SCALES[config.format];
    this.slider = byId("belief", HTMLInputElement);
    this.slider.addEventListener("input", () => this.#read());
    this.slider.addEventListener("change", () => this.#report());
    byId("belief-same").addEventListener("click", () => this.#report());
    store.watch(() => this.#show());
    this.#read();
  }

  /** "A 70 % · B 30 %": both ends are always named, in the same words. @param {number} value */
  #words(value) {
    const [left, right] = this.scale.ends;
    return `${left} ${100 - value} % · ${right} ${value} %`;
  }

  #read() {
    const words = this.#words(Number(this.slider.value));
    setText(byId("belief-now"), words);
    this.slider.setAttribute("aria-valuetext", words);
  }

  #report() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#send(), SETTLE_MS);
  }

  async #send() {
    const p = this.scale.toP(Number(this.slider.value));
    try {
      await this.net.command({ do: "belief", id: newId(), p });
    } catch (refused) {
      setText(byId("belief-saved"), `Not saved. ${reason(refused)}`);
    }
  }

  #show() {
    this.#prompt();
    const { belief } = this.store.state;
    if (!belief || belief === this.#shown) return;
    const first = this.#shown === null;
    this.#shown = belief;
    const value = this.scale.toValue(belief.p);
    if (first && document.activeElement !== this.slider) this.slider.value = String(value);
    this.#read();
    setText(byId("belief-saved"), `Saved at ${this.dates.when(belief.at)}: ${this.#words(value)}`);
  }

  /** The server says when to ask; a belief that was reported since is the answer. */
  #prompt() {
    const { room, asked, ended } = this.store.state;
    const open = room?.phase === "live" && ended === null && this.clock.now() < Date.parse(room.ends_at ?? "");
    this.#ask(open && asked !== null);
  }

  /** @param {boolean} due */
  #ask(due) {
    if (due === this.#asked) return;
    this.#asked = due;
    byId("dock").classList.toggle("dock-asks", due);
    byId("belief-ask").hidden = !due;
    if (due) announce("What do you believe now? The slider is below the conversations.");
  }
}
