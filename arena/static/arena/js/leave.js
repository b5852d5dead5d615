/**
 * Leaving: one click to the dialog, one more to leave, and the room ends for everybody alike.
 *
 * @import {Net} from "./net.js"
 * @import {Store} from "./store.js"
 */
import { byId, everyWith, newId, setText } from "./dom.js";
import { reason } from "./net.js";

/** @param {{net: Net, store: Store}} parts */
export function wireLeave({ net, store }) {
  const dialog = byId("leave-dialog", HTMLDialogElement);
  byId("leave-open").addEventListener("click", () => dialog.showModal());
  byId("leave-go").addEventListener("click", async () => {
    const go = byId("leave-go", HTMLButtonElement);
    go.disabled = true;
    try {
      await net.command({ do: "leave", id: newId() });
      dialog.close();
    } catch (refused) {
      setText(byId("leave-error"), reason(refused));
    }
    go.disabled = false;
  });
  store.watch(({ ended, connection }) => { if ((ended !== null || connection === "moved") && dialog.open) dialog.close(); });
}

/** Every [data-close] button closes the dialog around it. */
export function wireClosers() {
  for (const button of everyWith("data-close")) {
    button.addEventListener("click", () => button.closest("dialog")?.close());
  }
}
