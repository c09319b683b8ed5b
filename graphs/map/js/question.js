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

  /** What of a question does not depend on the day: who may ask, which places count. */
  function about(model, state, settings) {
    const target = answers.target(model, state.target || "");
    const body = model.position.get(state.body);
    const stores = settings.stores ? new Set(settings.stores) : null;
    const places = stores ? (place) => stores.has(model.entities.id[place]) : null;
    const asks = state.ask === "who" ? wanted(model, state, settings) : (node) => node === body;
    return { target, body, places, wanted: asks };
  }

  /**
   * The answer: `rows` as the table has them, `bodies` a row for each thing counted, `pairs()` a row for each body and
   * place; where two states are compared also `before` and `effects`.
   */
  function compute(model, state, settings) {
    const without = map.whatif.taken(state);
    const v = engine.view(model, scope(state, state.asof, without));
    const asked = about(model, state, settings);
    const known = { who: asked.target, what: asked.body !== undefined, how: asked.target && asked.body !== undefined }[state.ask];
    let pairs = null;
    const result = { v, ...asked, bodies: [], rows: [], reached: 0, before: null, effects: null,
      pairs() {
        if (!pairs) {
          if (!known) pairs = [];
          else pairs = state.ask === "what" ? answers.reachable(v, asked.body, asked) : answers.pairs(v, asked.target, asked);
        }
        return pairs;
      } };
    if (!known) return result;
    const dated = Boolean(map.dates.lastDay(state.between || ""));
    if (dated || without.length) {
      result.before = engine.view(model, dated ? scope(state, state.between, without) : scope(state, state.asof, []));
      const columnsOf = (view) => (state.ask === "what" ? answers.placesOf(view, asked.body) : engine.columns(view, asked.target))
        .filter(([place]) => !asked.places || asked.places(place));
      result.effects = map.compare.compare(result.before, v, columnsOf, answers.flags(model, asked.wanted));
    }
    if (state.ask === "who" && state.by === "body") {
      const found = answers.byBody(v, asked.target, asked);
      result.bodies = found.rows;
      result.reached = found.reached;
    } else {
      result.bodies = state.ask === "who" ? firstOfEach(result.pairs()) : result.pairs();
      result.reached = new Set(result.pairs().filter((row) => engine.verdictOf(row.best) === 2).map((row) => row.place)).size;
    }
    result.rows = result.effects || (state.by === "pair" ? result.pairs() : result.bodies);
    return result;
  }

  function firstOfEach(pairs) {
    const first = new Map();
    for (const row of pairs) if (!first.has(row.body)) first.set(row.body, row);
    return Array.from(first.values());
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
    const { bodies, v } = result;
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
    const text = t(main, { n: reaches, ...said })
      + (state.ask === "who" && result.target.kind === "category" && reaches ? t("headPlaces", { n: result.reached }) : "");
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
    const words = parts.map(([kind, n]) => t("changeCount", { n, what: t(`change_${kind.replaceAll(" ", "_")}`) }));
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
