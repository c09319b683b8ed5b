/* Answers: rows of "who can reach", "what can it reach" and "how", in the contract's order. */
(function (map) {
  "use strict";

  const { engine } = map;
  const { BEST, verdictOf, bitOf } = engine;

  /** Best first: verdict, level, certainty, fewest arcs, then the ids of body and place. */
  function inOrder(model) {
    const rank = model.entityRank;
    return (a, b) => b.best - a.best || a.hops - b.hops || rank[a.body] - rank[b.body] || rank[a.place] - rank[b.place];
  }

  /** Strengths of each body at one place, over its layers. */
  function sweepPlace(v, place, layers, within, wanted) {
    const found = new Map();
    const { types } = v.model;
    for (const layer of layers) {
      const s = engine.sweep(v, place, layer, within);
      for (let i = 0; i < s.count; i += 1) {
        const node = s.touched[i];
        if (types[node] !== engine.BODY || node === place || (wanted && !wanted(node))) continue;
        const set = s.have[node];
        const best = BEST[set];
        const hops = s.hops[node * 16 + bitOf(best)];
        let row = found.get(node);
        if (!row) {
          row = { body: node, place, best, hops, layers: [layer], union: set, sets: [set], ask: layers };
          found.set(node, row);
          continue;
        }
        row.union |= set;
        row.layers.push(layer);
        row.sets.push(set);
        if (best > row.best || (best === row.best && hops < row.hops)) {
          row.best = best;
          row.hops = hops;
        }
      }
    }
    return found;
  }

  /** Every pair of a body and a place of the target, best first. */
  function pairs(v, target, options = {}) {
    const rows = [];
    for (const [place, layers] of engine.columns(v, target)) {
      const found = sweepPlace(v, place, layers, options.within || null, options.wanted || null);
      for (const row of found.values()) rows.push(row);
    }
    return rows.sort(inOrder(v.model));
  }

  /** A row for each body: its first pair, and how many it has. */
  function byBody(rows) {
    const first = new Map();
    for (const row of rows) {
      const seen = first.get(row.body);
      if (seen) seen.stores += 1;
      else first.set(row.body, { ...row, stores: 1 });
    }
    return Array.from(first.values());
  }

  /** All that a body can reach: places of every category, and stores without categories, best first. */
  function reachable(v, body) {
    const { model } = v;
    if (engine.missing(v, body)) return [];
    const rows = [];
    const only = (node) => node === body;
    for (const [place, layers, within] of placesFrom(v, body)) {
      const row = sweepPlace(v, place, layers, within, only).get(body);
      if (row) rows.push(row);
    }
    return rows.sort(inOrder(model));
  }

  /** Nodes that a body may get to, masks apart: a superset that keeps the sweeps small. */
  function ahead(v, body) {
    const { model, bits } = v;
    const { arcs, out } = model;
    const seen = new Uint8Array(model.n);
    seen[body] = 1;
    const stack = [body];
    while (stack.length) {
      const node = stack.pop();
      for (let i = out.ptr[node]; i < out.ptr[node + 1]; i += 1) {
        const a = out.rows[i];
        const target = arcs.target[a];
        if (!bits[a] || seen[target]) continue;
        seen[target] = 1;
        stack.push(target);
      }
    }
    return seen;
  }

  function placesFrom(v, body) {
    const { model } = v;
    const within = ahead(v, body);
    const found = new Map();
    for (let c = 0; c < model.categories.code.length; c += 1) {
      const known = engine.knownStores(v, c);
      for (let node = 0; node < model.n; node += 1) {
        if (!within[node] || model.types[node] === engine.BODY || known[node] || engine.missing(v, node)) continue;
        if (!model.own[node].includes(c)) continue;
        if (!found.has(node)) found.set(node, []);
        found.get(node).push(c);
      }
    }
    for (let node = 0; node < model.n; node += 1) {
      if (within[node] && model.types[node] === engine.STORE && !model.own[node].length && !engine.missing(v, node)) {
        found.set(node, [engine.NO_CATEGORY]);
      }
    }
    return Array.from(found, ([place, layers]) => [place, layers, within]);
  }

  /** The witness of a row, its facts, its categories and what else stands only under a weaker verdict. */
  function resolve(now, row) {
    if (row.facts) return row;
    // What was lost is told by the state in which it stood.
    const v = row.view || now;
    const { model } = v;
    const verdict = verdictOf(row.best);
    const candidates = [];
    const weaker = [];
    let level = (row.best >> 2) & 3;
    for (let lower = verdict - 1; lower >= 0; lower -= 1) {
      for (let higher = 3; higher > level; higher -= 1) {
        if (!((row.union >> (higher * 4 + lower)) & 1)) continue;
        weaker.push({ verdict: lower, bit: higher * 4 + lower, path: null });
        level = higher;
        break;
      }
    }
    row.layers.forEach((layer, i) => {
      const s = engine.sweep(v, row.place, layer, null);
      if (BEST[row.sets[i]] === row.best && s.hops[row.body * 16 + bitOf(row.best)] === row.hops) {
        candidates.push(engine.witness(v, s, row.body, row.place, layer, bitOf(row.best)));
      }
      for (const also of weaker) {
        if (!((row.sets[i] >> also.bit) & 1)) continue;
        const path = engine.witness(v, s, row.body, row.place, layer, also.bit);
        if (!also.path || path.length < also.path.length
          || (path.length === also.path.length && engine.comparePaths(model, path, also.path) < 0)) also.path = path;
      }
    });
    const path = candidates.reduce((p, q) => (engine.comparePaths(model, p, q) <= 0 ? p : q));
    row.facts = engine.facts(v, path, row.body, row.place);
    row.also = weaker.map((also) => ({
      level: also.bit >> 2, certainty: also.bit & 3, verdict: also.verdict, path: also.path,
    }));
    row.categories = row.layers.filter((layer, i) => layer >= 0 && verdictOf(BEST[row.sets[i]]) === verdict);
    return row;
  }

  const LEVELS = ["possible", "indirect", "granted", "custody"];
  const CERTAINTIES = ["prospective", "alleged", "reported", "confirmed"];
  const VERDICTS = ["prospective", "claimed", "reaches"];
  const DATES = ["known", "assumed", "undated"];

  /** A row as the library's JSON has it. */
  function plain(now, row) {
    const v = row.view || now;
    const { model } = v;
    const id = (node) => model.entities.id[node];
    const ids = (path) => path.map((a) => model.relations.id[model.arcs.relation[a]]);
    const { facts, also, categories } = resolve(v, row);
    return {
      body: id(row.body),
      store: id(row.place),
      stores: row.stores || 1,
      categories: categories.map((c) => model.categories.code[c]),
      at: id(facts.at),
      store_unknown: engine.storeUnknown(v, row.place),
      verdict: VERDICTS[verdictOf(row.best)],
      level: LEVELS[(row.best >> 2) & 3],
      certainty: CERTAINTIES[row.best & 3],
      contested: facts.contested,
      hops: row.hops,
      since: facts.since,
      date: DATES[facts.date],
      last_evidence: facts.lastEvidence,
      collective: facts.collective,
      also: also.map((other) => ({
        level: LEVELS[other.level], certainty: CERTAINTIES[other.certainty], verdict: VERDICTS[other.verdict],
        path: ids(other.path),
      })),
      path: ids(facts.path),
    };
  }

  /** A target by its code: an entity's id or a category. */
  function target(model, name) {
    if (model.categoryPosition.has(name)) return { kind: "category", name, position: model.categoryPosition.get(name) };
    if (model.position.has(name)) return { kind: "entity", name, node: model.position.get(name) };
    return null;
  }

  map.answers = { pairs, byBody, reachable, resolve, plain, target, inOrder, LEVELS, CERTAINTIES, VERDICTS, DATES };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
