/**
 * Asks for stretches of a conversation: more of it before or after what is shown, or another place.
 *
 * @import {Anchor, Pane} from "./frames.js"
 * @import {Net} from "./net.js"
 * @import {Want} from "./conversation.js"
 * @import {Store} from "./store.js"
 */
import { hasEarlier, meetsTail, PAGE, shown } from "./conversation.js";
import { newId } from "./dom.js";
import { conversation } from "./store.js";

export class Pager {
  /** @param {{net: Net, store: Store}} parts @param {Pane|null} pane */
  constructor({ net, store }, pane) {
    this.net = net;
    this.store = store;
    this.pane = pane;
    this.key = pane ?? "";
  }

  get conversation() { return conversation(this.store.state, this.key); }

  /** What stands before the stretch that is shown. */
  earlier() {
    const { conversation: each } = this;
    const before = shown(each)[0]?.id ?? this.store.state.first;
    if (before !== null && hasEarlier(each) && !each.asking) this.#ask("earlier", { before });
  }

  /** What stands after it, where that is not the end. */
  later() {
    const { conversation: each } = this;
    const after = each.away?.at(-1)?.id;
    if (after === undefined || each.asking) return;
    if (meetsTail(each)) this.store.act({ type: "extend", pane: this.key });
    else this.#ask("later", { after });
  }

  /** Another place: after an event, or from a moment on. @param {Anchor} anchor */
  jump(anchor) { this.#ask("jump", anchor); }

  toEnd() { if (this.conversation.away || !this.conversation.follows) this.store.act({ type: "to-end", pane: this.key }); }

  /** @param {Want} want @param {Anchor} anchor */
  #ask(want, anchor) {
    const id = newId();
    this.store.act({ type: "asks", pane: this.key, id, want });
    const asked = this.net.write({ do: "history", ...anchor, limit: PAGE, id, ...(this.pane === null ? {} : { pane: this.pane }) });
    if (!asked) this.store.act({ type: "gives-up", pane: this.key });
  }
}
