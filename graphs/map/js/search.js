/* Search: names in three alphabets found by how they sound, whichever of the alphabets one types. */
(function (map) {
  "use strict";

  const LETTERS = {
    а: "a", ә: "a", б: "b", в: "v", г: "g", ғ: "g", д: "d", е: "e", ё: "e", ж: "zh", з: "z", и: "i", й: "i", к: "k",
    қ: "k", л: "l", м: "m", н: "n", ң: "n", о: "o", ө: "o", п: "p", р: "r", с: "s", т: "t", у: "u", ұ: "u", ү: "u",
    ф: "f", х: "kh", һ: "h", ц: "ts", ч: "ch", ш: "sh", щ: "sch", ъ: "", ы: "y", і: "i", ь: "", э: "e", ю: "yu", я: "ya",
    ў: "u", ҳ: "h", ҷ: "j", ӣ: "i", ӯ: "u", ı: "i", ğ: "g", ş: "sh", ç: "ch", ŋ: "n", q: "k", x: "kh", w: "v",
  };
  const TELLING = 3; // letters of a sound that tell it from others, as in the library

  /* Spellings that differ between ways of transliterating the same sound. */
  const SAME = [[/kh/g, "h"], [/shch|sch/g, "sh"], [/zh|dzh|dj/g, "j"], [/ts/g, "c"], [/c(?=[eiy])/g, "s"], [/ya|ia/g, "a"], [/yu|iu/g, "u"],
    [/y/g, "i"], [/ck/g, "k"], [/(.)\1+/g, "$1"]];

  /** A text reduced to how it sounds: lower case, Latin, without marks. */
  function sound(text) {
    let out = "";
    for (const letter of text.toLowerCase().normalize("NFC")) {
      out += LETTERS[letter] !== undefined ? LETTERS[letter] : letter;
    }
    out = out.normalize("NFD").replace(/[\u0300-\u036f]/g, "");
    for (const [from, to] of SAME) out = out.replace(from, to);
    return out.replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  }

  /** Everything that can be asked about: entities and categories with all their names. */
  function index(model) {
    const entries = [];
    const names = Object.keys(model.entities).filter((column) => column === "name" || column.startsWith("name_"));
    model.categories.code.forEach((code, position) => {
      const all = [code, ...["en", "ru", "kk"].map((lang) => model.categories[`name_${lang}`][position])];
      entries.push({ kind: "category", position, code, keys: all.map(sound), texts: all });
    });
    for (let node = 0; node < model.n; node += 1) {
      const all = [...names.map((column) => model.entities[column][node]), model.entities.id[node],
        ...model.entities.aliases[node].split(";")];
      const texts = all.filter(Boolean);
      entries.push({ kind: "entity", node, code: model.entities.id[node], keys: texts.map(sound), texts });
    }
    return entries;
  }

  /** Entries that match, best first: the whole name, its beginning, a word's beginning, every word somewhere. */
  function find(entries, text, { accept = () => true, limit = 40 } = {}) {
    const wanted = sound(text);
    if (!wanted) return [];
    const words = wanted.split(" ");
    // What falls together to less than was typed, as "zzzqq" does to "zk", sounds like anything: its very letters must be there.
    const typed = text.trim().toLowerCase();
    const alike = wanted.length >= Math.min(TELLING, typed.length) ? () => true
      : (entry) => entry.texts.some((name) => ` ${name.toLowerCase()}`.includes(` ${typed}`));
    const hits = [];
    for (const entry of entries) {
      if (!accept(entry) || !alike(entry)) continue;
      let score = 0;
      for (const key of entry.keys) {
        let s = 0;
        if (key === wanted) s = 5;
        else if (key.startsWith(wanted)) s = 4;
        else if (` ${key}`.includes(` ${wanted}`)) s = 3;
        else if (words.every((word) => ` ${key}`.includes(` ${word}`))) s = 2;
        else if (words.every((word) => key.includes(word))) s = 1;
        if (s > score) score = s;
      }
      if (score) hits.push({ entry, score });
    }
    hits.sort((a, b) => b.score - a.score || (a.entry.kind < b.entry.kind ? -1 : a.entry.kind > b.entry.kind ? 1 : 0)
      || a.entry.keys[0].length - b.entry.keys[0].length);
    return hits.slice(0, limit).map((hit) => hit.entry);
  }

  map.search = { sound, index, find };
})((globalThis.AccessMap = globalThis.AccessMap || {}));
