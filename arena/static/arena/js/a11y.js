/** What is said to people who listen to the page instead of looking at it. */
const GAP_MS = 600;
/** @type {string[]} */
const waiting = [];
let speaking = false;

function next() {
  const region = document.getElementById("announcer");
  const text = waiting.shift();
  if (text === undefined || !region) {
    speaking = false;
    return;
  }
  speaking = true;
  region.textContent = "";
  requestAnimationFrame(() => { region.textContent = text; });
  setTimeout(next, GAP_MS);
}

/** Say one short sentence politely, after whatever is already being said. @param {string} text */
export function announce(text) {
  waiting.push(text);
  if (!speaking) next();
}

/** Move focus to the heading of a newly shown part of the page. @param {HTMLElement} root */
export function focusHeading(root) {
  const heading = root.querySelector("h1, h2");
  if (!(heading instanceof HTMLElement)) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
