/* Timeline: the days on which something changes, a slider over them, and the earlier date to compare with. */
(function (map) {
  "use strict";

  const { el, button, put } = map.dom;
  const { t } = map.words;
  const SVG = "http://www.w3.org/2000/svg";
  const FOREVER = 3652060;
  const EARLIEST = 693596; // 1900-01-01

  /** Days on which arcs, or denials of them, begin or end, ascending, with how many; and the days of listings. */
  function changes(model) {
    if (model.changes) return model.changes;
    const count = new Map();
    const { arcs, denials, times } = model;
    const rows = new Set([...arcs.relation, ...denials.denial]);
    const add = (day) => { if (day > EARLIEST && day < FOREVER) count.set(day, (count.get(day) || 0) + 1); };
    for (const row of rows) {
      add(times.start[row]);
      add(times.end[row] + 1);
    }
    const days = Array.from(count.keys()).sort((a, b) => a - b);
    const marks = new Map();
    model.listings.listed_from.forEach((text, row) => {
      const day = map.dates.firstDay(text);
      if (!day) return;
      if (!marks.has(day)) marks.set(day, []);
      marks.get(day).push(row);
    });
    model.changes = { days, count, marks };
    return model.changes;
  }

  function svg(tag, props) {
    const node = document.createElementNS(SVG, tag);
    for (const [key, value] of Object.entries(props)) node.setAttribute(key, value);
    return node;
  }

  /** Bars of change by month over the slider, with listings as marks above them. */
  function strip(model, from, to, width, shown) {
    const { days, count, marks } = changes(model);
    const height = 46;
    const x = (day) => ((day - from) / Math.max(to - from, 1)) * width;
    const node = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", class: "strip" });
    const bins = new Map();
    const bin = (day) => Math.floor(x(day) / 4);
    for (const day of days) if (day >= from && day <= to) bins.set(bin(day), (bins.get(bin(day)) || 0) + count.get(day));
    const most = Math.max(...bins.values(), 1);
    for (const [place, n] of bins) {
      const tall = Math.max(2, Math.sqrt(n / most) * 24);
      node.append(svg("rect", { x: place * 4, y: 34 - tall, width: 3, height: tall, class: "bar" }));
    }
    for (const day of marks.keys()) {
      if (day < from || day > to) continue;
      node.append(svg("path", { d: `M${x(day) - 2.5} 2 h5 l-2.5 5 z`, class: "mark" }));
    }
    node.append(svg("line", { x1: 0, x2: width, y1: 34.5, y2: 34.5, class: "axis" }));
    const first = Number(map.dates.iso(from).slice(0, 4));
    const last = Number(map.dates.iso(to).slice(0, 4));
    const every = [1, 2, 5, 10, 20, 50].find((years) => ((last - first) / years) * 44 < width) || 100;
    for (let year = Math.ceil(first / every) * every; year <= last; year += every) {
      const place = x(map.dates.firstDay(`${year}-01-01`));
      if (place < 0 || place > width - 20) continue;
      node.append(svg("line", { x1: place, x2: place, y1: 34, y2: 38, class: "axis" }));
      const label = svg("text", { x: place, y: 45, class: "year" });
      label.textContent = year;
      node.append(label);
    }
    for (const day of shown) node.append(svg("line", { x1: x(day), x2: x(day), y1: 0, y2: 34, class: "now" }));
    return node;
  }

  /** The range that the slider covers: from the first change of this century, or ever, to the last. */
  function range(model, today) {
    const { days } = changes(model);
    const century = map.dates.firstDay("2000-01-01");
    const from = days.find((day) => day >= century) || days[0] || today - 3650;
    return [Math.min(from - 30, today - 365), Math.max(days[days.length - 1] || today, today) + 1];
  }

  function render(host, model, state, app) {
    const day = map.dates.firstDay(state.asof);
    const [from, to] = range(model, map.dates.firstDay(app.today()));
    const { days } = changes(model);
    const earlier = map.dates.firstDay(state.between || "");
    const jump = (next) => { if (next !== undefined) app.set({ asof: map.dates.iso(next) }); };
    // The day asked about does not pass the one that it is compared with.
    const chosen = (event) => {
      event.target.value = Math.max(Number(event.target.value), earlier);
      return map.dates.iso(Number(event.target.value));
    };
    const slider = el("input", { type: "range", id: "time-slider", min: from, max: to, step: 1, value: day,
      "aria-label": t("asOf"), "aria-valuetext": map.words.date(state.asof),
      oninput: (event) => {
        const asof = chosen(event);
        event.target.setAttribute("aria-valuetext", map.words.date(asof));
        app.glide({ asof });
      },
      onchange: (event) => app.set({ asof: chosen(event) }) });
    const compare = el("label", { class: "check" }, el("input", { type: "checkbox", id: "time-compare", checked: Boolean(earlier),
      onchange: (event) => app.set({ between: event.target.checked
        ? map.dates.iso(Math.max(from, day - 1826)) : "" }) }), el("span", { text: t("compareDates") }));
    const width = Math.max(app.width() - 2, 200);
    put(host,
      el("div", { class: "time-bar" }, el("h3", { text: t("timeTitle") }),
        button("‹", () => jump(days.filter((other) => other < day && other >= earlier).pop()), { id: "time-back", class: "square", "aria-label": t("earlierChange") }),
        el("output", { class: "time-day", text: map.words.date(state.asof) }),
        button("›", () => jump(days.find((other) => other > day)), { id: "time-on", class: "square", "aria-label": t("laterChange") }),
        compare,
        earlier ? el("input", { type: "date", id: "time-earlier", "aria-label": t("compareWith"), value: state.between, max: state.asof,
          onchange: (event) => { if (event.target.value) app.set({ between: event.target.value }); } }) : null,
        el("span", { class: "soft", text: t("timeLegend") })),
      strip(model, from, to, width, [day, ...(earlier ? [earlier] : [])]), slider);
  }

  map.timeline = { render, changes, range };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
