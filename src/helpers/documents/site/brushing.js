// Linked views: what is selected in one of them is selected in all. Nothing is loaded, nothing is sent anywhere.
"use strict";
const { lang, areas, lorenz, words } = DATA;
const selected = new Set();
const marks = [...document.querySelectorAll("[data-area]")];
const format = (value, digits = 2) => new Intl.NumberFormat(lang, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(value);
const percent = (value) => new Intl.NumberFormat(lang, { style: "percent", maximumFractionDigits: 0 }).format(value);
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const mean = (numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

function show() {
  for (const mark of marks) mark.classList.toggle("chosen", selected.has(Number(mark.dataset.area)));
  document.body.classList.toggle("some", selected.size > 0);
  for (const box of document.querySelectorAll("tbody input")) box.checked = selected.has(Number(box.value));
  const [mine, others] = [[], []];
  areas.forEach((area, number) => (selected.has(number) ? mine : others).push(area.value));
  const parts = [];
  if (!mine.length) parts.push(words.none);
  else {
    parts.push(filled(words.some, { number: mine.length, names: [...selected].sort((a, b) => a - b).map((number) => areas[number].name).join(", ") }));
    parts.push(filled(words.mean, { mine: format(mean(mine)), others: others.length ? format(mean(others)) : "–" }));
    if (lorenz) {
      const sum = (part) => [...selected].reduce((total, number) => total + lorenz[number][part], 0);
      parts.push(filled(words.shares, { people: percent(sum(2)), value: percent(sum(3)) }));
    }
  }
  document.getElementById("told").textContent = parts.join(" ");
  document.getElementById("clear").disabled = selected.size === 0;
}

function toggle(number, on = !selected.has(number)) {
  if (on) selected.add(number); else selected.delete(number);
}

function choose(numbers, add) {
  if (!add) selected.clear();
  numbers.forEach((number) => selected.add(number));
  show();
}

// A click turns one area on or off; dragging over a drawing selects all that lie within.
for (const drawing of document.querySelectorAll("svg.brush")) {
  const frame = drawing.querySelector(".frame");
  let start = null, dragged = false;
  const at = (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse());
    return [point.x, point.y];
  };
  const box = ([x, y], [u, v]) => ({ x: Math.min(x, u), y: Math.min(y, v), width: Math.abs(x - u), height: Math.abs(y - v) });
  drawing.addEventListener("pointerdown", (event) => {
    if (event.button || event.pointerType === "touch") return; // a finger scrolls; it selects by tapping
    [start, dragged] = [at(event), false];
    drawing.setPointerCapture(event.pointerId);
  });
  drawing.addEventListener("pointermove", (event) => {
    if (!start) return;
    const found = box(start, at(event));
    dragged ||= found.width + found.height > 12;
    if (!dragged) return;
    for (const [name, value] of Object.entries(found)) frame.setAttribute(name, value);
    frame.removeAttribute("hidden");
    const inside = [...drawing.querySelectorAll("[data-area]")].filter((mark) => {
      const place = mark.getBBox(), x = place.x + place.width / 2, y = place.y + place.height / 2;
      return x >= found.x && x <= found.x + found.width && y >= found.y && y <= found.y + found.height;
    });
    choose(inside.map((mark) => Number(mark.dataset.area)), event.shiftKey);
  });
  const end = () => { start = null; frame.setAttribute("hidden", ""); };
  drawing.addEventListener("pointerup", (event) => {
    const click = start && !dragged;
    end();
    if (!click) return;
    const mark = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-area]");
    if (mark) toggle(Number(mark.dataset.area)); else selected.clear();
    show();
  });
  drawing.addEventListener("pointercancel", end);
  drawing.addEventListener("click", (event) => {
    if (event.pointerType !== "touch") return;
    const mark = event.target.closest("[data-area]");
    if (mark) { toggle(Number(mark.dataset.area)); show(); }
  });
}

for (const box of document.querySelectorAll("tbody input")) {
  box.addEventListener("change", () => { toggle(Number(box.value), box.checked); show(); });
}
for (const button of document.querySelectorAll("button[data-zone]")) {
  button.addEventListener("click", () => choose(areas.map((area, number) => (area.zone === button.dataset.zone ? number : -1)).filter((number) => number >= 0), false));
}
document.getElementById("clear").addEventListener("click", () => { selected.clear(); show(); });
show();
