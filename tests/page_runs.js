// Runs a function with the page's engine around it, on each case of a JSON list from stdin.
"use strict";

const fs = require("fs");
const path = require("path");

const folder = path.join(__dirname, "..", "graphs", "map", "js");
for (const name of JSON.parse(process.argv[2])) require(path.join(folder, name));
const parts = Object.keys(globalThis.AccessMap);
const run = new Function(...parts, `return (${process.argv[3]});`)(...parts.map((part) => globalThis.AccessMap[part]));
process.stdout.write(JSON.stringify(JSON.parse(fs.readFileSync(0, "utf8")).map(run)));
