/* Link: the view in the address, so that it can be sent, and Back works. */
(function (map) {
  "use strict";

  const KEYS = ["ask", "target", "body", "stance", "level", "certainty", "asof", "knownby", "fresh", "kinds", "country", "by", "sort",
    "sel", "lang", "without", "between", "over", "step", "embed"];

  /** The state in an address, and nothing that is not known. */
  function parse(hash) {
    const out = {};
    let params;
    try {
      params = new URLSearchParams(hash.replace(/^#/, ""));
    } catch {
      return out;
    }
    for (const key of KEYS) if (params.has(key)) out[key] = params.get(key);
    return out;
  }

  /** The address of a state: what differs from the opening one. */
  function format(state, opening) {
    const params = new URLSearchParams();
    for (const key of KEYS) {
      const value = state[key];
      if (value !== undefined && value !== null && String(value) !== String(opening[key] ?? "")) params.set(key, value);
    }
    return params.toString();
  }

  /** Put a state into the address; `replace` leaves no step for Back. */
  function write(state, opening, replace) {
    const text = `#${format(state, opening)}`;
    if (text === (location.hash || "#")) return;
    try {
      if (replace) history.replaceState(null, "", text);
      else history.pushState(null, "", text);
    } catch {
      location.hash = text; // a frame without an address of its own allows only this
    }
  }

  map.link = { parse, format, write };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
