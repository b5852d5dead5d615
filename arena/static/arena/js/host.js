/**
 * Keeps parts of a host page fresh: an element with data-refresh-url and an id is filled every
 * data-refresh-s seconds with what the element of the same id holds on that page.
 */

const DEFAULT_S = 5;

/** Not while somebody is using what would be replaced. @param {Element} region */
const inUse = (region) => region.contains(document.activeElement) || region.querySelector("dialog[open], details[open]") !== null;

const seen = new WeakMap();

/** @param {HTMLElement} region */
async function refresh(region) {
  if (document.hidden || inUse(region)) return;
  const answer = await fetch(region.dataset.refreshUrl ?? "", { credentials: "same-origin", redirect: "error" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(region.id);
  if (!fresh || inUse(region) || fresh.outerHTML === seen.get(region)) return;
  seen.set(region, fresh.outerHTML);
  region.replaceChildren(...fresh.childNodes);
  document.dispatchEvent(new CustomEvent("refreshed"));
}

/** @param {HTMLElement} region */
function follow(region) {
  const every = Number(region.dataset.refreshS ?? DEFAULT_S) * 1000;
  const turn = async () => {
    // Offline or signed out: the page stays as it is and tries again at its next turn.
    await refresh(region).catch(() => undefined);
    setTimeout(turn, every);
  };
  setTimeout(turn, every);
}

for (const region of document.querySelectorAll("[data-refresh-url][id]")) follow(/** @type {HTMLElement} */ (region));
