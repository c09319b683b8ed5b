/* Closure: who reaches which places, for all at once: parts of a layer whose nodes reach each other, and a bit a place. */
(function (map) {
  "use strict";

  /** The arcs that pass a layer: by source those that lead on, and apart those that may only be the last of a path. */
  function layerOf(v, layer) {
    if (!v.byLayer) v.byLayer = new Map();
    let found = v.byLayer.get(layer);
    if (found) return found;
    const { model, bits } = v;
    const { arcs, out, passes, n } = model;
    const size = model.categories.code.length;
    const ptr = new Int32Array(n + 1);
    const target = new Int32Array(bits.length);
    const sets = new Uint16Array(bits.length);
    const last = [];
    let any = 0;
    let k = 0;
    for (let node = 0; node < n; node += 1) {
      for (let i = out.ptr[node]; i < out.ptr[node + 1]; i += 1) {
        const a = out.rows[i];
        if (!bits[a] || (layer < 0 ? arcs.mask[a] !== 0 : !passes[arcs.mask[a] * size + layer])) continue;
        any |= bits[a];
        if (arcs.terminal[a]) last.push(a);
        else {
          target[k] = arcs.target[a];
          sets[k] = bits[a];
          k += 1;
        }
      }
      ptr[node + 1] = k;
    }
    found = { ptr, target: target.slice(0, k), sets: sets.slice(0, k), last, any };
    v.byLayer.set(layer, found);
    return found;
  }

  /** Memory that one model's searches share. */
  function scratch(model) {
    if (!model.forParts) {
      const { n } = model;
      model.forParts = { seen: new Int32Array(n), low: new Int32Array(n), next: new Int32Array(n), stack: new Int32Array(n),
        path: new Int32Array(n), order: new Int32Array(n) };
    }
    return model.forParts;
  }

  /**
   * Parts of a layer at a threshold, a number for each node, and the nodes part by part; whatever a part leads to has a
   * smaller number (Tarjan, SIAM J. Comput. 1 (1972) 146-160, without recursion).
   */
  function parts(model, { ptr, target, sets }, bit) {
    const { n } = model;
    const { seen, low, next, stack, path, order } = scratch(model);
    const part = new Int32Array(n).fill(-1);
    seen.fill(0);
    let count = 0;
    let clock = 0;
    let held = 0;
    let placed = 0;
    for (let root = 0; root < n; root += 1) {
      if (seen[root]) continue;
      let depth = 0;
      path[0] = root;
      clock += 1;
      seen[root] = clock;
      low[root] = clock;
      next[root] = ptr[root];
      stack[held++] = root;
      while (depth >= 0) {
        const node = path[depth];
        const end = ptr[node + 1];
        let i = next[node];
        let deeper = -1;
        for (; i < end; i += 1) {
          if (!((sets[i] >> bit) & 1)) continue;
          const other = target[i];
          if (!seen[other]) {
            deeper = other;
            break;
          }
          if (part[other] < 0 && seen[other] < low[node]) low[node] = seen[other];
        }
        next[node] = i;
        if (deeper >= 0) {
          clock += 1;
          seen[deeper] = clock;
          low[deeper] = clock;
          next[deeper] = ptr[deeper];
          stack[held++] = deeper;
          path[++depth] = deeper;
          continue;
        }
        if (low[node] === seen[node]) {
          let other;
          do {
            other = stack[--held];
            part[other] = count;
            order[placed++] = other;
          } while (other !== node);
          count += 1;
        }
        depth -= 1;
        if (depth >= 0 && low[node] < low[path[depth]]) low[path[depth]] = low[node];
      }
    }
    return { part, count, order };
  }

  /**
   * What each node reaches in a layer at a threshold: `sets[part[node] * words + w]` has the bits of places 32 w and on,
   * `slots` being the number of each place and -1 for other nodes. A place has its own bit.
   */
  function reach(v, layer, bit, slots, words) {
    const { model, bits } = v;
    const { arcs, n } = model;
    const found = layerOf(v, layer);
    const { part, count, order } = parts(model, found, bit);
    const sets = new Int32Array(count * words);
    const add = (node, slot) => { sets[part[node] * words + (slot >> 5)] |= 1 << (slot & 31); };
    for (let node = 0; node < n; node += 1) if (slots[node] >= 0) add(node, slots[node]);
    for (const a of found.last) if ((bits[a] >> bit) & 1 && slots[arcs.target[a]] >= 0) add(arcs.source[a], slots[arcs.target[a]]);
    const { ptr, target } = found;
    for (let k = 0; k < n; k += 1) {
      const node = order[k];
      const p = part[node] * words;
      for (let i = ptr[node]; i < ptr[node + 1]; i += 1) {
        if (!((found.sets[i] >> bit) & 1)) continue;
        const q = part[target[i]] * words;
        if (p !== q) for (let w = 0; w < words; w += 1) sets[p + w] |= sets[q + w];
      }
    }
    return { part, sets, words };
  }

  /** How many bits of a word are set. */
  function ones(word) {
    let x = word - ((word >>> 1) & 0x55555555);
    x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
    return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }

  /** Whether two states have the same arcs in a layer at a threshold. */
  function alike(before, after, layer, bit) {
    if (before.bits === after.bits) return true;
    const { arcs, passes, categories } = after.model;
    const size = categories.code.length;
    for (let a = 0; a < before.bits.length; a += 1) {
      if (((before.bits[a] ^ after.bits[a]) >> bit) & 1 && (layer < 0 ? arcs.mask[a] === 0 : passes[arcs.mask[a] * size + layer])) return false;
    }
    return true;
  }

  /** How many of some places each node reaches, over all their layers. */
  function counts(v, columns) {
    const { n } = v.model;
    const stores = new Int32Array(n);
    // Places of several layers count once, so their bits are kept until the last layer.
    const several = columns.filter(([, layers]) => layers.length > 1);
    const width = Math.ceil(several.length / 32);
    const joined = new Int32Array(n * width);
    for (const [layer, places] of map.together.byLayer(columns)) {
      const slots = new Int32Array(n).fill(-1);
      several.forEach(([place, layers], k) => { if (layers.includes(layer)) slots[place] = k; });
      let slot = width * 32;
      for (const place of places) if (slots[place] < 0) slots[place] = slot++;
      const words = Math.ceil(slot / 32);
      const { part, sets } = reach(v, layer, 0, slots, words);
      const own = new Int32Array(sets.length / words).fill(-1);
      for (let node = 0; node < n; node += 1) {
        const p = part[node];
        if (own[p] < 0) {
          let sum = 0;
          for (let w = width; w < words; w += 1) if (sets[p * words + w]) sum += ones(sets[p * words + w]);
          own[p] = sum;
        }
        stores[node] += own[p] - (slots[node] >= width * 32 ? 1 : 0);
        for (let w = 0; w < width; w += 1) joined[node * width + w] |= sets[p * words + w];
      }
    }
    several.forEach(([place], k) => { joined[place * width + (k >> 5)] &= ~(1 << (k & 31)); });
    for (let node = 0; node < n; node += 1) for (let w = 0; w < width; w += 1) stores[node] += ones(joined[node * width + w]);
    return stores;
  }

  map.closure = { reach, alike, counts };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
