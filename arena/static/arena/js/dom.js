/** Small DOM builders. Text always goes in through textContent, never as markup. */

/**
 * @param {string} tag
 * @param {{className?: string, text?: string, attrs?: Record<string, string>}} [options]
 * @param {...Node} children
 * @returns {HTMLElement}
 */
export function el(tag, { className = "", text = "", attrs = {} } = {}, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  for (const [name, value] of Object.entries(attrs)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** The one element with this id. @param {string} id @returns {any} */
export const byId = (id) => document.getElementById(id);

/** First child of `root` carrying data-part=name. @returns {any} */
export const part = (root, name) => root.querySelector(`[data-part="${name}"]`);

/** Write text only when it differs, so that live regions and selections stay undisturbed. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Put `nodes` into `parent` in this order, touching only what is out of place. */
export function arrange(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let cursor = parent.firstElementChild;
  for (const node of nodes) {
    if (node === cursor) cursor = cursor.nextElementSibling;
    else parent.insertBefore(node, cursor);
  }
}

/** @returns {string} An id that the server will never see twice from another browser. */
export const newId = () => crypto.getRandomValues(new Uint8Array(16)).reduce(
  (hex, byte) => hex + byte.toString(16).padStart(2, "0"), "");

/** Code points after canonical composition: what the server counts. @param {string} text */
export const countChars = (text) => [...text.normalize("NFC")].length;
