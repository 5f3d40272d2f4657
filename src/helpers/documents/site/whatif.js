// What if: another alternative of a choice, and every claim follows. All outcomes lie in the page; nothing is computed
// anew, nothing is loaded, nothing is sent anywhere. The setting is the part of the address after the sign #.
"use strict";
const { lang, digits, verdicts, choices, claims, results, followed, words } = DATA;
const ZERO = 64;
const own = choices.map((choice) => choice.own);
let state = [...own];

function make(tag, attributes = {}, ...children) {
  const svg = ["svg", "rect"].includes(tag);
  const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// Numbers as the language writes them: {value:.2f}, {value:.0%}.
function filled(template, values) {
  return template.replace(/\{(\w+)(?::(?:\.(\d)([f%])|d))?\}/g, (_, name, places, kind) => {
    const value = values[name];
    if (value === null || value === undefined) return "–";
    if (typeof value === "string") return value;
    const fixed = Number(places ?? 0);
    return new Intl.NumberFormat(lang, { style: kind === "%" ? "percent" : "decimal", minimumFractionDigits: fixed,
      maximumFractionDigits: fixed }).format(value);
  });
}

for (const claim of claims) {
  claim.keys = claim.keys.split(" ");
  claim.at = new Map(claim.keys.map((key, place) => [key, place]));
  claim.thresholds = claim.reads.map((choice, place) => (choices[choice].threshold ? place : -1)).filter((place) => place >= 0);
}

const keyOf = (claim) => claim.reads.map((choice) => digits[state[choice]]).join("");
const verdictOf = (claim, place) => Number(claim.found[place]);

// Analyses with the thresholds as they are set: a threshold is a part of the claim.
function* alike(claim) {
  const key = keyOf(claim);
  for (let place = 0; place < claim.keys.length; place += 1) {
    if (claim.thresholds.every((one) => claim.keys[place][one] === key[one])) yield place;
  }
}

function bar(claim) {
  const shares = verdicts.map(() => 0);
  let count = 0, weight = 0;
  for (const place of alike(claim)) {
    shares[verdictOf(claim, place)] += claim.weights[place];
    weight += claim.weights[place];
    count += 1;
  }
  const drawn = make("svg", { class: "bar", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" });
  let start = 0;
  const mood = claim.basis === "published" ? "" : "if-";
  const told = [];
  shares.forEach((share, number) => {
    if (!share) return;
    const width = (100 * share) / weight;
    drawn.append(make("rect", { class: `part-${mood}${verdicts[number]}`, x: start, width, height: 8 }));
    start += width;
    told.push(`${filled("{share:.0%}", { share: share / weight })} ${words.verdicts[number]}`);
  });
  return [drawn, make("span", {}, filled(words.analyses, { said: told.join(", "), number: count }))];
}

// Where the number of this analysis lies, with its limits, among those of the other analyses of the same number.
function strip(claim, place, said) {
  const same = [...alike(claim)].filter((one) => claim.statistic[one] === claim.statistic[place]);
  const values = same.map((one) => claim.numbers[one][0]).filter(Number.isFinite);
  const [value, low, high] = claim.numbers[place];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (!said || !(least < most)) return [];
  const ends = same.flatMap((one) => claim.numbers[one]).filter(Number.isFinite);
  const [from, to] = [Math.min(...ends), Math.max(...ends)];
  const at = (number) => 2 + (156 * (number - from)) / (to - from);
  const drawn = make("svg", { class: "strip", viewBox: "0 0 160 14", role: "img", "aria-label":
    filled(words.strip, { least: said(least), most: said(most) }) });
  const part = (kind, start, end, y, height) => drawn.append(make("rect", { class: kind, x: start, width: Math.max(end - start, 1), y, height }));
  part("others", at(least), at(most), 3, 8);
  if (from < 0 && to > 0) part("zero", at(0), at(0) + 1, 0, 14);
  if (Number.isFinite(low) && Number.isFinite(high)) part("here", at(low), at(high), 6.25, 1.5);
  part("here", at(value) - 2, at(value) + 2, 1, 12);
  return [drawn];
}

// The fewest changes of choices after which a claim has another verdict, three ways of them at most.
function turns(claim, now) {
  const key = keyOf(claim);
  let fewest = Infinity, ways = [];
  for (const place of alike(claim)) {
    if (verdictOf(claim, place) === now) continue;
    let changes = 0;
    for (let one = 0; one < key.length; one += 1) changes += claim.keys[place][one] !== key[one];
    if (changes < fewest) [fewest, ways] = [changes, []];
    if (changes === fewest) ways.push(place);
  }
  return ways.slice(0, 3).map((place) => ({
    verdict: verdictOf(claim, place),
    changes: claim.reads.map((choice, one) => [choice, digits.indexOf(claim.keys[place][one])])
      .filter(([choice, option]) => state[choice] !== option) }));
}

function follow(claim) {
  const place = claim.at.get(keyOf(claim));
  const row = document.getElementById(`claim-${claim.name}`);
  const [, decided, , analyses, turning] = row.cells;
  row.classList.toggle("turned", place !== undefined && verdictOf(claim, place) !== claim.own);
  if (place === undefined) {
    decided.replaceChildren(words.excluded);
    turning.replaceChildren();
    return false;
  }
  const now = verdictOf(claim, place), [value, low, high] = claim.numbers[place];
  const statistic = claim.statistics[digits.indexOf(claim.statistic[place])];
  const template = results[`result.${statistic}`];
  const told = template && value !== null ? (number) => filled(template, { value: number }) : null;
  const said = told ? told(value) : "";
  const limits = low === null || !said ? "" : `; ${filled(words.range, { low, high })}`;
  const kind = claim.basis === "simulated" || claim.basis === "illustrative" ? "made-up" : verdicts[now];
  decided.replaceChildren(make("span", { class: `verdict verdict-${kind}` }, claim.verdicts[now]),
    make("div", { class: "statistic" }, said + limits), ...strip(claim, place, told),
    ...(now === claim.own ? [] : [make("div", { class: "period" }, filled(words.own, { verdict: claim.verdicts[claim.own] }))]));
  if (claim.keys.length > 1) analyses.replaceChildren(...bar(claim));
  const ways = turns(claim, now);
  turning.replaceChildren(...ways.map((way) => {
    const changes = way.changes.map(([choice, option]) => `${choices[choice].label}: ${choices[choice].options[option]}`).join("; ");
    const button = make("button", { type: "button", class: "way" }, filled(words.turns, { changes, verdict: words.verdicts[way.verdict] }));
    button.addEventListener("click", () => {
      for (const [choice, option] of way.changes) state[choice] = option;
      show();
      document.getElementById(`claim-${claim.name}`).focus();
    });
    return button;
  }), ...(ways.length ? [] : [words.never]));
  return now !== claim.own;
}

// Ranks are letters; those of strategies are the numbers themselves.
function ranked(figure, place) {
  if (!figure.ranks) return figure.values[place];
  return [...figure.ranks[place]].map((letter) => letter.codePointAt(0) - ZERO || null);
}

for (const figure of followed) {
  figure.at = new Map(figure.keys.split(" ").map((key, place) => [key, place]));
  figure.place = (setting) => figure.at.get(figure.reads.map((choice) => digits[setting[choice]]).join(""));
}

function change(from, to) {
  if (from === null || to === null || from === undefined) return "–";
  if (from === to) return words.unmoved;
  return filled(to < from ? words.up : words.down, { places: Math.abs(from - to), was: from });
}

// Index of the areas, as a map and by rank, and ranks of the strategies, under the choices that are set.
function redraw(figure) {
  const body = document.querySelector(`[data-followed="${figure.name}"]`);
  const place = figure.place(state), said = document.getElementById(`said-${figure.name}`);
  const shapes = [...document.querySelectorAll(".map .area")];
  body.replaceChildren();
  said.textContent = place === undefined ? words.absent : "";
  if (place === undefined) return;
  const ranks = ranked(figure, place), before = figure.place(own) === undefined ? [] : ranked(figure, figure.place(own));
  const order = figure.items.map((_, number) => number).sort((a, b) => (ranks[a] ?? Infinity) - (ranks[b] ?? Infinity));
  for (const number of order) {
    const item = figure.items[number], number_of = (value, digits) => filled(`{value:.${digits}f}`, { value });
    const cells = [make("td", { class: "number" }, number_of(ranks[number], 0)), make("th", { scope: "row" }, item.name)];
    if (figure.name === "index") cells.push(make("td", {}, item.zone), make("td", { class: "number" }, number_of(figure.values[place][number], 3)));
    const moved = ranks[number] !== before[number];
    body.append(make("tr", { class: moved ? "moved-much" : "" }, ...cells, make("td", moved ? { class: "moved" } : {}, change(before[number], ranks[number]))));
  }
  if (!figure.drawn) return;
  const values = figure.values[place], known = values.filter((value) => value !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  shapes.forEach((shape, number) => {
    const value = values[number];
    shape.classList.toggle("none", value === null);
    shape.style.fillOpacity = value === null || least === most ? 0.5 : 0.06 + 0.94 * (value - least) / (most - least);
    shape.querySelector("title").textContent = `${figure.items[number].name}: ${filled("{value:.3f}", { value })}`;
  });
}

function show() {
  const turned = claims.filter(follow).length;
  followed.forEach(redraw);
  const changed = choices.filter((choice, number) => state[number] !== own[number]);
  choices.forEach((choice, number) => {
    const select = document.getElementById(`choice-${number}`);
    select.value = String(state[number]);
    select.closest("p").classList.toggle("changed", state[number] !== own[number]);
  });
  document.getElementById("said").textContent = changed.length
    ? filled(words.turned, { changes: changed.length, verdicts: turned }) : words.same;
  document.getElementById("reset").disabled = changed.length === 0;
  const setting = changed.map((choice) => `${choice.name}=${state[choices.indexOf(choice)]}`).join("&");
  history.replaceState(null, "", `#${setting}`);
}

function fromAddress() {
  state = [...own];
  for (const [name, option] of new URLSearchParams(location.hash.slice(1))) {
    const number = choices.findIndex((choice) => choice.name === name);
    if (number >= 0 && choices[number].options[Number(option)] !== undefined) state[number] = Number(option);
  }
}

choices.forEach((choice, number) => {
  document.getElementById(`choice-${number}`).addEventListener("change", (event) => {
    state[number] = Number(event.target.value);
    show();
  });
});
document.getElementById("reset").addEventListener("click", () => { state = [...own]; show(); });
// On a narrow screen the claims come before the controls are unfolded.
if (matchMedia("(max-width: 60rem)").matches) document.querySelectorAll(".controls details").forEach((part) => { part.open = false; });
addEventListener("hashchange", () => { fromAddress(); show(); });
fromAddress();
show();
