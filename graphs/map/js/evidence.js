/* Evidence: on which claims and sources an answer, an entity or a link rests. */
(function (map) {
  "use strict";

  const { el, link, button, put } = map.dom;
  const { t, term, name } = map.words;
  const { LEVELS, CERTAINTIES, VERDICTS, DATES } = map.answers;
  const { verdictOf } = map.engine;

  const entityName = (model, node) => el("span", { lang: map.words.langOf(model, node), text: name(model, node) });

  /** A name that leads to the entity's own page in the panel. */
  function entityButton(model, node, app) {
    return button(name(model, node), () => app.select({ type: "entity", node }), {
      class: "name", lang: map.words.langOf(model, node),
    });
  }

  function tag(text, kind = "") {
    return el("span", { class: `tag ${kind}`, text });
  }

  /** Tags as a list, so that each is read by itself. */
  function tags(...all) {
    const shown = all.flat(Infinity).filter(Boolean);
    return shown.length ? el("ul", { class: "tags" }, shown.map((one) => el("li", {}, one))) : null;
  }

  /** Sources as a list of links with publisher and date. */
  function sourceList(model, rows, app = null) {
    const { sources } = model;
    return el("ul", { class: "sources" }, rows.map((row) => el("li", {},
      link(sources.url[row], sources.title[row], { lang: sources.language[row] || null }),
      el("span", { class: "source-by", text: ` ${[sources.publisher[row], sources.date[row] ? map.words.date(sources.date[row]) : t("undatedSource")].filter(Boolean).join(", ")} ` }),
      app ? map.whatif.toggle(sources.id[row], app, "withdraw") : null,
    )));
  }

  function period(model, row) {
    const { relations } = model;
    const out = [];
    if (relations.valid_from[row]) out.push(t("since", { date: relations.valid_from[row] }));
    if (relations.valid_until[row]) out.push(t("until", { date: relations.valid_until[row] }));
    return out.join(" ");
  }

  function sinceText(v, row) {
    const text = v.times.text[v.times.since[row]];
    return text ? t("since", { date: text }) : "";
  }

  /** One relation as evidence: the link in words, the claim, its standing and its sources. */
  function relation(v, row, app, { contested = false, linked = true } = {}) {
    const { model } = v;
    const { relations } = model;
    const [subject, object] = [relations.subject[row], relations.object[row]];
    const naming = linked ? entityButton : entityName;
    const date = period(model, row) || sinceText(v, row);
    const word = DATES[v.times.word[row]];
    // A denial that no longer holds is told beside what it denied.
    const past = contested ? [] : denialsOn(v, row).filter((other) => v.times.end[other] < v.scope.asOf);
    const categories = relations.categories[row].split(";").filter(Boolean)
      .map((code) => map.words.category(model, model.categoryPosition.get(code)));
    return el("div", { class: "claim" },
      el("p", { class: "link-in-words" }, map.words.pieces("linkInWords", { subject: naming(model, subject, app),
        predicate: term("predicate", relations.predicate[row]), object: naming(model, object, app) })),
      el("blockquote", { lang: "en", text: relations.claim[row] }),
      tags(
        tag(term("status", relations.status[row]), `status-${relations.status[row].replace(/[^a-z_]/g, "")}`),
        contested ? tag(`! ${t("contested")}`, "warn") : null,
        past.map((other) => tag(t("denialUntil", { date: map.dates.iso(v.times.end[other]) }), "warn")),
        date ? tag(date) : null,
        word !== "known" ? tag(term("date", word), "warn") : null,
        categories.length ? tag(t("only", { what: categories.join(", ") })) : null,
        relations.mode[row] ? tag(relations.mode[row].split(";").map((mode) => term("mode", mode)).join(", ")) : null,
        relations.percent[row] ? tag(`${relations.percent[row]} %`) : null,
      ),
      relations.legal_basis[row]
        ? el("p", { class: "basis" }, el("b", { text: `${t("legalBasis")}: ` }), el("span", { lang: "en", text: relations.legal_basis[row] }))
        : relations.predicate[row] === "has_access" ? el("p", { class: "basis none", text: t("noBasis") }) : null,
      sourceList(model, relations.sources[row], app),
      linked ? el("p", { class: "actions" }, map.whatif.toggle(relations.id[row], app, "takeLink")) : null,
      contested || past.length ? denialsOf(v, row, app) : null,
    );
  }

  /** Denials of a relation that have begun and are known on the day asked about. */
  function denialsOn(v, row) {
    const { denials } = v.model;
    return Array.from(denials.denial).filter((other, i) => denials.relation[i] === row
      && v.times.start[other] <= v.scope.asOf && v.times.known[other] <= v.scope.knownBy && !(v.gone && v.gone.relations[other]));
  }

  function denialsOf(v, row, app) {
    const rows = denialsOn(v, row);
    return rows.length ? el("div", { class: "denial" }, el("h4", { text: t("denials") }),
      rows.map((other) => relation(v, other, app, { linked: false }))) : null;
  }

  /** What an answer's row says, as one sentence. */
  function sentence(v, row, what) {
    const { model } = v;
    const key = model.types[row.place] === map.engine.BODY // which is commanded, and no place of data
      ? { reaches: "sentenceOverReaches", claimed: "sentenceOverClaimed", prospective: "sentenceOverProspective" }
      : { reaches: "sentenceReaches", claimed: "sentenceClaimed", prospective: "sentenceProspective" };
    return t(key[VERDICTS[verdictOf(row.best)]], {
      body: name(model, row.body), what, place: name(model, row.place),
    });
  }

  /** Relations that an arc rests on: its own, and for an implied one also the holding. Each is contested by itself. */
  const restsOn = ({ arcs }, a) => (arcs.holding[a] >= 0 ? [arcs.relation[a], arcs.holding[a]] : [arcs.relation[a]]);

  /** A path as numbered steps, each with its evidence. */
  function steps(v, path, app) {
    return el("ol", { class: "steps" }, path.map((a) => el("li", {},
      restsOn(v.model, a).map((row) => relation(v, row, app, { contested: v.denied[row] === 1 })))));
  }

  function categoriesText(model, row) {
    return row.categories.length
      ? row.categories.map((c) => map.words.lowered(map.words.category(model, c))).join(", ") : t("itsData");
  }

  /** A row of an answer: the sentence, its standing, and the path step by step. */
  function ofRow(now, row, app) {
    const v = row.view || now;
    const { model } = v;
    map.answers.resolve(v, row);
    const { facts } = row;
    const level = LEVELS[(row.best >> 2) & 3];
    const remarks = [
      facts.contested ? tag(`! ${t("contested")}`, "warn") : null,
      facts.since ? tag(t("since", { date: facts.since })) : null,
      facts.date ? tag(term("date", DATES[facts.date]), "warn") : null,
      tag(facts.lastEvidence ? t("lastEvidence", { date: facts.lastEvidence }) : t("noLastEvidence")),
      facts.collective ? tag(t("collective"), "warn") : null,
    ];
    return [
      el("h2", { id: "panel-title", class: "panel-head", text: sentence(v, row, categoriesText(model, row)) }),
      el("p", { class: "standing" }, el("b", { text: term("verdict", VERDICTS[verdictOf(row.best)]) }), ` · ${term("level", level)}`
        + ` (${t(`level${level[0].toUpperCase()}${level.slice(1)}`)}) · ${term("certainty", CERTAINTIES[row.best & 3])}`),
      row.change ? tags(row.change.map((kind) => tag(t(`change_${kind.replaceAll(" ", "_")}`), "change"))) : null,
      tags(remarks),
      facts.at !== row.place ? el("p", { text: t("atCopy", { at: name(model, facts.at) }) }) : null,
      map.engine.storeUnknown(v, row.place, row.categories) ? el("p", { class: "soft", text: t("storeUnknown") }) : null,
      row.also.map((also) => el("p", { class: "also", text: t("also", {
        level: term("level", LEVELS[also.level]), verdict: term("verdict", VERDICTS[also.verdict]) }) })),
      row.change ? causes(row, app) : null,
      el("h3", { text: t("stepsTitle", { n: facts.path.length }) }),
      steps(v, facts.path, app),
      el("div", { class: "actions" },
        button(t("copyPath"), async (event) => {
          if (await map.dom.copy(asText(v, row, app))) event.target.textContent = t("copied");
        }),
        button(t("askItWhat"), () => app.ask({ ask: "what", body: model.entities.id[row.body] })),
        button(t("askItWho"), () => app.ask({ ask: "who", target: model.entities.id[row.place] }))),
    ];
  }

  /** A body and a place chosen earlier, where these assumptions leave no path. */
  function ofNone(v, sel, state, app) {
    const { model } = v;
    const [body, place] = [name(model, sel.body), name(model, sel.place)];
    const category = state.ask === "what" ? undefined : model.categoryPosition.get(state.target);
    return [
      el("h2", { id: "panel-title", class: "panel-head", text: category === undefined ? t("headNoneHow", { body, target: place })
        : t("selNone", { body, place, what: map.words.lowered(map.words.category(model, category)) }) }),
      el("p", { text: t("noneHelp") }),
      el("div", { class: "actions" },
        button(t("askItWhat"), () => app.ask({ ask: "what", body: model.entities.id[sel.body] })),
        button(t("askItWho"), () => app.ask({ ask: "who", target: model.entities.id[sel.place] }))),
    ];
  }

  const MARKS = { gained: ["+", "causeBegan"], lost: ["−", "causeEnded"], changed: ["~", "causeChanged"] };

  /** Why a row of a comparison moved: the links that tell its two best paths apart. */
  function causes(row, app) {
    const { before, after } = app.compared();
    const found = map.compare.because(before, after, row);
    const { model } = after;
    return [
      el("h3", { text: t("because") }),
      row.change.includes("moved") ? el("p", { text: t("movedNote") }) : null,
      el("p", { class: "soft", text: t(found.length ? "becauseNote" : "becauseNone") }),
      el("ul", { "data-part": "because" }, found.map(({ row: at, what }) => el("li", { class: "cause" },
        el("p", {}, el("span", { class: "mark", text: `${MARKS[what][0]} ${t(MARKS[what][1])}` })),
        relation(what === "lost" ? before : after, at, app, { contested: (what === "lost" ? before : after).denied[at] === 1 })))),
      row.after && row.pathBefore.length ? el("details", {}, el("summary", { text: t("pathBefore") }),
        steps(before, row.pathBefore, app)) : null,
    ];
  }

  /** A row as text for a notebook or an article: sentence, standing, assumptions, numbered steps, sources, data. */
  function asText(v, row, app) {
    const { model } = v;
    const { relations, sources } = model;
    const { facts } = row;
    const said = [term("verdict", VERDICTS[verdictOf(row.best)]), term("level", LEVELS[(row.best >> 2) & 3]),
      term("certainty", CERTAINTIES[row.best & 3]), facts.contested ? t("contested") : "",
      facts.since ? t("since", { date: facts.since }) : "", facts.date ? term("date", DATES[facts.date]) : "",
      facts.collective ? t("collective") : ""];
    const out = [`${sentence(v, row, categoriesText(model, row))}. (${said.filter(Boolean).join(", ")})`];
    if (facts.at !== row.place) out.push(t("atCopy", { at: name(model, facts.at) }));
    const told = (begins, at) => {
      const word = DATES[v.times.word[at]];
      const facing = [term("status", relations.status[at]), v.denied[at] ? t("contested") : "",
        period(model, at) || sinceText(v, at), word === "known" ? "" : term("date", word), relations.id[at]];
      out.push(`${begins} ${map.words.link(model, at)}. ${relations.claim[at]} [${facing.filter(Boolean).join("; ")}]`);
      if (relations.legal_basis[at]) out.push(`   ${t("legalBasis")}: ${relations.legal_basis[at]}`);
      for (const s of relations.sources[at]) {
        const by = [sources.publisher[s], sources.date[s] ? map.words.date(sources.date[s]) : t("undatedSource")];
        out.push(`   ${sources.title[s]} (${by.filter(Boolean).join(", ")}) ${sources.url[s]}`.trimEnd());
      }
    };
    facts.path.forEach((a, i) => restsOn(model, a).forEach((at, k) => {
      told(k ? "   +" : `${i + 1}.`, at);
      for (const denial of denialsOn(v, at)) told(`   ! ${t("denials")}:`, denial);
    }));
    const { assumptions, source } = app.texts();
    out.push("", assumptions, source);
    return out.join("\n");
  }

  /** An authority's name; it is an entity of the dataset itself. */
  function authority(model, row) {
    const id = model.listings.authority[row];
    return model.position.has(id) ? name(model, model.position.get(id)) : id;
  }

  function facts(pairs) {
    const shown = pairs.filter(([, value]) => value);
    return shown.length ? el("dl", { class: "facts" }, shown.map(([label, value]) => [
      el("dt", { text: label }), el("dd", {}, value)])) : null;
  }

  /** Why a relation on record counts for nothing under the assumptions, whatever it says; nothing if it may count. */
  function standing({ times, scope, gone }, row) {
    if (gone && gone.relations[row]) return "notHere";
    if (times.known[row] > scope.knownBy) return "notKnownYet";
    if (times.start[row] > scope.asOf || times.end[row] < scope.asOf) return "notInForce";
    return scope.evidenceSince >= 0 && times.day[times.newest[row]] < scope.evidenceSince ? "notFresh" : "";
  }

  /** An entity: what it is, the lists it is on, and every relation of it on record. */
  function ofEntity(v, node, app) {
    const { model } = v;
    const { entities, listings } = model;
    const type = ["body", "system", "store"][model.types[node]];
    const kind = type === "body" ? term("kind", entities.kind[node]) : term("type", type);
    const listed = Array.from(model.listingsOf.rows.slice(model.listingsOf.ptr[node], model.listingsOf.ptr[node + 1]));
    const rows = [...model.subjectOf.rows.slice(model.subjectOf.ptr[node], model.subjectOf.ptr[node + 1]),
      ...model.objectOf.rows.slice(model.objectOf.ptr[node], model.objectOf.ptr[node + 1])];
    const counts = (row) => !standing(v, row);
    rows.sort((a, b) => counts(b) - counts(a) || a - b);
    const categories = model.own[node].map((c) => map.words.category(model, c)).join(", ");
    return [
      el("h2", { id: "panel-title", class: "panel-head" }, entityName(model, node)),
      el("p", { class: "standing", text: [kind, map.words.country(entities.country[node])].filter(Boolean).join(" · ") }),
      entities.collective[node] ? tags(tag(t("collectiveOne"), "warn")) : null,
      el("div", { class: "actions" },
        type === "body" ? button(t("askItWhat"), () => app.ask({ ask: "what", body: entities.id[node] }), { class: "strong" }) : null,
        button(t("askItWho"), () => app.ask({ ask: "who", target: entities.id[node] }), { class: type === "body" ? "" : "strong" }),
        map.whatif.toggle(entities.id[node], app)),
      facts([
        [t("dataHeld"), categories],
        [t("aliases"), entities.aliases[node].split(";").join("; ")],
        [t("volume"), entities.volume[node]],
        [t("subjects"), entities.subjects[node].split(";").join("; ")],
        [t("location"), entities.location[node].split(";").join("; ")],
      ]),
      entities.note[node] ? el("p", { class: "note", lang: "en", text: entities.note[node] }) : null,
      listed.length ? el("h3", { text: t("listingsTitle", { n: listed.length }) }) : null,
      listed.length ? el("ul", { class: "listings" }, listed.map((row) => el("li", { class: "claim" },
        el("p", { class: "link-in-words" }, `${authority(model, row)}: `, el("span", { lang: "en", text: listings.list[row] })),
        el("blockquote", { lang: "en", text: listings.claim[row] }),
        tags(listings.listed_from[row] ? tag(t("since", { date: listings.listed_from[row] })) : null,
          listings.listed_until[row] ? tag(t("until", { date: listings.listed_until[row] })) : null,
          listings.effect[row] ? el("span", { class: "tag", lang: "en", text: listings.effect[row] }) : null),
        sourceList(model, listings.sources[row])))) : null,
      el("h3", { text: t("relationsTitle", { n: rows.length }) }),
      el("ul", { class: "relations" }, rows.map((row) => el("li", { class: counts(row) ? "" : "past" },
        el("details", {},
          el("summary", {}, map.words.link(model, row), counts(row) ? null : el("span", { class: "soft", text: ` · ${t(standing(v, row))}` })),
          relation(v, row, app, { contested: v.denied[row] === 1 }))))),
      entities.sources[node].length ? el("h3", { text: t("sources") }) : null,
      sourceList(model, entities.sources[node]),
    ];
  }

  function ofRelation(v, row, app) {
    return [el("h2", { id: "panel-title", class: "panel-head", text: t("recorded") }),
      relation(v, row, app, { contested: v.denied[row] === 1 })];
  }

  /** Several entities behind one box of the overview. */
  function ofGroup(v, members, title, app) {
    return [el("h2", { id: "panel-title", class: "panel-head", text: title }),
      el("p", { class: "standing", text: t("members", { n: members.length }) }),
      el("ul", { class: "members" }, members.map((node) => el("li", {}, entityButton(v.model, node, app))))];
  }

  function hint() {
    return [el("h2", { id: "panel-title", class: "panel-head", text: t("hintTitle") }),
      ...["hint1", "hint2", "hint3"].map((key) => el("p", { text: t(key) }))];
  }

  /** Fill the panel with what is selected. */
  function show(host, content, app, closable) {
    put(host, closable ? button(t("back"), () => app.select(null), { class: "close" }) : null, content);
    if (closable) host.scrollTop = 0;
  }

  map.evidence = { ofRow, ofNone, ofEntity, ofRelation, ofGroup, hint, show, asText, tag, entityButton, sourceList, categoriesText };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
