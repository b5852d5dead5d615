/** Copy buttons: <button data-copy="#id"> copies the value or text of that element. */

const SAID_MS = 2000;

async function copy(button) {
  const source = document.querySelector(button.dataset.copy);
  const text = source instanceof HTMLInputElement ? source.value : source.textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
    say(button, "Copied");
  } catch {
    // Without permission, or on plain http: select it, so that one key press copies.
    if (source instanceof HTMLInputElement) source.select();
    else getSelection().selectAllChildren(source);
    say(button, "Press Ctrl+C");
  }
}

function say(button, words) {
  button.dataset.label ??= button.textContent;
  button.textContent = words;
  clearTimeout(button.timer);
  button.timer = setTimeout(() => { button.textContent = button.dataset.label; }, SAID_MS);
}

/** Delegated, so that buttons in refreshed parts of a page work too. */
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
  if (button) copy(button);
});

const unhide = () => { for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false; };
unhide();
document.addEventListener("refreshed", unhide);
