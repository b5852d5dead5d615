/**
 * The moments at which a line may have died unseen: somebody comes back to the page, the page comes
 * back from a sleep or from the browser's cache, the network comes back.
 */

/** @param {() => void} onReturn */
export function watchReturns(onReturn) {
  document.addEventListener("visibilitychange", () => { if (!document.hidden) onReturn(); });
  document.addEventListener("resume", onReturn);
  addEventListener("pageshow", ({ persisted }) => { if (persisted) onReturn(); });
  for (const name of ["online", "focus"]) addEventListener(name, onReturn);
}
