/**
 * Keeps parts of a host page fresh: an element with data-news-url and an id asks there, every
 * data-news-s seconds, for what is newer than its data-version. The answer is nothing, or the
 * element anew; a list in it with data-adds holds only what comes after what is shown.
 */

/** Not while somebody is using what would be replaced. @param {Element} region */
const inUse = (region) => region.contains(document.activeElement) || region.querySelector("dialog[open], details[open]") !== null;

/** @param {HTMLElement} region @returns {URL} */
function newsAddress(region) {
  const address = new URL(region.dataset.newsUrl ?? "", location.href);
  address.searchParams.set("since", region.dataset.version ?? "");
  return address;
}

/** @param {HTMLElement} region */
async function refresh(region) {
  if (document.hidden || inUse(region)) return;
  const answer = await fetch(newsAddress(region), { credentials: "same-origin", redirect: "error" });
  if (answer.status !== 200) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(region.id);
  if (!fresh || inUse(region)) return;
  // Where more has changed than this part, as when a report is ready.
  if (fresh.hasAttribute("data-reload")) return void location.reload();
  show(region, fresh);
}

/** @param {HTMLElement} region @param {HTMLElement} fresh */
function show(region, fresh) {
  /** @type {HTMLElement|null} */
  const added = fresh.querySelector("[data-adds]");
  const list = added && document.getElementById(added.id);
  if (added && list) {
    list.append(...added.children);
    while (list.children.length > Number(added.dataset.keeps)) list.firstElementChild?.remove();
    added.replaceWith(list);
  }
  region.replaceChildren(...fresh.childNodes);
  for (const name of ["version", "newsS"]) region.dataset[name] = fresh.dataset[name] ?? "";
  document.dispatchEvent(new CustomEvent("refreshed"));
}

/** @param {HTMLElement} region */
function follow(region) {
  const wait = () => setTimeout(turn, Number(region.dataset.newsS) * 1000);
  const turn = async () => {
    // Offline or signed out: the page stays as it is and tries again at its next turn.
    await refresh(region).catch(() => undefined);
    wait();
  };
  wait();
}

for (const region of document.querySelectorAll("[data-news-url][id]")) follow(/** @type {HTMLElement} */ (region));
