/* Together: sweeps from all places of a layer at once, for questions that count bodies and not pairs. */
(function (map) {
  "use strict";

  const { engine } = map;
  const REACHES = 2; // the threshold of "possible, reported": the weakest that bears the verdict "reaches"

  /** Layers of some columns, each with its places. */
  function byLayer(columns) {
    const found = new Map();
    for (const [place, layers] of columns) {
      for (const layer of layers) {
        if (!found.has(layer)) found.set(layer, []);
        found.get(layer).push(place);
      }
    }
    return found;
  }

  const passing = (model, layer) => {
    const size = model.categories.code.length;
    return (mask) => (layer < 0 ? mask === 0 : model.passes[mask * size + layer] === 1);
  };

  /**
   * From every place of a layer back, one arc a round: at each node the thresholds that hold to some place, in how many
   * arcs each was first met, and the first by id of the places that are so near.
   */
  function sweep(v, places, layer) {
    const { model, bits } = v;
    const { arcs, into, entityRank: rank } = model;
    const passes = passing(model, layer);
    const have = new Uint16Array(model.n);
    const hops = new Uint16Array(model.n * 16);
    const origin = new Int32Array(model.n * 16).fill(-1);
    let delta = new Uint16Array(model.n);
    let next = new Uint16Array(model.n);
    const isPlace = new Uint8Array(model.n);
    const nodes = [];
    for (const place of places) {
      isPlace[place] = 1;
      have[place] = 0xffff;
      delta[place] = 0xffff;
      origin.fill(place, place * 16, place * 16 + 16);
      nodes.push(place);
    }
    let frontier = places.slice();
    for (let round = 1; frontier.length; round += 1) {
      const reached = [];
      for (const node of frontier) {
        const spread = delta[node];
        delta[node] = 0;
        for (let i = into.ptr[node]; i < into.ptr[node + 1]; i += 1) {
          const a = into.rows[i];
          const open = spread & bits[a];
          if (!open || (arcs.terminal[a] && !isPlace[node]) || !passes(arcs.mask[a])) continue;
          const source = arcs.source[a];
          // Thresholds that are new here, and those that were met in this very round: the first place by id stays.
          const met = have[source];
          const fresh = open & ~met;
          for (let rest = open & (~met | next[source]); rest; rest &= rest - 1) {
            const bit = 31 - Math.clz32(rest & -rest);
            const at = source * 16 + bit;
            const from = origin[node * 16 + bit];
            if ((fresh >> bit) & 1) {
              hops[at] = round;
              origin[at] = from;
            } else if (rank[from] < rank[origin[at]]) origin[at] = from;
          }
          if (!fresh) continue;
          if (!met) nodes.push(source);
          if (!next[source]) reached.push(source);
          have[source] = met | fresh;
          next[source] |= fresh;
        }
      }
      frontier = reached;
      [delta, next] = [next, delta];
    }
    return { nodes, have, hops, origin, isPlace, passes };
  }

  /** A sweep for each layer of some columns. */
  function sweeps(v, columns) {
    return Array.from(byLayer(columns), ([layer, places]) => sweep(v, places, layer));
  }

  /**
   * From a body on in one layer: at each node the thresholds of some path to it, and in how many arcs each was first met.
   * Arcs that may only be the last lead to an end, and no farther.
   */
  function ahead(v, body, layer) {
    const { model, bits } = v;
    const { arcs, out } = model;
    const passes = passing(model, layer);
    const have = new Uint16Array(model.n);
    const ends = new Uint16Array(model.n);
    const hops = new Uint16Array(model.n * 16);
    let delta = new Uint16Array(model.n);
    let next = new Uint16Array(model.n);
    have[body] = 0xffff;
    delta[body] = 0xffff;
    let frontier = [body];
    for (let round = 1; frontier.length; round += 1) {
      const reached = [];
      for (const node of frontier) {
        const spread = delta[node];
        delta[node] = 0;
        for (let i = out.ptr[node]; i < out.ptr[node + 1]; i += 1) {
          const a = out.rows[i];
          const target = arcs.target[a];
          const fresh = spread & bits[a] & ~have[target];
          if (!fresh || !passes(arcs.mask[a])) continue;
          // What has come by a last arc alone may still come by one that leads on, later.
          for (let rest = fresh & ~ends[target]; rest; rest &= rest - 1) {
            hops[target * 16 + (31 - Math.clz32(rest & -rest))] = round;
          }
          if (arcs.terminal[a]) ends[target] |= fresh;
          else {
            if (!next[target]) reached.push(target);
            have[target] |= fresh;
            next[target] |= fresh;
          }
        }
      }
      frontier = reached;
      [delta, next] = [next, delta];
    }
    return { set: (node) => have[node] | ends[node], hops: (node, bit) => hops[node * 16 + bit] };
  }

  /** How many places some body among those asked reaches under the verdict "reaches". */
  function reached(v, columns, asked) {
    const { model, bits } = v;
    const { arcs, into, out } = model;
    const sure = new Set();
    for (const [layer, places] of byLayer(columns)) {
      const passes = passing(model, layer);
      const counting = (a) => ((bits[a] >> REACHES) & 1) === 1 && passes(arcs.mask[a]);
      const seen = new Uint8Array(model.n);
      const stack = [];
      const isPlace = new Set(places);
      for (let node = 0; node < model.n; node += 1) {
        // A body is no answer about itself.
        if (model.types[node] !== engine.BODY || (asked && !asked[node]) || isPlace.has(node)) continue;
        seen[node] = 1;
        stack.push(node);
      }
      while (stack.length) {
        const node = stack.pop();
        for (let i = out.ptr[node]; i < out.ptr[node + 1]; i += 1) {
          const a = out.rows[i];
          if (arcs.terminal[a] || seen[arcs.target[a]] || !counting(a)) continue;
          seen[arcs.target[a]] = 1;
          stack.push(arcs.target[a]);
        }
      }
      for (const place of places) {
        for (let i = into.ptr[place]; i < into.ptr[place + 1] && !sure.has(place); i += 1) {
          if (seen[arcs.source[into.rows[i]]] && counting(into.rows[i])) sure.add(place);
        }
      }
    }
    return sure.size;
  }

  map.together = { byLayer, sweeps, ahead, reached };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
