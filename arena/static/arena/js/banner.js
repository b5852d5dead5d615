/**
 * What is said under the header: of trouble with the connection, of a pause, of a seat that has moved.
 *
 * @import {Net} from "./net.js"
 * @import {Connection, Store} from "./store.js"
 */
import { byId, setText } from "./dom.js";

/** So long after the last sign of the server a line is said to be lost, though mended within this grace. */
const SILENCE_MS = 4900;
const GRACE_MS = 400;
const MANY_ATTEMPTS = 6;
const PAUSED = "The room is paused. The clock stands still, and nobody can write. What you have typed is kept.";

export class Banner {
  #timer = 0;
  #late = false;
  #before = /** @type {Connection|null} */ (null);

  /** @param {{store: Store, net: Net}} options */
  constructor({ store, net }) {
    this.store = store;
    this.net = net;
    for (const id of ["banner-retry", "moved-retry"]) byId(id).addEventListener("click", () => net.now());
    store.watch(() => this.show());
    this.#watchConnection();
    this.show();
  }

  show() {
    const { connection, room, ended } = this.store.state;
    const moved = connection === "moved";
    if (connection === "open" || moved) this.#late = false;
    if (connection !== this.#before) this.#watchConnection();
    const over = ended !== null;
    byId("moved").hidden = over || !moved;
    this.#showWhyMoved();
    byId("banner-retry").hidden = over || !this.#late;
    const why = this.#late ? this.#lostWords() : room?.phase === "paused" ? PAUSED : "";
    const text = over ? "" : why;
    setText(byId("banner-text"), text);
    byId("banner").classList.toggle("room-banner-on", text !== "");
  }

  #showWhyMoved() {
    const { crowded } = this.net;
    setText(byId("crowded"), crowded);
    byId("crowded").hidden = crowded === "";
    for (const words of byId("moved").querySelectorAll("[data-moved]")) words.toggleAttribute("hidden", crowded !== "");
  }

  #watchConnection() {
    this.#before = this.store.state.connection;
    clearTimeout(this.#timer);
    if (this.#before === "open" || this.#before === "moved") return;
    const wait = this.#late ? 0 : Math.max(GRACE_MS, SILENCE_MS - this.net.silentMs);
    this.#timer = setTimeout(() => { this.#late = true; this.show(); }, wait);
  }

  #lostWords() {
    const { attempts, synced } = this.store.state;
    if (!synced && attempts >= MANY_ATTEMPTS) {
      return "The room cannot be reached. Check your connection.";
    }
    return "The connection is lost. Trying again; what you have written is kept and will be sent.";
  }
}
