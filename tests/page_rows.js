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
    const counted = (node) => !options.stores || options.stores.includes(model.entities.id[node]);
    let rows;
    if (ask === "what") {
      rows = answers.reachable(view, model.position.get(target));
    } else {
      rows = answers.pairs(view, answers.target(model, target), { wanted: kept });
    }
    rows = rows.filter((row) => counted(row.place));
    if (ask === "who") rows = answers.byBody(rows);
    return rows.map((row) => answers.plain(view, row));
  });
});
process.stdout.write(JSON.stringify(answered));
