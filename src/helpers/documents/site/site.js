// What makes pages handier; they can be read without it. No address, no storage, nothing is sent anywhere.
"use strict";
const words = JSON.parse(document.body.dataset.words);

function button(text, action, kind) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = kind;
  made.textContent = text;
  made.addEventListener("click", action);
  return made;
}

// Copying code: the button says what happened, and so does the line that screen readers listen to.
const told = document.createElement("p");
told.className = "unseen";
told.setAttribute("role", "status");

async function copy(event) {
  const code = event.target.closest(".copyable").querySelector("pre").textContent.trimEnd();
  try {
    await navigator.clipboard.writeText(code);
  } catch {
    const field = document.createElement("textarea");
    field.value = code;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    event.target.focus();
  }
  event.target.textContent = told.textContent = words.copied;
  setTimeout(() => { event.target.textContent = words.copy; told.textContent = ""; }, 2000);
}

for (const block of document.querySelectorAll(".code, .commands")) {
  block.parentElement.classList.add("copyable");
  block.parentElement.append(button(words.copy, copy, "copy"));
}

// Folding all code of a page at once.
const folds = [...document.querySelectorAll("details.fold")];
const foldAll = document.getElementById("fold-all");
if (foldAll && folds.length) {
  foldAll.hidden = false;
  foldAll.addEventListener("click", () => {
    const open = !folds.some((fold) => fold.open);
    folds.forEach((fold) => { fold.open = open; });
  });
  const name = () => { foldAll.textContent = folds.some((fold) => fold.open) ? words.fold : words.unfold; };
  folds.forEach((fold) => fold.addEventListener("toggle", name));
  name();
  // A link to a cell asks for its code.
  const unfold = () => {
    const cell = document.getElementById(location.hash.slice(1));
    const fold = cell?.closest("details.fold") ?? cell?.querySelector("details.fold");
    if (fold) fold.open = true;
  };
  addEventListener("hashchange", unfold);
  unfold();
}

// A narrow screen begins with the text, not with its contents.
if (matchMedia("(max-width: 74rem)").matches) {
  document.querySelectorAll(".contents details").forEach((part) => { part.open = false; });
}

// A formula or a listing that is wider than the screen can be scrolled with the keyboard.
function reachable() {
  for (const part of document.querySelectorAll('math[display="block"], .text pre')) {
    if (part.scrollWidth > part.clientWidth) part.tabIndex = 0; else part.removeAttribute("tabindex");
  }
}
addEventListener("resize", reachable);
reachable();

// Numbers as the language writes them: 1.234,5 or 1,234.5; "< 0,001"; a dash is no value.
function numberOf(text) {
  const bare = text.trim().replace(/^[<>=]\s*/, "").replace(/[\s%]/g, "").replace(/[−]/g, "-");
  if (bare === "" || bare === "–") return null;
  const plain = document.documentElement.lang === "id" ? bare.replaceAll(".", "").replace(",", ".") : bare.replaceAll(",", "");
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : NaN;
}

function compareBy(column, rows, direction) {
  const texts = new Map(rows.map((row) => [row, row.cells[column].textContent.trim()]));
  const numbers = new Map(rows.map((row) => [row, numberOf(texts.get(row))]));
  const numeric = ![...numbers.values()].some(Number.isNaN);
  return (one, other) => {
    const [a, b] = [numbers.get(one), numbers.get(other)];
    // What has no value stays last, whichever way the others go.
    if (a === null || b === null) return (a === null) - (b === null);
    const order = numeric ? a - b : texts.get(one).localeCompare(texts.get(other), document.documentElement.lang, {numeric: true});
    return order * direction;
  };
}

// Where a table is laid out as cards there are no headings to click.
function chooser(headings, sort) {
  const [line, label, choice] = ["p", "label", "select"].map((name) => document.createElement(name));
  line.className = "order";
  label.textContent = `${words.order} `;
  choice.add(new Option(words.given, "none"));
  headings.forEach((heading, column) => {
    for (const way of ["ascending", "descending"]) choice.add(new Option(`${heading} (${words[way]})`, `${way} ${column}`));
  });
  choice.addEventListener("change", () => {
    const [way, column] = choice.value.split(" ");
    sort(Number(column ?? 0), way);
  });
  label.append(choice);
  line.append(label);
  return line;
}

function sortable(table) {
  const [body, headings] = [table.tBodies[0], [...table.tHead.rows[0].cells]];
  const first = [...body.rows];
  const texts = headings.map((heading) => heading.textContent);
  const sort = (column, way) => {
    headings.forEach((other) => other.removeAttribute("aria-sort"));
    if (way !== "none") headings[column].setAttribute("aria-sort", way);
    body.append(...(way === "none" ? first : [...first].sort(compareBy(column, first, way === "ascending" ? 1 : -1))));
  };
  headings.forEach((heading, column) => {
    const next = () => ({none: "ascending", ascending: "descending", descending: "none"}[heading.getAttribute("aria-sort") || "none"]);
    heading.replaceChildren(button(texts[column], () => sort(column, next()), "sort"));
    heading.firstChild.title = words.sort;
  });
  if (table.matches(".claims")) table.parentElement.before(chooser(texts, sort));
}

document.querySelectorAll(".sortable table").forEach(sortable);
document.body.append(told);
