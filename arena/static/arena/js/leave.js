/** Leaving: one click to the dialog, one more to leave, and the room ends for everybody alike. */
import { byId, newId, setText } from "./dom.js";

/** @param {{net: any, store: any}} app */
export function wireLeave({ net, store }) {
  const dialog = byId("leave-dialog");
  byId("leave-open").addEventListener("click", () => dialog.showModal());
  byId("leave-go").addEventListener("click", async () => {
    const go = byId("leave-go");
    go.disabled = true;
    try {
      await net.command({ do: "leave", id: newId() });
      dialog.close();
    } catch (refused) {
      setText(byId("leave-error"), refused.message);
    }
    go.disabled = false;
  });
  store.watch((state) => { if (state.ended !== null && dialog.open) dialog.close(); });
}

/** Every [data-close] button closes the dialog around it. */
export function wireClosers() {
  for (const button of document.querySelectorAll("[data-close]")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
}
