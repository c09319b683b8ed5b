/* Losses: how many pairs of body and place hang on each entity and each relation, counted by taking each away. */
(function (map) {
  "use strict";

  const { engine, answers } = map;
  const BATCH = 31; // things taken away at once, a bit each
  const [ALLEGED, REPORTED] = [1, 2]; // the weakest thresholds that bear the verdicts "claimed" and "reaches"

  /**
   * Nodes that reach a place, layer by layer, with the arcs among them that pass and a tree of shortest ways: each node's
   * parent arc, and its place in the tree, by which one can tell who is below whom.
   */
  function around(v, place, layers) {
    const { model, bits } = v;
    const { arcs, into, passes } = model;
    const size = model.categories.code.length;
    return layers.map((layer) => {
      const nodes = [place];
      const parent = new Map([[place, -1]]);
      const used = [];
      for (const node of nodes) {
        for (let i = into.ptr[node]; i < into.ptr[node + 1]; i += 1) {
          const a = into.rows[i];
          const source = arcs.source[a];
          if (!bits[a] || source === place || (arcs.terminal[a] && node !== place)) continue;
          if (layer < 0 ? arcs.mask[a] !== 0 : !passes[arcs.mask[a] * size + layer]) continue;
          used.push(a);
          if (parent.has(source)) continue;
          parent.set(source, a);
          nodes.push(source);
        }
      }
      return { nodes, arcs: used, parent, below: numbered(arcs, nodes, parent) };
    });
  }

  /** For each node of a tree its first number and how many are below: x is below y if its number lies in y's span. */
  function numbered(arcs, nodes, parent) {
    const count = new Map(nodes.map((node) => [node, 1]));
    for (let i = nodes.length - 1; i > 0; i -= 1) {
      const above = arcs.target[parent.get(nodes[i])];
      count.set(above, count.get(above) + count.get(nodes[i]));
    }
    const first = new Map([[nodes[0], 0]]);
    const next = new Map([[nodes[0], 1]]);
    for (const node of nodes.slice(1)) {
      const above = arcs.target[parent.get(node)];
      first.set(node, next.get(above));
      next.set(above, next.get(above) + count.get(node));
      next.set(node, first.get(node) + 1);
    }
    return (x, y) => first.get(x) >= first.get(y) && first.get(x) < first.get(y) + count.get(y);
  }

  /**
   * What could carry a pair. Whatever every way of a body passes is on its way in the tree; and nothing hangs on an arc or
   * a node if whoever comes next to it in the tree has another arc, to a node that is not below it.
   */
  function suspects(v, place, parts) {
    const { arcs, relations } = v.model;
    const nodes = new Set();
    const rows = new Set();
    for (const part of parts) {
      const out = new Map();
      for (const a of part.arcs) {
        if (!out.has(arcs.source[a])) out.set(arcs.source[a], []);
        out.get(arcs.source[a]).push(a);
        if (arcs.holding[a] < 0) continue;
        // A relation that stands behind several arcs may carry a pair in other ways.
        rows.add(arcs.relation[a]).add(arcs.holding[a]);
        nodes.add(relations.subject[arcs.holding[a]]);
      }
      for (const node of part.nodes) {
        const a = part.parent.get(node);
        if (a < 0) continue;
        const above = arcs.target[a];
        const others = out.get(node).filter((other) => other !== a);
        if (!others.some((other) => arcs.relation[other] !== arcs.relation[a] && !part.below(arcs.target[other], node))) {
          rows.add(arcs.relation[a]);
        }
        if (above !== place && !others.some((other) => !part.below(arcs.target[other], above))) nodes.add(above);
      }
    }
    return [...Array.from(nodes, (node) => ({ kind: "node", key: node })),
      ...Array.from(rows, (row) => ({ kind: "relation", key: row }))];
  }

  /** For a batch of things: at each node a bit for every thing without which it still reaches the place. */
  function survivors(v, place, part, batch) {
    const { arcs, relations } = v.model;
    const ofNode = new Map();
    const ofRelation = new Map();
    batch.forEach((thing, k) => {
      const where = thing.kind === "node" ? ofNode : ofRelation;
      where.set(thing.key, (where.get(thing.key) || 0) | (1 << k));
    });
    const barred = (a) => {
      let mask = ofRelation.get(arcs.relation[a]) || 0;
      if (arcs.holding[a] >= 0) {
        mask |= (ofRelation.get(arcs.holding[a]) || 0) | (ofNode.get(relations.subject[arcs.holding[a]]) || 0);
      }
      return mask;
    };
    const behind = new Map(part.nodes.map((node) => [node, []]));
    for (const a of part.arcs) behind.get(arcs.target[a]).push([arcs.source[a], ~(barred(a) | (ofNode.get(arcs.source[a]) || 0))]);
    const left = new Map([[place, ~0]]);
    const queue = [place];
    const queued = new Set(queue);
    while (queue.length) {
      const node = queue.shift();
      queued.delete(node);
      const here = left.get(node);
      for (const [source, open] of behind.get(node)) {
        const had = left.get(source) || 0;
        const now = had | (here & open);
        if (now === had) continue;
        left.set(source, now);
        if (!queued.has(source)) {
          queued.add(source);
          queue.push(source);
        }
      }
    }
    return left;
  }

  /** The verdict of each of some bodies that reach a place. */
  function verdictsOf(v, place, layers, bodies) {
    const held = new Map();
    for (const layer of layers) {
      const { have } = engine.sweep(v, place, layer, null, (1 << REPORTED) | (1 << ALLEGED));
      for (const body of bodies) held.set(body, held.get(body) | have[body]);
    }
    return Array.from(held.values(), (bits) => ((bits >> REPORTED) & 1 ? 2 : (bits >> ALLEGED) & 1));
  }

  /**
   * Pairs lost without each thing: {total, verdicts, rows: [{kind, key, lost, mandatory}]}, most first. `verdicts` are
   * how many pairs there are under each, the weakest first. `mandatory` are the bodies that lose every pair of theirs.
   * `wanted` says of a node whether it asks, `places` whether it counts as a place.
   * Taking something away makes no new places. Work in parts: after each place or batch it yields how many places are
   * done, and of how many.
   */
  function* counting(v, target, wanted = () => true, places = null) {
    const { model } = v;
    const lost = new Map(); // thing → body → pairs
    const pairsOf = new Map();
    const found = new Set(); // body/place
    let total = 0;
    const verdicts = [0, 0, 0];
    const more = (store, key, n = 1) => store.set(key, (store.get(key) || 0) + n);
    const columns = answers.counted(engine.columns(v, target), places);
    let done = 0;
    for (const [place, layers] of columns) {
      yield { done, of: columns.length };
      done += 1;
      const parts = around(v, place, layers);
      const bodies = new Set(parts.flatMap((part) => part.nodes)
        .filter((node) => model.types[node] === engine.BODY && node !== place && wanted(node)));
      if (!bodies.size) continue;
      total += bodies.size;
      for (const verdict of verdictsOf(v, place, layers, bodies)) verdicts[verdict] += 1;
      for (const body of bodies) {
        more(pairsOf, body);
        found.add(`${body}/${place}`);
      }
      const all = suspects(v, place, parts);
      for (let from = 0; from < all.length; from += BATCH) {
        if (from) yield { done: done - 1, of: columns.length };
        const batch = all.slice(from, from + BATCH);
        const left = parts.map((part) => survivors(v, place, part, batch));
        for (const body of bodies) {
          const kept = left.reduce((bits, part) => bits | (part.get(body) || 0), 0);
          batch.forEach((thing, k) => {
            if ((kept >> k) & 1 || (thing.kind === "node" && (thing.key === body || thing.key === place))) return;
            const id = `${thing.kind}/${thing.key}`;
            if (!lost.has(id)) lost.set(id, { ...thing, of: new Map() });
            more(lost.get(id).of, body);
          });
        }
      }
    }
    const rows = Array.from(lost.values(), ({ kind, key, of }) => ({
      kind, key,
      lost: Array.from(of.values()).reduce((sum, n) => sum + n, 0),
      // A body's pair with the thing itself goes with it, though it is not counted as lost.
      mandatory: Array.from(of).filter(([body, n]) => n + (kind === "node" && found.has(`${body}/${key}`) ? 1 : 0)
        === pairsOf.get(body)).map(([body]) => body).sort((a, b) => a - b),
    }));
    rows.sort((a, b) => b.lost - a.lost || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : a.key - b.key));
    return { total, verdicts, rows };
  }

  /** The same in one go. */
  function losses(v, target, wanted, places) {
    return engine.finish(counting(v, target, wanted, places));
  }

  map.losses = losses;
  map.countingLosses = counting;
})((globalThis.AccessMap = globalThis.AccessMap || {}));
