/**
 * The conversations of a seat: two equal ones, or one. Side by side, or as tabs where it is narrow.
 *
 * @import {RoomConfig} from "./config.js"
 * @import {Drafts} from "./drafts.js"
 * @import {Pane as PaneName} from "./frames.js"
 * @import {Net} from "./net.js"
 * @import {Outbox} from "./outbox.js"
 * @import {State, Store} from "./store.js"
 * @import {Tags} from "./tags.js"
 *
 * @typedef {object} Parts
 * @property {RoomConfig} config
 * @property {Store} store
 * @property {Net} net
 * @property {Drafts} drafts
 * @property {Outbox} outbox
 * @property {Tags|null} tags
 */
import { byId, fromTemplate, part, setText } from "./dom.js";
import { announce } from "./a11y.js";
import { entries } from "./store.js";
import { Composer } from "./composer.js";
import { Log } from "./log.js";

const narrow = matchMedia("(max-width: 47.99rem)");
const PAGE = 100;

/** What a pane and its writer are called. @param {RoomConfig} config @param {PaneName|null} pane */
function names(config, pane) {
  if (config.seat === "witness") return { name: "Interrogator", mine: "You" };
  return { name: config.format === "three_party" ? `Witness ${pane}` : "The witness", mine: "You" };
}

class Pane {
  unread = 0;

  /**
   * @param {Parts} parts @param {PaneName|null} id
   * @param {{n: number, onEarlier: () => void}} options n is its place among several, or 0
   */
  constructor({ config, drafts, outbox, tags }, id, { n, onEarlier }) {
    this.id = id;
    this.n = n;
    this.names = names(config, id);
    this.root = fromTemplate("pane-template");
    this.root.id = `pane-${id ?? "only"}`;
    setText(part(this.root, "name"), this.names.name);
    part(this.root, "log").setAttribute("aria-label", `Messages with ${this.names.name}`);
    part(this.root, "field").setAttribute("aria-label", `Message to ${this.names.name}`);
    part(this.root, "send").setAttribute("aria-label", `Send to ${this.names.name}`);
    this.#shortcut();
    this.earlier = part(this.root, "earlier", HTMLButtonElement);
    this.earlier.addEventListener("click", onEarlier);
    this.log = new Log(this.root, { names: this.names, outbox, decorate: (node, entry) => tags?.decorate(node, entry) });
    this.composer = new Composer(this.root, {
      pane: id,
      limit: config.message_chars,
      drafts,
      mayPaste: config.may_paste ?? true,
      onSay: (text, typed) => outbox.say(id, text, typed),
    });
    if (config.records_typing) this.#record();
  }

  async #record() {
    const { Typing } = await import("./typing.js");
    this.composer.record(new Typing(this.composer.field));
  }

  #shortcut() {
    const n = this.n;
    part(this.root, "shortcut").hidden = n === 0;
    if (n === 0) return;
    part(this.root, "field").setAttribute("aria-keyshortcuts", `Control+${n} Meta+${n}`);
    setText(part(this.root, "shortcut"), `${/Mac|iP/.test(navigator.platform) ? "⌘" : "Ctrl"} ${n}`);
  }

  /** @param {State} state @returns {number} new messages from the other side */
  show(state) {
    this.earlier.hidden = !state.earlier;
    this.earlier.disabled = state.page !== null;
    const list = entries(state, this.id);
    const said = this.id === null ? 0 : state.room?.said?.[this.id] ?? 0;
    part(this.root, "empty").hidden = list.length > 0 || said > 0;
    const { connection, ended } = state;
    return this.log.show(list, { offline: connection === "offline", moved: connection === "moved", over: ended !== null });
  }
}

export class Panes {
  #live = false;

