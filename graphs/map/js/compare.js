/* Compare: who gained and who lost reach between two states of the map: two dates, or with and without something. */
(function (map) {
  "use strict";

  const { engine, answers } = map;
  const { verdictOf } = engine;

  /* In the order in which they are told. */
  const KINDS = ["gained", "lost", "stronger", "weaker", "more certain", "less certain", "newly claimed", "no longer claimed",
    "newly prospective", "no longer prospective"];
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

  function byPair(rows) {
    return new Map(rows.map((row) => [`${row.body}/${row.place}`, row]));
  }

  /** Every body, place and category whose best answer differs, as [body, place, layer, before, after]. */
  function moves(beforeRows, afterRows) {
    const out = [];
    const [was, now] = [byPair(beforeRows), byPair(afterRows)];
    const ranks = (row) => new Map(row ? row.layers.map((layer, i) => [layer, engine.BEST[row.sets[i]]]) : []);
    for (const key of new Set([...was.keys(), ...now.keys()])) {
      const [a, b] = [was.get(key), now.get(key)];
      const [before, after] = [ranks(a), ranks(b)];
      const { body, place } = a || b;
      for (const layer of new Set([...before.keys(), ...after.keys()])) {
        const [x, y] = [before.get(layer) || 0, after.get(layer) || 0];
        if (x !== y) out.push([body, place, layer, x, y]);
      }
    }
    return out;
  }

  /**
   * Rows of the comparison, gained first: a pair of body and place each, with the kinds of change, the categories that
   * changed, and the row of the state that shows it (for what was lost the earlier one).
   */
  function compare(before, after, beforeRows, afterRows) {
    const [was, now] = [byPair(beforeRows), byPair(afterRows)];
    const found = new Map();
    for (const [body, place, layer, x, y] of moves(beforeRows, afterRows)) {
      const key = `${body}/${place}`;
      if (!found.has(key)) found.set(key, { kinds: new Set(), layers: [] });
      const entry = found.get(key);
      kindsOf(x, y).forEach((kind) => entry.kinds.add(kind));
      entry.layers.push(layer);
    }
    const rows = Array.from(found, ([key, { kinds, layers }]) => {
      const [a, b] = [was.get(key), now.get(key)];
      const change = KINDS.filter((kind) => kinds.has(kind));
      const shown = b || a;
      return { ...shown, facts: null, view: b ? after : before, change, changed: layers, before: a ? a.best : 0,
        after: b ? b.best : 0 };
    });
    const order = answers.inOrder(after.model);
    const first = (row) => KINDS.indexOf(row.change[0]);
    return rows.sort((a, b) => first(a) - first(b) || order(a, b));
  }

  /** How an arc stands in two states: gained, lost, changed, or neither. */
  function ofArc(before, after, a) {
    if (!before.bits[a] && after.bits[a]) return "gained";
    if (before.bits[a] && !after.bits[a]) return "lost";
    return before.bits[a] !== after.bits[a] || before.contested[a] !== after.contested[a] ? "changed" : null;
  }

  /** Bodies with some row of a kind. */
  function bodiesWith(rows, kind) {
    return new Set(rows.filter((row) => row.change.includes(kind)).map((row) => row.body)).size;
  }

  map.compare = { KINDS, kindsOf, moves, compare, ofArc, bodiesWith };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
