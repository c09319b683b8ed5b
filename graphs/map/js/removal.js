/* Removal: what falls when entities, relations or sources are taken away, and how that moves dates. */
(function (map) {
  "use strict";

  const FOREVER = 3652060;
  const KNOWN = 0;
  const ASSUMED = 1;
  const UNDATED = 2;
  const STRUCTURAL = new Set(["part_of", "member_of"]);

  /** Places in the list of date texts, by text. */
  function codesOf(model) {
    if (!model.dateCodes) model.dateCodes = new Map(model.data.dates.text.map((text, i) => [text, i]));
    return (text) => model.dateCodes.get(text) || 0;
  }

  /** The dates of everything as numbers, worked out once. */
  function datesOf(model) {
    if (model.dateColumns) return model.dateColumns;
    const { relations, entities, sources } = model;
    const code = codesOf(model);
    const column = (cells, of) => Int32Array.from(cells, of);
    model.dateColumns = {
      source: column(sources.date, code),
      from: column(relations.valid_from, code),
      until: column(relations.valid_until, endOf),
      subject: relations.subject,
      object: relations.object,
      structural: Uint8Array.from(relations.predicate, (word, row) => (STRUCTURAL.has(word) && relations.status[row] !== "denied" ? 1 : 0)),
      nodeFrom: column(entities.valid_from, code),
      nodeUntil: column(entities.valid_until, endOf),
    };
    return model.dateColumns;
  }

  /** Row of each source by id. */
  function sourceRows(model) {
    if (!model.sourceRow) model.sourceRow = new Map(model.sources.id.map((id, i) => [id, i]));
    return model.sourceRow;
  }

  const ends = new Map();

  /** The last day of a text, remembered: the same few dates stand in many cells. */
  function endOf(text) {
    let day = ends.get(text);
    if (day === undefined) {
      day = map.dates.lastDay(text) || FOREVER;
      ends.set(text, day);
    }
    return day;
  }

  /** When a relation holds if only some of its sources are left; by the rules of the library's intervals. */
  function redate(model, times, row, sources) {
    const code = datesOf(model);
    const { day } = times;
    const own = code.from[row];
    let end = code.until[row];
    let [first, newest, dated] = [0, 0, 0];
    for (let i = 0; i < sources.length; i += 1) {
      const date = code.source[sources[i]];
      if (!date) continue;
      dated += 1;
      if (!first || date < first) first = date;
      if (date > newest) newest = date;
    }
    let earliest = first; // of several texts that begin on that day the longest
    for (let i = 0; i < sources.length; i += 1) {
      const date = code.source[sources[i]];
      if (date > earliest && day[date] === day[first]) earliest = date;
    }
    let since = own || (code.structural[row] || day[earliest] > end ? 0 : earliest);
    times.word[row] = own ? KNOWN : since ? ASSUMED : UNDATED;
    for (let k = 0; k < 2; k += 1) {
      const node = k ? code.object[row] : code.subject[row];
      if (day[code.nodeFrom[node]] > day[since]) since = code.nodeFrom[node];
      end = Math.min(end, code.nodeUntil[node]);
    }
    times.since[row] = since;
    times.start[row] = day[since];
    times.end[row] = end;
    times.newest[row] = newest;
    times.known[row] = dated && dated === sources.length ? day[first] : 0;
  }

  function copy(times) {
    const out = { text: times.text, day: times.day };
    for (const name of ["start", "end", "known", "word", "since", "newest"]) out[name] = times[name].slice();
    return out;
  }

  /**
   * What is gone without some ids: flags for entities, relations and listings, and the dates that are left. A relation
   * or a listing falls with an end, or with its last source. `null` if nothing is taken away.
   */
  function of(model, without) {
    if (!without || !without.length) return null;
    const entities = new Uint8Array(model.n);
    const relations = new Uint8Array(model.relations.id.length);
    const listings = new Uint8Array(model.listings.id.length);
    const sources = new Set();
    for (const id of without) {
      if (model.position.has(id)) entities[model.position.get(id)] = 1;
      if (model.relationRow.has(id)) relations[model.relationRow.get(id)] = 1;
      if (sourceRows(model).has(id)) sources.add(sourceRows(model).get(id));
    }
    const times = sources.size ? copy(model.times) : model.times;
    for (let row = 0; row < relations.length; row += 1) {
      if (entities[model.relations.subject[row]] || entities[model.relations.object[row]]) relations[row] = 1;
      if (relations[row] || !sources.size) continue;
      const left = model.relations.sources[row].filter((source) => !sources.has(source));
      if (left.length === model.relations.sources[row].length) continue;
      if (left.length) redate(model, times, row, left);
      else relations[row] = 1;
    }
    for (let row = 0; row < listings.length; row += 1) {
      const cited = model.listings.sources[row];
      const authority = model.position.get(model.listings.authority[row]);
      if (entities[model.listings.entity[row]] || (authority !== undefined && entities[authority])) listings[row] = 1;
      else if (sources.size && cited.length && cited.every((source) => sources.has(source))) listings[row] = 1;
    }
    return { entities, relations, listings, sources, times };
  }

  map.removal = { of, redate, copy, sourceRows };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
