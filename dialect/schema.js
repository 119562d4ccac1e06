// Holds each table against schema.json, as an editor does.
const fs = require("fs");
const path = require("path");
const Ajv = require("../api/node_modules/ajv/dist/2020").default;

const read = (name) => JSON.parse(fs.readFileSync(path.join(__dirname, name), "utf8"));
const check = new Ajv({ allowUnionTypes: true }).compile(read("schema.json"));
const tables = fs.readdirSync(path.join(__dirname, "tables"));
for (const name of tables) {
  if (!check(read(path.join("tables", name)))) {
    console.error(name, check.errors);
    process.exitCode = 1;
  }
}
if (tables.length === 0) {
  console.error("no tables");
  process.exitCode = 1;
}
