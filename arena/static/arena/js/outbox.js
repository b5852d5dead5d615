/**
 * Sends messages one at a time, in the order they were written. A refusal stops the queue, so that
 * nothing overtakes the message that failed; its writer tries again or removes it.
 *
 * @import {Drafts} from "./drafts.js"
 * @import {HowTyped, Pane} from "./frames.js"
 * @import {Net} from "./net.js"
 * @import {Store} from "./store.js"
 */
import { newId } from "./dom.js";

export class Outbox {
  #busy = false;

  /** @param {{net: Net, store: Store, drafts: Drafts}} parts */
  constructor({ net, store, drafts }) {
    this.net = net;
    this.store = store;
    this.drafts = drafts;
    store.watch((state) => drafts.setOutbox(state.outbox.filter(({ status }) => status !== "stored")));
    this.collect();
  }

  /** Take over what is kept and not yet sent. Where another tab sends it as well, it is stored once: the id is the same. */
  collect() {
    const { outbox, conversations } = this.store.state;
    const stored = [...conversations.values()].flatMap(({ tail }) => tail.map(({ key }) => key));
    const here = new Set([...outbox.map(({ id }) => id), ...stored]);
    for (const item of this.drafts.outbox) if (!here.has(item.id)) this.store.act({ type: "queue", item });
    this.#pump();
  }

  /** @param {Pane|null} pane @param {string} text @param {HowTyped} [typed] */
  say(pane, text, typed) {
    this.store.act({ type: "queue", item: { id: newId(), pane, text, typed } });
    this.#pump();
  }

  /** @param {string} id */
  retry(id) {
    this.store.act({ type: "retry", id });
    this.#pump();
  }

  /** @param {string} id */
  remove(id) {
    this.store.act({ type: "remove", id });
    this.#pump();
  }

  async #pump() {
    const next = this.store.state.outbox.find(({ status }) => status !== "stored");
    if (this.#busy || next?.status !== "waiting") return;
    this.#busy = true;
    this.store.act({ type: "sending", id: next.id });
    const { id, pane, text, typed } = next;
    try {
      await this.net.command({ do: "say", id, ...(pane === null ? {} : { pane }), text, ...(typed ? { typed } : {}) });
    } catch {
      // The store has marked the message; the queue waits for its writer.
    }
    this.#busy = false;
    this.#pump();
  }
}
