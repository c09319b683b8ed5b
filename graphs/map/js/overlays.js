/* Overlays: what stands out in an answer: what it hangs on, who in it is listed, what is not known. */
(function (map) {
  "use strict";

  const { el, button } = map.dom;
  const { t, term, name } = map.words;
  const { engine } = map;
  const LENGTH = 25;

  /** End what is being counted for an answer that is no longer asked for. */
  function stop(result) {
    for (const job of [result.chokepoints, result.rests]) if (job && job.stop) job.stop(true);
  }

  /** Chokepoints of the question, as the library counts them: work that may go on after this returns. */
  function chokepoints(result, app) {
    if (!result.chokepoints) {
      result.chokepoints = result.target ? map.work.start(map.countingLosses(result.v, result.target, result.wanted, result.places),
        () => app.overlaid(result), map.work.patience(result.v.model)) : { done: true, value: { total: 0, verdicts: [0, 0, 0], rows: [] } };
    }
    return result.chokepoints;
  }

  /** How far the work is that `result[part]` is, and a button that stops it. */
  function progress(job, result, app, part, says) {
    if (job.stopped) {
      return { marks: new Map(), panel: [el("p", { role: "status", text: t("chokeStopped") }), button(t("again"), () => {
        result[part] = null;
        app.overlaid(result);
      })] };
    }
    const told = (at) => t(says, { done: at ? at.done : 0, total: at ? at.of : 0 });
    const text = el("p", { role: "status", "aria-live": "polite", text: told(job.at) });
    const bar = el("progress", { max: job.at ? job.at.of : 1, value: job.at ? job.at.done : 0, "aria-label": t(part === "rests" ? "over_gaps" : "over_chokepoints") });
    job.told = ({ at }) => {
      text.textContent = told(at);
      bar.value = at.done;
    };
    return { marks: new Map(), panel: [text, bar, button(t("cancel"), () => job.stop())] };
  }

  function chokepointList(result, app) {
    const { v } = result;
    const { model } = v;
    const job = chokepoints(result, app);
    if (!job.done) return progress(job, result, app, "chokepoints", "chokeWorking");
    const { total, verdicts, rows } = job.value;
    const split = [2, 1, 0].filter((verdict) => verdicts[verdict]).map((verdict) => t(`chokeSplit${verdict}`, { n: verdicts[verdict] }));
    const label = (row) => (row.kind === "node" ? name(model, row.key)
      : map.whatif.label(model, model.relations.id[row.key]));
    const go = (row) => app.select(row.kind === "node" ? { type: "entity", node: row.key } : { type: "relation", row: row.key });
    return {
      marks: new Map(rows.filter((row) => row.kind === "node").map((row) => [row.key, `−${map.words.number(row.lost)}`])),
      panel: [
        el("p", { text: t(result.over ? "chokeIntroOver" : "chokeIntro", { n: total, split: split.length ? ` (${split.join(", ")})` : "" }) }),
        el("ol", { class: "ranking" }, rows.slice(0, LENGTH).map((row) => el("li", {},
          el("span", { class: "rank-number", text: map.words.number(row.lost) }),
          el("div", {}, button(label(row), () => go(row), { class: "name" }),
            el("span", { class: "soft", text: ` ${t(row.kind === "node" ? "kindEntity" : "kindRelation")}` }),
            row.mandatory.length ? el("p", { class: "soft", text: `${t("mandatory", { n: row.mandatory.length })}: ${
              row.mandatory.slice(0, 5).map((node) => name(model, node)).join(", ")}${row.mandatory.length > 5 ? "…" : ""}` }) : null)))),
        rows.length > LENGTH ? el("p", { class: "soft", text: t("chokeMore", { n: rows.length - LENGTH }) }) : null,
        map.findings.cutPart(result, app),
      ],
    };
  }

  /** Listings of an entity that are in force on the day asked about, and known; by the rules of the library's intervals. */
  function listingsOf(v, node) {
    const { model, scope } = v;
    const rows = model.listingsOf.rows.slice(model.listingsOf.ptr[node], model.listingsOf.ptr[node + 1]);
    return Array.from(rows).filter((row) => {
      if (v.gone && v.gone.listings[row]) return false;
      const [start, end, known] = spanOf(v, row);
      return start <= scope.asOf && end >= scope.asOf && known <= scope.knownBy;
    });
  }

  /** First and last day of a listing, and the day from which it is known: without a date it begins with its earliest source. */
  function spanOf({ model, gone }, row) {
    const { listings, entities, sources } = model;
    const { firstDay, lastDay } = map.dates;
    const cited = listings.sources[row].filter((source) => !(gone && gone.sources.has(source)));
    const dated = cited.map((source) => firstDay(sources.date[source])).filter(Boolean);
    const earliest = dated.length ? Math.min(...dated) : 0;
    let end = lastDay(listings.listed_until[row]) || engine.FOREVER;
    let start = firstDay(listings.listed_from[row]) || (earliest > end ? 0 : earliest);
    for (const other of [listings.entity[row], model.position.get(listings.authority[row])]) {
      if (other === undefined) continue;
      start = Math.max(start, firstDay(entities.valid_from[other]));
      end = Math.min(end, lastDay(entities.valid_until[other]) || engine.FOREVER);
    }
    return [start, end, dated.length === cited.length ? earliest : 0];
  }

  /** Listed entities among those that reach, or stand on a path: their lists, since when, and what they reach. */
  function exposures(result) {
    const { v } = result;
    const { model } = v;
    const found = new Map();
    for (const row of result.bodies) {
      const listed = listingsOf(v, row.body);
      if (!listed.length) continue;
      if (!found.has(row.body)) found.set(row.body, { node: row.body, listed, pairs: 0 });
      found.get(row.body).pairs += row.stores;
    }
    const first = (entry) => entry.listed.map((row) => model.listings.listed_from[row] || "").sort()[0];
    return Array.from(found.values()).sort((a, b) => b.pairs - a.pairs || (first(a) < first(b) ? -1 : 1));
  }

  function exposureList(result, app) {
    const { v } = result;
    const { model } = v;
    const { listings } = model;
    const entries = exposures(result);
    const authority = (row) => (model.position.has(listings.authority[row])
      ? name(model, model.position.get(listings.authority[row])) : listings.authority[row]);
    return {
      marks: new Map(entries.map((entry) => [entry.node, "§"])),
      panel: [
        map.findings.exposurePart(result, app),
        el("h3", { text: t("listedAmong") }),
        el("p", { text: t("exposureIntro", { n: entries.length }) }),
        el("ul", { class: "ranking" }, entries.map((entry) => el("li", {},
          el("span", { class: "rank-number", text: map.words.number(entry.pairs) }),
          el("div", {}, button(name(model, entry.node), () => app.select({ type: "entity", node: entry.node }), { class: "name" }),
            el("ul", { class: "soft" }, entry.listed.map((row) => el("li", { text: [
              `${authority(row)}: ${listings.list[row]}`, listings.listed_from[row] ? t("since", { date: listings.listed_from[row] }) : "",
              listings.effect[row]].filter(Boolean).join(" · ") }))))))),
      ],
    };
  }

  /**
   * What is not known about an answer: kinds of gap, each with how many pairs rest on it; and every entity and relation
   * that the answer rests on. Work in parts.
   */
  function* resting(result) {
    const { v } = result;
    const { model } = v;
    const { arcs, relations } = model;
    const found = new Map();
    const [entities, links] = [new Set(), new Set()];
    const add = (kind, key, row) => {
      const id = `${kind}/${key}`;
      if (!found.has(id)) found.set(id, { kind, key, pairs: 0, last: null });
      const gap = found.get(id);
      if (gap.last !== row) gap.pairs += 1;
      gap.last = row;
    };
    const old = map.question.before(v.scope.asOf, "3y");
    yield* map.question.walking(result, (row) => {
      entities.add(row.body).add(row.place);
      for (const a of row.facts.path) {
        entities.add(arcs.source[a]);
        links.add(arcs.relation[a]);
        if (arcs.holding[a] >= 0) links.add(arcs.holding[a]);
      }
      if (engine.storeUnknown(v, row.place, row.categories)) add("storeUnknown", row.place, row);
      if (model.collective[row.body]) add("collective", row.body, row);
      for (const a of row.facts.path) {
        const at = arcs.relation[a];
        if (relations.predicate[at] === "has_access" && !relations.legal_basis[at]) add("noBasis", at, row);
        if (v.times.word[at]) add("undated", at, row);
        if (relations.sources[at].length === 1) add("oneSource", at, row);
        if (v.times.day[v.times.newest[at]] < old) add("old", at, row);
        if (model.collective[arcs.target[a]]) add("collective", arcs.target[a], row);
      }
    });
    const gaps = Array.from(found.values()).sort((a, b) => b.pairs - a.pairs || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : a.key - b.key));
    return { gaps, entities, relations: links };
  }

  function gapList(result, app) {
    const { model } = result.v;
    if (!result.rests) result.rests = map.work.start(resting(result), () => app.overlaid(result), map.work.patience(model));
    if (!result.rests.done) return progress(result.rests, result, app, "rests", "gapsWorking");
    const all = result.rests.value.gaps;
    const entity = (gap) => gap.kind === "storeUnknown" || gap.kind === "collective";
    const label = (gap) => (entity(gap) ? name(model, gap.key) : map.whatif.label(model, model.relations.id[gap.key]));
    const kinds = ["storeUnknown", "noBasis", "undated", "oneSource", "old", "collective"];
    return {
      marks: new Map(all.filter(entity).map((gap) => [gap.key, "?"])),
      panel: [
        map.findings.gapsPart(result, app),
        map.findings.alonePart(result, app),
        el("h3", { text: t("gapsKinds") }),
        el("p", { text: t("gapsIntro") }),
        kinds.map((kind) => {
          const mine = all.filter((gap) => gap.kind === kind);
          if (!mine.length) return null;
          return el("details", { class: "gap" }, el("summary", {}, el("b", { text: t(`gap_${kind}`) }), ` · ${map.words.number(mine.length)}`),
            el("ul", { class: "ranking" }, mine.slice(0, LENGTH).map((gap) => el("li", {},
              el("span", { class: "rank-number", text: map.words.number(gap.pairs) }),
              button(label(gap), () => app.select(entity(gap) ? { type: "entity", node: gap.key } : { type: "relation", row: gap.key }), {
                class: "name" })))),
            mine.length > LENGTH ? el("p", { class: "soft", text: t("chokeMore", { n: mine.length - LENGTH }) }) : null);
        }),
      ],
    };
  }

  const LISTS = { chokepoints: chokepointList, exposure: exposureList, gaps: gapList };

  /** The overlay chosen: marks for boxes, and a list for the panel. */
  function overlay(kind, result, app) {
    const make = Object.hasOwn(LISTS, kind) ? LISTS[kind] : null;
    if (!make) return null;
    const { marks, panel } = make(result, app);
    return { marks, panel: [el("h2", { id: "panel-title", class: "panel-head", text: t(`over_${kind}`) }), ...panel] };
  }

  /** Buttons that choose one. */
  function choice(state, app) {
    return el("div", { class: "segments", role: "group", "aria-label": t("overlays") }, ["chokepoints", "exposure", "gaps"].map(
      (kind) => button(t(`over_${kind}`), () => app.set({ over: state.over === kind ? "" : kind, sel: "" }), {
        "aria-pressed": String(state.over === kind) })));
  }

  map.overlays = { overlay, choice, stop, exposures, listingsOf, term };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
