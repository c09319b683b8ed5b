/* Answers: rows of "who can reach", "what can it reach" and "how", in the contract's order. */
(function (map) {
  "use strict";

  const { engine } = map;
  const { BEST, verdictOf, bitOf } = engine;

  const LISTED = 50000; // rows at most

  /** Best first: verdict, level, certainty, fewest arcs, then the ids of body and place. */
  function inOrder(model) {
    const rank = model.entityRank;
    return (a, b) => b.best - a.best || a.hops - b.hops || rank[a.body] - rank[b.body] || rank[a.place] - rank[b.place];
  }

  /** Memory for one place at a time. */
  function memory(model) {
    if (!model.ofPlace) {
      model.ofPlace = { best: new Uint8Array(model.n), hops: new Uint16Array(model.n), nodes: new Int32Array(model.n), count: 0 };
    }
    return model.ofPlace;
  }

  /** The best answer of each body at one place, over its layers: in `nodes`, `best` and `hops`, until the next call. */
  function atPlace(v, place, layers, within, wanted) {
    const { types } = v.model;
    const p = memory(v.model);
    for (let i = 0; i < p.count; i += 1) p.best[p.nodes[i]] = 0;
    p.count = 0;
    for (const layer of layers) {
      const s = engine.sweep(v, place, layer, within);
      for (let i = 0; i < s.count; i += 1) {
        const node = s.touched[i];
        if (types[node] !== engine.BODY || node === place || (wanted && !wanted[node])) continue;
        const best = BEST[s.have[node]];
        const hops = s.hops[node * 16 + bitOf(best)];
        if (!p.best[node]) p.nodes[p.count++] = node;
        if (best > p.best[node] || (best === p.best[node] && hops < p.hops[node])) {
          p.best[node] = best;
          p.hops[node] = hops;
        }
      }
    }
    return p;
  }

  /** Flags of the nodes that a test accepts; `null` for all. */
  function flags(model, wanted) {
    return wanted ? Uint8Array.from({ length: model.n }, (_, node) => (wanted(node) ? 1 : 0)) : null;
  }

  const counted = (columns, places) => (places ? columns.filter(([place]) => places(place)) : columns);

  /**
   * Every pair of a body and a place of the target, best first. `places` says which places count. Work in parts, place by
   * place. Of more than `LISTED` pairs the first are rows; `total` is how many there are.
   */
  function* pairing(v, target, { wanted = null, places = null } = {}) {
    let rows = [];
    let total = 0;
    let last = null; // what comes after this row is not among the first
    const order = inOrder(v.model);
    const asked = flags(v.model, wanted);
    const columns = counted(engine.columns(v, target), places);
    for (const [done, [place, layers]] of columns.entries()) {
      const p = atPlace(v, place, layers, null, asked);
      total += p.count;
      for (let i = 0; i < p.count; i += 1) {
        const body = p.nodes[i];
        if (last && p.best[body] < last.best) continue;
        rows.push({ body, place, best: p.best[body], hops: p.hops[body], ask: layers, stores: 1 });
      }
      if (rows.length > LISTED * 2) {
        rows = rows.sort(order).slice(0, LISTED);
        last = rows[LISTED - 1];
      }
      yield { done: done + 1, of: columns.length };
    }
    return Object.assign(rows.sort(order).slice(0, LISTED), { total });
  }

  /** The same in one go. */
  const pairs = (v, target, about) => engine.finish(pairing(v, target, about));

  /**
   * A row for each body, its first pair, with how many pairs it has; one sweep a layer from all its places at once, so
   * that its cost does not grow with the places. `reached` counts the places that some body reaches under the verdict
   * "reaches".
   */
  function byBody(v, target, { wanted = null, places = null } = {}) {
    const { model } = v;
    const asked = flags(model, wanted);
    const columns = counted(engine.columns(v, target), places);
    const layersOf = new Map(columns);
    const stores = map.closure.counts(v, columns);
    const first = new Map();
    const rank = model.entityRank;
    const sweeps = map.together.sweeps(v, columns);
    for (const s of sweeps) {
      for (const body of s.nodes) {
        if (model.types[body] !== engine.BODY || (asked && !asked[body])) continue;
        const best = BEST[s.have[body]];
        const hops = s.hops[body * 16 + bitOf(best)];
        const place = s.origin[body * 16 + bitOf(best)];
        if (place === body) continue; // a body is no answer about itself
        const row = first.get(body);
        if (row && (best < row.best || (best === row.best && (hops > row.hops
          || (hops === row.hops && rank[place] >= rank[row.place]))))) continue;
        first.set(body, { body, place, best, hops, ask: layersOf.get(place), stores: stores[body], sweeps });
      }
    }
    const rows = Array.from(first.values()).sort(inOrder(model));
    return { rows, reached: map.together.reached(v, columns, asked) };
  }

  /* Ways that are told under whoever commands, or whoever stands for many. */
  const FOLDING = new Set(["part_of", "owns", "controls", "member_of"]);

  /**
   * Rows to fold for people, as the library folds them: whose every way leads through command over, or membership in, a
   * listed body; body → {way, under}, where `under` is the row that stays.
   */
  function folds(v, target, rows, { places = null } = {}) {
    const { model } = v;
    const { arcs, into } = model;
    const { predicate } = model.relations;
    const folding = (a) => FOLDING.has(predicate[arcs.relation[a]]);
    const otherWays = new Uint8Array(model.n);
    const sweeps = rows.length ? rows[0].sweeps || map.together.sweeps(v, counted(engine.columns(v, target), places)) : [];
    for (const s of sweeps) {
      for (const node of s.nodes) {
        for (let i = into.ptr[node]; i < into.ptr[node + 1]; i += 1) {
          const a = into.rows[i];
          if (v.bits[a] && !folding(a) && s.passes(arcs.mask[a]) && (!arcs.terminal[a] || s.isPlace[node])) otherWays[arcs.source[a]] = 1;
        }
      }
    }
    const listed = new Set(rows.map((row) => row.body));
    const found = new Map();
    for (const row of rows) {
      if (otherWays[row.body]) continue;
      const first = quickPath(v, sweeps, row)[0];
      const under = arcs.target[first];
      if (listed.has(under)) found.set(row.body, { way: predicate[arcs.relation[first]] === "member_of" ? "member" : "above", under });
    }
    for (const fold of found.values()) while (found.has(fold.under)) fold.under = found.get(fold.under).under;
    return found;
  }

  /** A row's best path out of sweeps from all places at once: step by step to whatever is as near to the row's place. */
  function quickPath(v, sweeps, row) {
    const { model } = v;
    const { arcs, out } = model;
    const bit = bitOf(row.best);
    const found = [];
    for (const s of sweeps) {
      const near = (node, left) => (s.have[node] >> bit) & 1 && s.hops[node * 16 + bit] === left
        && s.origin[node * 16 + bit] === row.place;
      if (!near(row.body, row.hops)) continue;
      const path = [];
      for (let node = row.body, left = row.hops - 1; left >= 0; left -= 1) {
        let best = -1;
        for (let i = out.ptr[node]; i < out.ptr[node + 1]; i += 1) {
          const a = out.rows[i];
          if ((v.bits[a] >> bit) & 1 && s.passes(arcs.mask[a]) && near(arcs.target[a], left)
            && (!arcs.terminal[a] || s.isPlace[arcs.target[a]]) && (best < 0 || engine.earlier(model, a, best))) best = a;
        }
        path.push(best);
        node = arcs.target[best];
      }
      found.push(path);
    }
    return found.reduce((p, q) => (engine.comparePaths(model, p, q) <= 0 ? p : q));
  }

  /** The path of a row, without everything else that is told of it. */
  function pathOf(now, row) {
    const v = row.view || now;
    if (!row.path) row.path = row.sweeps ? quickPath(v, row.sweeps, row) : way(v, row.body, row.place, row.ask, bitOf(row.best));
    return row.path;
  }

  /** All that a body can reach: places of every category, and stores without categories, best first. */
  function reachable(v, body, { places = null } = {}) {
    return ofBody(v, counted(placesOf(v, body), places), body);
  }

  /** The best answers of one body at some places, best first. */
  function ofBody(v, columns, body) {
    const found = new Map();
    for (const [place, ask] of columns) if (place !== body) found.set(place, { body, place, best: 0, hops: 0, ask, stores: 1 });
    for (const [layer, from] of map.together.byLayer(columns)) {
      const s = map.together.ahead(v, body, layer);
      for (const place of from) {
        const best = BEST[s.set(place)];
        const row = found.get(place);
        if (!row || best < row.best || !best) continue;
        const hops = s.hops(place, bitOf(best));
        if (best > row.best || hops < row.hops) Object.assign(row, { best, hops });
      }
    }
    return Array.from(found.values()).filter((row) => row.best).sort(inOrder(v.model));
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

  /** Places of every category among some nodes, each with its layers. */
  function placesAhead(v, within) {
    const { model } = v;
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
    return Array.from(found);
  }

  /** Every place that a body may reach, with its layers. */
  function placesOf(v, body) {
    return engine.missing(v, body) ? [] : placesAhead(v, ahead(v, body));
  }

  /** The best of the ways from a body to a place through any of some layers at a threshold; `null` if there is none. */
  function way(v, body, place, layers, bit) {
    let best = null;
    for (const layer of layers) {
      const path = engine.between(v, body, place, layer, bit);
      if (path && (!best || path.length < best.length
        || (path.length === best.length && engine.comparePaths(v.model, path, best) < 0))) best = path;
    }
    return best;
  }

  /** The witness of a row, its facts, its categories and what else stands only under a weaker verdict. */
  function resolve(now, row) {
    if (row.facts) return row;
    // What was lost is told by the state in which it stood.
    const v = row.view || now;
    const { body, place, ask } = row;
    const verdict = verdictOf(row.best);
    row.facts = engine.facts(v, pathOf(v, row), body, place);
    row.also = [];
    let level = (row.best >> 2) & 3;
    for (let lower = verdict - 1; lower >= 0; lower -= 1) {
      for (let higher = 3; higher > level; higher -= 1) {
        const path = way(v, body, place, ask, higher * 4 + lower);
        if (!path) continue;
        row.also.push({ level: higher, certainty: lower, verdict: lower, path });
        level = higher;
        break;
      }
    }
    // A layer bears the verdict if some way through it is as certain as the verdict asks, however weak.
    row.categories = ask.filter((layer) => layer >= 0 && (ask.length === 1 || engine.between(v, body, place, layer, verdict)));
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
      stores: row.stores,
      categories: categories.map((c) => model.categories.code[c]),
      at: id(facts.at),
      store_unknown: engine.storeUnknown(v, row.place, categories),
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

  map.answers = { LISTED, pairs, pairing, ofBody, way, atPlace, counted, byBody, folds, pathOf, reachable, resolve, placesOf, flags, plain, target, inOrder, LEVELS, CERTAINTIES, VERDICTS, DATES };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
