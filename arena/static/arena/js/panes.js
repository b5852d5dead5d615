/**
 * The conversations of a seat: two equal ones, or one. Side by side, or as tabs where it is narrow.
 *
 * @import {RoomConfig} from "./config.js"
 * @import {Clock} from "./clock.js"
 * @import {Dates} from "./dates.js"
 * @import {Drafts} from "./drafts.js"
 * @import {HowTyped, Pane as PaneName} from "./frames.js"
 * @import {Net} from "./net.js"
 * @import {Outbox} from "./outbox.js"
 * @import {Entry, State, Store} from "./store.js"
 * @import {Tags} from "./tags.js"
 *
 * @typedef {object} Parts
 * @property {RoomConfig} config
 * @property {Store} store
 * @property {Net} net
 * @property {Drafts} drafts
 * @property {Outbox} outbox
 * @property {Tags|null} tags
 * @property {Dates} dates
 * @property {Clock} clock
 */
import { byId, fromTemplate, part, setText } from "./dom.js";
import { announce } from "./a11y.js";
import { Composer } from "./composer.js";
import { hasEarlier } from "./conversation.js";
import { Jump } from "./jump.js";
import { Log } from "./log.js";
import { Pager } from "./pager.js";
import { Reading } from "./reading.js";
import { entries, tagsOf } from "./store.js";
import { UnreadPlace } from "./unread.js";

const narrow = matchMedia("(max-width: 47.99rem)");
/** So many messages fill a pane; where the newest events have fewer of it, it asks for earlier ones, a few times. */
const ENOUGH = 50;
const MOST_FILLS = 3;

/** What a pane and its writer are called. @param {RoomConfig} config @param {PaneName|null} pane */
function names(config, pane) {
  if (config.seat === "witness") return { name: "Interrogator", mine: "You" };
  return { name: config.format === "three_party" ? `Witness ${pane}` : "The witness", mine: "You" };
}

class Pane {
  unread = 0;
  #shown = /** @type {unknown[]} */ ([]);
  #fills = 0;
  #isLooking = false;
  #isPlaced = false;
  since = new UnreadPlace();

  /**
   * @param {Parts} parts @param {PaneName|null} id
   * @param {number} n its place among several, or 0
   */
  constructor({ config, net, store, drafts, outbox, tags, dates, clock }, id, n) {
    this.id = id;
    this.n = n;
    this.store = store;
    this.names = names(config, id);
    this.root = fromTemplate("pane-template");
    this.root.id = `pane-${id ?? "only"}`;
    this.#name();
    this.pager = new Pager({ net, store }, id);
    this.earlier = part(this.root, "earlier", HTMLButtonElement);
    this.earlier.addEventListener("click", () => this.pager.earlier());
    this.news = part(this.root, "unread-jump", HTMLButtonElement);
    this.news.addEventListener("click", () => this.#toUnread());
    this.log = new Log(this.root, {
      names: this.names, outbox, dates,
      decorate: (node, entry) => tags?.decorate(node, entry),
      mark: (entry) => (tags ? tagsOf(store.state, entry).join(" ") : ""),
      onScroll: () => this.#look(),
      onEnd: () => this.pager.toEnd(),
    });
    this.jump = new Jump(this.root, { pager: this.pager, now: () => clock.now(), onEnd: () => this.log.toEnd() });
    this.reading = new Reading({ net, place: () => this.log.lastSeen });
    this.composer = new Composer(this.root, {
      pane: id,
      limit: config.message_chars,
      drafts,
      mayPaste: config.may_paste ?? true,
      onSay: (text, typed) => this.#say(outbox, text, typed),
    });
    if (config.records_typing) this.#record();
  }

  #name() {
    setText(part(this.root, "name"), this.names.name);
    part(this.root, "log").setAttribute("aria-label", `Messages with ${this.names.name}`);
    part(this.root, "field").setAttribute("aria-label", `Message to ${this.names.name}`);
    part(this.root, "send").setAttribute("aria-label", `Send to ${this.names.name}`);
    this.#shortcut();
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

  /** Whoever writes is at the end. @param {Outbox} outbox @param {string} text @param {HowTyped} [typed] */
  #say(outbox, text, typed) {
    if (this.pager.conversation.away) this.log.toEnd();
    outbox.say(this.id, text, typed);
  }

