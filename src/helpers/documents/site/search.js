// Finds words in the index that lies beside the pages: all of them, from the beginning of a word, whatever the accents.
"use strict";
const [field, list, summary] = ["search-words", "search-results", "search-summary"].map((id) => document.getElementById(id));
const sentences = JSON.parse(list.dataset.words);
const MOST = 50;
const AROUND = 90;  // letters shown on both sides of what was found, whole words only

// One letter in, one letter out, so that places in the folded text are places in the text.
const fold = (text) => [...text].map((sign) => {
  const bare = sign.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return bare.length === sign.length ? bare : sign;
}).join("");
const index = SEARCH_INDEX.map(([address, page, heading, text]) => (
  {address, page, heading, text, head: fold(`${heading} ${page}`), body: fold(text)}));
const patternOf = (word) => new RegExp(`(?<![\\p{L}\\p{N}])${word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`, "gu");

function rank(entry, patterns) {
  let points = 0;
  for (const pattern of patterns) {
    const [inHead, inBody] = [entry.head.match(pattern), entry.body.match(pattern)];
    if (!inHead && !inBody) return 0;
    points += (inHead ? 20 : 0) + Math.min(inBody ? inBody.length : 0, 9);
  }
  return points;
}

function excerpt(entry, patterns) {
  const first = patterns.map((pattern) => entry.body.search(pattern)).find((place) => place >= 0) ?? 0;
  const start = first > AROUND ? entry.text.indexOf(" ", first - AROUND) + 1 : 0;
  const far = first + AROUND * 2;
  const end = far < entry.text.length ? Math.max(entry.text.lastIndexOf(" ", far), first + 1) : entry.text.length;
  const [shown, folded] = [entry.text, entry.body].map((text) => text.slice(start, end));
  const marks = patterns.flatMap((pattern) => [...folded.matchAll(pattern)].map((hit) => [hit.index, hit.index + hit[0].length]))
    .sort((one, other) => one[0] - other[0]);
  const parts = [start ? "… " : ""];
  let done = 0;
  for (const [from, to] of marks) {
    if (from < done) continue;
    const mark = document.createElement("mark");
    mark.textContent = shown.slice(from, to);
    parts.push(shown.slice(done, from), mark);
    done = to;
  }
  return [...parts, shown.slice(done), end < entry.text.length ? " …" : ""];
}

function item(entry, patterns) {
  const [made, link, page, text] = ["li", "a", "span", "p"].map((name) => document.createElement(name));
  link.href = entry.address;
  link.textContent = entry.heading;
  page.className = "source";
  page.textContent = entry.page === entry.heading ? "" : ` ${entry.page}`;
  text.append(...excerpt(entry, patterns));
  made.append(link, page, text);
  return made;
}

function search() {
  const patterns = fold(field.value).split(/\s+/).filter(Boolean).map(patternOf);
  const found = patterns.length ? index.map((entry) => [rank(entry, patterns), entry]).filter(([points]) => points)
    .sort((one, other) => other[0] - one[0]).map(([, entry]) => entry) : [];
  list.replaceChildren(...found.slice(0, MOST).map((entry) => item(entry, patterns)));
  summary.textContent = !patterns.length ? "" : !found.length ? sentences.none
    : (found.length > MOST ? sentences.many : sentences.some).replace("#", found.length).replace("%", MOST);
}

field.value = new URLSearchParams(location.search).get("q") ?? "";
field.addEventListener("input", search);
field.form.addEventListener("submit", (event) => { event.preventDefault(); search(); });
search();
