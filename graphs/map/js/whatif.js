/* What if: things taken away, shown as chips that can be put back. */
(function (map) {
  "use strict";

  const { el, button, put } = map.dom;
  const { t, name } = map.words;

  /** A part of an address as it was before it was packed; as it stands where a link was cut or written by hand. */
  function unpacked(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  }

  const taken = (state) => (state.without ? state.without.split(",").map(unpacked) : []);
  const packed = (ids) => ids.map(encodeURIComponent).join(",");

  const known = (model, id) => model.position.has(id) || model.relationRow.has(id) || map.removal.sourceRows(model).has(id);

  /** Name of anything that can be taken away: an entity, a relation, a source. */
  function label(model, id) {
    if (model.position.has(id)) return name(model, model.position.get(id));
    const row = model.relationRow.get(id);
    if (row !== undefined) return map.words.link(model, row);
    const source = map.removal.sourceRows(model).get(id);
    return source === undefined ? id : `“${model.sources.title[source]}”`;
  }

  /** A button that takes a thing away, or puts it back. */
  function toggle(id, app, words = "takeAway") {
    const ids = taken(app.state());
    const gone = ids.includes(id);
    return button(t(gone ? "putBack" : words), () => app.set({
      without: packed(gone ? ids.filter((other) => other !== id) : [...ids, id]) }), { class: "take", "aria-pressed": String(gone) });
  }

  /** The chips of what is gone. */
  function chips(host, model, app) {
    const ids = taken(app.state());
    put(host, ids.length ? [el("b", { text: t("whatIf") }),
      ids.map((id) => button(`${label(model, id)} ×`, () => app.set({ without: packed(ids.filter((other) => other !== id)) }), {
        class: "chip", "aria-label": `${t("putBack")}: ${label(model, id)}` }))] : null);
    host.hidden = !ids.length;
  }

  map.whatif = { known, taken, packed, toggle, chips, label };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
