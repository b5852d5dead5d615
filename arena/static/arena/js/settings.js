/** Offers the time zone that the browser knows; taking it is up to its person. */
import { byId, part, setText } from "./dom.js";

const offer = byId("zone-offer");
const select = /** @type {HTMLSelectElement} */ (document.querySelector(offer.dataset.select ?? ""));
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const known = [...select.options].some(({ value }) => value === zone);

function show() {
  offer.hidden = !known || select.value === zone;
}

if (known) {
  setText(part(offer, "words"), "This browser keeps the time of");
  setText(part(offer, "take"), zone.replaceAll("_", " "));
  part(offer, "take").addEventListener("click", () => {
    select.value = zone;
    select.focus();
    show();
  });
  select.addEventListener("change", show);
}
show();
