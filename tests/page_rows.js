// Answers questions with the page's engine, outside any browser: a JSON object on stdin, rows on stdout.
"use strict";

const fs = require("fs");
const path = require("path");

const folder = path.join(__dirname, "..", "graphs", "map", "js");
for (const name of JSON.parse(process.argv[2])) require(path.join(folder, name));
const { payload, engine, answers } = globalThis.AccessMap;

const answered = JSON.parse(fs.readFileSync(0, "utf8")).map(({ data, questions }) => {
  const model = payload.model(data);
  return questions.map(({ ask, target, options }) => {
    const view = engine.view(model, options);
    const kept = (node) => !options.bodies || options.bodies.includes(model.entities.id[node]);
    const places = (node) => !options.stores || options.stores.includes(model.entities.id[node]);
    if (ask === "what") {
      return answers.reachable(view, model.position.get(target), { places }).map((row) => answers.plain(view, row));
    }
    const asked = answers.target(model, target);
    const scope = { wanted: kept, places };
    const rows = ask === "who" ? answers.byBody(view, asked, scope).rows : answers.pairs(view, asked, scope);
    return rows.map((row) => answers.plain(view, row));
  });
});
process.stdout.write(JSON.stringify(answered));
