/**
 * How far this seat has read a conversation: told to the server, which keeps it for the seat alone, so
 * that the page finds the place again after a reload, on another device and after any number of messages.
 *
 * @import {Net} from "./net.js"
 * @import {Entry} from "./store.js"
 */
import { newId } from "./dom.js";

/** Nothing depends on this at once, and it is not to cost a commit for every message. */
const SETTLE_MS = 5000;

export class Reading {
  #timer = 0;
  #told = "";
  #upto = "";

  /** @param {{net: Net, place: () => Entry|null}} options place is the last message that is seen now, if anybody looks */
  constructor({ net, place }) {
    this.net = net;
    this.place = place;
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.tell(); });
    addEventListener("pagehide", () => this.tell());
  }

  /** Something was shown, or somebody scrolled. */
  notice() {
    const entry = document.hidden ? null : this.place();
    if (!entry?.at || entry.status !== "stored" || entry.at < this.#upto) return;
    this.#upto = entry.at;
    if (entry.id === this.#told || this.next?.id === entry.id) return;
    this.next = entry;
    if (this.#timer === 0) this.#timer = setTimeout(() => this.tell(), SETTLE_MS);
  }

  tell() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const event = this.next?.id;
    this.next = null;
    if (!event || event === this.#told) return;
    this.#told = event;
    // Refused once the room is over, when nobody needs the place any more.
    this.net.command({ do: "read", id: newId(), event }).catch(() => {});
  }

  /** @type {Entry|null} */
  next = null;
}
