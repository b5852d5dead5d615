/** Small DOM builders. Text always goes in through textContent, never as markup. */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {{className?: string, text?: string, attrs?: Record<string, string>}} [options]
 * @param {...Node} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, { className = "", text = "", attrs = {} } = {}, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  for (const [name, value] of Object.entries(attrs)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/**
 * @template {HTMLElement} T
 * @param {HTMLElement|null} node @param {(new () => T)|undefined} kind @param {string} what
 * @returns {T}
 */
function expected(node, kind, what) {
  if (node instanceof (kind ?? HTMLElement)) return /** @type {T} */ (node);
  throw new TypeError(`The page has no ${kind?.name ?? "element"} ${what}.`);
}

/**
 * The one element with this id.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id @param {new () => T} [kind] @returns {T}
 */
export const byId = (id, kind) => expected(document.getElementById(id), kind, `#${id}`);

/**
 * First child of `root` carrying data-part=name.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {HTMLElement} root @param {string} name @param {new () => T} [kind] @returns {T}
 */
export const part = (root, name, kind) => expected(findPart(root, name), kind, `[data-part=${name}]`);

/** The same where there may be none. @param {HTMLElement} root @param {string} name @returns {HTMLElement|null} */
export const findPart = (root, name) => root.querySelector(`[data-part="${name}"]`);

/** A copy of what the template with this id holds. @param {string} id */
export const fromTemplate = (id) => expected(
  /** @type {HTMLElement|null} */ (byId(id, HTMLTemplateElement).content.firstElementChild?.cloneNode(true) ?? null),
  undefined, `#${id} > *`);

/** Every element with this attribute. @param {string} attribute @returns {NodeListOf<HTMLElement>} */
export const everyWith = (attribute) => document.querySelectorAll(`[${attribute}]`);

/**
 * Write text only when it differs, so that live regions and selections stay undisturbed.
 * @param {HTMLElement} node @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Put `nodes` into `parent` in this order, touching only what is out of place.
 * @param {HTMLElement} parent @param {HTMLElement[]} nodes
 */
export function arrange(parent, nodes) {
  const wanted = /** @type {Set<Element>} */ (new Set(nodes));
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let cursor = parent.firstElementChild;
  for (const node of nodes) {
    if (node === cursor) cursor = node.nextElementSibling;
    else parent.insertBefore(node, cursor);
  }
}

/** @returns {string} An id that the server will never see twice from another browser. */
export const newId = () => crypto.getRandomValues(new Uint8Array(16)).reduce(
  (hex, byte) => hex + byte.toString(16).padStart(2, "0"), "");

/** Code points after canonical composition: what the server counts. @param {string} text */
export const countChars = (text) => [...text.normalize("NFC")].length;