  /** @param {State} state @returns {number} new messages from the other side */
  show(state) {
    const { connection, ended, outbox, tags, room } = state;
    const conversation = this.pager.conversation;
    const what = [conversation, outbox, tags, connection, ended, room?.phase];
    // What has not changed is not looked at again, as while the other pane's page comes in.
    if (what.every((each, i) => each === this.#shown[i]) && !outbox.some(({ status }) => status !== "stored")) return 0;
    this.#shown = what;
    const list = entries(state, this.id);
    this.since.begin(room, this.id);
    this.since.find(list, conversation);
    const line = { offline: connection === "offline", moved: connection === "moved", over: ended !== null };
    const added = this.log.show({ entries: list, conversation, line, unread: this.since.first });
    this.#showControls(state, list);
    this.#fill(state);
    this.#place();
    this.#look();
    return added;
  }

  /** @param {State} state @param {Entry[]} list */
  #showControls({ room }, list) {
    const { conversation } = this.pager;
    const more = hasEarlier(conversation);
    part(this.root, "empty").hidden = list.length > 0 || more || conversation.away !== null;
    const had = document.activeElement === this.earlier;
    this.earlier.hidden = !more;
    // Not disabled: that would take the focus from it.
    this.earlier.setAttribute("aria-disabled", String(conversation.asking !== null));
    if (had && !more) this.log.list.focus({ preventScroll: true });
    this.jump.show({ offered: more || conversation.away !== null, room });
  }

  /** The newest page of the log may have little of this pane: ask for more of it. @param {State} state */
  #fill({ connection }) {
    if (connection !== "open" || this.pager.conversation.asking || !this.#isFilling) return;
    this.#fills += 1;
    queueMicrotask(() => this.pager.earlier());
  }

  /** Whether the page still asks for the messages that it is to open with. */
  get #isFilling() {
    const { asking, earlier, tail } = this.pager.conversation;
    return asking !== null || (earlier && tail.length < ENOUGH && this.#fills < MOST_FILLS);
  }

  /** Begin where the seat has read to, or offer to go there. */
  #place() {
    if (this.#isPlaced || this.log.height === 0 || this.#isFilling) return;
    this.#isPlaced = true;
    if (this.since.after === null || this.log.toUnread()) return;
    setText(this.news, this.since.words);
    this.news.hidden = false;
  }

  #toUnread() {
    const { after } = this.since;
    if (after === null) return;
    this.news.hidden = true;
    this.since.seek(this.pager.conversation);
    this.pager.jump({ after });
  }

  /** Something came, or somebody scrolled: see what is near, what is read, and whether news may push. */
  #look() {
    if (this.#isLooking) return;
    this.#isLooking = true;
    requestAnimationFrame(() => {
      this.#isLooking = false;
      const { log, pager } = this;
      this.store.act({ type: "follows", pane: pager.key, follows: log.follows });
      if (log.height === 0) return;
      this.#place();
      this.reading.notice();
      if (log.above < log.height) pager.earlier();
      if (log.below < log.height) pager.later();
    });
  }

  /** It is seen again. */
  appear() { this.#look(); }
}

export class Panes {
  #live = false;

  /** @param {Parts} parts @param {PaneName[]} ids */
  constructor(parts, ids) {
    const wanted = ids.length ? ids : [null];
    this.panes = wanted.map((id, i) => new Pane(parts, id, wanted.length > 1 ? i + 1 : 0));
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
      if (!this.#live) pane.unread = this.#hiddenPane(i) ? pane.since.n : 0;
      else if (added > 0) this.#tell(pane, { added, hidden: this.#hiddenPane(i) });
    }
    if (this.#live) return;
    this.#live = true;
    for (const { log } of this.panes) log.goLive();
    this.#fold();
  }

  /** @param {boolean} open @param {string} why @param {(pane: PaneName|null) => string} closed why one pane is closed, or "" */
  allow(open, why, closed = () => "") {
    for (const { id, composer } of this.panes) {
      const here = open ? closed(id) : "";
      composer.allow(open && here === "", open ? here : why);
    }
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
    pane.appear();
  }

  /** @param {number} i */
  #hiddenPane(i) { return this.tabbed && narrow.matches && i !== this.current; }

  /** What comes where it is not seen is told of. @param {Pane} pane @param {{added: number, hidden: boolean}} news */
  #tell(pane, { added, hidden }) {
    if (hidden || pane.pager.conversation.away) announce(`New message from ${pane.names.name}.`);
    if (!hidden) return;
    pane.unread += added;
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
