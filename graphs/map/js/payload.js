/* Payload: from the text in the page to columns and typed arrays. */
(function (map) {
  "use strict";

  /** Bytes of a base64 text. */
  function bytesOf(text) {
    const raw = atob(text.trim());
    const bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i += 1) bytes[i] = raw.charCodeAt(i);
    return bytes;
  }

  /** The bytes inside gzip and base64. */
  async function inside(text) {
    const bytes = bytesOf(text);
    if (typeof DecompressionStream === "undefined") return map.gunzip(bytes);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  /** The text inside gzip and base64. */
  const unpack = async (text) => new TextDecoder().decode(await inside(text));

  /** The object inside gzip and base64: JSON, and behind it the long lists of numbers, see `encode` in `payload.py`. */
  async function decode(text) {
    const bytes = await inside(text);
    const end = 4 + new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
    return unfolded(JSON.parse(new TextDecoder().decode(bytes.subarray(4, end))), bytes.subarray(end));
  }

  function unfolded(value, numbers) {
    if (value === null || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.length && typeof value[0] === "object" ? value.map((one) => unfolded(one, numbers)) : value;
    if (Array.isArray(value.ints)) { // a column or category may bear that name too
      const [offset, count, width] = value.ints;
      const out = new Array(count);
      for (let i = 0; i < count; i += 1) {
        let number = numbers[offset + i];
        for (let byte = 1; byte < width; byte += 1) number += numbers[offset + byte * count + i] * 2 ** (8 * byte);
        out[i] = number;
      }
      return out;
    }
    if (Array.isArray(value.ragged)) {
      const [lengths, flat] = value.ragged.map((part) => unfolded(part, numbers));
      let at = 0;
      return lengths.map((length) => {
        if (!length) return flat[at++];
        at += length - 1;
        return flat.slice(at - length + 1, at);
      });
    }
    for (const key of Object.keys(value)) value[key] = unfolded(value[key], numbers);
    return value;
  }

  const packedIds = (packed) => !Array.isArray(packed) && packed.prefix !== undefined;

  /** A column: its cells; distinct cells and for each row the place of its cell among them; or running numbers. */
  function column(packed) {
    if (Array.isArray(packed)) return packed;
    if (packedIds(packed)) {
      return Array.from({ length: packed.count }, (_, i) => packed.prefix + String(packed.first + i).padStart(packed.width, "0"));
    }
    return packed.codes.map((code) => packed.values[code]);
  }

  /** A column as its distinct cells, and for each row which of them. */
  function coded(packed) {
    if (!Array.isArray(packed) && packed.codes) return packed;
    const places = new Map();
    const codes = column(packed).map((cell) => {
      if (!places.has(cell)) places.set(cell, places.size);
      return places.get(cell);
    });
    return { values: Array.from(places.keys()), codes };
  }

  // Where a row cites one source, it stands without brackets.
  const cited = (cells) => cells.map((cell) => (Array.isArray(cell) ? cell : [cell]));

  /** A table by its columns; those that are packed are laid out when they are first looked at. */
  function table(packed) {
    const out = {};
    for (const name of Object.keys(packed)) {
      const make = name === "sources" ? () => cited(packed.sources) : () => column(packed[name]);
      if (Array.isArray(packed[name]) && name !== "sources") out[name] = packed[name];
      else {
        Object.defineProperty(out, name, { enumerable: true, configurable: true, get() {
          const value = make();
          Object.defineProperty(out, name, { value, enumerable: true });
          return value;
        } });
      }
    }
    return out;
  }

  /** For each row of `from` its positions in CSR form: `rows[ptr[k] .. ptr[k + 1]]` are the rows whose key is k. */
  function grouped(keys, size) {
    const ptr = new Int32Array(size + 1);
    for (let i = 0; i < keys.length; i += 1) if (keys[i] >= 0) ptr[keys[i] + 1] += 1;
    for (let k = 0; k < size; k += 1) ptr[k + 1] += ptr[k];
    const next = ptr.slice(0, size);
    const rows = new Int32Array(ptr[size]);
    for (let i = 0; i < keys.length; i += 1) if (keys[i] >= 0) rows[next[keys[i]]++] = i;
    return { ptr, rows };
  }

  /** Compare by code point, as the library does; JavaScript alone compares UTF-16 units. */
  function byCodePoint(a, b) {
    if (a === b) return 0;
    const n = Math.min(a.length, b.length);
    for (let i = 0; i < n; i += 1) {
      const x = a.charCodeAt(i);
      const y = b.charCodeAt(i);
      if (x === y) continue;
      const high = (unit) => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit);
      return high(x) - high(y);
    }
    return a.length - b.length;
  }

  /** The place of each id in their order. Running numbers of one width are in order. */
  function ranks(packed) {
    if (packedIds(packed) && String(packed.first + packed.count - 1).length <= packed.width) return Int32Array.from({ length: packed.count }, (_, i) => i);
    const ids = column(packed);
    const order = Array.from(ids.keys()).sort((i, j) => byCodePoint(ids[i], ids[j]));
    const rank = new Int32Array(ids.length);
    order.forEach((row, place) => { rank[row] = place; });
    return rank;
  }

  const ARC_COLUMNS = {
    source: Int32Array, target: Int32Array, level: Uint8Array, certainty: Uint8Array, mask: Int32Array,
    relation: Int32Array, holding: Int32Array, stance: Uint8Array, terminal: Uint8Array, feed: Uint8Array,
  };
  const ASSUMED = 2;
  const STRENGTH = { confirmed: 3, reported: 2, alleged: 1, planned: 0, under_review: 0 };

  /** Arcs in the order of their relations; ends, strength and kind follow from the relation, or from grant and holding. */
  function arcsOf(packed, relations, types) {
    const size = packed.count.reduce((sum, n) => sum + n, 0);
    const arcs = {};
    for (const [name, Column] of Object.entries(ARC_COLUMNS)) arcs[name] = new Column(size);
    arcs.holding.fill(-1);
    packed.implied.forEach((a, i) => { arcs.holding[a] = packed.holding[i]; });
    const { subject, object } = relations;
    const [predicate, mode, status, categories] = ["predicate", "mode", "status", "categories"].map((name) => coded(relations[name]));
    const kinds = new Map(packed.kinds.map((kind) => [kind.slice(0, 5).join("\n"), kind.slice(5)]));
    const strength = status.values.map((word) => STRENGTH[word]);
    const masks = categories.values.map((cell) => packed.masks[cell]);
    const known = []; // kinds by their words' places
    let a = 0;
    for (let row = 0; row < packed.count.length; row += 1) {
      for (let k = packed.count[row]; k > 0; k -= 1, a += 1) {
        arcs.relation[a] = row;
        arcs.mask[a] = masks[categories.codes[row]];
        const holding = arcs.holding[a];
        if (holding >= 0) {
          arcs.source[a] = object[holding];
          arcs.target[a] = object[row];
          arcs.certainty[a] = Math.min(strength[status.codes[row]], strength[status.codes[holding]]);
          arcs.stance[a] = ASSUMED;
          arcs.feed[a] = 1;
          continue;
        }
        const [p, m, s, x, y] = [predicate.codes[row], mode.codes[row], status.codes[row], types[subject[row]], types[object[row]]];
        const place = (((p * mode.values.length + m) * status.values.length + s) * 3 + x) * 3 + y;
        if (!known[place]) known[place] = kinds.get(`${predicate.values[p]}\n${mode.values[m]}\n${status.values[s]}\n${x}\n${y}`);
        const [reverse, level, certainty, stance, terminal, feed] = known[place];
        arcs.source[a] = reverse ? object[row] : subject[row];
        arcs.target[a] = reverse ? subject[row] : object[row];
        arcs.level[a] = level;
        arcs.certainty[a] = certainty;
        arcs.stance[a] = stance;
        arcs.terminal[a] = terminal;
        arcs.feed[a] = feed;
      }
    }
    return arcs;
  }

  /** When each relation holds; `since` and `newest` are places in `text`, which is in order of time. */
  function timesOf(model) {
    const { text } = model.data.dates;
    const cells = model.data.relations.sources;
    const rows = cells.length;
    const times = {
      text,
      day: Int32Array.from(text, (cell) => (cell ? map.dates.firstDay(cell) : 0)),
      start: new Int32Array(rows),
      end: new Int32Array(rows),
      known: new Int32Array(rows),
      word: new Uint8Array(rows),
      since: new Int32Array(rows),
      newest: new Int32Array(rows),
    };
    const one = [0];
    cells.forEach((cell, row) => {
      if (!Array.isArray(cell)) one[0] = cell;
      map.removal.redate(model, times, row, Array.isArray(cell) ? cell : one);
    });
    return times;
  }

  /** Which stores are known of which systems, by the relations that say so. */
  function keepingOf(rows, relations, masks) {
    return {
      relation: Int32Array.from(rows),
      system: Int32Array.from(rows, (row) => relations.subject[row]),
      store: Int32Array.from(rows, (row) => relations.object[row]),
      mask: Int32Array.from(rows, (row) => masks[relations.categories[row]]),
    };
  }

  /** Everything that the engine needs, as typed arrays, beside the tables that the evidence is read from. */
  function model(data) {
    const entities = table(data.entities);
    const relations = table(data.relations);
    const sources = table(data.sources);
    const listings = table(data.listings);
    const n = entities.id.length;
    const types = Uint8Array.from(entities.type);
    const arcs = arcsOf(data.arcs, data.relations, types);
    const size = data.categories.code.length;
    const passes = new Uint8Array(data.passes.length * Math.max(size, 1));
    data.passes.forEach((row, mask) => {
      if (mask === 0) passes.fill(1, 0, size);
      else for (const position of row) passes[mask * size + position] = 1;
    });
    const own = data.node_masks.map((mask) => (mask === 0 ? [] : data.passes[mask]));
    const typed = (columns) => {
      const out = {};
      for (const name of Object.keys(columns)) out[name] = Int32Array.from(columns[name]);
      return out;
    };
    const found = {
      data, entities, relations, sources, listings, arcs, passes, own, n,
      types,
      collective: Uint8Array.from(entities.collective, (cell) => (cell === "true" ? 1 : 0)),
      into: grouped(arcs.target, n),
      out: grouped(arcs.source, n),
      position: new Map(entities.id.map((id, i) => [id, i])),
      rank: ranks(data.relations.id),
      entityRank: ranks(data.entities.id),
      categories: data.categories,
      categoryPosition: new Map(data.categories.code.map((code, i) => [code, i])),
      denials: typed(data.denials),
      keeping: keepingOf(data.keeping, relations, data.arcs.masks),
      listingsOf: grouped(listings.entity, n),
      subjectOf: grouped(relations.subject, n),
      objectOf: grouped(relations.object, n),
    };
    let rows = null; // by id, for those who ask
    Object.defineProperty(found, "relationRow", { get: () => (rows = rows || new Map(relations.id.map((id, i) => [id, i]))) });
    found.times = timesOf(found);
    return found;
  }

  map.payload = { unpack, decode, model, grouped, byCodePoint };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
