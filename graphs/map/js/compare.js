/* Compare: who gained and who lost reach between two states of the map: two dates, or with and without something. */
(function (map) {
  "use strict";

  const { engine, answers } = map;
  const { verdictOf } = engine;

  /* In the order in which they are told. */
  const KINDS = ["gained", "lost", "stronger", "weaker", "more certain", "less certain", "newly claimed", "no longer claimed",
    "newly prospective", "no longer prospective"];
  const BEGUN = ["newly prospective", "newly claimed", "gained"];
  const OVER = ["no longer prospective", "no longer claimed", "lost"];

  /** What it means that a best answer moved from one rank to another; 0 is no path. */
  function kindsOf(before, after) {
    if (before === after) return [];
    const found = [];
    if (!before || !after || verdictOf(before) !== verdictOf(after)) {
      if (after) found.push(BEGUN[verdictOf(after)]);
      if (before) found.push(OVER[verdictOf(before)]);
    } else {
      const moved = (was, now, up, down) => { if (was !== now) found.push(now > was ? up : down); };
      moved((before >> 2) & 3, (after >> 2) & 3, "stronger", "weaker");
      moved(before & 3, after & 3, "more certain", "less certain");
    }
    return found.sort((a, b) => KINDS.indexOf(a) - KINDS.indexOf(b));
  }

  /** Best answers of every body in one layer of a place, over what `ranks` held before. */
  function ranksOf(v, place, layer, ranks) {
    const s = engine.sweep(v, place, layer, null);
    for (let i = 0; i < s.count; i += 1) ranks.set(s.touched[i], engine.BEST[s.have[s.touched[i]]]);
  }

  /** The columns of both states: place → layers before, layers after. */
  function bothColumns(before, after, columnsOf) {
    const found = new Map();
    const add = (v, side) => {
      for (const [place, layers] of columnsOf(v)) {
        if (!found.has(place)) found.set(place, [[], []]);
        found.get(place)[side] = layers;
      }
    };
    add(before, 0);
    add(after, 1);
    return Array.from(found, ([place, sides]) => [place, ...sides]).sort((a, b) => a[0] - b[0]);
  }

  /** Every body, place and category whose best answer differs, as [body, place, layer, before, after]. */
  function moves(before, after, columnsOf, wanted = null) {
    const { types } = after.model;
    const out = [];
    for (const [place, was, now] of bothColumns(before, after, columnsOf)) {
      for (const layer of Array.from(new Set([...was, ...now])).sort((a, b) => a - b)) {
        const [x, y] = [new Map(), new Map()];
        if (was.includes(layer)) ranksOf(before, place, layer, x);
        if (now.includes(layer)) ranksOf(after, place, layer, y);
        for (const body of new Set([...x.keys(), ...y.keys()])) {
          if (types[body] !== engine.BODY || body === place || (wanted && !wanted[body])) continue;
          const [a, b] = [x.get(body) || 0, y.get(body) || 0];
          if (a !== b) out.push([body, place, layer, a, b]);
        }
      }
    }
    return out;
  }

  /**
   * Rows of the comparison, gained first: a pair of body and place each, with the kinds of change, the categories that
   * changed, and the state that shows it (for what was lost the earlier one).
   */
  function compare(before, after, columnsOf, wanted = null) {
    const found = new Map();
    for (const [body, place, layer, x, y] of moves(before, after, columnsOf, wanted)) {
      const key = `${body}/${place}`;
      if (!found.has(key)) found.set(key, { body, place, kinds: new Set(), layers: [] });
      const entry = found.get(key);
      kindsOf(x, y).forEach((kind) => entry.kinds.add(kind));
      entry.layers.push(layer);
    }
    const asks = new Map(bothColumns(before, after, columnsOf).map(([place, was, now]) => [place, [was, now]]));
    const rows = Array.from(found.values(), ({ body, place, kinds, layers }) => {
      const [a, b] = [before, after].map((v, side) => bestAt(v, body, place, asks.get(place)[side]));
      const [view, shown] = b ? [after, b] : [before, a];
      return { ...shown, stores: 1, view, change: KINDS.filter((kind) => kinds.has(kind)), changed: layers,
        before: a ? a.best : 0, after: b ? b.best : 0, asks: asks.get(place) };
    });
    const order = answers.inOrder(after.model);
    const first = (row) => KINDS.indexOf(row.change[0]);
    return rows.sort((a, b) => first(a) - first(b) || order(a, b));
  }

  /** The best answer of one body at one place in a state, or nothing. */
  function bestAt(v, body, place, layers) {
    let best = 0;
    let hops = 0;
    for (const s of engine.sweepsAt(v, place, layers)) {
      const at = s.index.get(body);
      const rank = at === undefined ? 0 : engine.BEST[s.have[at]];
      const steps = rank ? s.hops[at * 16 + engine.bitOf(rank)] : 0;
      if (rank > best || (rank && rank === best && steps < hops)) [best, hops] = [rank, steps];
    }
    return best ? { body, place, best, hops, ask: layers } : null;
  }

  /** The best path of a comparison's row in one of its states; empty where there is none. */
  function pathAt(v, row, rank, layers) {
    if (!rank) return [];
    const found = bestAt(v, row.body, row.place, layers);
    return answers.resolve(v, found).facts.path;
  }

  /**
   * Why a row of a comparison moved, as far as its two best paths show: relations on the path after that did not count
   * before, on the path before that no longer count, or that count differently; [{row, what}], none if all count alike.
   */
  function because(before, after, row) {
    if (row.because) return row.because;
    const { arcs } = after.model;
    const [was, now] = [pathAt(before, row, row.before, row.asks[0]), pathAt(after, row, row.after, row.asks[1])];
    const found = new Map();
    for (const a of [...now, ...was]) {
      const what = ofArc(before, after, a);
      if (what) for (const at of rowsOf(arcs, a)) if (stands(before, at) !== stands(after, at)) found.set(at, what);
    }
    row.pathBefore = was;
    row.because = Array.from(found, ([at, what]) => ({ row: at, what }));
    return row.because;
  }

  const rowsOf = (arcs, a) => (arcs.holding[a] >= 0 ? [arcs.relation[a], arcs.holding[a]] : [arcs.relation[a]]);

  /** Whether a relation holds in a state and is not denied, as one word. */
  function stands(v, at) {
    const { times, scope } = v;
    const holds = times.start[at] <= scope.asOf && times.end[at] >= scope.asOf && times.known[at] <= scope.knownBy
      && (scope.evidenceSince < 0 || times.day[times.newest[at]] >= scope.evidenceSince) && !(v.gone && v.gone.relations[at]);
    return `${holds}/${v.denied[at]}`;
  }

  /** How an arc stands in two states: gained, lost, changed, or neither. */
  function ofArc(before, after, a) {
    if (!before.bits[a] && after.bits[a]) return "gained";
    if (before.bits[a] && !after.bits[a]) return "lost";
    return before.bits[a] !== after.bits[a] || before.contested[a] !== after.contested[a] ? "changed" : null;
  }

  map.compare = { KINDS, kindsOf, moves, compare, because, ofArc };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
