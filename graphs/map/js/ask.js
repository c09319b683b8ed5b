/* Ask: the question as a sentence to fill in, and the field that finds anyone. */
(function (map) {
  "use strict";

  const { el, put } = map.dom;
  const { t, term, name } = map.words;

  function entryLabel(model, entry) {
    return entry.kind === "category" ? map.words.category(model, entry.position) : name(model, entry.node);
  }

  function asOption(model, entry, families) {
    if (entry.kind === "category") {
      return { label: map.words.category(model, entry.position), hint: t("categoryGroup"), value: entry,
        indent: model.categories.broader[entry.position] >= 0 };
    }
    const node = entry.node;
    const type = ["body", "system", "store"][model.types[node]];
    const kind = type === "body" ? term("kind", model.entities.kind[node]) : term("type", type);
    return { label: name(model, node), lang: map.words.langOf(model, node), value: entry,
      hint: [kind, map.words.country(model.entities.country[node])].filter(Boolean).join(", "),
      mark: map.legend.family(families[model.entities.family[node]]) };
  }

  /** Categories in the order of their tree, broader first. */
  function tree(model) {
    const { broader } = model.categories;
    const all = broader.map((_, position) => position);
    const out = [];
    const add = (position) => {
      out.push({ kind: "category", position, code: model.categories.code[position] });
      all.filter((other) => broader[other] === position).forEach(add);
    };
    all.filter((position) => broader[position] < 0).forEach(add);
    return out;
  }

  /** Build the form; called again when the language or the kind of question changes. */
  function render(host, model, entries, state, app, families) {
    const focused = document.activeElement && host.contains(document.activeElement) ? document.activeElement.id : null;
    const mode = el("select", { id: "ask-mode", "aria-label": t("askMode"), class: "ask-mode", onchange: (event) => app.mode(event.target.value) },
      [["who", "askWho"], ["what", "askWhat"], ["how", "askHow"], ["all", "askAll"]].map(([code, key]) => el("option", {
        value: code, text: t(key), selected: state.ask === code })));
    const suggest = (accept, first) => (text) => {
      const found = text ? map.search.find(entries(), text, { accept, limit: 30 }) : first();
      return found.map((entry) => asOption(model, entry, families));
    };
    const bodies = (entry) => entry.kind === "entity" && model.types[entry.node] === 0;
    const busiest = () => entries().filter(bodies).slice(0, 200).sort((a, b) => degree(b.node) - degree(a.node)).slice(0, 30);
    const degree = (node) => model.out.ptr[node + 1] - model.out.ptr[node];
    const target = () => map.combobox({ label: t("fieldTarget"), className: "ask-target", shown: app.nameOf(state.target),
      suggest: suggest(() => true, () => tree(model)), choose: (entry) => app.ask({ target: entry.code }) });
    const body = () => map.combobox({ label: t("fieldBody"), className: "ask-body", shown: app.nameOf(state.body),
      suggest: suggest(bodies, busiest), choose: (entry) => app.ask({ body: entry.code }) });
    const parts = { who: () => [target().node], what: () => [body().node],
      how: () => [body().node, el("span", { class: "ask-to", text: t("to") }), target().node], all: () => [] };
    const find = map.combobox({ label: t("fieldFind"), className: "find", placeholder: t("findHint"),
      suggest: suggest(() => true, () => []), choose: (entry) => app.found(entry) });
    put(host, el("h2", { class: "hidden", id: "ask-title", text: t("askTitle") }),
      el("div", { class: "question" }, mode, parts[state.ask]()), find.node);
    if (focused === "ask-mode") mode.focus();
  }

  map.ask = { render, entryLabel };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
