// expect: pass
import fs from "fs";
const lines = fs.readFileSync("/dev/stdin", "utf8").trim().split("\n");
await null;
for (const l of lines) console.log(l.split(" ").map(Number).reduce((a, b) => a + b));
