/* App: one state, one answer computed from it, and the parts of the page that show it. */
(function (map) {
  "use strict";

  const { el, button, put, byId } = map.dom;
  const { t, name } = map.words;
  const { answers, engine } = map;

  const app = { kindsOpen: false };
  map.app = app;
  let settings;
  let strings;
  let model;
  let entries;
  let groups;
  let opening;
  let state;
  let result = null;
  let picture = null;
  let sheet = null;

  map.theme = {
    dark() {
      const chosen = document.documentElement.dataset.theme;
      return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    },
  };

  const json = (id) => JSON.parse(byId(id).textContent);
  const today = () => map.dates.firstDay(state.asof) || map.dates.firstDay(settings.asOf);

  function scope(asof = today()) {
    return { stance: ["direct", "documented", "assumed"].indexOf(state.stance), asOf: asof,
      knownBy: map.dates.lastDay(state.knownby || "") || engine.FOREVER,
      level: answers.LEVELS.indexOf(state.level), certainty: answers.CERTAINTIES.indexOf(state.certainty),
      without: state.without ? state.without.split(",") : [] };
  }

  /** Whether a body passes the filters of kind and country. */
  function wanted() {
    const off = new Set(state.kinds ? state.kinds.split(",") : []);
    return (node) => !off.has(settings.families[model.entities.family[node]])
      && (!state.country || model.entities.country[node] === state.country);
  }

  /** The answer to the state's question. */
  function compute() {
    const v = engine.view(model, scope());
    const target = answers.target(model, state.target || "");
    const body = model.position.get(state.body);
    let rows = [];
    let pairs = [];
    if (state.ask === "who" && target) {
      pairs = answers.pairs(v, target, { wanted: wanted() });
      rows = state.by === "pair" ? pairs : answers.byBody(pairs);
    } else if (state.ask === "what" && body !== undefined) {
      rows = pairs = answers.reachable(v, body);
    } else if (state.ask === "how" && target && body !== undefined) {
      rows = pairs = answers.pairs(v, target, { wanted: (node) => node === body });
    }
    return { v, rows, pairs, bodies: state.ask === "who" && state.by === "pair" ? answers.byBody(pairs) : rows, target, body };
  }

  app.nameOf = (code) => {
    if (!code) return "";
    const found = answers.target(model, code);
    if (!found) return code;
    return found.kind === "category" ? map.words.category(model, found.position) : name(model, found.node);
  };

  /** The answer in a sentence, and what stands only under a weaker verdict. */
  function headline() {
    const { bodies, pairs, v } = result;
    const targetName = map.words.lowered(app.nameOf(state.target));
    const bodyName = app.nameOf(state.body);
    const count = (verdict) => bodies.filter((row) => engine.verdictOf(row.best) === verdict).length;
    if (state.ask === "all") {
      return [`${t("headAll", { n: model.n })}${t("headAllTail", { n: v.bits.filter(Boolean).length })}`, ""];
    }
    if (!bodies.length) {
      const none = { who: "headNone", what: "headNoneBy", how: "headNoneHow" }[state.ask];
      return [t(none, { body: bodyName, target: targetName }), t("noneHelp")];
    }
    const [plans, claims, reaches] = [0, 1, 2].map(count);
    const main = { who: "headWho", what: "headWhat", how: "headHow" }[state.ask];
    const sure = new Set(pairs.filter((row) => engine.verdictOf(row.best) === 2).map((row) => row.place)).size;
    const text = t(main, { n: reaches, target: targetName, body: bodyName })
      + (state.ask === "who" && result.target.kind === "category" ? t("headPlaces", { n: sure }) : "");
    const tail = [claims ? t("headClaimed", { n: claims }) : "", plans ? t("headProspective", { n: plans }) : ""].filter(Boolean);
    return [text, tail.join("; ")];
  }

  function selection() {
    const sel = state.sel || "";
    if (sel.startsWith("e:")) {
      const node = model.position.get(sel.slice(2));
      return node === undefined ? null : { type: "entity", node };
    }
    if (sel.startsWith("r:")) {
      const row = model.relationRow.get(sel.slice(2));
      return row === undefined ? null : { type: "relation", row };
    }
    const [body, place] = sel.split("~").map((id) => model.position.get(id));
    return body === undefined || place === undefined ? null : { type: "row", body, place };
  }

  app.selectedRow = () => {
    const sel = selection();
    return sel && sel.type === "row" ? sel : null;
  };

  function rowOf(sel) {
    return result.pairs.find((row) => row.body === sel.body && row.place === sel.place) || null;
  }

  /** Select a row, an entity, a relation or nothing. */
  app.select = (sel) => {
    const id = model.entities.id;
    const text = !sel ? "" : sel.type === "entity" ? `e:${id[sel.node]}`
      : sel.type === "relation" ? `r:${model.relations.id[sel.row]}` : `${id[sel.body]}~${id[sel.place]}`;
    app.group = null;
    update({ sel: text }, { only: "panel" });
    if (sel && matchMedia("(max-width: 900px)").matches) byId("panel").scrollIntoView({ block: "start" });
    if (sel) byId("panel").focus({ preventScroll: true });
  };

  app.set = (patch) => update(patch);
  app.ask = (patch) => {
    const next = { sel: "", ...patch };
    if (patch.ask === undefined && state.ask === "all") next.ask = "who";
    update(next);
  };
  app.mode = (ask) => {
    const sel = selection();
    const patch = { ask, sel: "" };
    if ((ask === "what" || ask === "how") && !state.body) {
      const asker = sel && sel.type === "row" ? sel.body : result.rows.length ? result.rows[0].body : model.types.indexOf(0);
      patch.body = model.entities.id[asker];
    }
    update(patch);
  };
  app.found = (entry) => {
    if (entry.kind === "category") update({ ask: "who", target: entry.code, sel: "" });
    else if (model.types[entry.node] === engine.BODY) {
      const row = result.pairs.find((candidate) => candidate.body === entry.node);
      if (state.ask === "who" && row) app.select({ type: "row", body: row.body, place: row.place });
      else update({ ask: "what", body: entry.code, sel: `e:${entry.code}` });
    } else update({ ask: "who", target: entry.code, sel: `e:${entry.code}` });
  };
  app.reset = () => {
    const { ask, target, body, lang } = state;
    update({ ...opening, ask, target, body, lang, sel: "", without: "" });
  };

  function update(patch, { only = null, replace = false } = {}) {
    state = { ...state, ...patch };
    map.link.write(state, opening, replace);
    if (patch.lang) map.words.use(strings, state.lang);
    render(only);
  }

  /** The picture alone, as when the frame changes its width. */
  app.draw = () => {
    if (!result) return;
    const width = picture.width();
    const options = { families: settings.families, width, height: width < 640 ? 10 : 13 };
    let scene;
    if (state.ask === "all") scene = map.sights.whole(result.v, groups, options);
    else {
      const sel = app.selectedRow();
      const row = sel && rowOf(sel);
      const about = state.ask === "who" ? "body" : "place";
      scene = map.sights.ofRows(result.v, result.bodies, { ...options, about, first: row ? [row] : [] });
    }
    const sel = selection();
    const chosen = !sel || state.ask === "all" ? null : sel.type === "row" ? (state.ask === "who" ? sel.body : sel.place)
      : sel.type === "entity" ? sel.node : null;
    picture.show(scene, chosen);
    const { shown, total } = scene;
    byId("picture-note").textContent = state.ask === "all" || !total ? ""
      : shown < total ? t("drawn", { shown, total }) : t("drawnAll", { n: total });
  };

  function panel() {
    const host = byId("panel");
    const sel = selection();
    const { v } = result;
    if (app.group) {
      map.evidence.show(host, map.evidence.ofGroup(v, app.group.members, app.group.title, app), app, true);
    } else if (!sel) map.evidence.show(host, map.evidence.hint(), app, false);
    else if (sel.type === "entity") map.evidence.show(host, map.evidence.ofEntity(v, sel.node, app), app, true);
    else if (sel.type === "relation") map.evidence.show(host, map.evidence.ofRelation(v, sel.row, app), app, true);
    else {
      const row = rowOf(sel);
      map.evidence.show(host, row ? map.evidence.ofRow(v, row, app) : map.evidence.hint(), app, Boolean(row));
    }
  }

  function modes() {
    if (state.ask !== "who") return null;
    return el("div", { class: "segments", role: "group", "aria-label": t("sheetTitle") }, ["body", "pair"].map((by) => button(
      t(by === "body" ? "byBody" : "byPair"), () => app.set({ by }), { "aria-pressed": String(state.by === by) })));
  }

  function rowsSheet() {
    const kind = state.ask === "who" ? state.by : state.ask;
    byId("sheet").hidden = state.ask === "all";
    if (state.ask !== "all") sheet.render(result.v, result.rows, kind, state, modes());
  }

  function render(only) {
    if (only !== "panel" || !result) result = compute();
    const [text, deck] = headline();
    byId("headline").textContent = text;
    byId("deck").textContent = deck;
    document.title = `${text} – ${settings.title}`;
    if (only !== "panel") {
      document.documentElement.lang = state.lang;
      for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
      tools();
      map.ask.render(byId("ask"), model, entries, state, app, settings.families);
      const changed = ["stance", "level", "certainty", "asof", "knownby", "kinds", "country", "without"]
        .some((key) => String(state[key] || "") !== String(opening[key] || ""));
      map.assumptions.render(byId("assumptions"), model, state, app, settings.families, changed);
      map.legend.breakdown(byId("breakdown"), result.bodies, app, state);
      map.legend.render(byId("legend"), settings.families);
      provenance();
      byId("status").textContent = state.ask === "all" ? text
        : t("resultStatus", { headline: text, rows: t("rowsCount", { n: result.rows.length }) });
    }
    panel();
    rowsSheet();
    app.draw();
  }

  function provenance() {
    const { dataset } = model.data;
    byId("provenance").textContent = t("provenance", { name: dataset.name, version: dataset.version, licence: dataset.licence,
      sha: dataset.sha256.slice(0, 16), date: state.asof });
  }

  function tools() {
    const themes = ["", "light", "dark"];
    const theme = document.documentElement.dataset.theme || "";
    put(byId("tools"),
      el("div", { class: "segments", role: "group", "aria-label": t("language") }, [["en", "EN"], ["ru", "RU"], ["kk", "KK"]].map(
        ([code, text]) => button(text, () => app.set({ lang: code }), { lang: code, "aria-pressed": String(state.lang === code) }))),
      button(t({ "": "themeAuto", light: "themeLight", dark: "themeDark" }[theme]), () => {
        const next = themes[(themes.indexOf(theme) + 1) % themes.length];
        if (next) document.documentElement.dataset.theme = next;
        else delete document.documentElement.dataset.theme;
        tools();
        picture.redraw();
      }),
      button(t("copyLink"), async (event) => {
        if (await map.dom.copy(location.href)) event.target.textContent = t("copied");
      }));
    put(byId("stage-tools"),
      el("span", { id: "picture-note", class: "soft" }),
      button("+", () => picture.zoom(1.25), { "aria-label": t("zoomIn"), class: "square" }),
      button("−", () => picture.zoom(1 / 1.25), { "aria-label": t("zoomOut"), class: "square" }),
      button(t("zoomFit"), () => picture.fit()));
  }

  function clicked(kind, item) {
    if (kind === "none") return;
    if (kind === "link") {
      if (item.arc !== undefined) app.select({ type: "relation", row: model.arcs.relation[item.arc] });
      return;
    }
    if (item.more) {
      byId("sheet").scrollIntoView({ block: "start" });
      return;
    }
    if (state.ask === "all") {
      const members = item.members || [item.node];
      if (members.length === 1) app.select({ type: "entity", node: members[0] });
      else {
        app.group = { members, title: item.label };
        panel();
      }
      return;
    }
    const row = result.bodies.find((candidate) => (state.ask === "who" ? candidate.body : candidate.place) === item.node);
    app.select(row ? { type: "row", body: row.body, place: row.place } : { type: "entity", node: item.node });
  }

  function opened() {
    const from = map.link.parse(location.hash);
    const known = (key, words) => (words.includes(from[key]) ? from[key] : opening[key]);
    return { ...opening, ...from, ask: known("ask", ["who", "what", "how", "all"]),
      stance: known("stance", ["direct", "documented", "assumed"]), level: known("level", answers.LEVELS),
      certainty: known("certainty", answers.CERTAINTIES), by: known("by", ["body", "pair"]), lang: known("lang", ["en", "ru", "kk"]),
      asof: map.dates.lastDay(from.asof || "") ? map.dates.iso(map.dates.lastDay(from.asof)) : opening.asof };
  }

  /** vis-network, which the page carries packed; the page's policy lets this very text run and no other. */
  async function library() {
    const script = document.createElement("script");
    script.textContent = await map.payload.unpack(byId("library").textContent);
    document.head.append(script);
  }

  async function start() {
    settings = json("settings");
    strings = JSON.parse(await map.payload.unpack(byId("strings").textContent));
    model = map.payload.model(JSON.parse(await map.payload.unpack(byId("payload").textContent)));
    await library();
    groups = json("overview-nodes");
    opening = { ask: settings.opening.ask, target: settings.opening.target || "", body: settings.opening.body || "",
      stance: settings.stance, level: settings.level, certainty: settings.certainty, asof: settings.asOf,
      knownby: settings.knownBy, kinds: "", country: "", by: "body", sort: "", sel: "", lang: settings.lang, without: "" };
    state = opened();
    map.words.use(strings, state.lang);
    entries = map.search.index(model);
    await Promise.all(["400", "600", "700"].map((weight) => document.fonts.load(`${weight} 12px "Source Sans 3"`, "aжқğ")));
    const canvas = byId("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", t("canvasLabel"));
    picture = map.picture(canvas, JSON.parse(json("options")), clicked);
    sheet = map.table.table(byId("sheet"), app);
    byId("skip").addEventListener("click", () => {
      const head = byId("headline");
      head.tabIndex = -1;
      head.focus();
    });
    window.addEventListener("popstate", () => {
      state = opened();
      map.words.use(strings, state.lang);
      app.group = null;
      render();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => picture.redraw());
    render();
    byId("main").removeAttribute("aria-busy");
    app.ready = true;
  }

  app.internals = () => ({ model, state, result, picture, settings });

  if (typeof document !== "undefined") {
    start().catch((error) => {
      const host = byId("headline");
      host.textContent = `The page could not be opened: ${error.message}`;
      throw error;
    });
  }
})((globalThis.AccessMap = globalThis.AccessMap || {}));
