/**
 * Sends messages one at a time, in the order they were written. A refusal stops the queue, so that
 * nothing overtakes the message that failed; its writer tries again or removes it.
 */
import { newId } from "./dom.js";

export class Outbox {
  #busy = false;

  /** @param {{net: import("./net.js").Net, store: import("./store.js").Store, drafts: import("./drafts.js").Drafts}} parts */
  constructor({ net, store, drafts }) {
    this.net = net;
    this.store = store;
    for (const item of drafts.outbox) store.act("queue", { item });
    store.watch((state) => drafts.setOutbox(state.outbox.filter(({ status }) => status !== "stored")));
    this.#pump();
  }

  /** @param {string|null} pane @param {string} text */
  say(pane, text) {
    this.store.act("queue", { item: { id: newId(), pane, text } });
    this.#pump();
  }

  retry(id) {
    this.store.act("retry", { id });
    this.#pump();
  }

  remove(id) {
    this.store.act("remove", { id });
    this.#pump();
  }

  async #pump() {
    const next = this.store.state.outbox.find(({ status }) => status !== "stored");
    if (this.#busy || next?.status !== "waiting") return;
    this.#busy = true;
    this.store.act("sending", { id: next.id });
    const { id, pane, text } = next;
    try {
      await this.net.command(pane === null ? { do: "say", id, text } : { do: "say", id, pane, text });
    } catch {
      // The store has marked the message; the queue waits for its writer.
    }
    this.#busy = false;
    this.#pump();
  }
}
