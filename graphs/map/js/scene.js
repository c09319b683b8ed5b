/* Scene: boxes in columns and the routes of arcs between them, as numbers; nothing here draws. */
(function (map) {
  "use strict";

  const BOX = { gap: 9, lane: 5 };
  /* Boxes of a desk and of a phone: the widest and narrowest, the least height, and as many lines as a name takes. */
  const WIDE = { least: 132, most: 216, height: 36, between: 40, bulge: 34, text: 13, rows: 10, strip: 17, side: 6, sign: 18 };
  const NARROW = { least: 80, most: 150, height: 34, between: 15, bulge: 12, text: 11.5, rows: 16, strip: 13, side: 5, sign: 13 };
  const SWEEPS = 10;

  /**
   * Columns of boxes with routed links.
   *
   * `boxes`: {id, column, …}; `links`: {id, from, to, …} by box ids; `fit(box, size)` gives the lines of a box's name and
   * the height that they need. Boxes come back with x, y (centre), width, height and lines; links with `curve`, a list of cubic pieces [x0, y0, x1, y1, x2, y2, x3, y3] from the start to the end.
   */
  function arrange(boxes, links, { width, columns, fit }) {
    const used = columns.filter((column) => boxes.some((box) => box.column === column.number));
    const size = sized(columns.length > 3 ? WIDE : NARROW, width, used.length);
    const place = new Map(used.map((column, i) => [column.number, i]));
    const layers = used.map(() => []);
    const items = new Map();
    for (const box of boxes) {
      const item = { ...box, layer: place.get(box.column), ...fit(box, size), box: true, near: [] };
      items.set(box.id, item);
      layers[item.layer].push(item);
    }
    const routes = links.map((link) => route(link, items, layers));
    for (const way of routes) {
      for (let i = 1; i < way.stops.length; i += 1) {
        if (way.stops[i].layer === way.stops[i - 1].layer) continue;
        way.stops[i].near.push(way.stops[i - 1]);
        way.stops[i - 1].near.push(way.stops[i]);
      }
    }
    untangle(layers);
    const tall = settle(layers);
    const step = used.length > 1
      ? Math.max(size.width + size.between, (width - size.bulge - size.width) / (used.length - 1)) : 0;
    for (const layer of layers) {
      for (const item of layer) item.x = size.width / 2 + item.layer * step;
    }
    ports(routes);
    const heads = used.map((column, i) => ({ ...column, x: i * step }));
    const outset = routes.some((way) => way.level && way.stops[0].layer === 0) ? size.bulge : 0;
    return {
      outset,
      boxes: Array.from(items.values()).filter((item) => item.box).map(({ near, ...box }) => ({ ...box, ...size, height: box.height })),
      links: routes.map((way) => ({ ...way.link, curve: curve(way, size), back: way.back })),
      heads,
      width: size.width + step * (used.length - 1),
      boxWidth: size.width,
      height: tall,
    };
  }

  /** Boxes as wide as the columns leave them room. */
  function sized(form, width, columns) {
    const room = (width - form.bulge - form.between * (columns - 1)) / Math.max(columns, 1);
    return { ...form, width: Math.min(Math.max(room, form.least), form.most) };
  }

  /** The stops of a link: its two boxes, and a lane through each column between them, shared by target. */
  function route(link, items, layers) {
    const from = items.get(link.from);
    const to = items.get(link.to);
    const stops = [from];
    const step = Math.sign(to.layer - from.layer);
    for (let layer = from.layer + step; step && layer !== to.layer; layer += step) {
      const id = `lane:${layer}:${step}:${link.to}`;
      let lane = items.get(id);
      if (!lane) {
        lane = { id, layer, height: 2, box: false, near: [], lanes: 0 };
        items.set(id, lane);
        layers[layer].push(lane);
      }
      lane.lanes += 1;
      lane.height = Math.min(2 + lane.lanes * BOX.lane, 34);
      stops.push(lane);
    }
    stops.push(to);
    return { link, stops, back: step < 0, level: step === 0 };
  }

  /* What counts the rest of a column stands at its foot. */
  const last = (item) => (item.more ? 1 : 0);

  function mean(values) {
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  }

  function crossings(layers) {
    let total = 0;
    for (const layer of layers) {
      const ends = [];
      for (const item of layer) {
        for (const other of item.near) if (other.layer === item.layer + 1) ends.push([item.order, other.order]);
      }
      for (let i = 0; i < ends.length; i += 1) {
        for (let j = i + 1; j < ends.length; j += 1) {
          if ((ends[i][0] - ends[j][0]) * (ends[i][1] - ends[j][1]) < 0) total += 1;
        }
      }
    }
    return total;
  }

  /** Order within each column by the mean place of its neighbours, back and forth; the least tangled order is kept. */
  function untangle(layers) {
    const number = () => layers.forEach((layer) => layer.forEach((item, i) => { item.order = i; }));
    number();
    let best = { count: Infinity, orders: [] };
    for (let round = 0; round < SWEEPS * 2; round += 1) {
      const forward = round % 2 === 0;
      for (let k = 0; k < layers.length; k += 1) {
        const layer = layers[forward ? k : layers.length - 1 - k];
        const wanted = new Map(layer.map((item) => {
          const side = item.near.filter((other) => (forward ? other.layer < item.layer : other.layer > item.layer));
          const near = side.length ? side : item.near;
          const size = (other) => layers[other.layer].length;
          return [item, near.length ? mean(near.map((other) => (other.order + 0.5) / size(other))) * layer.length : item.order];
        }));
        layer.sort((a, b) => last(a) - last(b) || wanted.get(a) - wanted.get(b) || a.order - b.order);
        layer.forEach((item, i) => { item.order = i; });
      }
      const count = crossings(layers);
      if (count < best.count) best = { count, orders: layers.map((layer) => layer.slice()) };
      if (!count) break;
    }
    best.orders.forEach((order, k) => { layers[k] = order; });
    number();
  }

  /** Heights: every box as near its neighbours as its place in the column allows. Gives the height of the whole. */
  function settle(layers) {
    const need = (layer) => layer.reduce((sum, item) => sum + item.height + BOX.gap, -BOX.gap);
    const tall = Math.max(...layers.map(need), WIDE.height);
    for (const layer of layers) {
      let y = (tall - need(layer)) / 2;
      for (const item of layer) {
        item.y = y + item.height / 2;
        y += item.height + BOX.gap;
      }
    }
    for (let round = 0; round < 8; round += 1) {
      const order = round % 2 ? layers.slice().reverse() : layers;
      for (const layer of order) pack(layer, tall);
    }
    return tall;
  }

  /** Least squares under "in this order, not overlapping": pool the blocks that push each other. */
  function pack(layer, tall) {
    const blocks = [];
    let above = 0;
    for (const item of layer) {
      const wish = item.more ? tall : item.near.length ? mean(item.near.map((other) => other.y)) : item.y;
      const offset = above + item.height / 2;
      above += item.height + BOX.gap;
      let block = { items: [[item, offset]], sum: wish - offset, count: 1 };
      while (blocks.length && blocks[blocks.length - 1].sum / blocks[blocks.length - 1].count > block.sum / block.count) {
        const last = blocks.pop();
        block = { items: last.items.concat(block.items), sum: last.sum + block.sum, count: last.count + block.count };
      }
      blocks.push(block);
    }
    const spare = tall - (above - BOX.gap);
    for (const block of blocks) {
      const shift = Math.min(Math.max(block.sum / block.count, 0), Math.max(spare, 0));
      for (const [item, offset] of block.items) item.y = shift + offset;
    }
  }

  /** Where each link leaves and enters a box, apart from the others and in the order of their other ends. */
  function ports(routes) {
    const sides = new Map();
    const add = (item, side, way, which, other) => {
      const key = `${item.id}|${side}`;
      if (!sides.has(key)) sides.set(key, { item, ends: [] });
      sides.get(key).ends.push({ way, which, y: other.y });
    };
    for (const way of routes) {
      const { stops } = way;
      way.at = stops.map((stop) => stop.y);
      const last = stops.length - 1;
      add(stops[0], way.level || way.back ? "left" : "right", way, 0, stops[1]);
      add(stops[last], way.back ? "right" : "left", way, last, stops[last - 1]);
      for (let i = 1; i < last; i += 1) add(stops[i], "through", way, i, stops[0]);
    }
    for (const { item, ends } of sides.values()) {
      ends.sort((a, b) => a.y - b.y || (a.way.link.id < b.way.link.id ? -1 : 1));
      const room = item.box ? item.height - 10 : item.height - 2;
      const step = ends.length > 1 ? Math.min(item.box ? 8 : BOX.lane, room / (ends.length - 1)) : 0;
      ends.forEach((end, i) => { end.way.at[end.which] = item.y + (i - (ends.length - 1) / 2) * step; });
    }
  }

  /** Cubic pieces with level tangents; straight through the lanes; a bracket on the left within one column. */
  function curve(way, size) {
    const { stops, at } = way;
    const half = size.width / 2;
    const pieces = [];
    if (way.level) {
      const x = stops[0].x - half;
      const bulge = Math.min(10 + Math.abs(at[1] - at[0]) * 0.22, size.bulge);
      return [[x, at[0], x - bulge, at[0], x - bulge, at[1], x, at[1]]];
    }
    const sign = way.back ? -1 : 1;
    for (let i = 1; i < stops.length; i += 1) {
      const x0 = stops[i - 1].x + sign * half;
      const x3 = stops[i].x - sign * half;
      const bend = (x3 - x0) * 0.5;
      pieces.push([x0, at[i - 1], x0 + bend, at[i - 1], x3 - bend, at[i], x3, at[i]]);
      if (i < stops.length - 1) {
        const x = stops[i].x + sign * half;
        pieces.push([x3, at[i], x3 + (x - x3) / 3, at[i], x - (x - x3) / 3, at[i], x, at[i]]);
      }
    }
    return pieces;
  }

  /** A point of a curve, 0 its start and 1 its end. */
  function along(pieces, share) {
    const place = Math.min(share * pieces.length, pieces.length - 1e-9);
    const t = place - Math.floor(place);
    const p = pieces[Math.floor(place)];
    const u = 1 - t;
    const at = (i) => u * u * u * p[i] + 3 * u * u * t * p[i + 2] + 3 * u * t * t * p[i + 4] + t * t * t * p[i + 6];
    return [at(0), at(1)];
  }

  /** Distance of a point from a curve, near enough for a pointer. */
  function distance(pieces, x, y) {
    let least = Infinity;
    const steps = pieces.length * 16;
    for (let i = 0; i <= steps; i += 1) {
      const [px, py] = along(pieces, i / steps);
      least = Math.min(least, Math.hypot(px - x, py - y));
    }
    return least;
  }

  map.scene = { BOX, arrange, along, distance };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
