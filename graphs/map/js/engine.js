/* Engine: who can reach what, by the library's rules. Pure: no page, no clock. */
(function (map) {
  "use strict";

  const BODY = 0;
  const SYSTEM = 1;
  const STORE = 2;
  const NO_CATEGORY = -1;
  const FOREVER = 3652060; // the day after 9999-12-31
  const ALLEGED = 1;

  /* A path's strength is a set of thresholds: bit level * 4 + certainty is set where every arc is at least that. */
  const AT_LEAST = new Uint16Array(16);
  for (let strength = 0; strength < 16; strength += 1) {
    for (let bit = 0; bit < 16; bit += 1) {
      if (bit >> 2 <= strength >> 2 && (bit & 3) <= (strength & 3)) AT_LEAST[strength] |= 1 << bit;
    }
  }

  /* For a set of thresholds the best: verdict first, then level, then certainty; packed, 0 for none. */
  const BEST = new Uint8Array(65536);
  const has = (set, level, certainty) => (set >> (level * 4 + certainty)) & 1;
  for (let set = 1; set < 65536; set += 1) {
    for (let verdict = 2; verdict >= 0 && !BEST[set]; verdict -= 1) {
      for (let level = 3; level >= 0 && !BEST[set]; level -= 1) {
        if (!has(set, level, verdict)) continue;
        const certainty = verdict === 2 && has(set, level, 3) ? 3 : verdict;
        BEST[set] = 64 | (verdict << 4) | (level << 2) | certainty;
      }
    }
  }

  const verdictOf = (best) => (best >> 4) & 3;
  const bitOf = (best) => best & 15;

  const DEFAULTS = { stance: 1, asOf: 0, knownBy: FOREVER, level: 0, certainty: 0, evidenceSince: -1 };

  /** The arcs that count under some assumptions: `bits[a]` is 0 where arc a does not. */
  function view(model, options) {
    const scope = { ...DEFAULTS, ...options };
    const gone = map.removal ? map.removal.of(model, scope.without) : null;
    const times = gone ? gone.times : model.times;
    const { arcs } = model;
    const { asOf, knownBy } = scope;
    const denied = new Uint8Array(model.relations.id.length);
    const { denials } = model;
    for (let i = 0; i < denials.relation.length; i += 1) {
      const row = denials.denial[i];
      if (gone && gone.relations[row]) continue;
      if (times.start[row] <= asOf && times.end[row] >= asOf && times.known[row] <= knownBy) {
        denied[denials.relation[i]] = 1;
      }
    }
    const m = arcs.source.length;
    const bits = new Uint16Array(m);
    const certainty = new Uint8Array(m);
    const contested = new Uint8Array(m);
    const inForce = (row) =>
      times.start[row] <= asOf && times.end[row] >= asOf && times.known[row] <= knownBy
      && (scope.evidenceSince < 0 || times.day[times.newest[row]] >= scope.evidenceSince)
      && !(gone && gone.relations[row]);
    for (let a = 0; a < m; a += 1) {
      const row = arcs.relation[a];
      const holding = arcs.holding[a];
      if (arcs.stance[a] > scope.stance || arcs.level[a] < scope.level) continue;
      if (!inForce(row) || (holding >= 0 && !inForce(holding))) continue;
      contested[a] = denied[row] | (holding >= 0 ? denied[holding] : 0);
      certainty[a] = contested[a] ? Math.min(arcs.certainty[a], ALLEGED) : arcs.certainty[a];
      if (certainty[a] < scope.certainty) continue;
      bits[a] = AT_LEAST[arcs.level[a] * 4 + certainty[a]];
    }
    return { model, scope, bits, certainty, contested, times, gone, denied };
  }

  /** Bodies and places that are not there: taken away. */
  function missing(v, node) {
    return v.gone !== null && v.gone.entities[node] === 1;
  }

  /** For category c: 1 at each system whose store of c is known. */
  function knownStores(v, c) {
    if (!v.known) v.known = new Map();
    if (!v.known.has(c)) v.known.set(c, systemsWithStore(v, c));
    return v.known.get(c);
  }

  function systemsWithStore(v, c) {
    const { keeping } = v.model;
    const known = new Uint8Array(v.model.n);
    for (let i = 0; i < keeping.system.length; i += 1) if (keeps(v, i, c)) known[keeping.system[i]] = 1;
    return known;
  }

  /** Whether the i-th of the relations that tell where data are kept tells it of category c. */
  function keeps(v, i, c) {
    const { model, scope } = v;
    const { keeping, passes } = model;
    const row = keeping.relation[i];
    if (v.gone && v.gone.relations[row]) return false;
    if (v.times.start[row] > scope.asOf || v.times.end[row] < scope.asOf) return false;
    if (v.times.known[row] > scope.knownBy) return false;
    return passes[keeping.mask[i] * model.categories.code.length + c] === 1 && model.own[keeping.store[i]].includes(c);
  }

  /** Of the relations that tell where a system's data are kept those that tell it of category c. */
  function keepers(v, system, c) {
    const { keeping } = v.model;
    return Array.from(keeping.system.keys()).filter((i) => keeping.system[i] === system && keeps(v, i, c)).map((i) => keeping.relation[i]);
  }

  /** Every place where category c is found. */
  function placesOf(v, c) {
    const { model } = v;
    const known = knownStores(v, c);
    const out = [];
    for (let node = 0; node < model.n; node += 1) {
      if (model.types[node] === BODY || known[node] || missing(v, node)) continue;
      if (model.own[node].includes(c)) out.push(node);
    }
    return out;
  }

  /** Whether a place stands for itself because no store is known of one of the categories reached there. */
  function storeUnknown(v, place, categories) {
    if (v.model.types[place] !== SYSTEM) return false;
    return categories.some((c) => v.model.own[place].includes(c) && !knownStores(v, c)[place]);
  }

  /** The layers of a target, as [place, [category, …]] by place. */
  function columns(v, target) {
    const { model } = v;
    if (target.kind === "category") {
      const found = new Map();
      for (const c of model.categories.narrower[target.position]) {
        for (const place of placesOf(v, c)) {
          if (!found.has(place)) found.set(place, []);
          found.get(place).push(c);
        }
      }
      return Array.from(found, ([place, layers]) => [place, layers.sort((a, b) => a - b)]).sort((a, b) => a[0] - b[0]);
    }
    if (missing(v, target.node)) return [];
    const own = model.types[target.node] === BODY ? [] : model.own[target.node];
    return [[target.node, own.length ? own : [NO_CATEGORY]]];
  }

  /** Memory that the sweeps of one model share. */
  function scratch(model) {
    if (!model.scratch) {
      model.scratch = {
        have: new Uint16Array(model.n),
        delta: new Uint16Array(model.n),
        next: new Uint16Array(model.n),
        hops: new Uint16Array(model.n * 16),
        touched: new Int32Array(model.n),
        count: 0,
        within: null,
      };
    }
    const s = model.scratch;
    for (let i = 0; i < s.count; i += 1) s.have[s.touched[i]] = 0;
    s.count = 0;
    return s;
  }

  /**
   * From a place back to whoever reaches it in one layer, one arc a round: which thresholds hold at each node, and in
   * how many arcs each was first met. `within`, where given, keeps the sweep to some nodes, `only` to some thresholds.
   */
  function sweep(v, place, layer, within, only = 0xffff) {
    const { model, bits } = v;
    const { arcs, into, passes } = model;
    const size = model.categories.code.length;
    const s = scratch(model);
    let { delta, next } = s;
    let frontier = [place];
    s.have[place] = 0xffff;
    s.touched[s.count++] = place;
    s.hops.fill(0, place * 16, place * 16 + 16);
    delta[place] = only;
    for (let round = 1; frontier.length; round += 1) {
      const reached = [];
      for (const node of frontier) {
        const spread = delta[node];
        delta[node] = 0;
        for (let i = into.ptr[node]; i < into.ptr[node + 1]; i += 1) {
          const a = into.rows[i];
          let fresh = spread & bits[a];
          if (!fresh) continue;
          const source = arcs.source[a];
          fresh &= ~s.have[source];
          if (!fresh || (within && !within[source])) continue;
          if (arcs.terminal[a] && node !== place) continue;
          const mask = arcs.mask[a];
          if (layer < 0 ? mask !== 0 : !passes[mask * size + layer]) continue;
          if (!s.have[source]) s.touched[s.count++] = source;
          if (!next[source]) reached.push(source);
          s.have[source] |= fresh;
          next[source] |= fresh;
          for (let rest = fresh; rest; rest &= rest - 1) {
            s.hops[source * 16 + (31 - Math.clz32(rest & -rest))] = round;
          }
        }
      }
      frontier = reached;
      [delta, next] = [next, delta];
    }
    return s;
  }

  /** Memory that the searches for one way share: how far nodes are, above a base that every search has of its own. */
  function marks(model) {
    const { n } = model;
    if (!model.marks || model.marks.base > 2 ** 30) model.marks = { ahead: new Int32Array(n), back: new Int32Array(n), base: 1 };
    const { base } = model.marks;
    model.marks.base += n + 2;
    return { ...model.marks, base };
  }

  /**
   * The arcs from a body to a place in one layer at a threshold, fewest, then smallest relation ids first; `null` if there is
   * no way. Looked for from both ends at once, level by level, so that most of the map is never seen.
   */
  function between(v, body, place, layer, bit) {
    if (body === place) return null;
    const { model, bits } = v;
    const { arcs, into, out, passes } = model;
    const size = model.categories.code.length;
    const { ahead, back, base } = marks(model);
    // An arc that may only be the last leads to the place or nowhere.
    const open = (a) => ((bits[a] >> bit) & 1) === 1 && (!arcs.terminal[a] || arcs.target[a] === place)
      && (layer < 0 ? arcs.mask[a] === 0 : passes[arcs.mask[a] * size + layer] === 1);
    ahead[body] = base;
    back[place] = base;
    let [front, rear] = [[body], [place]];
    let [f, b] = [0, 0];
    for (let met = false; !met;) {
      const forward = front.length <= rear.length;
      const [edge, mine, other, { ptr, rows }, ends] = forward ? [front, ahead, back, out, arcs.target] : [rear, back, ahead, into, arcs.source];
      const level = base + (forward ? (f += 1) : (b += 1));
      const next = [];
      for (const node of edge) {
        for (let i = ptr[node]; i < ptr[node + 1]; i += 1) {
          const end = ends[rows[i]];
          if (mine[end] >= base || !open(rows[i])) continue;
          mine[end] = level;
          next.push(end);
          if (other[end] >= base) met = true;
        }
      }
      if (!next.length) return null;
      if (forward) front = next;
      else rear = next;
    }
    // Back from where both met, along shortest ways alone; then on by the smallest ids.
    const onward = new Map();
    let near = front.filter((node) => ahead[node] === base + f && back[node] === base + b);
    for (let left = f - 1; left >= 0; left -= 1) {
      const nearer = [];
      for (const node of near) {
        for (let i = into.ptr[node]; i < into.ptr[node + 1]; i += 1) {
          const source = arcs.source[into.rows[i]];
          if (ahead[source] !== base + left || !open(into.rows[i])) continue;
          if (!onward.has(source)) {
            onward.set(source, []);
            nearer.push(source);
          }
          onward.get(source).push(into.rows[i]);
        }
      }
      near = nearer;
    }
    const path = [];
    for (let node = body; node !== place;) {
      const ways = path.length < f ? onward.get(node)
        : out.rows.subarray(out.ptr[node], out.ptr[node + 1]).filter((a) => back[arcs.target[a]] === back[node] - 1 && open(a));
      path.push(ways.reduce((x, y) => (before(model, x, y) ? x : y)));
      node = arcs.target[path[path.length - 1]];
    }
    return path;
  }

  /** Whether arc a comes before arc b in a path: by its relation's id, then by its place in the graph. */
  function before(model, a, b) {
    const d = model.rank[model.arcs.relation[a]] - model.rank[model.arcs.relation[b]];
    return d < 0 || (d === 0 && a < b);
  }

  /** Compare two sequences of arcs by their relations' ids. */
  function comparePaths(model, p, q) {
    const { arcs, rank } = model;
    for (let i = 0; i < Math.min(p.length, q.length); i += 1) {
      const d = rank[arcs.relation[p[i]]] - rank[arcs.relation[q[i]]];
      if (d) return d;
    }
    return p.length - q.length;
  }

  /** What a path says beside its strength. */
  function facts(v, path, body, place) {
    const { model, times } = v;
    const { arcs } = model;
    let since = 0;
    let last = Infinity;
    let word = 0;
    let contested = false;
    let collective = model.collective[body] === 1 || model.collective[place] === 1;
    let at = -1;
    for (const a of path) {
      for (const row of arcs.holding[a] >= 0 ? [arcs.relation[a], arcs.holding[a]] : [arcs.relation[a]]) {
        since = Math.max(since, times.since[row]);
        last = Math.min(last, times.newest[row]);
        word = Math.max(word, times.word[row]);
      }
      contested = contested || v.contested[a] === 1;
      collective = collective || model.collective[arcs.source[a]] === 1;
      if (at < 0 && (arcs.feed[a] || arcs.terminal[a])) at = arcs.source[a];
    }
    return {
      at: at < 0 ? place : at,
      contested,
      since: times.text[since] || null,
      sinceCode: since,
      date: word,
      lastEvidence: times.text[last === Infinity ? 0 : last] || null,
      lastCode: last === Infinity ? 0 : last,
      collective,
      path,
    };
  }

  /** Work in parts, a generator, in one go. */
  function finish(work) {
    let step = work.next();
    while (!step.done) step = work.next();
    return step.value;
  }

  map.engine = {
    finish, BODY, SYSTEM, STORE, NO_CATEGORY, FOREVER, AT_LEAST, BEST,
    verdictOf, bitOf, view, columns, placesOf, knownStores, keepers, storeUnknown, missing, sweep, between, earlier: before, comparePaths, facts,
  };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
