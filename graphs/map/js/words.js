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

  function cached(store, make) {
    if (!store.has(lang)) store.set(lang, make(lang));
    return store.get(lang);
  }

  function number(value) {
    return cached(numbers, (code) => new Intl.NumberFormat(code)).format(value);
  }

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
      return value === undefined ? whole : typeof value === "number" ? number(value) : value;
    });
  }

  /** The sentence of a key in pieces, so that elements may stand in it. */
  function pieces(key, values) {
    return tables[lang].ui[key].split(/\{(\w+)\}/).map((piece, i) => (i % 2 ? values[piece] : piece)).filter((piece) => piece !== "");
  }

  /** A term of the vocabulary: `term("level", "granted")`. */
  function term(group, word) {
    return (tables[lang][group] || {})[word] || word;
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

  /** A country by its code, in the language chosen. */
  function country(code) {
    if (!/^[A-Z]{2}$/.test(code)) return code;
    if (lang === "kk" && KAZAKH[code]) return KAZAKH[code];
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

  map.words = { raised, use, t, pieces, link, term, name, langOf, category, country, number, lowered, language: () => lang };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
