/** Copy buttons: <button data-copy="#id"> copies the value or text of that element. */
import { everyWith } from "./dom.js";

const SAID_MS = 2000;
/** @type {WeakMap<HTMLElement, number>} */
const timers = new WeakMap();

/** @param {HTMLElement} button */
async function copy(button) {
  const source = document.querySelector(button.dataset.copy ?? "");
  if (!source) return;
  const text = source instanceof HTMLInputElement ? source.value : source.textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
    say(button, "Copied");
  } catch {
    // Without permission, or on plain http: select it, so that one key press copies.
    if (source instanceof HTMLInputElement) source.select();
    else getSelection()?.selectAllChildren(source);
    say(button, "Press Ctrl+C");
  }
}

/** @param {HTMLElement} button @param {string} words */
function say(button, words) {
  const label = button.dataset.label ??= button.textContent;
  button.textContent = words;
  clearTimeout(timers.get(button));
  timers.set(button, setTimeout(() => { button.textContent = label; }, SAID_MS));
}

/** Delegated, so that buttons in refreshed parts of a page work too. */
document.addEventListener("click", (event) => {
  /** @type {HTMLElement|null} */
  const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
  if (button) copy(button);
});

const unhide = () => { for (const button of everyWith("data-copy")) button.hidden = false; };
unhide();
document.addEventListener("refreshed", unhide);
