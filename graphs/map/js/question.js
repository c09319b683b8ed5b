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
    // A body that is asked about is commanded, and no place of data.
    const over = state.ask !== "what" && Boolean(target) && target.kind !== "category" && model.types[target.node] === engine.BODY;
    return { ask: state.ask, target, body, places, wanted: asks, over };
  }

  /** What an answer depends on: a change of anything else leaves it as it is. */
  const ASKED = ["ask", "target", "body", "stance", "level", "certainty", "asof", "knownby", "fresh", "kinds", "country", "by",
    "without", "between"];
  const keyOf = (state) => JSON.stringify(ASKED.map((name) => state[name] || ""));

  /* Columns of the table by which it can be sorted only once the path of every row is known. */
  const SLOW = new Set(["categories", "since", "last", "remarks", "because"]);

  /**
   * The answer, as work in parts: `rows` as the table has them and how many there are in `total`, `bodies` a row for each
   * thing counted; where two states are compared also `before` and `effects`. `known` is an earlier answer, which is given
   * again if it is this question's.
   */
  function* computing(model, state, settings, known) {
    const key = keyOf(state);
    const result = known && known.key === key ? known : yield* answering(model, state, settings, key);
    if (state.sort && SLOW.has(state.sort.replace(/^-/, ""))) {
      for (const row of result.rows) {
        answers.resolve(result.v, row);
        yield null;
      }
    }
    return result;
  }

  function* answering(model, state, settings, key) {
    const without = map.whatif.taken(state);
    const v = engine.view(model, scope(state, state.asof, without));
    const asked = about(model, state, settings);
    const known = { who: asked.target, what: asked.body !== undefined, how: asked.target && asked.body !== undefined }[state.ask];
    const result = { key, v, ...asked, bodies: [], rows: [], total: 0, reached: 0, before: null, effects: null };
    if (!known) return result;
    yield null;
    const dated = Boolean(map.dates.lastDay(state.between || ""));
    if (dated || without.length) {
      result.before = engine.view(model, dated ? scope(state, state.between, without) : scope(state, state.asof, []));
      yield null;
      result.effects = yield* map.compare.comparing(result.before, v, (view) => columnsOf({ ...result, v: view }), answers.flags(model, asked.wanted));
    }
    if (state.ask === "who") {
      const found = answers.byBody(v, asked.target, asked);
      result.bodies = found.rows;
      result.reached = found.reached;
    } else {
      result.bodies = answers.ofBody(v, columnsOf(result), asked.body);
      result.reached = result.bodies.filter((row) => engine.verdictOf(row.best) === 2).length;
    }
    yield null;
    const listed = state.ask === "who" && state.by === "pair" && !result.effects
      ? yield* answers.pairing(v, asked.target, asked) : result.bodies;
    result.rows = result.effects || listed;
    result.total = result.rows.total || result.rows.length;
    return result;
  }

  /** The places that an answer is about, each with its layers. */
  function columnsOf({ v, target, body, places, ask }) {
    if (ask !== "who" && v.model.types[body] !== engine.BODY) return [];
    return answers.counted(ask === "what" ? answers.placesOf(v, body) : engine.columns(v, target), places);
  }

  /** The row of one body at one place, whether or not the table has it. */
  function rowOf(result, body, place) {
    if (!result.target && result.ask !== "what") return null;
    return answers.ofBody(result.v, columnsOf(result).filter(([other]) => other === place), body)[0] || null;
  }

  /** Every pair of an answer with its path, as work in parts: `each(row)` is called for it. */
  function* walking(result, each) {
    const { v, ask } = result;
    if (ask !== "who") {
      for (const row of result.bodies) {
        each(answers.resolve(v, row));
        yield { done: 0, of: 1 };
      }
      return;
    }
    const asked = answers.flags(v.model, result.wanted);
    const columns = result.target ? columnsOf(result) : [];
    for (const [done, [place, layers]] of columns.entries()) {
      const p = answers.atPlace(v, place, layers, null, asked);
      const rows = Array.from(p.nodes.subarray(0, p.count), (body) => ({ body, place, best: p.best[body], hops: p.hops[body], ask: layers, stores: 1 }));
      for (const row of rows) {
        each(answers.resolve(v, row));
        yield { done, of: columns.length };
      }
    }
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

  /** Why a question cannot be asked of this map, as a sentence; nothing if it can. It is no answer, least of all "no path". */
  function missing(model, state, result) {
    const { types, position } = model;
    if (state.ask === "all") return "";
    const unknown = (text) => (text ? t("missName", { name: text }) : t("missChoice"));
    if (state.ask !== "who") {
      if (!position.has(state.body)) return unknown(state.body);
      if (types[position.get(state.body)] !== engine.BODY) return t("missBody", { body: nameOf(model, state.body) });
    }
    return state.ask === "what" || result.target ? "" : unknown(state.target);
  }

  /** What stands where a picture would. */
  function empty(model, state, result) {
    return missing(model, state, result) || t(result.effects ? "pictureSame" : "pictureNone");
  }

  /** The answer in a sentence, and what stands beside it. A name that it begins with stays as it is written. */
  function headline(model, state, result) {
    const [text, deck] = sentences(model, state, result);
    const own = [state.body, state.target].filter((code) => model.position.has(code)).map((code) => nameOf(model, code));
    return [own.some((word) => text.startsWith(word)) ? text : map.words.raised(text), deck];
  }

  function sentences(model, state, result) {
    const said = names(model, state);
    const { bodies, v } = result;
    if (state.ask === "all") {
      return [`${t("headAll", { n: model.n })}${t("headAllTail", { n: v.bits.filter(Boolean).length })}`, ""];
    }
    const miss = missing(model, state, result);
    if (miss) return [miss, t("missHelp")];
    if (result.effects) return compared(model, state, result, said);
    if (!bodies.length) {
      const none = { who: "headNone", what: "headNoneBy", how: "headNoneHow" }[state.ask];
      return [t(none, said), t(state.ask === "who" && !heldAnywhere(model, result.target) ? "noneHeld" : "noneHelp")];
    }
    const [plans, claims, reaches] = [0, 1, 2].map((verdict) => bodies.filter((row) => engine.verdictOf(row.best) === verdict).length);
    const main = !result.over ? { who: "headWho", what: "headWhat", how: "headHow" }[state.ask]
      : state.ask === "who" ? "headWhoOver" : reaches ? "headHowOver" : "headHowUnsure";
    const text = t(main, { n: reaches, ...said })
      + (state.ask === "who" && result.target.kind === "category" && reaches ? t("headPlaces", { n: result.reached }) : "");
    const tail = [claims ? t("headClaimed", { n: claims }) : "", plans ? t("headProspective", { n: plans }) : ""].filter(Boolean);
    return [text, tail.join("; ")];
  }

  /** Whether any place of the map, whatever the day, is one of a category; of what is no category it is not asked. */
  function heldAnywhere(model, target) {
    if (target.kind !== "category") return true;
    const narrower = model.categories.narrower[target.position];
    return model.own.some((own, node) => model.types[node] !== engine.BODY && narrower.some((c) => own.includes(c)));
  }

  function compared(model, state, result, said) {
    const { effects } = result;
    const what = state.ask === "what" ? said.body : said.target;
    const when = state.between ? t("whenBetween", { from: state.between, to: state.asof })
      : t("whenWithout", { what: map.whatif.taken(state).map((id) => map.whatif.label(model, id)).join(", ") });
    if (!effects.length) return [t("headSame", { when, what }), ""];
    const key = state.ask === "what" || state.ask === "how" ? "place" : "body";
    const count = (kind) => effects.count(kind, key);
    const parts = map.compare.KINDS.map((kind) => [kind, count(kind)]).filter(([, n]) => n);
    const words = parts.map(([kind, n]) => t("changeCount", { n, what: t(`change_${kind.replaceAll(" ", "_")}`) }));
    return [t("headChanged", { when, what }), t(key === "place" ? "changedPlaces" : "changedBodies", { counts: words.join(" · ") })];
  }

  /** The assumptions of an answer as one line, for exports and print. */
  function assumptions(model, state) {
    const { term } = map.words;
    const { date } = map.words;
    const who = state.ask === "who"; // of other questions, who asks is a part
    return [`${t("asOf")}: ${date(state.asof)}`, state.knownby ? `${t("knownBy")}: ${date(state.knownby)}` : "",
      `${t("stance")}: ${term("stance", state.stance)}`, `${t("level")}: ${term("level", state.level)}`,
      `${t("certainty")}: ${term("certainty", state.certainty)}`, state.fresh ? `${t("fresh")}: ${t("freshWithin", { span: map.assumptions.spanWords(state.fresh) })}` : "",
      who && state.country ? `${t("country")}: ${map.words.country(state.country)}` : "",
      who && state.kinds ? `${t("kindsLeftOut")}: ${state.kinds.split(",").map((kind) => t(map.assumptions.FAMILY_KEYS[kind] || kind)).join(", ")}` : "",
      state.without ? `${t("whatIf")} ${map.whatif.taken(state).map((id) => map.whatif.label(model, id)).join(", ")}` : "",
      state.between ? `${t("compareWith")}: ${date(state.between)}` : ""].filter(Boolean).join(" · ");
  }

  map.question = { computing, walking, rowOf, headline, assumptions, nameOf, before, empty };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
