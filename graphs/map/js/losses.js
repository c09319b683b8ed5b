/* Losses: how many pairs of body and place hang on each entity and each relation, counted by taking each away. */
(function (map) {
  "use strict";

  const { engine } = map;
  const BATCH = 31; // things taken away at once, a bit each

  /** Nodes that reach a place in some layers, and the arcs among them that pass. */
  function around(v, place, layers) {
    const { model, bits } = v;
    const { arcs, into, passes } = model;
    const size = model.categories.code.length;
    return layers.map((layer) => {
      const nodes = [place];
      const seen = new Set(nodes);
      const used = [];
      for (const node of nodes) {
        for (let i = into.ptr[node]; i < into.ptr[node + 1]; i += 1) {
          const a = into.rows[i];
          const source = arcs.source[a];
          if (!bits[a] || source === place || (arcs.terminal[a] && node !== place)) continue;
          if (layer < 0 ? arcs.mask[a] !== 0 : !passes[arcs.mask[a] * size + layer]) continue;
          used.push(a);
          if (seen.has(source)) continue;
          seen.add(source);
          nodes.push(source);
        }
      }
      return { nodes, arcs: used };
    });
  }

  /** What could carry a pair: nodes with somebody behind them, and every relation. */
  function suspects(v, place, parts) {
    const { arcs, types, relations } = v.model;
    const nodes = new Set();
    const rows = new Set();
    for (const part of parts) {
      for (const a of part.arcs) {
        if (arcs.target[a] !== place) nodes.add(arcs.target[a]);
        rows.add(arcs.relation[a]);
        if (arcs.holding[a] >= 0) {
          rows.add(arcs.holding[a]);
          nodes.add(relations.subject[arcs.holding[a]]);
        }
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

  /**
   * Pairs lost without each thing: {total, rows: [{kind, key, lost, mandatory}]}, most first. `mandatory` are the
   * bodies that lose every pair of theirs.
   * Taking something away makes no new places.
   */
  function losses(v, target, wanted = () => true) {
    const { model } = v;
    const lost = new Map(); // thing → body → pairs
    const pairsOf = new Map();
    const found = new Set(); // body/place
    let total = 0;
    const more = (store, key, n = 1) => store.set(key, (store.get(key) || 0) + n);
    for (const [place, layers] of engine.columns(v, target)) {
      const parts = around(v, place, layers);
      const bodies = new Set(parts.flatMap((part) => part.nodes)
        .filter((node) => model.types[node] === engine.BODY && node !== place && wanted(node)));
      if (!bodies.size) continue;
      total += bodies.size;
      for (const body of bodies) {
        more(pairsOf, body);
        found.add(`${body}/${place}`);
      }
      const all = suspects(v, place, parts);
      for (let from = 0; from < all.length; from += BATCH) {
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
    return { total, rows };
  }

  map.losses = losses;
})((globalThis.AccessMap = globalThis.AccessMap || {}));
