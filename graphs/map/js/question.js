/* Question: from the state of the page to its answer, and the answer in one sentence. */
(function (map) {
  "use strict";

  const { answers, engine } = map;
  const { t, name } = map.words;
  const STANCES = ["direct", "documented", "assumed"];
  const SPAN = /^(\d+)\s*([dwmy])$/;

  /** The day that lies a span of time before another, months and years by the calendar; -1 for no span. */
  function before(day, span) {
    const match = SPAN.exec((span || "").trim().toLowerCase());
    if (!match) return -1;
    const count = Number(match[1]);
    if (match[2] === "d" || match[2] === "w") return Math.max(day - count * (match[2] === "w" ? 7 : 1), 0);
    const [year, month, date] = map.dates.iso(day).split("-").map(Number);
    const months = year * 12 + month - 1 - count * (match[2] === "y" ? 12 : 1);
    if (months < 12) return 0;
    const text = `${String(Math.floor(months / 12)).padStart(4, "0")}-${String((months % 12) + 1).padStart(2, "0")}`;
    return Math.min(map.dates.firstDay(text) + date - 1, map.dates.lastDay(text));
  }

  function scope(state, asof, without) {
    const day = map.dates.lastDay(asof);
    return { stance: STANCES.indexOf(state.stance), asOf: day, knownBy: map.dates.lastDay(state.knownby || "") || engine.FOREVER,
      level: answers.LEVELS.indexOf(state.level), certainty: answers.CERTAINTIES.indexOf(state.certainty),
      evidenceSince: before(day, state.fresh), without };
  }

  /** Whether a body may ask: the page's own restriction, and the filters of kind and country. */
  function wanted(model, state, settings) {
    const off = new Set(state.kinds ? state.kinds.split(",") : []);
    const asked = settings.bodies ? new Set(settings.bodies) : null;
    return (node) => !off.has(settings.families[model.entities.family[node]])
      && (!state.country || model.entities.country[node] === state.country)
      && (!asked || asked.has(model.entities.id[node]));
  }

  function pairsOf(v, state, settings, target, body) {
    const { model } = v;
    const counted = settings.stores ? new Set(settings.stores) : null;
    const filter = (rows) => (counted ? rows.filter((row) => counted.has(model.entities.id[row.place])) : rows);
    if (state.ask === "who" && target) return filter(answers.pairs(v, target, { wanted: wanted(model, state, settings) }));
    if (state.ask === "what" && body !== undefined) return filter(answers.reachable(v, body));
    if (state.ask === "how" && target && body !== undefined) {
      return filter(answers.pairs(v, target, { wanted: (node) => node === body }));
    }
    return [];
  }

  /**
   * The answer: `pairs` and `rows` as the table has them, `bodies` a row for each thing counted; where two states are
   * compared also `before`, its pairs, and `effects`.
   */
  function compute(model, state, settings) {
    const without = map.whatif.taken(state);
    const v = engine.view(model, scope(state, state.asof, without));
    const target = answers.target(model, state.target || "");
    const body = model.position.get(state.body);
    const pairs = pairsOf(v, state, settings, target, body);
    const bodies = state.ask === "who" ? answers.byBody(pairs) : pairs;
    const result = { v, target, body, pairs, bodies, rows: state.by === "pair" ? pairs : bodies, before: null, effects: null };
    const dated = Boolean(map.dates.lastDay(state.between || ""));
    if (state.ask !== "all" && (dated || without.length)) {
      const earlier = dated ? scope(state, state.between, without) : scope(state, state.asof, []);
      result.before = engine.view(model, earlier);
      result.beforePairs = pairsOf(result.before, state, settings, target, body);
      result.effects = map.compare.compare(result.before, v, result.beforePairs, pairs);
      result.rows = result.effects;
    }
    return result;
  }

  function nameOf(model, code) {
    if (!code) return "";
    const found = answers.target(model, code);
    if (!found) return code;
    return found.kind === "category" ? map.words.category(model, found.position) : name(model, found.node);
  }

  function names(model, state) {
    const target = nameOf(model, state.target);
    const isCategory = model.categoryPosition.has(state.target);
    return { target: isCategory ? map.words.lowered(target) : target, body: nameOf(model, state.body) };
  }

  /** The answer in a sentence, and what stands beside it. */
  function headline(model, state, result) {
    const said = names(model, state);
    const { bodies, pairs, v } = result;
    if (state.ask === "all") {
      return [`${t("headAll", { n: model.n })}${t("headAllTail", { n: v.bits.filter(Boolean).length })}`, ""];
    }
    if (result.effects) return compared(model, state, result, said);
    if (!bodies.length) {
      const none = { who: "headNone", what: "headNoneBy", how: "headNoneHow" }[state.ask];
      return [t(none, said), t("noneHelp")];
    }
    const [plans, claims, reaches] = [0, 1, 2].map((verdict) => bodies.filter((row) => engine.verdictOf(row.best) === verdict).length);
    const main = { who: "headWho", what: "headWhat", how: "headHow" }[state.ask];
    const sure = new Set(pairs.filter((row) => engine.verdictOf(row.best) === 2).map((row) => row.place)).size;
    const text = t(main, { n: reaches, ...said })
      + (state.ask === "who" && result.target.kind === "category" && reaches ? t("headPlaces", { n: sure }) : "");
    const tail = [claims ? t("headClaimed", { n: claims }) : "", plans ? t("headProspective", { n: plans }) : ""].filter(Boolean);
    return [text, tail.join("; ")];
  }

  function compared(model, state, result, said) {
    const { effects } = result;
    const what = state.ask === "what" ? said.body : said.target;
    const when = state.between ? t("whenBetween", { from: state.between, to: state.asof })
      : t("whenWithout", { what: map.whatif.taken(state).map((id) => map.whatif.label(model, id)).join(", ") });
    if (!effects.length) return [t("headSame", { when, what }), ""];
    const key = state.ask === "what" || state.ask === "how" ? "place" : "body";
    const count = (kind) => new Set(effects.filter((row) => row.change.includes(kind)).map((row) => row[key])).size;
    const parts = map.compare.KINDS.map((kind) => [kind, count(kind)]).filter(([, n]) => n);
    const words = parts.map(([kind, n]) => `${map.words.number(n)} ${t(`change_${kind.replaceAll(" ", "_")}`)}`);
    return [t("headChanged", { when, what }), words.join(" · ")];
  }

  /** The assumptions of an answer as one line, for exports and print. */
  function assumptions(model, state) {
    const { term } = map.words;
    return [`${t("asOf")}: ${state.asof}`, state.knownby ? `${t("knownBy")}: ${state.knownby}` : "",
      `${t("stance")}: ${term("stance", state.stance)}`, `${t("level")}: ${term("level", state.level)}`,
      `${t("certainty")}: ${term("certainty", state.certainty)}`, state.fresh ? `${t("fresh")}: ${state.fresh}` : "",
      state.country ? `${t("country")}: ${map.words.country(state.country)}` : "",
      state.kinds ? `${t("kindsLeftOut")}: ${state.kinds.split(",").map((kind) => t(map.assumptions.FAMILY_KEYS[kind] || kind)).join(", ")}` : "",
      state.without ? `${t("whatIf")} ${map.whatif.taken(state).map((id) => map.whatif.label(model, id)).join(", ")}` : "",
      state.between ? `${t("compareWith")}: ${state.between}` : ""].filter(Boolean).join(" · ");
  }

  map.question = { compute, headline, assumptions, nameOf, wanted, before };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
