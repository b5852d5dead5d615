/**
 * Where a message is written. Both seats and both panes get the same one.
 *
 * @import {Drafts} from "./drafts.js"
 * @import {HowTyped, Pane} from "./frames.js"
 * @import {Typing} from "./typing.js"
 */
import { countChars, part, setText } from "./dom.js";
import { announce } from "./a11y.js";

/** From this share of the limit on, the number of characters left is shown. */
const SHOW_FROM = 0.8;
const touch = matchMedia("(pointer: coarse)");

const NO_PASTING = "Pasting is not allowed in this study. Please type your message.";
const INSERTED = new Set(["insertFromPaste", "insertFromPasteAsQuotation", "insertFromDrop", "insertFromYank"]);
const TEXT_ONLY = "Only text can be sent here, no pictures or files.";

/**
 * Whether a key belongs to an input method. Safari says that the Enter which takes a candidate does not:
 * there only the key code tells.
 * @param {KeyboardEvent} event
 */
const isComposing = (event) => event.isComposing || event.keyCode === 229;

export class Composer {
  #warned = false;
  #open = false;
  /** @type {Typing|null} */
  #typing = null;

  /**
   * @param {HTMLElement} root the pane
   * @param {{pane: Pane|null, limit: number, drafts: Drafts, mayPaste: boolean, onSay: (text: string, typed?: HowTyped) => void}} options
   */
  constructor(root, options) {
    this.options = options;
    this.form = part(root, "composer");
    this.field = part(root, "field", HTMLTextAreaElement);
    this.counter = part(root, "counter");
    this.button = part(root, "send", HTMLButtonElement);
    this.field.value = options.drafts.draft(options.pane);
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.#send(); });
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.addEventListener("input", () => this.#changed());
    this.field.addEventListener("paste", (event) => this.#pasted(event));
    if (!options.mayPaste) this.field.addEventListener("beforeinput", (event) => this.#inserted(event));
    options.drafts.watch(options.pane, (text) => this.#take(text));
    this.#count();
    this.#grow();
  }

  /** @param {boolean} open @param {string} why shown in place of the hint while closed */
  allow(open, why = "") {
    this.#open = open;
    this.field.readOnly = !open;
    this.button.disabled = !open;
    this.form.classList.toggle("composer-closed", !open);
    setText(part(this.form, "closed"), open ? "" : why);
  }

  focus() { this.field.focus(); }

  /** Send with each message how it was typed. @param {Typing} typing */
  record(typing) { this.#typing = typing; }

  /** Say that files are not taken. */
  refuse() { this.#refuse(TEXT_ONLY); }

  /** @param {string} why */
  #refuse(why) {
    setText(part(this.form, "refusal"), why);
    announce(why);
  }

  /** @param {InputEvent} event */
  #inserted(event) {
    if (!INSERTED.has(event.inputType)) return;
    event.preventDefault();
    this.#refuse(NO_PASTING);
  }

  /** @param {string} text as it was changed in another tab of this seat */
  #take(text) {
    this.field.value = text;
    this.#count();
    this.#grow();
  }

  /** Many programs copy text with a picture of it: then the text is meant. @param {ClipboardEvent} event */
  #pasted(event) {
    const data = event.clipboardData;
    if (!data || data.files.length === 0 || data.types.includes("text/plain")) return;
    event.preventDefault();
    this.refuse();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || isComposing(event) || touch.matches) return;
    event.preventDefault();
    this.#send();
  }

  #send() {
    const text = this.field.value.toWellFormed?.().trim() ?? this.field.value.trim();
    if (!this.#open || text === "") return;
    if (countChars(text) > this.options.limit) {
      announce(`Too long: ${this.counter.textContent}`);
      this.field.focus();
      return;
    }
    this.field.value = "";
    this.#changed();
    this.options.onSay(text, this.#typing?.take());
    this.field.focus();
  }

  #changed() {
    this.options.drafts.setDraft(this.options.pane, this.field.value);
    setText(part(this.form, "refusal"), "");
    this.#count();
    this.#grow();
  }

  #count() {
    const left = this.options.limit - countChars(this.field.value.trim());
    const near = left < this.options.limit * (1 - SHOW_FROM);
    setText(this.counter, near ? `${left < 0 ? `${-left} too many` : `${left} left`}` : "");
    this.counter.classList.toggle("counter-over", left < 0);
    this.field.setAttribute("aria-invalid", String(left < 0));
    if (near && !this.#warned) announce(`${left} characters left.`);
    this.#warned = near;
  }

  /** Browsers without field-sizing need to be told the height. */
  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.field.style.blockSize = "auto";
    this.field.style.blockSize = `${this.field.scrollHeight + 2}px`;
  }
}
