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

  /** A column: either its cells, or distinct cells and for each row the place of its cell among them. */
  function column(packed) {
    if (Array.isArray(packed)) return packed;
    return packed.codes.map((code) => packed.values[code]);
  }

  function table(packed) {
    const out = {};
    for (const name of Object.keys(packed)) out[name] = column(packed[name]);
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

  /** When each relation holds; `since` and `newest` are places in `text`, which is in order of time. */
  function timesOf(dates) {
    return {
      text: dates.text,
      day: Int32Array.from(dates.text, (text) => (text ? map.dates.firstDay(text) : 0)),
      start: Int32Array.from(dates.start),
      end: Int32Array.from(dates.end),
      known: Int32Array.from(dates.known),
      word: Uint8Array.from(dates.word),
      since: Int32Array.from(dates.since),
      newest: Int32Array.from(dates.newest),
    };
  }

  /** Everything that the engine needs, as typed arrays, beside the tables that the evidence is read from. */
  function model(data) {
    const entities = table(data.entities);
    const relations = table(data.relations);
    const sources = table(data.sources);
    const listings = table(data.listings);
    const n = entities.id.length;
    const arcs = {};
    for (const [name, Column] of Object.entries(ARC_COLUMNS)) arcs[name] = Column.from(data.arcs[name]);
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
    return {
      data, entities, relations, sources, listings, arcs, passes, own, n,
      times: timesOf(data.dates),
      types: Uint8Array.from(entities.type),
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
      keeping: typed(data.keeping),
      listingsOf: grouped(listings.entity, n),
      subjectOf: grouped(relations.subject, n),
      objectOf: grouped(relations.object, n),
    };
  }

  map.payload = { unpack, model, grouped, byCodePoint };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
