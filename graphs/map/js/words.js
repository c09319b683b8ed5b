/* Words: sentences, terms and names in the language chosen. */
(function (map) {
  "use strict";

  let tables = null;
  let lang = "en";
  const plural = new Map();
  const numbers = new Map();

  function use(strings, language) {
    tables = strings;
    lang = language;
  }

  /* Browsers that say they know Kazakh write its numbers as in English; Russian writes them alike. */
  const numbering = (code) => (code === "kk" ? "ru" : code);
  /** Languages to sort by. */
  const locales = () => (lang === "kk" ? ["kk", "ru"] : [lang]);

  function cached(store, make) {
    if (!store.has(lang)) store.set(lang, make(lang));
    return store.get(lang);
  }

  function number(value) {
    return cached(numbers, (code) => new Intl.NumberFormat(numbering(code))).format(value);
  }

  /* Months as they stand in a date, and alone; browsers do not agree about them, least of all in Kazakh. */
  const MONTHS = {
    en: ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
    ru: ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"],
    kk: ["қаңтар", "ақпан", "наурыз", "сәуір", "мамыр", "маусым", "шілде", "тамыз", "қыркүйек", "қазан", "қараша", "желтоқсан"],
  };
  const ALONE = ["январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"];
  const PARTIAL = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;
  const HARD = "\u00a0";

  /** A date of a sentence in its language, as exact as it is written; `after`: it stands after "since" or "until". */
  function date(text, after = false) {
    const match = PARTIAL.exec(text);
    if (!match) return text;
    const [, year, month, day] = match;
    if (!month) return lang === "ru" ? `${year}${HARD}${after ? "года" : "год"}` : lang === "kk" ? `${year}${HARD}жыл` : year;
    const at = Number(month) - 1;
    if (!MONTHS.en[at]) return text;
    const name = lang === "ru" && !day && !after ? ALONE[at] : MONTHS[lang][at];
    const number = day ? `${Number(day)}` : "";
    const parts = lang === "kk" ? [year, "жылғы", number, name] : [number, name, year, lang === "ru" ? "г." : ""];
    return parts.filter(Boolean).join(HARD);
  }

  /* Letters written from right to left, and marks that turn what follows them. */
  const TURNING = /[\u0590-\u08ff\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

  /** Whether every isolate of a text is closed within it. */
  function closed(text) {
    let open = 0;
    for (const letter of text.match(/[\u2066-\u2069]/g) || []) {
      open += letter === "\u2069" ? -1 : 1;
      if (open < 0) return false;
    }
    return open === 0;
  }

  /** A text that turns nothing around it: between two names from right to left an arrow would lead the other way. */
  function apart(text) {
    if (!TURNING.test(text)) return text;
    return `\u2068${closed(text) ? text : text.replace(/[\u2066-\u2069]/g, "")}\u2069`;
  }

  const DATED = new Set(["date", "day", "from", "to"]);
  const AFTER = new Set(["since", "until", "denialUntil", "whenBetween"]);

  /** The sentence of a key, `{name}` filled in; `n` chooses its plural form. */
  function t(key, values = {}) {
    let text = tables[lang].ui[key];
    if (text === undefined) return key;
    if (typeof text === "object") {
      const form = cached(plural, (code) => new Intl.PluralRules(code)).select(values.n);
      text = text[form] || text.other || text.many;
    }
    return text.replace(/\{(\w+)\}/g, (whole, name) => {
      const value = values[name];
      if (value === undefined) return whole;
      if (DATED.has(name) && typeof value === "string") return date(value, AFTER.has(key));
      return typeof value === "number" ? number(value) : apart(String(value));
    });
  }

  /** The sentence of a key in pieces, so that elements may stand in it. */
  function pieces(key, values) {
    return tables[lang].ui[key].split(/\{(\w+)\}/).map((piece, i) => (i % 2 ? values[piece] : piece)).filter((piece) => piece !== "");
  }

  /** A term of the vocabulary: `term("level", "granted")`. */
  function term(group, word) {
    const terms = tables[lang][group];
    return terms && Object.hasOwn(terms, word) ? terms[word] : word;
  }

  function nameIn(model, node, code) {
    const column = model.entities[`name_${code}`];
    return (column && column[node]) || "";
  }

  /** An entity's name, and the language that it is in. */
  function name(model, node) {
    return (lang !== "en" && nameIn(model, node, lang)) || model.entities.name[node] || model.entities.id[node];
  }

  /** Language tag of the name shown: the chosen one only where the data have a name in it. */
  function langOf(model, node) {
    return lang !== "en" && nameIn(model, node, lang) ? lang : "en";
  }

  function category(model, position) {
    return model.categories[`name_${lang}`][position];
  }

  /** A relation as its three words; no word is inflected after another, so each language sets them in its own way. */
  function link(model, row) {
    const { subject, predicate, object } = model.relations;
    return t("linkInWords", { subject: name(model, subject[row]), predicate: term("predicate", predicate[row]), object: name(model, object[row]) });
  }

  const regions = new Map();

  /* Browsers seldom know countries in Kazakh. */
  const KAZAKH = {
    AE: "БАӘ", AF: "Ауғанстан", AM: "Армения", AU: "Аустралия", AZ: "Әзербайжан", BY: "Беларусь", CA: "Канада", CH: "Швейцария",
    CN: "Қытай", CY: "Кипр", DE: "Германия", EU: "Еуропалық одақ", FR: "Франция", GB: "Ұлыбритания", GE: "Грузия", HK: "Гонконг",
    IL: "Израиль", IN: "Үндістан", IR: "Иран", IT: "Италия", JP: "Жапония", KG: "Қырғызстан", KR: "Корея Республикасы",
    KZ: "Қазақстан", MN: "Моңғолия", NL: "Нидерланд", PL: "Польша", QA: "Катар", RU: "Ресей", SE: "Швеция", SG: "Сингапур",
    TJ: "Тәжікстан", TM: "Түрікменстан", TR: "Түркия", TW: "Тайвань", UA: "Украина", US: "АҚШ", UZ: "Өзбекстан",
  };

  /* Where the name in use differs from the browsers'. */
  const RUSSIAN = { AE: "ОАЭ", KG: "Кыргызстан", KR: "Южная Корея", US: "США" };

  /** A country by its code, in the language chosen. */
  function country(code) {
    if (!/^[A-Z]{2}$/.test(code)) return code;
    if (lang === "kk" && KAZAKH[code]) return KAZAKH[code];
    if (lang === "ru" && RUSSIAN[code]) return RUSSIAN[code];
    try {
      const names = cached(regions, (chosen) => new Intl.DisplayNames([chosen, "en"], { type: "region" }));
      return names.of(code) || code;
    } catch {
      return code;
    }
  }

  function lowered(text) {
    return text && /^\p{Lu}\p{Ll}/u.test(text) ? text[0].toLowerCase() + text.slice(1) : text;
  }

  function raised(text) {
    return text ? text[0].toUpperCase() + text.slice(1) : text;
  }

  map.words = { apart, locales, date, raised, use, t, pieces, link, term, name, langOf, category, country, number, lowered, language: () => lang };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
