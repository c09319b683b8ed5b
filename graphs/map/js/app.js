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
  let index = null;
  let groups;
  let opening;
  let state;
  let result = null;
  let picture = null;
  let sheet = null;
  let over = null;
  let job = null; // an answer that is being worked out
  let awaiting = null; // which parts of the page wait for it
  const PAUSE = 1000; // ms without a move, after which the slider begins another
  let glided = -PAUSE;
  let unread = []; // days of the address that are none

  map.theme = {
    dark() {
      const chosen = document.documentElement.dataset.theme;
      return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    },
  };

  /** What can be searched for, made on the first search. */
  const entries = () => (index = index || map.search.index(model));

  const json = (id) => JSON.parse(byId(id).textContent);

  app.state = () => state;
  /** Rows of "who" that are told under another; worked out when the table asks. */
  app.folds = () => {
    if (!result.folds) result.folds = answers.folds(result.v, result.target, result.bodies, result);
    return result.folds;
  };
  app.opening = () => opening;
  /** What a link tells the differences from: the opening view, or that of the step of a story that it names. */
  function base(step) {
    const at = settings.story && settings.story.steps[Number.parseInt(step, 10) - 1];
    return at ? { ...opening, ...checked(map.link.parse(at.view || "")), step: "" } : opening;
  }
  /** Whether a body is asked about. */
  app.over = () => result.over;
  app.compared = () => ({ before: result.before, after: result.v });
  app.today = () => opening.asof;
  app.width = () => picture.width();
  app.nameOf = (code) => map.question.nameOf(model, code);

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
    const same = (row) => row.body === sel.body && row.place === sel.place;
    return (result.effects || []).find(same) || result.bodies.find(same) || map.question.rowOf(result, sel.body, sel.place);
  }

  /** Whether the question is also about a body and a place; of others its silence says nothing. */
  const asked = (sel) => state.ask !== "all" && result.wanted(sel.body) && !(result.places && !result.places(sel.place));

  /** Select a row, an entity, a relation or nothing. */
  app.select = (sel) => {
    const id = model.entities.id;
    const text = !sel ? "" : sel.type === "entity" ? `e:${id[sel.node]}`
      : sel.type === "relation" ? `r:${model.relations.id[sel.row]}` : `${id[sel.body]}~${id[sel.place]}`;
    app.group = null;
    update({ sel: text }, { only: "panel" });
    if (!sel) return;
    const panel = byId("panel");
    const { top } = panel.getBoundingClientRect();
    // Evidence chosen in the table opens above it, on a phone below the picture: out of sight.
    if (top < 0 || top > innerHeight / 2) panel.scrollIntoView({ block: "start" });
    panel.focus({ preventScroll: true });
  };

  app.set = (patch) => update(patch);
  /** As the slider moves: everything follows; for Back the whole move is one step, which leads to where it began. */
  app.glide = (patch) => {
    const now = performance.now();
    update(patch, { only: "glide", replace: now - glided < PAUSE });
    glided = now;
  };
  /** A view from outside, such as a step of a story: what it does not say is as on opening. */
  app.show = (view) => update({ ...opening, lang: state.lang, embed: state.embed, ...checked(view) });
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
      const row = result.bodies.find((candidate) => candidate.body === entry.node);
      if (state.ask === "who" && row) app.select({ type: "row", body: row.body, place: row.place });
      else update({ ask: "what", body: entry.code, sel: `e:${entry.code}` });
    } else update({ ask: "who", target: entry.code, sel: `e:${entry.code}` });
  };
  app.reset = () => {
    const { ask, target, body, lang, embed } = state;
    update({ ...opening, ask, target, body, lang, embed });
  };

  function update(patch, { only = null, replace = false } = {}) {
    if (DAYS.some((key) => key in patch)) unread = [];
    state = ordered({ ...state, ...patch });
    map.link.write(state, base(state.step), replace);
    if (patch.lang) map.words.use(strings, state.lang);
    render(only);
  }

  /** What an overlay worked out in slices is there, if it is still asked for. */
  app.overlaid = (about) => {
    if (about !== result) return;
    over = state.ask === "all" ? null : map.overlays.overlay(state.over, result, app);
    app.draw();
    panel();
  };

  /** The picture alone, as when the frame changes its width. */
  app.draw = () => {
    if (!result) return;
    const width = picture.width();
    const sel = selection();
    const options = { families: settings.families, width, height: width < 640 ? 10 : 13, marks: over ? over.marks : null };
    const end = state.ask === "who" ? "body" : "place";
    const row = sel && sel.type === "row" && state.ask !== "all" ? rowOf(sel) : null;
    let scene;
    if (state.ask === "all") scene = map.sights.whole(result.v, groups, options);
    else {
      scene = map.sights.ofRows(result.v, result.effects || result.bodies, { ...options, about: end, before: result.before,
        first: row ? [row] : [] });
    }
    const chosen = !sel || state.ask === "all" ? null : row ? row[end] : sel.type === "entity" ? sel.node : null;
    picture.show(scene, chosen);
    const none = byId("picture-none");
    none.hidden = scene.boxes.length > 0;
    none.textContent = none.hidden ? "" : map.question.empty(model, state, result);
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
    } else if (!sel) map.evidence.show(host, over ? over.panel : map.evidence.hint(), app, false);
    else if (sel.type === "entity") map.evidence.show(host, map.evidence.ofEntity(v, sel.node, app), app, true);
    else if (sel.type === "relation") map.evidence.show(host, map.evidence.ofRelation(v, sel.row, app), app, true);
    else {
      const row = rowOf(sel);
      const none = !row && asked(sel);
      map.evidence.show(host, row ? map.evidence.ofRow(v, row, app) : none ? map.evidence.ofNone(v, sel, state, app)
        : map.evidence.hint(), app, Boolean(row || none));
    }
  }

  function modes() {
    if (state.ask !== "who" || result.effects || result.over) return null;
    return el("div", { class: "segments", role: "group", "aria-label": t("sheetTitle") }, ["body", "pair"].map((by) => button(
      t(by === "body" ? "byBody" : "byPair"), () => app.set({ by }), { "aria-pressed": String(state.by === by) })));
  }

  function rowsSheet() {
    const kind = result.effects ? "compare" : state.ask === "who" ? state.by : state.ask;
    byId("sheet").hidden = state.ask === "all";
    if (state.ask !== "all") sheet.render(result.v, result.rows, kind, state, modes());
  }

  const ASSUMED = ["stance", "level", "certainty", "asof", "knownby", "fresh", "kinds", "country", "without", "between"];

  /** How much of the page follows a change. */
  const PARTS = ["panel", "glide", null];

  /** Answer the state and show it; what takes long goes on by itself, until it is done or another question comes. */
  function render(only) {
    if (only === "panel" && result && !job) {
      show(only);
      return;
    }
    if (only === "panel" && job) return; // what is chosen will be shown with the answer
    if (job) {
      job.stop(true);
      only = PARTS[Math.max(PARTS.indexOf(only), PARTS.indexOf(awaiting))];
    }
    awaiting = only;
    const work = map.question.computing(model, state, settings, result);
    try {
      job = map.work.start(work, (ended) => {
        if (ended !== job) return;
        if (ended.error) failed(ended.error);
        else answered();
      }, map.work.patience(model));
    } catch (error) {
      failed(error); // the answer before must not stand under other assumptions
      throw error;
    }
    if (job.done) answered();
    else busy();
  }

  function busy() {
    byId("main").setAttribute("aria-busy", "true");
    byId("headline").textContent = t("loading");
    byId("status").textContent = t("loading");
    put(byId("deck"), el("progress", { "aria-label": t("loading") }));
  }

  /** Say that it went wrong, rather than be at it for ever. */
  function failed(error) {
    job = null;
    byId("headline").textContent = `The page could not answer: ${error.message}`;
    byId("status").textContent = byId("headline").textContent;
    put(byId("deck"));
    byId("main").removeAttribute("aria-busy");
  }

  function answered() {
    if (job.value !== result && result) map.overlays.stop(result);
    result = job.value;
    job = null;
    over = state.ask === "all" ? null : map.overlays.overlay(state.over, result, app);
    show(awaiting);
    byId("main").removeAttribute("aria-busy");
    app.ready = true;
  }

  function show(only) {
    const [text, deck] = map.question.headline(model, state, result);
    put(byId("headline"), map.dom.unbroken(text));
    put(byId("deck"), map.dom.unbroken(deck));
    document.title = `${text} – ${settings.titles[state.lang]}`;
    if (only !== "panel") {
      map.legend.breakdown(byId("breakdown"), result.effects ? [] : result.bodies, app, state);
      byId("status").textContent = state.ask === "all" ? text
        : t("resultStatus", { headline: text, rows: t("rowsCount", { n: result.total }) });
    }
    if (!only) frame();
    panel();
    rowsSheet();
    app.draw(); // after the table, for it has the page laid out
    if (only !== "glide") map.timeline.render(byId("time"), model, state, app);
  }

  /** What stands around the answer: it changes with the question, the assumptions and the language. */
  function frame() {
    document.documentElement.lang = state.lang;
    document.body.classList.toggle("embed", state.embed === "1");
    for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
    byId("title").textContent = settings.titles[state.lang];
    byId("canvas").setAttribute("aria-label", t("canvasLabel"));
    tools();
    map.story.render(byId("story"), settings.story, state, app);
    map.ask.render(byId("ask"), model, entries, state, app, settings.families);
    const changed = ASSUMED.some((key) => String(state[key] || "") !== String(opening[key] || ""));
    map.assumptions.render(byId("assumptions"), model, state, app, settings.families, changed);
    map.whatif.chips(byId("whatif"), model, app);
    map.legend.render(byId("legend"), settings.families, Boolean(result.effects), state);
    put(byId("provenance"), map.dom.unbroken(provenance()));
    put(byId("assumed"), map.dom.unbroken(map.question.assumptions(model, state)));
    put(byId("notes"), notes().map((text) => el("p", { text })));
  }

  /** What a reader must know of this page, whatever is asked. */
  function notes() {
    return [
      unread.length ? t("dayUnread", { what: unread.map((text) => `“${text}”`).join(", ") }) : "",
      settings.withheld ? t("withheldNote", { n: settings.withheld }) : "",
      settings.withheld ? t("withheldTexts", { n: settings.taken.texts, heard: map.words.number(settings.taken.heard),
        addresses: map.words.number(settings.taken.addresses) }) : "",
      settings.large ? t("tooLarge", { n: model.n }) : "",
      settings.bodies ? t("only_bodies", { n: settings.bodies.length }) : "",
      settings.stores ? t("only_stores", { n: settings.stores.length }) : "",
      model.data.rules.length ? t("rulesChanged", { what: model.data.rules.map((word) => map.words.term("predicate", word)).join(", ") }) : "",
      Object.keys(model.data.unruled).length ? t("unruled", { what: Object.entries(model.data.unruled)
        .map(([word, n]) => `${map.words.term("predicate", word)} (${map.words.number(n)})`).join(", ") }) : "",
    ].filter(Boolean);
  }

  function provenance() {
    const { dataset } = model.data;
    return t("provenance", { name: [dataset.name, dataset.version].filter(Boolean).join(" "),
      licence: dataset.licence ? `, ${dataset.licence}` : "",
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
      state.ask === "all" ? null : map.overlays.choice(state, app),
      button("+", () => picture.zoom(1.25), { "aria-label": t("zoomIn"), class: "square" }),
      button("−", () => picture.zoom(1 / 1.25), { "aria-label": t("zoomOut"), class: "square" }),
      button(t("zoomFit"), () => picture.fit()),
      button("PNG", () => save("png"), { "aria-label": t("savePng") }),
      button("SVG", () => save("svg"), { "aria-label": t("saveSvg") }));
  }

  /** What is written around an exported picture. */
  app.texts = () => {
    const [text, deck] = map.question.headline(model, state, result);
    return { headline: text, deck, assumptions: map.question.assumptions(model, state), key: map.legend.key(state, Boolean(result.effects)),
      source: `${settings.titles[state.lang]}. ${provenance()}` };
  };

  async function save(kind) {
    const scene = picture.scene();
    const name = `access-map-${state.ask}-${state.asof}.${kind}`;
    const blob = kind === "png" ? await map.exports.pngBlob(scene, picture.stateOf, app.texts())
      : new Blob([map.exports.svgText(scene, picture.stateOf, app.texts())], { type: "image/svg+xml" });
    map.dom.save(blob, name);
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
    const row = (result.effects || result.bodies).find((candidate) => (state.ask === "who" ? candidate.body : candidate.place) === item.node);
    app.select(row ? { type: "row", body: row.body, place: row.place } : { type: "entity", node: item.node });
  }

  /** Of two days the earlier one is what the other is compared with, whichever was said first. */
  function ordered(view) {
    const { asof, between } = view;
    return between && map.dates.lastDay(between) > map.dates.lastDay(asof) ? { ...view, asof: between, between: asof } : view;
  }

  /** Of a view only what is known; everything else is left as on opening. */
  function checked(from) {
    const words = { ask: ["who", "what", "how", "all"], stance: ["direct", "documented", "assumed"], level: answers.LEVELS,
      certainty: answers.CERTAINTIES, by: ["body", "pair"], lang: ["en", "ru", "kk"], over: ["", "chokepoints", "exposure", "gaps"] };
    const out = {};
    for (const [key, value] of Object.entries(from)) {
      if (words[key] ? words[key].includes(value) : true) out[key] = value;
    }
    // An answer must not be told under assumptions that it was not worked out under.
    for (const key of DAYS) {
      if (out[key] === undefined || (out[key] === "" && key !== "asof")) continue;
      const day = map.dates.lastDay(out[key]);
      if (day) out[key] = map.dates.iso(day);
      else delete out[key];
    }
    if (out.fresh) {
      out.fresh = out.fresh.toLowerCase().replace(/\s/g, "");
      if (map.question.before(1, out.fresh) < 0) delete out.fresh;
    }
    if (out.country && !model.entities.country.some((code, node) => code === out.country && model.types[node] === engine.BODY)) {
      delete out.country;
    }
    if (out.kinds) out.kinds = out.kinds.split(",").filter((kind) => settings.families.slice(0, 6).includes(kind)).join(",");
    // What this map does not know cannot be taken away from it, and "nothing changes" would be said of it.
    if (out.without) out.without = map.whatif.packed(map.whatif.taken(out).filter((id) => map.whatif.known(model, id)));
    return out;
  }

  const DAYS = ["asof", "between", "knownby"];

  /** The view of the address. A day in it that cannot be read is told, and leaves the address, which else would seem to be of that day. */
  function opened() {
    const said = map.link.parse(location.hash);
    const view = checked(said);
    const found = ordered({ ...base(view.step), ...view });
    unread = DAYS.filter((key) => said[key] && !map.dates.lastDay(said[key])).map((key) => said[key]);
    if (unread.length) map.link.write(found, base(found.step), true);
    return found;
  }

  /** vis-network, which the page carries packed; the page's policy lets this very text run and no other. */
  async function library() {
    const text = await map.payload.unpack(byId("library").textContent);
    const script = document.createElement("script");
    script.textContent = text;
    document.head.append(script);
  }

  /** The letters of the page. Where a frame's policy forbids them, as in some notebooks, the system's do. */
  const letters = () => Promise.allSettled(["400", "600", "700"].map(
    (weight) => document.fonts.load(`${weight} 12px "Source Sans 3"`, "aжқğ")));

  async function start() {
    settings = json("settings");
    const [said, data] = await Promise.all([...["strings", "payload"].map((id) => map.payload.decode(byId(id).textContent)),
      library(), letters()]);
    strings = said;
    model = map.payload.model(data);
    groups = json("overview-nodes").map((group) => {
      let row = 0;
      return { ...group, members: group.members.map((step) => (row += step)) };
    });
    opening = { ask: settings.opening.ask, target: settings.opening.target || "", body: settings.opening.body || "",
      stance: settings.stance, level: settings.level, certainty: settings.certainty, asof: settings.asOf,
      knownby: settings.knownBy, fresh: settings.fresh || "", kinds: "", country: "", by: "body", sort: "", sel: "",
      lang: settings.lang, without: "", between: settings.between || "", over: "", step: "", embed: "" };
    state = opened();
    map.words.use(strings, state.lang);
    const canvas = byId("canvas");
    canvas.setAttribute("role", "img");
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
      render(null);
    });
    window.addEventListener("beforeprint", () => {
      sheet.all();
      picture.onPaper(true);
    });
    window.addEventListener("afterprint", () => picture.onPaper(false));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => picture.redraw());
    render(null);
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
