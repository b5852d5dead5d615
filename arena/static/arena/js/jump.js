/**
 * "Go to": the first message of a conversation, the newest, or a day.
 *
 * @import {Pager} from "./pager.js"
 * @import {RoomFrame} from "./frames.js"
 */
import { part } from "./dom.js";

/** The day of a moment in this browser's zone, as a date field has it. @param {number} ms */
export function dayOf(ms) {
  const local = new Date(ms);
  const pad = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return `${local.getFullYear()}-${pad(local.getMonth() + 1)}-${pad(local.getDate())}`;
}

/** When a day begins in this browser's zone. @param {string} day as a date field has it */
export function beginOf(day) {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date).toISOString();
}

export class Jump {
  /** @param {HTMLElement} root the pane @param {{pager: Pager, now: () => number, onEnd: () => void}} options */
  constructor(root, { pager, now, onEnd }) {
    this.menu = part(root, "jump", HTMLDetailsElement);
    this.day = part(root, "jump-day", HTMLInputElement);
    this.pager = pager;
    this.now = now;
    part(root, "jump-first").addEventListener("click", () => this.#go(() => this.#first()));
    part(root, "jump-last").addEventListener("click", () => this.#go(onEnd));
    part(root, "jump-form").addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.day.value) this.#go(() => pager.jump({ at: beginOf(this.day.value) }));
    });
    this.menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.menu.open) return;
      event.stopPropagation();
      this.menu.open = false;
      this.menu.querySelector("summary")?.focus();
    });
    document.addEventListener("click", ({ target }) => {
      if (target instanceof Node && !this.menu.contains(target)) this.menu.open = false;
    });
  }

  /** @param {{offered: boolean, room: RoomFrame|null}} options */
  show({ offered, room }) {
    if (!offered) this.menu.open = false;
    this.menu.hidden = !offered;
    this.began = room?.started_at ?? null;
    if (!this.began) return;
    this.day.min = dayOf(Date.parse(this.began));
    this.day.max = dayOf(this.now());
  }

  /** @param {() => void} act */
  #go(act) {
    this.menu.open = false;
    act();
  }

  #first() { if (this.began) this.pager.jump({ at: this.began }); }

  /** @type {string|null} */
  began = null;
}
