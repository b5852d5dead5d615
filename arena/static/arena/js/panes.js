/** The conversations of a seat: two equal ones, or one. Side by side, or as tabs where it is narrow. */
import { byId, part, setText } from "./dom.js";
import { announce } from "./a11y.js";
import { entries } from "./store.js";
import { Composer } from "./composer.js";
import { Log } from "./log.js";

const narrow = matchMedia("(max-width: 47.99rem)");
const PAGE = 100;

/** What a pane and its writer are called. @param {any} config @param {string|null} pane */
function names(config, pane) {
  if (config.seat === "witness") return { name: "Interrogator", mine: "You" };
  return { name: config.format === "three_party" ? `Witness ${pane}` : "The witness", mine: "You" };
}

class Pane {
  unread = 0;

  /** @param {any} app @param {string|null} id @param {number} n its place among several, or 0 */
  constructor(app, id, n) {
    this.id = id;
    this.n = n;
    this.app = app;
    this.names = names(app.config, id);
    this.root = byId("pane-template").content.firstElementChild.cloneNode(true);
    this.root.id = `pane-${id ?? "only"}`;
    setText(part(this.root, "name"), this.names.name);
    part(this.root, "log").setAttribute("aria-label", `Messages with ${this.names.name}`);
    part(this.root, "field").setAttribute("aria-label", `Message to ${this.names.name}`);
    part(this.root, "send").setAttribute("aria-label", `Send to ${this.names.name}`);
    this.#shortcut();
    part(this.root, "earlier").addEventListener("click", () => app.earlier());
    const decorate = app.tags ? (node, entry) => app.tags.decorate(node, entry) : undefined;
    this.log = new Log(this.root, { names: this.names, outbox: app.outbox, decorate });
    this.composer = new Composer(this.root, {
      pane: id, limit: app.config.message_chars, drafts: app.drafts, onSay: (text) => app.outbox.say(id, text),
    });
  }

  #shortcut() {
    const n = this.n;
    part(this.root, "shortcut").hidden = n === 0;
    if (n === 0) return;
    part(this.root, "field").setAttribute("aria-keyshortcuts", `Control+${n} Meta+${n}`);
    setText(part(this.root, "shortcut"), `${/Mac|iP/.test(navigator.platform) ? "⌘" : "Ctrl"} ${n}`);
  }

  /** @returns {number} new messages from the other side */
  show(state) {
    const button = part(this.root, "earlier");
    button.hidden = !state.earlier;
    button.disabled = state.page !== null;
    const list = entries(state, this.id);
    part(this.root, "empty").hidden = list.length > 0;
    return this.log.show(list, { offline: state.connection === "offline", over: state.ended !== null });
  }
}

export class Panes {
  #live = false;

  /** @param {any} app config, store, net, outbox, drafts, tags */
  constructor(app, ids) {
    this.app = app;
    const wanted = ids.length ? ids : [null];
    app.earlier = () => this.#earlier();
    this.panes = wanted.map((id, i) => new Pane(app, id, wanted.length > 1 ? i + 1 : 0));
    this.host = byId("panes");
    this.host.append(...this.panes.map(({ root }) => root));
    this.tabs = [...byId("tabs").querySelectorAll("[role=tab]")];
    this.tabbed = this.panes.length > 1;
    this.current = 0;
    this.#wireTabs();
    narrow.addEventListener("change", () => this.#fold());
    this.#fold();
  }

  /** @param {any} state */
  show(state) {
    if (!state.synced) return;
    for (const [i, pane] of this.panes.entries()) {
      const added = pane.show(state);
      if (this.#live && added > 0 && this.#hiddenPane(i)) this.#count(pane, added);
    }
    if (!this.#live) for (const { log } of this.panes) log.goLive();
    this.#live = true;
  }

  /** @param {boolean} open @param {string} why @param {(pane: string|null) => string} closed why one pane is closed, or "" */
  allow(open, why, closed = () => "") {
    for (const { id, composer } of this.panes) {
      const here = open ? closed(id) : "";
      composer.allow(open && here === "", open ? here : why);
    }
  }

  #earlier() {
    const { store, net } = this.app;
    const { first, page } = store.state;
    if (!first || page) return;
    store.act("paging");
    if (!net.write({ do: "history", before: first.id, limit: PAGE })) store.act("connection", { status: "offline", attempts: 0 });
  }

  #wireTabs() {
    for (const [i, tab] of this.tabs.entries()) {
      tab.addEventListener("click", () => this.pick(i));
      tab.addEventListener("keydown", (event) => this.#tabKey(event));
    }
    addEventListener("keydown", (event) => {
      const i = ["1", "2"].indexOf(event.key);
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || i < 0 || !this.panes[i]) return;
      if (document.querySelector("dialog[open]") || byId("live").hidden) return;
      event.preventDefault();
      this.pick(i);
      this.panes[i].composer.focus();
    });
  }

  #tabKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const target = { Home: 0, End: this.panes.length - 1 }[event.key]
      ?? (step && (this.current + step + this.panes.length) % this.panes.length);
    if (target === undefined) return;
    event.preventDefault();
    this.pick(target);
    this.tabs[target].focus();
  }

  pick(i) {
    this.current = i;
    this.panes[i].unread = 0;
    this.#fold();
  }

  #hiddenPane(i) { return this.tabbed && narrow.matches && i !== this.current; }

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
      if (this.tabbed) this.#tab(i, pane);
    }
  }

  #tab(i, pane) {
    const tab = this.tabs[i];
    const chosen = i === this.current;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    part(tab, "unread").hidden = pane.unread === 0;
    setText(part(tab, "unread"), `${pane.unread} new`);
  }
}
