/* Assumptions: what an answer takes for granted, always in sight and always changeable. */
(function (map) {
  "use strict";

  const { el, button, put } = map.dom;
  const { t, term } = map.words;
  const { LEVELS, CERTAINTIES } = map.answers;
  const STANCES = ["direct", "documented", "assumed"];
  const FAMILY_KEYS = { abroad: "familyAbroad", outside: "familyOutside", state: "familyState", vendor: "familyVendor",
    agency: "familyAgency", operator: "familyOperator", system: "familySystem", store: "familyStore" };

  function choice(label, value, options, change) {
    const select = el("select", { onchange: (event) => change(event.target.value) },
      options.map(([code, text]) => el("option", { value: code, text, selected: code === value })));
    return el("label", { class: "field" }, el("span", { class: "field-label", text: label }), select);
  }

  function day(label, value, change, empty) {
    const input = el("input", { type: "date", value: value || "", min: "1900-01-01", max: "2999-12-31",
      onchange: (event) => { if (event.target.value || empty) change(event.target.value); } });
    return el("label", { class: "field" }, el("span", { class: "field-label", text: label }), input);
  }

  /** Kinds of body as a list of boxes to tick. */
  function kinds(state, app, families) {
    const bodies = families.slice(0, 6);
    const off = new Set(state.kinds ? state.kinds.split(",") : []);
    const on = bodies.filter((family) => !off.has(family));
    const summary = el("summary", {}, el("span", { class: "field-label", text: t("kinds") }),
      el("span", { class: "summary-value", text: off.size ? t("someKinds", { n: on.length }) : t("allKinds") }));
    return el("details", { class: "field kinds", id: "kinds", open: app.kindsOpen, ontoggle: (event) => { app.kindsOpen = event.target.open; } },
      summary, el("div", { class: "kinds-list" }, bodies.map((family) => el("label", { class: "check" },
        el("input", { type: "checkbox", checked: !off.has(family), onchange: (event) => {
          if (event.target.checked) off.delete(family);
          else off.add(family);
          app.set({ kinds: Array.from(off).join(",") });
        } }), el("span", { class: `swatch f-${family}` }), el("span", { text: t(FAMILY_KEYS[family]) })))));
  }

  const SPANS = { d: "spanDays", w: "spanWeeks", m: "spanMonths", y: "spanYears" };

  /** A span such as 3y in words. */
  function spanWords(span) {
    const key = SPANS[span.slice(-1)];
    const n = Number.parseInt(span, 10);
    return key && !Number.isNaN(n) ? t(key, { n }) : span;
  }

  function countries(model, state, app) {
    const found = Array.from(new Set(model.entities.country.filter((code, node) => code && model.types[node] === 0)));
    const options = found.map((code) => [code, map.words.country(code)]);
    const collator = new Intl.Collator(map.words.locales());
    options.sort((a, b) => collator.compare(a[1], b[1]));
    return choice(t("country"), state.country || "", [["", t("allCountries")], ...options], (country) => app.set({ country }));
  }

  /** Fill the strip. */
  function render(host, model, state, app, families, changed) {
    const level = (word) => (word === "custody" ? term("level", word) : t("orBetter", { word: term("level", word) }));
    const certainty = (word) => (word === "confirmed" ? term("certainty", word)
      : word === "prospective" ? t("anything") : t("orSurer", { word: term("certainty", word) }));
    // On a phone they fold into one line, which still says all of them.
    const summary = [term("stance", state.stance), level(state.level), certainty(state.certainty), map.words.date(state.asof),
      state.knownby ? `${t("knownBy")} ${map.words.date(state.knownby)}` : ""].filter(Boolean).join(" · ");
    const wide = window.innerWidth > 700;
    put(host, el("details", { class: "assume", open: wide || app.assumptionsOpen,
      ontoggle: (event) => { if (!wide) app.assumptionsOpen = event.target.open; } },
    el("summary", { hidden: wide }, el("b", { text: `${t("assumptions")}: ` }), summary),
    el("div", { class: "fields" },
      el("h3", { class: "assumptions-title", id: "assumptions-title", text: t("assumptions") }),
      choice(t("stance"), state.stance, STANCES.map((word) => [word, term("stance", word)]), (stance) => app.set({ stance })),
      choice(t("level"), state.level, LEVELS.map((word) => [word, level(word)]), (value) => app.set({ level: value })),
      choice(t("certainty"), state.certainty, CERTAINTIES.map((word) => [word, certainty(word)]), (value) => app.set({ certainty: value })),
      day(t("asOf"), state.asof, (asof) => app.set({ asof }), false),
      day(t("knownBy"), state.knownby, (knownby) => app.set({ knownby }), true),
      choice(t("fresh"), state.fresh || "", Array.from(new Set(["", "1y", "3y", "5y", state.fresh || ""])).map((span) => [span,
        span ? t("freshWithin", { span: spanWords(span) }) : t("anyAge")]), (fresh) => app.set({ fresh })),
      kinds(state, app, families),
      countries(model, state, app),
      changed ? button(t("reset"), () => app.reset(), { class: "reset" }) : null)));
  }

  map.assumptions = { render, spanWords, FAMILY_KEYS };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
