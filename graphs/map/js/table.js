/* Table: every row of the answer, sortable, in parts, and as CSV. */
(function (map) {
  "use strict";

  const { el, button, put } = map.dom;
  const { t, term, name } = map.words;
  const { LEVELS, CERTAINTIES, VERDICTS, DATES, resolve, plain } = map.answers;
  const PART = 60;
  const FEW = 20; // rows at first where each takes long
  const LARGE = 30000; // arcs
  const NAMED = 6; // of those folded under a row

  function remarks(v, row) {
    const out = [];
    if (row.facts.contested) out.push(t("contested"));
    if (row.facts.date) out.push(term("date", DATES[row.facts.date]));
    if (row.facts.collective) out.push(t("collective"));
    if (map.engine.storeUnknown(row.view || v, row.place, row.categories)) out.push(t("storeUnknownTag"));
    return out.join("; ");
  }

  /** Columns: key, heading, what a cell shows, what it is sorted by; `slow` ones need every row's path. */
  const rank = (best) => (best ? [term("verdict", VERDICTS[map.engine.verdictOf(best)]), term("level", LEVELS[(best >> 2) & 3]),
    term("certainty", CERTAINTIES[best & 3])].join(", ") : t("noPath"));

  /** Columns of a comparison: what changed, from what to what. */
  function compared(v, app) {
    const { model } = v;
    const causes = (row) => {
      const { before, after } = app.compared();
      return map.compare.because(before, after, row).map(({ row: at, what }) => `${{ gained: "+", lost: "−" }[what] || "~"} ${
        map.whatif.label(model, model.relations.id[at])}`).join("; ");
    };
    const text = (cell, by = cell) => ({ cell, by });
    const moved = (row) => row.change.length === 1 && row.change[0] === "moved";
    const side = (row, best) => (moved(row) && !best ? t("change_moved") : rank(best));
    const words = (row) => row.change.map((kind) => t(`change_${kind.replaceAll(" ", "_")}`)).join(", ");
    return [
      { key: "body", head: t("colBody"), cell: (row) => row.body, by: (row) => name(model, row.body) },
      { key: "change", head: t("colChange"), ...text((row) => `${{ gained: "+", lost: "−" }[row.change[0]] || "~"} ${words(row)}`,
        (row) => map.compare.KINDS.indexOf(row.change[0])) },
      { key: "place", head: t("colPlaceOne"), plain: true, cell: (row) => row.place, by: (row) => name(model, row.place) },
      { key: "changed", head: t("colCategories"), ...text((row) => row.changed.filter((c) => c >= 0)
        .map((c) => map.words.category(model, c)).join(", ")) },
      { key: "before", head: t("colBefore"), ...text((row) => side(row, row.before), (row) => -row.before) },
      { key: "after", head: t("colAfter"), ...text((row) => side(row, row.after), (row) => -row.after) },
      { key: "because", head: t("colBecause"), slow: true, ...text(causes) },
      { key: "since", head: t("colSince"), slow: true, ...text((row) => row.facts.since || "", (row) => row.facts.sinceCode) },
      { key: "remarks", head: t("colRemarks"), slow: true, ...text((row) => remarks(v, row)) },
    ];
  }

  function columns(v, kind, app) {
    if (kind === "compare") return compared(v, app);
    const { model } = v;
    const kindOf = (node) => (model.types[node] ? term("type", ["body", "system", "store"][model.types[node]])
      : term("kind", model.entities.kind[node]));
    const body = { key: "body", head: t("colBody"), cell: (row) => row.body, name: true, by: (row) => name(model, row.body) };
    const over = app.over();
    const place = { key: "place", head: over ? t("colBody") : kind === "body" ? t("colPlace") : t("colPlaceOne"), cell: (row) => row.place,
      name: kind === "what" || kind === "how", by: (row) => name(model, row.place) };
    const about = kind === "what" || kind === "how" ? "place" : "body";
    const text = (cell, by = cell) => ({ cell, by });
    return [
      about === "body" ? body : place,
      { key: "verdict", head: t("colVerdict"), ...text((row) => term("verdict", VERDICTS[map.engine.verdictOf(row.best)]),
        (row) => -map.engine.verdictOf(row.best)) },
      { key: "level", head: t("colLevel"), ...text((row) => term("level", LEVELS[(row.best >> 2) & 3]),
        (row) => -((row.best >> 2) & 3)) },
      { key: "certainty", head: t("colCertainty"), ...text((row) => term("certainty", CERTAINTIES[row.best & 3]),
        (row) => -(row.best & 3)) },
      { key: "kind", head: t("colKind"), ...text((row) => kindOf(row[about])) },
      about === "body" ? { key: "country", head: t("country"),
        ...text((row) => map.words.country(model.entities.country[row.body])) } : null,
      kind === "body" && !over ? { key: "stores", head: t("colStores"), number: true, ...text((row) => row.stores, (row) => -row.stores) } : null,
      about === "body" && !over ? { ...place, plain: true } : null,
      over ? null : { key: "categories", head: t("colCategories"), slow: true,
        ...text((row) => row.categories.map((c) => map.words.category(model, c)).join(", ")) },
      { key: "hops", head: t("colHops"), number: true, ...text((row) => row.hops) },
      { key: "since", head: t("colSince"), slow: true, ...text((row) => row.facts.since || "", (row) => row.facts.sinceCode) },
      { key: "last", head: t("colLast"), slow: true, ...text((row) => row.facts.lastEvidence || "", (row) => -row.facts.lastCode) },
      { key: "remarks", head: t("colRemarks"), slow: true, ...text((row) => remarks(v, row)) },
    ].filter(Boolean);
  }

  /** A table in a host; `app` hears of selections and changed order. */
  function table(host, app) {
    let shown = PART;
    let last = null;
    let unfolded = new Set(); // heads whose folded rows are shown; "*" for all

    function render(v, rows, kind, state, modes) {
      if (!last || last.rows !== rows) {
        shown = v.bits.length > LARGE ? FEW : PART;
        unfolded = new Set(unfolded.has("*") ? ["*"] : []);
      }
      last = { v, rows, kind, state, modes };
      const all = columns(v, kind, app);
      const everything = sorted(v, rows, all, state.sort);
      const { order, under } = folded(everything, kind === "body" ? app.folds() : new Map());
      const part = order.slice(0, shown);
      part.forEach((row) => resolve(v, row));
      const body = el("tbody", { role: "rowgroup" }, part.map((row) => [line(v, row, all, state),
        ...Object.entries(under.get(row.body) || {}).map(([way, rest]) => foldLine(v, row, way, rest, all.length))]));
      const more = order.length - part.length;
      put(host,
        el("div", { class: "sheet-bar" },
          el("h2", { id: "sheet-title", text: t("sheetTitle") }),
          el("span", { class: "count", text: rows.total > rows.length
          ? t("rowsFirst", { n: rows.length, total: rows.total }) : t("rowsCount", { n: rows.length }) }),
          modes || null,
          under.size || unfolded.has("*") ? button(t(unfolded.has("*") ? "foldClose" : "foldOpen"), () => {
            unfolded = new Set(unfolded.has("*") ? [] : ["*"]);
            again();
          }, { "aria-pressed": String(unfolded.has("*")) }) : null,
          el("span", { class: "spread" }),
          button(t("copyTable"), async (event) => {
            const { target } = event;
            const text = await map.work.all(writing(v, everything));
            if (await map.dom.copy(text)) target.textContent = t("copied");
          })),
        rows.length ? el("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": t("tableRegion") },
          // On a phone a row is a card; the roles say that it is still a table.
          el("table", { role: "table" }, el("caption", { class: "hidden", text: document.getElementById("headline").textContent }),
            el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, all.map((column) => headCell(column, state)))), body))
          : el("p", { class: "empty", text: t("tableEmpty") }),
        more > 0 ? button(t("showMore", { n: Math.min(more, PART * 5) }), () => {
          shown += PART * 5;
          again();
        }, { class: "more" }) : null);
    }

    const again = () => render(last.v, last.rows, last.kind, last.state, last.modes);

    /** Rows that stay, and for each of them those that are told under it, by the way they are. */
    function folded(rows, folds) {
      const under = new Map();
      const order = rows.filter((row) => {
        const fold = folds.get(row.body);
        if (!fold || unfolded.has("*") || unfolded.has(fold.under)) return true;
        if (!under.has(fold.under)) under.set(fold.under, {});
        const ways = under.get(fold.under);
        (ways[fold.way] = ways[fold.way] || []).push(row);
        return false;
      });
      return { order, under };
    }

    /** "and above it: 3 bodies", which names them and unfolds. */
    function foldLine(v, row, way, rest, width) {
      const { model } = v;
      const names = rest.slice(0, NAMED).map((other) => name(model, other.body)).join(", ");
      return el("tr", { role: "row", class: "fold" }, el("td", { role: "cell", colspan: width },
        button(t(way === "member" ? "foldMember" : "foldAbove", { n: rest.length }), () => {
          unfolded.add(row.body);
          again();
        }, { class: "name", "aria-expanded": "false" }),
        el("span", { class: "soft", text: `: ${names}${rest.length > NAMED ? "…" : ""}` })));
    }

    function headCell(column, state) {
      const active = state.sort && state.sort.replace(/^-/, "") === column.key;
      const down = active && state.sort.startsWith("-");
      return el("th", { scope: "col", role: "columnheader", "aria-sort": active ? (down ? "descending" : "ascending") : "none",
        class: column.number ? "number" : "" },
      button(column.head, () => app.set({ sort: active && !down ? `-${column.key}` : active ? "" : column.key }), {
        "aria-label": t("sortBy", { what: column.head }), class: active ? "active" : "" }));
    }

    function line(v, row, all, state) {
      const { model } = v;
      const sel = app.selectedRow();
      const chosen = sel && sel.body === row.body && sel.place === row.place;
      return el("tr", { role: "row", class: chosen ? "chosen" : "", "data-verdict": VERDICTS[map.engine.verdictOf(row.best)] },
        all.map((column, i) => {
          const cell = column.cell(row);
          if (i === 0) {
            return el("th", { scope: "row", role: "rowheader" }, button(name(model, cell), () => app.select({ type: "row", body: row.body,
              place: row.place }), { class: "name", lang: map.words.langOf(model, cell), "aria-pressed": String(Boolean(chosen)) }));
          }
          const of = { role: "cell", "data-head": column.head, class: `${column.number ? "number " : ""}c-${column.key}` };
          if (column.plain) return el("td", { ...of, lang: map.words.langOf(model, cell), text: name(model, cell) });
          return el("td", { ...of, text: typeof cell === "number" ? map.words.number(cell) : cell });
        }));
    }

    /** Every row, as for paper. */
    function all() {
      if (!last) return;
      shown = last.rows.length;
      unfolded = new Set(["*"]);
      again();
    }

    return { render, all };
  }

  function sorted(v, rows, all, sort) {
    if (!sort) return rows;
    const column = all.find((candidate) => candidate.key === sort.replace(/^-/, ""));
    if (!column) return rows;
    if (column.slow) rows.forEach((row) => resolve(v, row));
    const keys = new Map(rows.map((row) => [row, column.by(row)]));
    const collator = new Intl.Collator(map.words.locales());
    const sign = sort.startsWith("-") ? -1 : 1;
    const compare = (a, b) => (typeof a === "number" ? a - b : collator.compare(a, b));
    return rows.map((row, i) => [row, i]).sort((a, b) => sign * compare(keys.get(a[0]), keys.get(b[0])) || a[1] - b[1])
      .map(([row]) => row);
  }

  /** Rows as the library's CSV has them: one a row, lists joined by semicolons. Work in parts, row by row. */
  function* writing(v, rows) {
    const quote = (value) => {
      let text = value === null || value === undefined ? "" : String(value);
      // A spreadsheet would run a cell that begins like a formula.
      if (/^[=+\-@\t\r]/.test(text)) text = `'${text}`;
      return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
    };
    const changed = rows.length > 0 && rows[0].change;
    const names = ["body", "store", "stores", "categories", "at", "store_unknown", "verdict", "level", "certainty",
      "contested", "hops", "since", "date", "last_evidence", "collective", "path"];
    const out = [["body_name", "store_name", ...(changed ? ["change"] : []), ...names].join(",")];
    for (const row of rows) {
      const cells = plain(v, row);
      out.push([name(v.model, row.body), name(v.model, row.place), ...(changed ? [row.change.join(";")] : []),
        ...names.map((key) => (Array.isArray(cells[key]) ? cells[key].join(";") : cells[key]))].map(quote).join(","));
      yield null;
    }
    return `${out.join("\n")}\n`;
  }

  /** The same in one go. */
  const csv = (v, rows) => map.engine.finish(writing(v, rows));

  map.table = { table, csv, columns };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
