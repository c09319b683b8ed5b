/* Sights: what the picture shows of an answer, of one entity's reach, or of the whole map. */
(function (map) {
  "use strict";

  const { t, term, name } = map.words;
  const NARROW = 640;
  const COLUMNS = 5;
  /** What is left free on either side. */
  const pad = (width) => (width >= NARROW ? 18 : 8);
  const SIGNS = { gained: "+", lost: "−" };

  /** Columns for a width: five, or three where there is no room. */
  function columnsFor(width) {
    const group = [t("groupWho"), t("groupWho"), t("groupWho"), t("groupThrough"), t("groupData")];
    if (width >= NARROW) {
      return { of: (column) => column,
        list: group.map((title, i) => ({ number: i, group: title, label: t(`column${i}`) })) };
    }
    return { of: (column) => Math.max(column - 2, 0),
      list: [2, 3, 4].map((i) => ({ number: i - 2, group: group[i], label: i === 2 ? t("columnWho") : t(`column${i}`) })) };
  }

  function boxOf(model, families, node, column) {
    return { id: node, node, column, family: families[model.entities.family[node]], label: name(model, node) };
  }

  function linkOf(v, a, change) {
    const { arcs } = v.model;
    return { id: `a${a}`, arc: a, from: arcs.source[a], to: arcs.target[a], level: arcs.level[a],
      certainty: v.certainty[a], contested: v.contested[a] === 1, change };
  }

  /**
   * The picture of some rows. `about` says which end of a row the question is about: "body" or "place"; `first` are
   * rows that must be drawn; `left` counts rows' ends that are not.
   */
  function ofRows(v, rows, { families, width, about, first = [], height = 14, before = null, marks = null }) {
    const { model } = v;
    const columns = columnsFor(width);
    const columnOf = (node) => columns.of(model.entities.column[node]);
    const keyOf = about === "body" ? (row) => row.body : (row) => row.place;
    const room = columns.list.map(() => height);
    const choice = map.choice.choose(v, rows, { keyOf, columnOf, columns: columns.list.length, room, first });
    const signs = new Map();
    if (before) {
      for (const row of rows) if (!signs.has(keyOf(row))) signs.set(keyOf(row), SIGNS[row.change[0]] || "~");
    }
    const strength = new Map();
    for (const row of rows) if (!strength.has(keyOf(row))) strength.set(keyOf(row), (row.best >> 2) & 3);
    const boxes = Array.from(choice.nodes).sort((a, b) => a - b).map((node) => {
      const box = boxOf(model, families, node, columnOf(node));
      if (marks && marks.has(node)) box.mark = { text: marks.get(node) };
      else if (before && signs.has(node)) box.mark = { text: signs.get(node) };
      else if (!marks && strength.has(node)) box.mark = { level: strength.get(node) };
      box.gone = map.engine.missing(v, node);
      return box;
    });
    choice.left.forEach((n, column) => {
      if (n) boxes.push({ id: `more${column}`, column, more: true, label: t("moreBodies", { n }) });
    });
    const links = choice.arcs.map((a) => linkOf(v.bits[a] || !before ? v : before, a, before ? map.compare.ofArc(before, v, a) : null));
    const scene = arranged(boxes, links, width, columns);
    scene.around = around(v, choice.drawn, keyOf, first[0]);
    scene.shown = new Set(rows.map(keyOf).filter((node) => choice.nodes.has(node))).size;
    scene.total = new Set(rows.map(keyOf)).size;
    return scene;
  }

  function arranged(boxes, links, width, columns) {
    const scene = map.scene.arrange(boxes, links, { width: width - 2 * pad(width), columns: columns.list, fit: map.paint.fit });
    scene.pad = pad(width);
    scene.head = map.paint.headHeight(scene);
    return scene;
  }

  /** What lights up with a box: the path chosen, else its own if the rows are about it, else every drawn path through it. */
  function around(v, drawn, keyOf, chosen) {
    const { source, target } = v.model.arcs;
    return (id) => {
      const own = chosen && keyOf(chosen) === id ? [chosen] : drawn.filter((row) => keyOf(row) === id);
      const through = own.length ? own : drawn.filter((row) => map.answers.pathOf(v, row).some((a) => source[a] === id || target[a] === id));
      const boxes = new Set([id]);
      const links = new Set();
      for (const row of through) {
        for (const a of map.answers.pathOf(v, row)) {
          boxes.add(source[a]);
          boxes.add(target[a]);
          links.add(`a${a}`);
        }
      }
      return { boxes, links };
    };
  }

  /** Groups as they are; where three columns would be too long a way down, bodies by their families. */
  function fewer(groups, columns, most) {
    const narrow = columns.list.length < COLUMNS;
    const first = groups.filter((group) => columns.of(group.column) === 0);
    if (!narrow || first.length <= most) return groups;
    const merged = new Map();
    for (const group of first) {
      const key = group.key.split("/")[0];
      const known = merged.get(key);
      merged.set(key, { ...group, key, members: known ? known.members.concat(group.members) : group.members });
    }
    return [...merged.values(), ...groups.filter((group) => columns.of(group.column) !== 0)];
  }

  /** The whole map, by groups of like entities as they were laid out when the page was made. */
  function whole(v, laid, { families, width, height = 14 }) {
    const { model, bits } = v;
    const columns = columnsFor(width);
    const groups = fewer(laid, columns, height);
    const groupOf = new Int32Array(model.n).fill(-1);
    groups.forEach((group, i) => group.members.forEach((node) => { groupOf[node] = i; }));
    const single = groups.every((group) => group.members.length === 1);
    const boxes = groups.map((group, i) => {
      const column = columns.of(group.column);
      if (single) return { ...boxOf(model, families, group.members[0], column), id: i };
      return { id: i, members: group.members, column, family: families[group.family], 
        label: group.members.length === 1 ? name(model, group.members[0]) : map.words.raised(groupName(model, group)),
        mark: { text: map.words.number(group.members.length) } };
    });
    const counts = new Map();
    const links = [];
    for (let a = 0; a < bits.length; a += 1) {
      if (!bits[a]) continue;
      const [from, to] = [groupOf[model.arcs.source[a]], groupOf[model.arcs.target[a]]];
      if (from === to) continue;
      const key = from * groups.length + to;
      counts.set(key, (counts.get(key) || 0) + 1);
      if (single) links.push({ ...linkOf(v, a, null), from, to });
    }
    if (!single) {
      // Against the heaviest, so that on a dense map the few that matter stand out from the many.
      const most = Math.max(...counts.values(), 1);
      for (const [key, count] of counts) {
        const share = count / most;
        links.push({ id: `g${key}`, from: Math.floor(key / groups.length), to: key % groups.length, count, share, certainty: 3,
          level: share > 0.4 ? 3 : share > 0.12 ? 1 : 0 });
      }
    }
    links.sort((a, b) => (a.id < b.id ? -1 : 1));
    const scene = arranged(boxes, links, width, columns);
    scene.around = (id) => {
      const near = links.filter((link) => link.from === id || link.to === id);
      return { boxes: new Set([id, ...near.flatMap((link) => [link.from, link.to])]), links: new Set(near.map((l) => l.id)) };
    };
    scene.shown = boxes.length;
    scene.total = boxes.length;
    scene.arcs = Array.from(counts.values()).reduce((sum, count) => sum + count, 0);
    return scene;
  }

  function groupName(model, group) {
    const [family, what, country] = group.key.split("/");
    if (what === undefined) return t(map.assumptions.FAMILY_KEYS[family]);
    if (what === "*") return t("groupRest");
    if (family === "system" || family === "store") {
      const position = model.categoryPosition.get(what);
      const plural = t(family === "system" ? "familySystem" : "familyStore");
      return position === undefined ? plural : `${map.words.category(model, position)}`;
    }
    const kind = term("kind", what);
    return country ? `${kind}, ${map.words.country(country)}` : kind;
  }

  map.sights = { ofRows, whole, groupName };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
