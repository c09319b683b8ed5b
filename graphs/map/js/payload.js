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

  /** The text inside gzip and base64. */
  async function unpack(text) {
    const bytes = bytesOf(text);
    if (typeof DecompressionStream === "undefined") return new TextDecoder().decode(map.gunzip(bytes));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  }

  /** A column: its cells; distinct cells and for each row the place of its cell among them; or running numbers. */
  function column(packed) {
    if (Array.isArray(packed)) return packed;
    if (packed.prefix !== undefined) {
      return Array.from({ length: packed.count }, (_, i) => packed.prefix + String(packed.first + i).padStart(packed.width, "0"));
    }
    return packed.codes.map((code) => packed.values[code]);
  }

  function table(packed) {
    const out = {};
    for (const name of Object.keys(packed)) out[name] = column(packed[name]);
    // Where a row cites one source, it stands without brackets.
    if (out.sources) out.sources = out.sources.map((cited) => (Array.isArray(cited) ? cited : [cited]));
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

  function ranks(ids) {
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
    const { subject, object, predicate, mode, status, categories } = relations;
    const kinds = new Map(packed.kinds.map((kind) => [kind.slice(0, 5).join("\n"), kind.slice(5)]));
    let a = 0;
    for (let row = 0; row < packed.count.length; row += 1) {
      for (let k = packed.count[row]; k > 0; k -= 1, a += 1) {
        arcs.relation[a] = row;
        arcs.mask[a] = packed.masks[categories[row]];
        const holding = arcs.holding[a];
        if (holding >= 0) {
          arcs.source[a] = object[holding];
          arcs.target[a] = object[row];
          arcs.certainty[a] = Math.min(STRENGTH[status[row]], STRENGTH[status[holding]]);
          arcs.stance[a] = ASSUMED;
          arcs.feed[a] = 1;
          continue;
        }
        const key = `${predicate[row]}\n${mode[row]}\n${status[row]}\n${types[subject[row]]}\n${types[object[row]]}`;
        const [reverse, level, certainty, stance, terminal, feed] = kinds.get(key);
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
    const rows = model.relations.id.length;
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
    model.relations.sources.forEach((sources, row) => map.removal.redate(model, times, row, sources));
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
    const arcs = arcsOf(data.arcs, relations, types);
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
      relationRow: new Map(relations.id.map((id, i) => [id, i])),
      rank: ranks(relations.id),
      entityRank: ranks(entities.id),
      categories: data.categories,
      categoryPosition: new Map(data.categories.code.map((code, i) => [code, i])),
      denials: typed(data.denials),
      keeping: keepingOf(data.keeping, relations, data.arcs.masks),
      listingsOf: grouped(listings.entity, n),
      subjectOf: grouped(relations.subject, n),
      objectOf: grouped(relations.object, n),
    };
    found.times = timesOf(found);
    return found;
  }

  map.payload = { unpack, model, grouped, byCodePoint };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