  /** @param {Parts} parts @param {PaneName[]} ids */
  constructor(parts, ids) {
    this.store = parts.store;
    this.net = parts.net;
    const wanted = ids.length ? ids : [null];
    const onEarlier = () => this.#earlier();
    this.panes = wanted.map((id, i) => new Pane(parts, id, { n: wanted.length > 1 ? i + 1 : 0, onEarlier }));
    this.host = byId("panes");
    this.host.append(...this.panes.map(({ root }) => root));
    this.tabs = [.../** @type {NodeListOf<HTMLElement>} */ (byId("tabs").querySelectorAll("[role=tab]"))];
    this.tabbed = this.panes.length > 1;
    this.current = 0;
    this.#wireTabs();
    this.#wireDrops();
    narrow.addEventListener("change", () => this.#fold());
    this.#fold();
  }

  /** @param {State} state */
  show(state) {
    if (!state.synced) return;
    for (const [i, pane] of this.panes.entries()) {
      const added = pane.show(state);
      if (this.#live && added > 0 && this.#hiddenPane(i)) this.#count(pane, added);
    }
    if (!this.#live) for (const { log } of this.panes) log.goLive();
    this.#live = true;
  }

  /** @param {boolean} open @param {string} why @param {(pane: PaneName|null) => string} closed why one pane is closed, or "" */
  allow(open, why, closed = () => "") {
    for (const { id, composer } of this.panes) {
      const here = open ? closed(id) : "";
      composer.allow(open && here === "", open ? here : why);
    }
  }

  #earlier() {
    const { first, page } = this.store.state;
    if (!first || page) return;
    this.store.act({ type: "paging" });
    const asked = this.net.write({ do: "history", before: first.id, limit: PAGE });
    if (!asked) this.store.act({ type: "connection", status: "offline", attempts: 0 });
  }

  #wireTabs() {
    for (const [i, tab] of this.tabs.entries()) {
      tab.addEventListener("click", () => this.pick(i));
      tab.addEventListener("keydown", (event) => this.#tabKey(event));
    }
    addEventListener("keydown", (event) => {
      const i = ["1", "2"].indexOf(event.key);
      const pane = this.panes[i];
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || !pane) return;
      if (document.querySelector("dialog[open]") || byId("live").hidden) return;
      event.preventDefault();
      this.pick(i);
      pane.composer.focus();
    });
  }

  /** A file that is dropped on a page replaces it in the browser: the room would be gone. */
  #wireDrops() {
    for (const name of ["dragover", "drop"]) {
      addEventListener(name, (event) => {
        if (!(event instanceof DragEvent) || !event.dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        const { target } = event;
        const pane = this.panes.find(({ root }) => target instanceof Node && root.contains(target));
        if (name === "drop") (pane ?? this.panes[this.current])?.composer.refuse();
      });
    }
  }

  /** @param {KeyboardEvent} event */
  #tabKey(event) {
    const n = this.panes.length;
    const targets = new Map([
      ["Home", 0], ["End", n - 1], ["ArrowRight", (this.current + 1) % n], ["ArrowLeft", (this.current - 1 + n) % n],
    ]);
    const target = targets.get(event.key);
    if (target === undefined) return;
    event.preventDefault();
    this.pick(target);
    this.tabs[target]?.focus();
  }

  /** @param {number} i */
  pick(i) {
    const pane = this.panes[i];
    if (!pane) return;
    this.current = i;
    pane.unread = 0;
    this.#fold();
  }

  /** @param {number} i */
  #hiddenPane(i) { return this.tabbed && narrow.matches && i !== this.current; }

  /** @param {Pane} pane @param {number} added */
  #count(pane, added) {
    pane.unread += added;
    announce(`New message from ${pane.names.name}.`);
    this.#fold();
  }

  /** Tabs exist only where there is no room for two columns; side by side, panes are regions. */
  #fold() {
    const tabs = this.tabbed && narrow.matches;
    byId("tabs").hidden = !tabs;
    for (const [i, pane] of this.panes.entries()) {
      pane.root.hidden = tabs && i !== this.current;
      pane.root.setAttribute("role", tabs ? "tabpanel" : "region");
      pane.root.setAttribute("aria-label", pane.names.name);
      const tab = this.tabs[i];
      if (this.tabbed && tab) showTab(tab, { chosen: i === this.current, unread: pane.unread });
    }
  }
}

/** @param {HTMLElement} tab @param {{chosen: boolean, unread: number}} options */
function showTab(tab, { chosen, unread }) {
  tab.setAttribute("aria-selected", String(chosen));
  tab.tabIndex = chosen ? 0 : -1;
  part(tab, "unread").hidden = unread === 0;
  setText(part(tab, "unread"), `${unread} new`);
}
