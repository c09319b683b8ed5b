/* Compare: who gained and who lost reach between two states of the map: two dates, or with and without something. */
(function (map) {
  "use strict";

  const { engine, answers } = map;
  const { verdictOf } = engine;

  /*
   * In the order in which they are told. Data "moved" where it became known, or is no longer known, in which store a system
   * keeps them: they are looked for there, and nobody gained or lost by it.
   */
  const KINDS = ["gained", "lost", "stronger", "weaker", "more certain", "less certain", "newly claimed", "no longer claimed",
    "newly prospective", "no longer prospective", "moved"];
  const MOVED = 1 << KINDS.indexOf("moved");
  const FEW = 32; // bodies or places up to which each is looked from by itself
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

  /** The same as bits: bit k is set for the kind k. */
  const bitsOf = new Map();
  function kindBits(before, after) {
    const key = before * 128 + after;
    if (!bitsOf.has(key)) bitsOf.set(key, kindsOf(before, after).reduce((bits, kind) => bits | (1 << KINDS.indexOf(kind)), 0));
    return bitsOf.get(key);
  }

  /** Whether a layer is looked for at a place in one state only, because in the other it is known where it is kept. */
  function movedAway(before, after, place, layer, [was, now]) {
    const there = was.includes(layer);
    return layer >= 0 && there !== now.includes(layer) && engine.knownStores(there ? after : before, layer)[place] === 1;
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

  /** For each layer its places in either state, and as bits in which of the two they are places. */
  function layersOf(columns, n) {
    const found = new Map();
    for (const [place, was, now] of columns) {
      for (const layer of new Set([...was, ...now])) {
        if (!found.has(layer)) found.set(layer, { layer, places: [], slots: new Int32Array(n).fill(-1), was: [], now: [] });
        const entry = found.get(layer);
        const slot = entry.places.length;
        entry.slots[place] = slot;
        entry.places.push(place);
        for (const [side, layers] of [["was", was], ["now", now]]) {
          if (layers.includes(layer)) entry[side][slot >> 5] |= 1 << (slot & 31);
          else entry[side][slot >> 5] |= 0;
        }
      }
    }
    return Array.from(found.values()).sort((a, b) => a.layer - b.layer);
  }

  const same = (p, q) => p.every((word, i) => word === q[i]);

  /**
   * Bodies and places of a layer between which something can have changed: those that lead to an arc which differs, or
   * whose place came or went, and the places that such an arc leads to.
   */
  function affected(before, after, { layer, places, slots, was, now }, bodies) {
    const { model } = after;
    const { arcs, into, out, passes, n } = model;
    const size = model.categories.code.length;
    const passing = (a) => (before.bits[a] | after.bits[a]) !== 0 && (layer < 0 ? arcs.mask[a] === 0 : passes[arcs.mask[a] * size + layer] === 1);
    const [up, down] = [new Uint8Array(n), new Uint8Array(n)];
    const [back, on] = [[], []];
    const add = (marks, stack, node) => {
      if (marks[node]) return;
      marks[node] = 1;
      stack.push(node);
    };
    for (let a = 0; a < before.bits.length; a += 1) {
      if (before.bits[a] === after.bits[a] || !passing(a)) continue;
      add(up, back, arcs.source[a]);
      add(down, on, arcs.target[a]);
    }
    places.forEach((place, slot) => {
      if (!(((was[slot >> 5] ^ now[slot >> 5]) >> (slot & 31)) & 1)) return;
      add(up, back, place);
      add(down, on, place);
    });
    while (back.length) {
      const node = back.pop();
      for (let i = into.ptr[node]; i < into.ptr[node + 1]; i += 1) if (passing(into.rows[i])) add(up, back, arcs.source[into.rows[i]]);
    }
    while (on.length) {
      const node = on.pop();
      for (let i = out.ptr[node]; i < out.ptr[node + 1]; i += 1) if (passing(out.rows[i])) add(down, on, arcs.target[out.rows[i]]);
    }
    return { bodies: bodies.filter((node) => up[node]), places: places.filter((place) => down[place] && slots[place] >= 0) };
  }

  /** The same where few bodies or few places are affected: a look from each of them in both states. */
  function* movingOfFew(before, after, { layer, slots, was, now }, near, out) {
    const there = (words, place) => (words[slots[place] >> 5] >> (slots[place] & 31)) & 1;
    const add = (body, place, x, y) => {
      const [a, b] = [there(was, place) ? engine.BEST[x] : 0, there(now, place) ? engine.BEST[y] : 0];
      if (a === b || body === place) return;
      out.body.push(body);
      out.place.push(place);
      out.layer.push(layer);
      out.before.push(a);
      out.after.push(b);
    };
    if (near.bodies.length < near.places.length) {
      for (const body of near.bodies) {
        const [x, y] = [before, after].map((v) => map.together.ahead(v, body, layer));
        for (const place of near.places) add(body, place, x.set(place), y.set(place));
        yield null;
      }
      return;
    }
    for (const place of near.places) {
      const [x, y] = [before, after].map((v) => {
        const { have } = engine.sweep(v, place, layer, null);
        return near.bodies.map((body) => have[body]);
      });
      near.bodies.forEach((body, i) => add(body, place, x[i], y[i]));
      yield null;
    }
  }

  /**
   * Every body, place and category whose best answer differs, as columns. Threshold by threshold: only where the arcs of
   * two states differ can their answers differ. Work in parts, as `moves` and `compare` need it.
   */
  function* moving(before, after, columns, wanted) {
    const { model } = after;
    const { types, n } = model;
    const out = { body: [], place: [], layer: [], before: [], after: [] };
    const bodies = [];
    for (let node = 0; node < n; node += 1) if (types[node] === engine.BODY && (!wanted || wanted[node])) bodies.push(node);
    for (const about of layersOf(columns, n)) {
      const { layer, places, slots, was, now } = about;
      const words = was.length;
      const near = affected(before, after, about, bodies);
      yield null;
      if (!near.bodies.length || !near.places.length) continue;
      if (Math.min(near.bodies.length, near.places.length) <= FEW) {
        yield* movingOfFew(before, after, about, near, out);
        continue;
      }
      const states = []; // for each threshold the sets before and after
      const rest = [];
      for (let bit = 0; bit < 16; bit += 1) {
        if (map.closure.alike(before, after, layer, bit)) rest.push(bit);
        else {
          const sides = [];
          for (const v of [before, after]) {
            sides.push(map.closure.reach(v, layer, bit, slots, words));
            yield null;
          }
          states.push({ bit, sides });
        }
      }
      if (!same(was, now)) {
        for (const bit of rest.splice(0)) {
          const both = map.closure.reach(after, layer, bit, slots, words);
          states.push({ bit, sides: [both, both] });
          yield null;
        }
      }
      /** Places, as bits of a word, where some threshold of a body differs. */
      const moved = (body, w) => {
        let found = 0;
        for (const { sides: [x, y] } of states) {
          found |= (x.sets[x.part[body] * words + w] & was[w]) ^ (y.sets[y.part[body] * words + w] & now[w]);
        }
        const own = slots[body];
        return own >= 0 && own >> 5 === w ? found & ~(1 << (own & 31)) : found;
      };
      for (let k = 0; k < near.bodies.length && states.length; k += 1) {
        const body = near.bodies[k];
        if (k % 64 === 63) yield null;
        for (let w = 0; w < words; w += 1) {
          const here = moved(body, w);
          if (!here) continue;
          // What did not change is needed too, to tell the best of it.
          for (const bit of rest.splice(0)) {
            const both = map.closure.reach(after, layer, bit, slots, words);
            states.push({ bit, sides: [both, both] });
            yield null;
          }
          for (let left = here; left; left &= left - 1) {
            const slot = 31 - Math.clz32(left & -left);
            let [x, y] = [0, 0];
            for (const { bit, sides: [p, q] } of states) {
              x |= ((p.sets[p.part[body] * words + w] & was[w]) >>> slot & 1) << bit;
              y |= ((q.sets[q.part[body] * words + w] & now[w]) >>> slot & 1) << bit;
            }
            if (engine.BEST[x] === engine.BEST[y]) continue;
            out.body.push(body);
            out.place.push(places[w * 32 + slot]);
            out.layer.push(layer);
            out.before.push(engine.BEST[x]);
            out.after.push(engine.BEST[y]);
          }
        }
      }
    }
    return out;
  }

  /** Every body, place and category whose best answer differs, as [body, place, layer, before, after]. */
  function moves(before, after, columnsOf, wanted = null) {
    const found = engine.finish(moving(before, after, bothColumns(before, after, columnsOf), wanted));
    return found.body.map((body, i) => [body, found.place[i], found.layer[i], found.before[i], found.after[i]]);
  }

  /** Moves put together by pair of body and place: which kinds of change, and in which layers. */
  function* pairsOf(moved, n, before, after, asks) {
    const pairs = { body: [], place: [], kinds: [], layers: [], before: [], after: [] };
    const at = new Map();
    for (const [i, body] of moved.body.entries()) {
      if (i % 10000 === 9999) yield null;
      const key = body * n + moved.place[i];
      let k = at.get(key);
      if (k === undefined) {
        k = pairs.body.length;
        at.set(key, k);
        pairs.body.push(body);
        pairs.place.push(moved.place[i]);
        pairs.kinds.push(0);
        pairs.layers.push([]);
        // Of a place that has one layer this is the whole answer.
        pairs.before.push(moved.before[i]);
        pairs.after.push(moved.after[i]);
      }
      const away = movedAway(before, after, moved.place[i], moved.layer[i], asks.get(moved.place[i]));
      pairs.kinds[k] |= away ? MOVED : kindBits(moved.before[i], moved.after[i]);
      pairs.layers[k].push(moved.layer[i]);
    }
    return pairs;
  }

  /** Positions of pairs by one of their ends. */
  function* byEnd(ends, chosen) {
    const found = new Map();
    for (const [k, i] of chosen.entries()) {
      if (k % 20000 === 19999) yield null;
      if (!found.has(ends[i])) found.set(ends[i], []);
      found.get(ends[i]).push(i);
    }
    return found;
  }

  const MANY = 16; // pairs of one body for which one look from the body is shorter than one from each place

  /**
   * The best answer of each pair in both states, and in how many arcs: looked up from the places, or from the bodies where
   * few of them have most of the pairs.
   */
  function* ranking(before, after, pairs, asks) {
    const size = pairs.body.length;
    const found = { best: [new Uint8Array(size), new Uint8Array(size)], hops: [new Uint16Array(size), new Uint16Array(size)] };
    const single = new Map(Array.from(asks, ([place, [was, now]]) => [place, new Set([...was, ...now]).size === 1]));
    const note = (i, side, set, hops) => {
      const rank = engine.BEST[set];
      if (!rank || rank < found.best[side][i]) return;
      const steps = hops(engine.bitOf(rank));
      if (rank > found.best[side][i] || steps < found.hops[side][i]) {
        found.best[side][i] = rank;
        found.hops[side][i] = steps;
      }
    };
    const layersAt = (i, side) => asks.get(pairs.place[i])[side];
    const all = Array.from(pairs.body.keys());
    const heavy = new Map(Array.from(yield* byEnd(pairs.body, all)).filter(([, mine]) => mine.length >= MANY));
    const layers = new Set(Array.from(asks.values(), (sides) => sides.flat()).flat());
    const light = yield* byEnd(pairs.place, all.filter((i) => !heavy.has(pairs.body[i])));
    const places = yield* byEnd(pairs.place, all);
    const fromBodies = heavy.size * layers.size + light.size < places.size;
    for (const [side, v] of [before, after].entries()) {
      if (fromBodies) {
        for (const [body, mine] of heavy) {
          for (const layer of layers) {
            const s = map.together.ahead(v, body, layer);
            for (const i of mine) if (layersAt(i, side).includes(layer)) note(i, side, s.set(pairs.place[i]), (bit) => s.hops(pairs.place[i], bit));
            yield null;
          }
        }
      }
      for (const [place, mine] of fromBodies ? light : places) {
        if (single.get(place)) {
          yield* rankingOfOne(v, side, place, asks.get(place)[side][0], mine, pairs, found);
          continue;
        }
        for (const layer of asks.get(place)[side]) {
          const s = engine.sweep(v, place, layer, null);
          for (const i of mine) note(i, side, s.have[pairs.body[i]], (bit) => s.hops[pairs.body[i] * 16 + bit]);
          yield null;
        }
      }
    }
    return found;
  }

  /** The same at a place of one layer, where the answers are known: only the thresholds by which a row is shown are looked at. */
  function* rankingOfOne(v, side, place, layer, mine, pairs, found) {
    const ranks = [pairs.before, pairs.after];
    let only = 0;
    for (const i of mine) {
      const rank = ranks[side][i];
      found.best[side][i] = rank;
      if (rank && (side || !pairs.after[i])) only |= 1 << engine.bitOf(rank);
    }
    if (!only) return;
    const { hops } = engine.sweep(v, place, layer, null, only);
    for (const i of mine) {
      const rank = ranks[side][i];
      if (rank && (side || !pairs.after[i])) found.hops[side][i] = hops[pairs.body[i] * 16 + engine.bitOf(rank)];
    }
    yield null;
  }

  /** Positions in the order of some small keys; what is equal stays in the order it had. */
  function ordered(order, keys, size) {
    const next = new Int32Array(size + 1);
    for (const i of order) next[keys(i) + 1] += 1;
    for (let k = 0; k < size; k += 1) next[k + 1] += next[k];
    const out = new Int32Array(order.length);
    for (const i of order) out[next[keys(i)]++] = i;
    return out;
  }

  /**
   * Rows of the comparison, gained first: a pair of body and place each, with the kinds of change, the categories that
   * changed, and the state that shows it (for what was lost the earlier one). Work in parts: see `work.js`. Where more than
   * `answers.LISTED` pairs changed, the first are rows; `total` is how many there are, and `count(kind, end)` counts all.
   */
  function* comparing(before, after, columnsOf, wanted = null) {
    const { model } = after;
    const { n, entityRank: rank } = model;
    const columns = bothColumns(before, after, columnsOf);
    const asks = new Map(columns.map(([place, was, now]) => [place, [was, now]]));
    const moved = yield* moving(before, after, columns, wanted);
    const pairs = yield* pairsOf(moved, n, before, after, asks);
    yield null;
    const { best, hops } = yield* ranking(before, after, pairs, asks);
    const side = (i) => (best[1][i] ? 1 : 0);
    const first = (i) => 31 - Math.clz32(pairs.kinds[i] & -pairs.kinds[i]);
    const most = hops.reduce((x, column) => column.reduce((a, b) => Math.max(a, b), x), 0) + 1;
    let order = Int32Array.from(pairs.body.keys());
    for (const [keys, size] of [[(i) => rank[pairs.place[i]], n], [(i) => rank[pairs.body[i]], n],
      [(i) => hops[side(i)][i], most], [(i) => 127 - best[side(i)][i], 128], [first, KINDS.length]]) {
      order = ordered(order, keys, size);
      yield null;
    }
    const rows = [];
    for (const i of order.subarray(0, answers.LISTED)) {
      const [body, place, s] = [pairs.body[i], pairs.place[i], side(i)];
      rows.push({ body, place, best: best[s][i], hops: hops[s][i], ask: asks.get(place)[s], stores: 1, view: s ? after : before,
        change: KINDS.filter((kind, k) => (pairs.kinds[i] >> k) & 1), changed: pairs.layers[i],
        before: best[0][i], after: best[1][i], asks: asks.get(place) });
      if (rows.length % 2000 === 0) yield null;
    }
    const seen = { body: new Int32Array(n), place: new Int32Array(n) }; // kinds of change, by end
    pairs.kinds.forEach((kinds, i) => {
      seen.body[pairs.body[i]] |= kinds;
      seen.place[pairs.place[i]] |= kinds;
    });
    const count = (kind, end) => seen[end].reduce((sum, kinds) => sum + ((kinds >> KINDS.indexOf(kind)) & 1), 0);
    return Object.assign(rows, { total: order.length, count });
  }

  /** The same in one go. */
  const compare = (before, after, columnsOf, wanted) => engine.finish(comparing(before, after, columnsOf, wanted));

  /** The best path of a comparison's row in one of its states; empty where there is none. */
  const pathAt = (v, row, rank, layers) => (rank ? answers.way(v, row.body, row.place, layers, engine.bitOf(rank)) : []);

  /**
   * Why a row of a comparison moved, as far as its two best paths show: relations on the path after that did not count
   * before, on the path before that no longer count, or that count differently; and where its data moved, the relations
   * that tell where to; [{row, what}], none if all count alike.
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
    if (row.change.includes("moved")) for (const { at, what } of keepersOf(before, after, row)) found.set(at, what);
    row.pathBefore = was;
    row.because = Array.from(found, ([at, what]) => ({ row: at, what }));
    return row.because;
  }

  /** Relations that tell in one of two states only where the data of a row that moved away are kept. */
  function keepersOf(before, after, { place, changed, asks }) {
    const layers = changed.filter((layer) => movedAway(before, after, place, layer, asks));
    const [was, now] = [before, after].map((v) => new Set(layers.flatMap((layer) => engine.keepers(v, place, layer))));
    return [...[...now].filter((at) => !was.has(at)).map((at) => ({ at, what: "gained" })),
      ...[...was].filter((at) => !now.has(at)).map((at) => ({ at, what: "lost" }))];
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

  map.compare = { KINDS, kindsOf, moves, comparing, compare, because, ofArc };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
