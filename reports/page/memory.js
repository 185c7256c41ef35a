// What the reader chose, kept while one page follows another during a run. A part of the page asks by
// its name and gets the same object again after a refresh.
const kept = new Map();

export function remembered(name, initial) {
  if (!kept.has(name)) kept.set(name, initial);
  return kept.get(name);
}
