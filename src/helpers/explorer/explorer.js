// The page of the explorer. What Python answers is shown as it is; what the data call things is escaped there.
const DELAY = 150; // milliseconds before the page says that it works: what follows at once needs no word
const LOST = 5000; // milliseconds without an answer before the page says so, and offers to go on
const STEPS = 100; // settings that can be gone back to

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function render({ model, el }) {
  const state = { changed: {}, lang: "", tab: "", serial: 0, expert: "", beside: null };
  let form, number = 0, waiting = null, lost = null;
  const past = [], future = []; // settings before this one, and those that were undone
  const inputs = new Map(); // name of a control or rating -> what shows a value there
  const own = new Map();
  const face = Math.random().toString(36).slice(2, 10); // a notebook may show the explorer twice
  const id = (name) => `explorer-${face}-${name.replace(/\W+/g, "-")}`;
  let adopted = 0;
  const root = make("div", { class: "explorer" });
  root.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
    event.preventDefault();
    if (event.shiftKey) step(future, past);
    else step(past, future);
  });
  el.append(root);

  const writer = (control) => {
    if (control.year) return (value) => String(value);
    const digits = control.share ? 1 : (String(control.limits[2]).split(".")[1] ?? "").length;
    const options = control.share ? { style: "percent", maximumFractionDigits: digits }
      : { minimumFractionDigits: digits, maximumFractionDigits: digits };
    const format = new Intl.NumberFormat(form.lang, options);
    return (value) => format.format(value);
  };

  const valueOf = (name) => (name in state.changed ? state.changed[name] : own.get(name));

  // A slider that is dragged through twenty values is one step.
  let dragged = "", before = 0;
  function remember(what) {
    const same = what && what === dragged && Date.now() - before < 1000;
    [dragged, before] = [what, Date.now()];
    if (same) return;
    past.push({ ...state.changed });
    past.splice(0, past.length - STEPS);
    future.length = 0;
  }

  function step(from, to) {
    if (!from.length) return;
    dragged = "";
    to.push({ ...state.changed });
    state.changed = from.pop();
    showAll();
    ask();
  }

  function change(names, value) {
    remember(names.join());
    for (const name of names) {
      if (value === own.get(name)) delete state.changed[name];
      else state.changed[name] = value;
    }
    ask();
  }

  function ask() {
    state.serial += 1;
    const { changed, lang, tab, serial, beside } = state;
    root.dataset.asked = String(serial);
    model.set("asked", { changed: { ...changed }, lang, tab, serial, beside });
    model.save_changes();
    clearTimeout(waiting);
    clearTimeout(lost);
    waiting = setTimeout(() => root.setAttribute("aria-busy", "true"), DELAY);
    lost = setTimeout(sayLost, LOST);
  }

  function sayLost() {
    const query = new URLSearchParams({ ...state.changed, lang: state.lang || form.lang });
    root.querySelector(".lost").replaceChildren(make("p", {}, form.words.lost),
      served() ? button(form.words.go_on, "go-on", () => location.assign(`?${query}`)) : "");
  }

  function slider(key, names, [low, high, step], label, write, mean = false) {
    const input = make("input", { type: "range", id: id(key), min: String(low), max: String(high), step: String(step) });
    const output = make("output", { for: id(key) });
    const show = () => {
      const values = names.map(valueOf);
      const value = mean ? values.reduce((sum, one) => sum + one, 0) / values.length : values[0];
      input.value = String(value);
      output.textContent = write(value);
      input.setAttribute("aria-valuetext", output.textContent);
      input.closest(".control")?.classList.toggle("changed", names.some((name) => name in state.changed));
    };
    input.addEventListener("input", () => {
      change(names, Number(input.value));
      show();
    });
    inputs.set(key, show);
    return make("div", { class: "control" }, make("label", { for: id(key) }, label), input, output);
  }

  function list(control) {
    const select = make("select", { id: id(control.name) },
      ...control.options.map((option, place) => make("option", { value: String(place) }, option.label)));
    const show = () => {
      select.value = String(control.options.findIndex((option) => option.value === valueOf(control.name)));
      select.closest(".control").classList.toggle("changed", control.name in state.changed);
    };
    select.addEventListener("change", () => {
      change([control.name], control.options[Number(select.value)].value);
      showAll();
    });
    inputs.set(control.name, show);
    return make("div", { class: "control" }, make("label", { for: id(control.name) }, control.label), select);
  }

  function showAll() {
    for (const show of inputs.values()) show();
    for (const section of form.sections) {
      for (const control of section.controls.filter((one) => one.under)) {
        const [name, value] = control.under;
        const input = root.querySelector(`#${CSS.escape(id(control.name))}`);
        input.disabled = valueOf(name) !== value;
      }
    }
    const count = Object.keys(state.changed).length;
    root.querySelector(".reset").disabled = count === 0;
    root.querySelector(".undo").disabled = !past.length;
    root.querySelector(".redo").disabled = !future.length;
    const beside = root.querySelector(".compare");
    beside.setAttribute("aria-pressed", String(state.beside !== null));
    beside.textContent = state.beside === null ? form.words.compare : form.words.compare_end;
    for (const section of form.sections) {
      const mine = Object.keys(state.changed).filter((name) => name.startsWith(`${section.name}.`)
        || (section.name === "force_field" && form.ratings && name in form.ratings.own)).length;
      root.querySelector(`#${CSS.escape(id(`count-${section.name}`))}`).textContent = mine ? String(mine) : "";
    }
  }

  function controlOf(control) {
    own.set(control.name, control.own);
    const box = control.options.length ? list(control)
      : slider(control.name, [control.name], control.limits, control.label, writer(control));
    const help = make("span", { class: "help", id: id(`help-${control.name}`) }, control.help);
    box.querySelector("input, select").setAttribute("aria-describedby", help.id);
    box.append(help);
    return box;
  }

  function ratingControls() {
    const { ratings, words } = form;
    for (const [name, value] of Object.entries(ratings.own)) own.set(name, value);
    const whose = make("select", { id: id("expert") }, make("option", { value: "" }, words.everyone),
      ...ratings.experts.map((expert) => make("option", { value: expert }, expert)));
    whose.value = state.expert;
    const table = make("div", { class: "ratings" });
    const format = new Intl.NumberFormat(form.lang, { maximumFractionDigits: 1 });
    const build = () => {
      table.replaceChildren();
      for (const factor of ratings.factors) {
        const group = make("fieldset", {}, make("legend", {}, `${factor.factor}: ${factor.label}`));
        for (const judgement of ratings.judgements) {
          const experts = state.expert ? [state.expert] : ratings.experts;
          const names = experts.map((expert) => `${judgement}.${expert}.${factor.factor}`).filter((name) => own.has(name));
          const key = `${judgement}.${factor.factor}`;
          inputs.delete(key);
          if (!names.length) continue;
          group.append(slider(key, names, [...ratings.limits, 1], words[judgement], (value) => format.format(value), true));
        }
        table.append(group);
      }
      for (const show of inputs.values()) show();
    };
    whose.addEventListener("change", () => {
      state.expert = whose.value;
      build();
    });
    const box = make("details", { class: "more" }, make("summary", {}, words.ratings),
      make("p", { class: "help shown" }, words.ratings_note),
      make("div", { class: "control" }, make("label", { for: id("expert") }, words.expert), whose), table);
    return [box, build];
  }

  function button(text, className, action) {
    const element = make("button", { type: "button", class: className }, text);
    element.addEventListener("click", action);
    return element;
  }

  function choose() {
    const file = make("input", { type: "file", accept: ".yml,.yaml", hidden: true, "aria-label": form.words.open });
    file.addEventListener("change", async () => {
      if (!file.files.length) return;
      model.send({ kind: "open", name: file.files[0].name, text: await file.files[0].text(), number: ++number });
      file.value = "";
    });
    return file;
  }

  function build() {
    form = model.get("form");
    const { words } = form;
    inputs.clear();
    own.clear();
    root.lang = form.lang;
    const open = new Set([...root.querySelectorAll(".controls > details[open]")].map((one) => one.dataset.section));
    const languages = form.languages.map(({ code: lang, name }) => {
      const element = button(name, "lang", () => {
        state.lang = lang;
        ask();
      });
      element.lang = lang;
      element.setAttribute("aria-pressed", String(lang === form.lang));
      return element;
    });
    const file = choose();
    const actions = make("div", { class: "actions" },
      button(words.undo, "undo", () => step(past, future)),
      button(words.redo, "redo", () => step(future, past)),
      button(words.reset, "reset", () => { remember(""); state.changed = {}; showAll(); ask(); }),
      button(words.compare, "compare", () => {
        state.beside = state.beside === null ? { ...state.changed } : null;
        showAll();
        ask();
      }),
      button(words.link, "link", copyLink),
      button(words.parameters, "parameters", () => model.send({ kind: "file", what: "parameters" })),
      button(words.open, "open", () => file.click()), file,
      button(words.archive, "archive", () => model.send({ kind: "file", what: "archive" })));
    let buildRatings = null;
    const narrow = matchMedia("(max-width: 52rem)").matches; // there the results stand below the sections
    const sections = form.sections.map((section, place) => {
      const box = make("details", { "data-section": section.name, open: open.size ? open.has(section.name) : place === 0 && !narrow },
        make("summary", {}, section.title, " ", make("span", { class: "count", id: id(`count-${section.name}`) })),
        ...section.controls.map(controlOf));
      // One section at a time; its tab comes with it.
      box.name = id("sections");
      box.querySelector("summary").addEventListener("click", () => { if (!box.open) select(section.name); });
      if (section.name === "force_field" && form.ratings) {
        const [more, fill] = ratingControls();
        box.append(more);
        buildRatings = fill;
      }
      return box;
    });
    const tabs = form.tabs.map((tab) => {
      const element = button(tab.title, "tab", () => select(tab.name));
      element.id = id(`tab-${tab.name}`);
      element.dataset.tab = tab.name;
      element.setAttribute("role", "tab");
      element.setAttribute("aria-controls", id("panel"));
      return element;
    });
    const tablist = make("div", { role: "tablist", class: "tabs", "aria-label": words.results }, ...tabs);
    tablist.addEventListener("keydown", walk);
    const shapes = make("div", { class: "shapes" });
    shapes.innerHTML = form.shapes;
    root.replaceChildren(shapes,
      make("header", {}, make("h1", {}, words.title),
        make("div", { class: "languages", role: "group", "aria-label": words.lang }, ...languages),
        make("p", { class: "intro" }, words.intro), actions, make("p", { class: "said", role: "status" })),
      make("div", { class: "columns" },
        make("section", { class: "controls", "aria-label": words.controls }, ...sections),
        make("section", { class: "results", "aria-label": words.results },
          make("div", { class: "lost", role: "alert" }),
          make("div", { class: "problems", role: "alert" }),
          make("div", { class: "distance", role: "region", "aria-label": words.distance, "aria-live": "polite" }),
          tablist, make("div", { class: "panel", role: "tabpanel", id: id("panel"), tabindex: "0" }))));
    root.querySelector(".panel").addEventListener("click", (event) => {
      const name = event.target.closest?.("[data-csv]")?.dataset.csv;
      if (name) model.send({ kind: "file", what: name });
    });
    buildRatings?.();
  }

  function select(tab) {
    state.tab = tab;
    ask();
    showTabs();
  }

  function walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const names = form.tabs.map((tab) => tab.name);
    const next = names[(names.indexOf(state.tab) + step + names.length) % names.length];
    select(next);
    root.querySelector(`[data-tab="${next}"]`).focus();
    event.preventDefault();
  }

  function showTabs() {
    for (const tab of root.querySelectorAll(".tab")) {
      const chosen = tab.dataset.tab === state.tab;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    }
    root.querySelector(".panel").setAttribute("aria-labelledby", id(`tab-${state.tab}`));
  }

  // In Voilà the address of the page is the link. In JupyterLab it is not: `make explore` serves the same setting.
  const served = () => document.body.dataset.voila === "voila";

  async function copyLink() {
    const base = served() ? `${location.origin}${location.pathname}` : "http://127.0.0.1:8866/";
    const link = `${base}?${model.get("answer").query}`;
    const said = root.querySelector(".said");
    try {
      await navigator.clipboard.writeText(link);
      said.textContent = form.words.link_copied;
    } catch {
      said.replaceChildren(make("a", { href: link }, link));
    }
  }

  function showAnswer() {
    const answer = model.get("answer");
    if (answer.adopt && answer.adopt !== adopted) {
      adopted = answer.adopt;
      remember("");
      state.changed = { ...answer.changed };
    }
    if (answer.serial !== state.serial) return; // an older question: its answer is past
    clearTimeout(waiting);
    clearTimeout(lost);
    root.querySelector(".lost").replaceChildren();
    root.removeAttribute("aria-busy");
    const panel = root.querySelector(".panel");
    const before = panel.scrollTop;
    panel.classList.toggle("two", Boolean(answer.beside));
    if (answer.beside) {
      panel.innerHTML = `<section><h2></h2>${answer.beside}</section><section><h2></h2>${answer.html}</section>`;
      [form.words.kept, form.words.now].forEach((word, place) => { panel.querySelectorAll("h2")[place].textContent = word; });
    } else panel.innerHTML = answer.html;
    panel.scrollTop = before;
    const distance = root.querySelector(".distance"), unfolded = distance.querySelector("details")?.open;
    if (distance.dataset.shown !== answer.distance) {
      distance.innerHTML = answer.distance;
      distance.dataset.shown = answer.distance;
      if (unfolded && distance.querySelector("details")) distance.querySelector("details").open = true;
    }
    root.querySelector(".problems").replaceChildren(...answer.problems.map((text) => make("p", {}, text)));
    if (served()) history.replaceState(null, "", `?${answer.query}`);
    showTabs();
    showAll();
    root.dataset.asked = root.dataset.serial = String(answer.serial);
  }

  function showFile(content, buffers) {
    if (content.kind !== "file") return;
    const address = URL.createObjectURL(new Blob(buffers, { type: content.type }));
    const link = make("a", { href: address, download: content.name });
    root.append(link);
    link.click();
    link.remove();
    URL.revokeObjectURL(address);
  }

  const begin = model.get("asked");
  Object.assign(state, { changed: { ...model.get("answer").changed }, lang: begin.lang, tab: begin.tab,
    serial: model.get("answer").serial });
  const rebuild = () => { build(); showAnswer(); };
  model.on("change:form", rebuild);
  model.on("change:answer", showAnswer);
  model.on("msg:custom", showFile);
  rebuild();
  model.send({ kind: "shown" });
  return () => {
    model.off("change:form", rebuild);
    model.off("change:answer", showAnswer);
    model.off("msg:custom", showFile);
  };
}

export default { render };
