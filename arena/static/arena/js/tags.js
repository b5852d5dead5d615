/**
 * Strategies of one's own message: a list that opens below it, never asked for, never required.
 *
 * @import {Strategy} from "./config.js"
 * @import {Net} from "./net.js"
 * @import {Entry, Store} from "./store.js"
 */
import { el, findPart, newId, part, setText } from "./dom.js";
import { announce } from "./a11y.js";
import { tagsOf } from "./store.js";
import { reason } from "./net.js";

const SETTLE_MS = 600;

export class Tags {
  /** @type {Map<string, number>} */
  #timers = new Map();

  /** @param {{strategies: Strategy[], net: Net, store: Store}} options */
  constructor({ strategies, net, store }) {
    this.strategies = strategies;
    this.net = net;
    this.store = store;
  }

  /**
   * Give a stored message of one's own its "Tag" button, and show what it is tagged with.
   * @param {HTMLElement} node @param {Entry} entry
   */
  decorate(node, entry) {
    if (entry.from !== "me" || entry.status !== "stored" || !entry.id || this.strategies.length === 0) return;
    const button = findPart(node, "tag") ?? this.#button(node, entry);
    const chosen = tagsOf(this.store.state, entry);
    const labels = this.strategies.filter(({ id }) => chosen.includes(id)).map(({ label }) => label);
    setText(part(node, "tagged"), labels.join(" · "));
    setText(button, labels.length ? "Change tags" : "Tag");
  }

  /** @param {HTMLElement} node @param {Entry} entry */
  #button(node, entry) {
    const button = el("button", { className: "link-button", attrs: { type: "button", "data-part": "tag", "aria-expanded": "false" } });
    const tagged = el("span", { className: "message-tags", attrs: { "data-part": "tagged" } });
    part(node, "foot").prepend(tagged, button);
    button.addEventListener("click", () => this.#toggle(node, entry));
    node.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !findPart(node, "tag-list")) return;
      event.stopPropagation();
      this.#close(node);
      button.focus();
    });
    return button;
  }

  /** @param {HTMLElement} node @param {Entry} entry */
  #toggle(node, entry) {
    if (findPart(node, "tag-list")) this.#close(node);
    else this.#open(node, entry);
  }

  /** @param {HTMLElement} node */
  #close(node) {
    findPart(node, "tag-list")?.remove();
    part(node, "tag").setAttribute("aria-expanded", "false");
  }

  /** @param {HTMLElement} node @param {Entry} entry */
  #open(node, entry) {
    /** @type {NodeListOf<HTMLElement>} */
    const open = document.querySelectorAll(".message:has(.tag-list)");
    for (const other of open) this.#close(other);
    const chosen = new Set(tagsOf(this.store.state, entry));
    const meaning = el("p", { className: "tag-meaning", text: "What were you trying? Choose any." });
    const chips = this.strategies.map((strategy) => this.#chip({ strategy, chosen, meaning, id: entry.id }));
    const done = el("button", { className: "link-button", text: "Done", attrs: { type: "button" } });
    done.addEventListener("click", () => { this.#close(node); part(node, "tag").focus(); });
    const legend = el("legend", { className: "visually-hidden", text: "Strategies of this message" });
    const chipRow = el("div", { className: "chips" }, ...chips);
    node.append(el("fieldset", { className: "tag-list", attrs: { "data-part": "tag-list" } },
      legend, chipRow, el("div", { className: "tag-list-foot" }, meaning, done)));
    part(node, "tag").setAttribute("aria-expanded", "true");
    part(node, "tag-list").querySelector("input")?.focus();
    node.scrollIntoView({ block: "nearest" });
  }

  /** @param {{strategy: Strategy, chosen: Set<string>, meaning: HTMLElement, id: string}} options */
  #chip({ strategy, chosen, meaning, id }) {
    const box = el("input", { attrs: { type: "checkbox", "aria-description": strategy.meaning } });
    box.checked = chosen.has(strategy.id);
    const explain = () => setText(meaning, strategy.meaning || strategy.label);
    const chip = el("label", { className: "chip" }, box, el("span", { text: strategy.label }));
    box.addEventListener("focus", explain);
    chip.addEventListener("pointerenter", explain);
    box.addEventListener("change", () => {
      if (box.checked) chosen.add(strategy.id); else chosen.delete(strategy.id);
      this.#save(id, this.strategies.map((known) => known.id).filter((known) => chosen.has(known)));
    });
    return chip;
  }

  /** Several choices in one go become one report. @param {string} event @param {string[]} strategies */
  #save(event, strategies) {
    const before = this.store.state.tags.get(event);
    this.store.act({ type: "tagged", event, strategies });
    clearTimeout(this.#timers.get(event));
    this.#timers.set(event, setTimeout(async () => {
      try {
        await this.net.command({ do: "tag", id: newId(), event, strategies });
      } catch (refused) {
        this.store.act({ type: "tagged", event, strategies: before });
        announce(`The tags were not saved. ${reason(refused)}`);
      }
    }, SETTLE_MS));
  }
}
