/* Findings: what the library worked out when the page was made, told beside what the page works out itself. */
(function (map) {
  "use strict";

  const { el, button } = map.dom;
  const { t, term, name } = map.words;
  const LENGTH = 25;

  const QUOTES = { en: ["“", "”", "‘", "’"], ru: ["«", "»", "„", "“"], kk: ["«", "»", "„", "“"] };

  /** A name within quotation marks, those inside it turned into inner ones; as the library writes it. */
  function quoted(text, lang) {
    const [opening, closing, inner, end] = QUOTES[lang];
    let out = text;
    for (const [first, last] of Object.values(QUOTES)) out = out.replaceAll(first, inner).replaceAll(last, end);
    return `${opening}${out}${closing}`;
  }

  /** The question of a gap as a sentence to send. */
  function question(model, i) {
    const { gaps } = model.data.findings;
    const lang = map.words.language();
    const says = (node) => quoted(name(model, node), lang);
    const row = gaps.relation[i];
    const values = { detail: gaps.detail[i] };
    if (row < 0) values.name = says(gaps.entity[i]);
    else {
      values.subject = says(model.relations.subject[row]);
      values.object = says(model.relations.object[row]);
      // To the letter as in the library's own questions, so that both can be compared and searched for.
      values.what = [values.subject, term("predicate", model.relations.predicate[row]), values.object].join(lang === "en" ? " " : " – ");
    }
    return gaps.questions[lang][gaps.question[i]].replace(/\{(\w+)\}/g, (whole, key) => (key in values ? values[key] : whole));
  }

  /** Whether the reader asks under other assumptions than those under which the library was asked. */
  function differs(state, opening) {
    return ["stance", "level", "certainty", "asof", "knownby", "fresh", "without"].some(
      (key) => String(state[key] || "") !== String(opening[key] || ""));
  }

  /** Rows of the library's exposure that bear on a question. */
  function exposed(result, state) {
    const { model } = result.v;
    const { exposure } = model.data.findings;
    const all = Array.from(exposure.entity.keys());
    if (state.ask === "who" && result.target && result.target.kind === "category") {
      const asked = new Set(model.categories.narrower[result.target.position]);
      return all.filter((i) => exposure.entity[i] !== exposure.listed[i] && exposure.categories[i].some((c) => asked.has(c)));
    }
    const places = state.ask === "what" ? new Set([result.body, ...result.bodies.map((row) => row.place)])
      : new Set([result.target && result.target.node, result.body]);
    return all.filter((i) => places.has(exposure.entity[i]));
  }

  function asked(model, app, certainty) {
    const { asked: under } = model.data.findings;
    return [
      el("p", { class: "soft", text: t("findAsked", { day: under.day, stance: term("stance", under.stance),
        certainty: term("certainty", certainty) }) }),
      differs(app.state(), app.opening()) ? el("p", { class: "differs", text: t("findDiffers") }) : null,
    ];
  }

  const none = (model) => (model.data.findings ? null
    : [el("h3", { text: t("findTitle") }), el("p", { class: "soft", text: t("findTooLarge") })]);

  /** One finding: its sentence, how the list reaches the vendor, and the links of its route. */
  function finding(model, i, app) {
    const { exposure } = model.data.findings;
    const step = (row) => {
      const label = map.whatif.label(model, model.relations.id[row]);
      return button(t("findLink"), () => app.select({ type: "relation", row }), { class: "quiet", title: label,
        "aria-label": `${t("findLink")}: ${label}` });
    };
    return el("li", {}, el("p", { text: exposure.sentence[map.words.language()][i] }), el("p", { class: "tags" },
      map.evidence.tag(t(`rule_${exposure.rule[i]}`), exposure.rule[i] === "undetermined" ? "warn" : ""),
      exposure.sole[i] ? map.evidence.tag(t("soleSupplier")) : null, exposure.route[i].map(step)));
  }

  /** What rests on listed entities, by listed entity: the library's sentences. */
  function exposurePart(result, app) {
    const { model } = result.v;
    if (!model.data.findings) return none(model);
    const { exposure } = model.data.findings;
    const lang = map.words.language();
    const groups = new Map();
    for (const i of exposed(result, app.state())) {
      const listed = exposure.listed[i];
      if (!groups.has(listed)) groups.set(listed, []);
      groups.get(listed).push(i);
    }
    const things = (rows) => new Set(rows.map((i) => exposure.entity[i])).size;
    const order = Array.from(groups).sort((a, b) => things(b[1]) - things(a[1]));
    const notes = exposure.notes[lang];
    return [
      el("h3", { text: t("findExposure", { n: new Set(order.flatMap(([, rows]) => rows.map((i) => exposure.entity[i]))).size }) }),
      asked(model, app, model.data.findings.asked.exposure_certainty),
      order.length ? el("ul", { class: "ranking", "data-part": "exposure" }, order.map(([listed, rows]) => el("li", {},
        el("span", { class: "rank-number", text: map.words.number(things(rows)) }),
        el("div", {}, button(name(model, listed), () => app.select({ type: "entity", node: listed }), {
          class: "name", lang: map.words.langOf(model, listed) }),
        el("p", { class: "soft", text: Array.from(new Set(rows.map((i) => exposure.effect[lang][i]).filter(Boolean))).join("; ") }),
        el("details", {}, el("summary", { text: t("findSentences", { n: rows.length }) }),
          el("ul", { class: "sentences" }, rows.map((i) => finding(model, i, app))))))))
        : el("p", { class: "soft", text: t("findNone") }),
      notes.length ? el("details", {}, el("summary", { text: t("findNotes") }), notes.map((text) => el("p", { class: "soft", text }))) : null,
    ];
  }

  /**
   * Gaps of the library that bear on an answer, each with its figure: {own, rows: [[place in its list, figure]]}. `own` if
   * they are the library's answer about this category, else figures of the whole map, for what the answer rests on.
   */
  function gapsOf(result, state) {
    const { gaps } = result.v.model.data.findings;
    const own = gaps.asked && state.ask === "who" && result.target && result.target.kind === "category" && !state.kinds && !state.country;
    if (own) {
      const [places, stakes] = gaps.asked[result.target.position];
      return { own, rows: Array.from(places, (i, k) => [i, stakes[k]]) };
    }
    const { entities, relations } = result.rests.value; // what the answer rests on, worked out before
    return { own: false, rows: Array.from(gaps.kind.keys()).filter((i) => gaps.stake[i] > 0
      && (gaps.relation[i] < 0 ? entities.has(gaps.entity[i]) : relations.has(gaps.relation[i]))).map((i) => [i, gaps.stake[i]]) };
  }

  function gapsPart(result, app) {
    const { model } = result.v;
    if (!model.data.findings) return none(model);
    const { gaps } = model.data.findings;
    const { own, rows } = gapsOf(result, app.state());
    return [
      el("h3", { text: t(own ? "findGaps" : "findGapsAll", { n: rows.length }) }),
      asked(model, app, model.data.findings.asked.certainty),
      el("ol", { class: "ranking", "data-part": "gaps" }, rows.slice(0, LENGTH).map(([i, stake]) => el("li", {},
        el("span", { class: "rank-number", text: map.words.number(stake) }),
        el("div", {}, button(question(model, i), () => app.select(gaps.relation[i] < 0 ? { type: "entity", node: gaps.entity[i] }
          : { type: "relation", row: gaps.relation[i] }), { class: "name", "data-gap": String(i) }),
        el("p", { class: "soft", text: t(`gapKind_${gaps.kinds[gaps.kind[i]]}`) }))))),
      rows.length > LENGTH ? el("p", { class: "soft", text: t("chokeMore", { n: rows.length - LENGTH }) }) : null,
      rows.length ? button(t("findCopy"), async (event) => {
        const text = rows.map(([i], k) => `${k + 1}. ${question(model, i)}`).join("\n");
        if (await map.dom.copy(text)) event.target.textContent = t("copied");
      }) : null,
    ];
  }

  /** Whether what holds for the opening assumptions holds here: the same ones, and every body asks. */
  const opens = (state, opening) => !differs(state, opening)
    && ["kinds", "country"].every((key) => String(state[key] || "") === String(opening[key] || ""));

  /** Why the library's figures about a category are not told here, if they are not. */
  function untold(result, app, told, command) {
    const { model } = result.v;
    const state = app.state();
    if (!told) return t(model.data.findings && model.data.findings.withheld ? "doubtWithheld" : "doubtTooLarge", { command });
    if (state.ask !== "who" || !result.target || result.target.kind !== "category") return t("doubtElsewhere", { command });
    return opens(state, app.opening()) ? null : t("doubtDiffers", { command });
  }

  /** A heading, and either why nothing follows or what does. */
  function doubted(result, app, title, told, command, shows) {
    const why = untold(result, app, told, command);
    return [el("h3", { text: t(title) }), why ? el("p", { class: "soft", "data-untold": command, text: why }) : shows()];
  }

  /** The cheapest links without which nobody reaches the category, apart from those whom no revocation touches. */
  function cutPart(result, app) {
    const { model } = result.v;
    const told = model.data.findings && model.data.findings.cuts;
    return doubted(result, app, "cutTitle", told, "accessmap cut", () => {
      const at = result.target.position;
      const { number } = map.words;
      const [rows, fixed, direct] = [told.relations[at], Array.from(told.fixed[at]), new Set(told.direct[at])];
      const [still, places] = [Array.from(told.still[at]), Array.from(told.places[at])];
      const listed = (nodes) => el("ul", {}, nodes.map((node) => el("li", {}, map.evidence.entityButton(model, node, app))));
      const cost = told.complete[at] ? number(told.high[at]) : `${number(told.low[at])}–${number(told.high[at])}`;
      return el("div", { "data-part": "cut" },
        asked(model, app, model.data.findings.asked.certainty),
        el("p", {}, map.evidence.tag(told.verdicts[map.words.language()][told.verdict[at]], fixed.length ? "warn" : "")),
        fixed.length ? el("details", {}, el("summary", { text: t("cutFixed", { n: fixed.length, direct: number(direct.size) }) }),
          el("ul", {}, fixed.map((node) => el("li", {}, map.evidence.entityButton(model, node, app),
            direct.has(node) ? el("span", { class: "soft", text: ` ${t("cutDirect")}` }) : null)))) : null,
        rows.length ? el("p", { text: t(fixed.length ? "cutRest" : "cutWhole", { n: rows.length, cost }) }) : null,
        told.complete[at] ? null : el("p", { class: "differs", text: t("cutBounds", { low: number(told.low[at]), high: number(told.high[at]) }) }),
        rows.length ? el("ol", { class: "ranking" }, Array.from(rows, (row, i) => el("li", {},
          el("span", { class: "rank-number", text: number(told.costs[at][i]) }),
          button(map.whatif.label(model, model.relations.id[row]), () => app.select({ type: "relation", row }), { class: "name" })))) : null,
        still.length ? el("div", { "data-part": "cut-after" },
          el("p", { class: "differs", text: told.after[map.words.language()][at] }),
          el("details", {}, el("summary", { text: t("cutStill", { n: still.length }) }), listed(still),
            el("p", { text: t("cutPlaces", { n: places.length }) }), listed(places))) : null,
        told.others[at] ? el("p", { class: "soft", text: t("cutOthers", { n: told.others[at] }) }) : null);
    });
  }

  /** Sources that carry a verdict of the answer alone, with the pairs that fall without each. */
  function alonePart(result, app) {
    const { model } = result.v;
    const told = model.data.findings && model.data.findings.alone;
    return doubted(result, app, "aloneTitle", told, "accessmap sensitivity", () => {
      const at = result.target.position;
      const mine = Array.from(told.category.keys()).filter((i) => told.category[i] === at && told.lost[i] > 0);
      const pairs = (i) => Array.from({ length: told.pairs[i].length / 2 }, (_, k) => [told.pairs[i][2 * k], told.pairs[i][2 * k + 1]]);
      return el("div", { "data-part": "alone" },
        asked(model, app, model.data.findings.asked.certainty),
        el("p", { text: t("aloneIntro", { n: told.single[at], all: map.words.number(told.findings[at]) }) }),
        el("ol", { class: "ranking" }, mine.map((i) => el("li", {},
          el("span", { class: "rank-number", text: map.words.number(told.lost[i]) }),
          el("div", {}, map.evidence.sourceList(model, [told.source[i]], app),
            el("p", { class: "soft", text: t("aloneChanged", { n: told.changed[i] }) }),
            el("details", {}, el("summary", { text: t("findSentences", { n: told.lost[i] }) }),
              el("ul", {}, pairs(i).map(([body, place]) => el("li", {}, button([body, place].map((node) => map.words.apart(name(model, node))).join(" → "),
                () => app.select({ type: "row", body, place }), { class: "name" }))))))))));
    });
  }

  map.findings = { exposurePart, gapsPart, cutPart, alonePart, gapsOf, exposed, question, differs };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
