/* Legend: what every line and box means, and how many answers there are of each level and verdict. */
(function (map) {
  "use strict";

  const { el, put } = map.dom;
  const { t, term } = map.words;
  const { LEVELS, CERTAINTIES, VERDICTS } = map.answers;
  const SVG = "http://www.w3.org/2000/svg";

  function svg(tag, props, ...children) {
    const node = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(props)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  function lineSample(dash, level) {
    return svg("svg", { width: 46, height: 12, viewBox: "0 0 46 12", "aria-hidden": "true", class: `line level-${level}` },
      svg("line", { x1: 1, y1: 6, x2: 45, y2: 6, "stroke-width": 2, "stroke-dasharray": dash.join(" ") }));
  }

  function steps(level) {
    return svg("svg", { width: 12, height: 28, viewBox: "0 0 12 28", "aria-hidden": "true", class: "steps-mark" },
      ...[0, 1, 2, 3].map((step) => svg("rect", { x: 1, y: 22 - step * 7, width: 9, height: 5, opacity: step <= level ? 1 : 0.2 })));
  }

  function family(name) {
    return el("span", { class: `swatch f-${name}`, "aria-hidden": "true" });
  }

  let groups = null;

  /** Whether the whole map draws groups of like entities, and not each by itself. */
  function grouped() {
    if (!groups) groups = JSON.parse(map.dom.byId("overview-nodes").textContent);
    return groups.some((group) => group.members.length > 1);
  }

  /** What stands at the right of boxes in this view: signs and what they mean. */
  function signs(state, compared) {
    if (state.ask === "all") return grouped() ? [["12", "legendCount"]] : [];
    const over = { chokepoints: ["−12", "legendPairs"], exposure: ["§", "legendListed"], gaps: ["?", "legendUnknown"] }[state.over];
    if (over) return [over];
    return compared ? [["+", "legendGained"], ["−", "legendLost"], ["~", "legendChanged"]] : [];
  }

  /** The key of an exported picture in words. */
  function key(state, compared) {
    const told = signs(state, compared).map(([sign, what]) => `${sign} ${t(what)}`);
    return [t("exportKey"), told.length ? `${told.join("; ")}.` : "", compared ? `${map.words.raised(t("legendGone"))}.` : ""]
      .filter(Boolean).join(" ");
  }

  /** The legend under the picture. */
  function render(host, families, compared, state) {
    const marks = signs(state, compared);
    put(host,
      el("details", { class: "legend-fold", open: window.innerWidth > 700 },
        el("summary", { text: t("legendTitle") }),
        el("div", { class: "legend-grid" },
          el("div", {}, el("h3", { text: t("legendCertainty") }), el("ul", {}, [3, 2, 1, 0].map((c) => el("li", {},
            lineSample(map.paint.DASHES[c], 3), el("span", { text: term("certainty", CERTAINTIES[c]) }))),
          el("li", {}, el("span", { class: "contest-mark", text: "!" }), el("span", { text: t("legendContested") }))),
          marks.length ? [el("h3", { text: t("legendMarks") }), el("ul", {}, marks.map(([sign, what]) => el("li", {},
            el("b", { class: "sign", text: sign }), el("span", { text: t(what) }))))] : null,
          compared ? el("p", { text: t("legendGone") }) : null),
          el("div", {}, el("h3", { text: t("legendLevel") }), el("ul", {}, [3, 2, 1, 0].map((level) => el("li", {},
            steps(level), lineSample([], level), el("span", {}, el("b", { text: term("level", LEVELS[level]) }),
              `: ${t(`level${LEVELS[level][0].toUpperCase()}${LEVELS[level].slice(1)}`)}`))))),
          el("div", {}, el("h3", { text: t("legendFamily") }), el("ul", { class: "families" }, families.map((name) => el("li", {},
            family(name), el("span", { text: t(map.assumptions.FAMILY_KEYS[name]) })))))),
        el("p", { class: "soft", text: t("legendArrow") })));
  }

  /** Answers counted by verdict and level: a bar each, which also narrows the question. */
  function breakdown(host, rows, app, state) {
    if (!rows.length) {
      put(host);
      return;
    }
    const counts = new Map();
    for (const row of rows) {
      const key = `${map.engine.verdictOf(row.best)}/${(row.best >> 2) & 3}`;
      counts.set(key, (counts.get(key) || 0) + 1);
    }
    const parts = [];
    for (const verdict of [2, 1, 0]) {
      const segments = [];
      for (const level of [3, 2, 1, 0]) {
        const n = counts.get(`${verdict}/${level}`) || 0;
        if (!n) continue;
        segments.push(el("li", { class: `part level-${level}` }, steps(level),
          el("span", { class: "part-number", text: map.words.number(n) }),
          el("span", { class: "part-name", text: term("level", LEVELS[level]) })));
      }
      if (segments.length) {
        parts.push(el("div", { class: `parts verdict-${VERDICTS[verdict]}` },
          el("h3", { text: term("verdict", VERDICTS[verdict]) }), el("ul", {}, segments)));
      }
    }
    put(host, parts);
  }

  map.legend = { key, render, breakdown, steps, family };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
