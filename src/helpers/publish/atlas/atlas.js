"use strict";
// Colours the areas by the chosen indicator and year. What comes from the data is only ever set as text.
const data = JSON.parse(document.getElementById("data").textContent);
const words = data.words;
const byId = (id) => document.getElementById(id);
const layerList = byId("layer"), slider = byId("year"), tip = byId("tip"), outline = byId("outline");
const areas = [...document.querySelectorAll(".area")];
let layer, column, format, pointed = null;

function write(tag, text, parent, className) {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  if (className) element.className = className;
  parent.append(element);
  return element;
}

// A class holds its upper limit; values beyond the limits belong to the outer classes.
function classOf(value) {
  const inner = layer.limits.slice(1, -1);
  const found = inner.findIndex((limit) => value <= limit);
  return found < 0 ? inner.length : found;
}

// A per cent sign follows its number at once.
const spaced = (unit) => (unit === "" || unit.startsWith("%") ? unit : ` ${unit}`);
const shownYear = () => (layer.years.length ? layer.years[column] : "");
const valueOf = (number) => layer.values[column][number];
const inWords = (value) => (value === null ? words.no_data : `${format.format(value)}${spaced(layer.unit)}`);

function showLayer() {
  const before = layer && shownYear();
  layer = data.layers[Number(layerList.value)];
  format = new Intl.NumberFormat(data.lang, { minimumFractionDigits: layer.digits, maximumFractionDigits: layer.digits });
  slider.max = layer.values.length - 1;
  slider.disabled = layer.values.length < 2;
  const same = layer.years.indexOf(before);
  slider.value = same < 0 ? layer.values.length - 1 : same;
  byId("source").textContent = layer.source;
  byId("status").textContent = layer.status_word;
  byId("status").className = `status status-${layer.status}`;
  showLegend();
  showYear();
}

function showLegend() {
  const list = byId("legend");
  list.replaceChildren();
  for (let place = layer.colours.length - 1; place >= 0; place--) {
    const item = write("li", "", list);
    write("span", "", item, "swatch").style.background = layer.colours[place];
    write("span", layer.ranges[place], item);
  }
  if (layer.values.some((values) => values.includes(null))) {
    const item = write("li", "", list);
    write("span", "", item, "swatch hatched");
    write("span", words.no_data, item);
  }
  if (document.querySelector(".border").getAttribute("d")) {
    const item = write("li", "", list);
    write("span", "", item, "swatch line");
    write("span", words.zone_border, item);
  }
}

function showYear() {
  column = Number(slider.value);
  const year = shownYear();
  byId("shown-year").textContent = year || words.no_year;
  slider.setAttribute("aria-valuetext", year || words.no_year);
  const unit = layer.unit ? ` (${layer.unit})` : "";
  byId("heading").textContent = `${layer.label}${unit}${year ? `, ${year}` : ""}`;
  const body = document.querySelector("#numbers tbody");
  body.replaceChildren();
  areas.forEach((shape, number) => {
    const value = valueOf(number), { name, zone } = data.areas[number];
    shape.setAttribute("fill", value === null ? "url(#hatch)" : layer.colours[classOf(value)]);
    shape.setAttribute("aria-label", `${name}, ${zone}: ${inWords(value)}`);
    const row = write("tr", "", body);
    write("th", name, row).scope = "row";
    write("td", zone, row);
    write("td", value === null ? "–" : format.format(value), row, "number");
  });
  if (pointed !== null) showTip(pointed);
}

function showTip(number, x, y) {
  pointed = number;
  const shape = areas[number], { name, zone } = data.areas[number], year = shownYear();
  outline.setAttribute("d", shape.getAttribute("d"));
  tip.replaceChildren();
  write("strong", `${name} (${zone})`, tip);
  write("span", `${layer.label}${year ? `, ${year}` : ""}: ${inWords(valueOf(number))}`, tip);
  tip.hidden = false;
  const sheet = tip.parentElement.getBoundingClientRect(), box = shape.getBoundingClientRect();
  const left = (x ?? box.left + box.width / 2) - sheet.left + 12, top = (y ?? box.top + box.height / 2) - sheet.top + 12;
  tip.style.left = `${Math.max(0, Math.min(left, sheet.width - tip.offsetWidth))}px`;
  tip.style.top = `${Math.max(0, Math.min(top, sheet.height - tip.offsetHeight))}px`;
}

function hideTip() {
  pointed = null;
  tip.hidden = true;
  outline.setAttribute("d", "");
}

const STEPS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
const LISTED = { ArrowUp: -1, ArrowDown: 1 };

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key in STEPS) {
    slider.value = Math.max(0, Math.min(Number(slider.max), column + STEPS[event.key]));
    showYear();
  } else if (event.key in LISTED) {
    const next = Number(layerList.value) + LISTED[event.key];
    layerList.value = Math.max(0, Math.min(data.layers.length - 1, next));
    showLayer();
  } else if (event.key === "Escape") {
    hideTip();
  } else {
    return;
  }
  event.preventDefault();
}

areas.forEach((shape, number) => {
  shape.addEventListener("focus", () => showTip(number));
  shape.addEventListener("blur", hideTip);
  shape.addEventListener("pointermove", (event) => showTip(number, event.clientX, event.clientY));
  shape.addEventListener("pointerleave", hideTip);
  shape.addEventListener("keydown", onKey);
});
layerList.addEventListener("change", showLayer);
slider.addEventListener("input", showYear);
showLayer();
