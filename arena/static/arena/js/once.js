/**
 * Takes a second click on a form with data-once for the first one. The server does what is asked
 * once in any case; this shows that it is under way, and spares a slow line the second time.
 */

/** Then the line may be so bad that another try is worth it. */
const PATIENCE_MS = 5000;

/** @param {HTMLFormElement} form @param {boolean} isSent */
function mark(form, isSent) {
  form.dataset.once = isSent ? "sent" : "";
  for (const button of form.querySelectorAll("[type=submit]")) button.setAttribute("aria-disabled", String(isSent));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.dataset.once === undefined) return;
  if (form.dataset.once === "sent") {
    event.preventDefault();
    return;
  }
  mark(form, true);
  setTimeout(() => mark(form, false), PATIENCE_MS);
});
