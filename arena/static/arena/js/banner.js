/**
 * The line under the header that tells of trouble with the connection, or of a pause.
 *
 * @import {Net} from "./net.js"
 * @import {Connection, Store} from "./store.js"
 */
import { byId, setText } from "./dom.js";

const PATIENCE_MS = 4000;
const MANY_ATTEMPTS = 6;

export class Banner {
  #timer = 0;
  #late = false;
  #before = /** @type {Connection|null} */ (null);

  /** @param {{store: Store, net: Net}} options */
  constructor({ store, net }) {
    this.store = store;
    byId("banner-retry").addEventListener("click", () => net.now());
    store.watch(() => this.show());
    this.#watchConnection();
    this.show();
  }

  show() {
    const { connection, room, ended } = this.store.state;
    if (connection === "open") this.#late = false;
    if (connection !== this.#before) this.#watchConnection();
    const lost = this.#late && connection !== "open" && ended === null;
    const text = lost ? this.#lostWords() : room?.phase === "paused" && ended === null
      ? "The host has paused the room. The clock stands still, and nobody can write. What you have typed is kept." : "";
    setText(byId("banner-text"), text);
    byId("banner-retry").hidden = !lost;
    byId("banner").classList.toggle("room-banner-on", text !== "");
  }

  #watchConnection() {
    this.#before = this.store.state.connection;
    clearTimeout(this.#timer);
    if (this.#before === "open") return;
    this.#timer = setTimeout(() => { this.#late = true; this.show(); }, this.#late ? 0 : PATIENCE_MS);
  }

  #lostWords() {
    const { attempts, synced } = this.store.state;
    if (!synced && attempts >= MANY_ATTEMPTS) {
      return "The room cannot be reached. Check your connection. If you opened this seat in another browser, continue there.";
    }
    return "The connection is lost. Trying again; what you have written is kept and will be sent.";
  }
}
