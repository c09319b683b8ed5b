/* Choice: which boxes and arcs of an answer are drawn; what is left out is counted, never silent. */
(function (map) {
  "use strict";

  const MOST_BOXES = 110;
  const MOST_ARCS = 150;
  const TRIES = 60; // rows of a column that may find no room before it is given up for this turn
  const LOOKS = 600; // paths looked for; by then a picture is full, and thousands of rows may want to add to it

  /**
   * Rows taken turn by turn from each column, as long as every box on their paths finds room.
   *
   * `keyOf(row)` is the node that the row is about, `columnOf(node)` its column; `first` are rows that must be drawn.
   * Gives the nodes and arcs to draw and, for each column, how many of the rows' nodes are not among them.
   */
  function choose(v, rows, { keyOf, columnOf, columns, room, first = [] }) {
    const nodes = new Set();
    const arcs = new Set();
    const drawn = [];
    const count = new Int32Array(columns);

    let looks = 0;

    function take(row, must) {
      looks += 1;
      const path = map.answers.pathOf(v, row);
      const { source, target } = v.model.arcs;
      const fresh = new Set();
      for (const a of path) {
        if (!nodes.has(source[a])) fresh.add(source[a]);
        if (!nodes.has(target[a])) fresh.add(target[a]);
      }
      const more = new Int32Array(columns);
      for (const node of fresh) more[columnOf(node)] += 1;
      const fits = more.every((extra, column) => count[column] + extra <= room[column])
        && nodes.size + fresh.size <= MOST_BOXES && arcs.size + path.length <= MOST_ARCS;
      if (!fits && !must) return false;
      for (const node of fresh) {
        nodes.add(node);
        count[columnOf(node)] += 1;
      }
      for (const a of path) arcs.add(a);
      drawn.push(row);
      return true;
    }

    for (const row of first) take(row, true);
    const queues = Array.from({ length: columns }, () => []);
    for (const row of rows) queues[columnOf(keyOf(row))].push(row);
    const next = new Int32Array(columns);
    for (let busy = true; busy;) {
      busy = false;
      for (let column = 0; column < columns; column += 1) {
        // One success a turn, so that no column crowds out another.
        for (let tries = 0; tries < TRIES && looks < LOOKS && next[column] < queues[column].length;) {
          const row = queues[column][next[column]++];
          const key = keyOf(row);
          if (!nodes.has(key) && count[column] >= room[column]) continue;
          busy = true;
          tries += 1;
          if (take(row, false)) break;
        }
      }
    }
    const left = new Int32Array(columns);
    for (let column = 0; column < columns; column += 1) {
      const keys = new Set(queues[column].map(keyOf));
      for (const key of keys) if (!nodes.has(key)) left[column] += 1;
    }
    return { nodes, arcs: Array.from(arcs).sort((a, b) => a - b), left, drawn };
  }

  map.choice = { choose, MOST_BOXES };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
