/* Dom: elements out of text; data only ever become text nodes, attributes of known names, and checked links. */
(function (map) {
  "use strict";

  const DATE = /(\d{4}-\d{2}(?:-\d{2})?)/;

  /** A text with its dates kept whole: a hyphen would let a line end within them. */
  function unbroken(text) {
    if (typeof text !== "string" || !DATE.test(text)) return text;
    return text.split(DATE).map((piece, i) => (i % 2 ? el("span", { class: "date", text: piece }) : piece)).filter(Boolean);
  }

  /** An element. `props`: attributes; `on…` listeners; `text`. Children may be nodes, texts or nothing. */
  function el(tag, props = {}, ...children) {
    const node = document.createElement(tag);
    const plain = props.class === "date" || tag === "option" || tag === "textarea";
    for (const [name, value] of Object.entries(props)) {
      if (value === null || value === undefined || value === false) continue;
      if (name === "text") node.append(...[plain ? value : unbroken(value)].flat());
      else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (name === "class") node.className = value;
      else if (name === "value") node.value = value;
      else if (name === "checked" || name === "disabled" || name === "hidden" || name === "selected" || name === "open") {
        node[name] = Boolean(value);
      } else node.setAttribute(name, value === true ? "" : String(value));
    }
    for (const child of children.flat(Infinity).flatMap((piece) => (plain ? piece : unbroken(piece)))) {
      if (child !== null && child !== undefined && child !== false) node.append(child);
    }
    return node;
  }

  /** A link to a source: only http and https lead anywhere, anything else stays text. */
  function link(url, text, props = {}) {
    let address = null;
    try {
      address = new URL(url);
    } catch {
      address = null;
    }
    if (!address || (address.protocol !== "https:" && address.protocol !== "http:")) return el("span", { ...props, text });
    return el("a", { ...props, href: address.href, rel: "noopener noreferrer", target: "_blank", text });
  }

  function button(text, onclick, props = {}) {
    return el("button", { type: "button", onclick, ...props, text });
  }

  const FOCUSABLE = "a[href], button, input, select, summary, [tabindex]";
  const saying = (node) => node.getAttribute("aria-label") || node.textContent;

  /** What in a host has the focus, so that it can be found again among new elements. */
  function held(host) {
    const node = document.activeElement;
    if (!node || node === host || !host.contains(node) || !node.matches(FOCUSABLE)) return null;
    return { id: node.id, tag: node.tagName, said: saying(node), at: Array.from(host.querySelectorAll(FOCUSABLE)).indexOf(node) };
  }

  /** Focus what was in focus: the element with its id or its words, nearest to its place, else what stands there now. */
  function hold(host, { id, tag, said, at }) {
    const all = Array.from(host.querySelectorAll(FOCUSABLE));
    const able = (node) => node.tagName === tag && !node.disabled;
    const near = (node) => Math.abs(all.indexOf(node) - at);
    const same = all.filter((node) => able(node) && (id ? node.id === id : saying(node) === said));
    const found = same.sort((a, b) => near(a) - near(b))[0] || all.filter(able).sort((a, b) => near(a) - near(b))[0];
    if (found) found.focus({ preventScroll: true });
  }

  /** New children for a host; the focus stays where it was, which a keyboard would otherwise lose at every step. */
  function put(host, ...children) {
    const before = held(host);
    host.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
    if (before) hold(host, before);
  }

  /** Text to the clipboard, also on file: where the newer interface is closed. */
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = el("textarea", { class: "hidden", "aria-hidden": "true", value: text });
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  }

  /** Hand a file to the reader. */
  function save(blob, name) {
    const url = URL.createObjectURL(blob);
    const anchor = el("a", { href: url, download: name });
    document.body.append(anchor);
    anchor.click();
    anchor.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }

  const byId = (id) => document.getElementById(id);

  map.dom = { el, unbroken, link, button, put, copy, save, byId };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
