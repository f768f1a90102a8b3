// What moves on the page. Without it every figure is there, at one epsilon.
"use strict";
(() => {
  const data = document.getElementById("run");
  const run = JSON.parse(data.textContent);
  const grid = data.dataset.grid.split(" ").map(Number);
  const slider = document.getElementById("epsilon"); // where there is more than one epsilon
  let place = slider ? Number(slider.value) : 0;

  // ---- numbers

  const at = (path) =>
    path.split(".").reduce((value, key) => (value == null ? null : value[key === "*" ? place : key]), run);
  const written = (value) =>
    value == null ? "–" : typeof value === "number" ? value.toFixed(3) : typeof value === "string" ? value : "";
  const special = { e: () => short(grid[place]), r2: () => (1 - grid[place] ** 2).toFixed(3) };
  const short = (value) => String(Number(value.toPrecision(4)));
  const filled = (template) =>
    template.replace(/\{([\w.*]+)\}/g, (_, path) => (special[path] ? special[path]() : written(at(path))));

  // ---- marks that follow epsilon; data-bottom and data-scale: where 0 is, and how far 1 is above it

  const digits = (value) => String(Number(value.toFixed(2)));
  const height = (mark, value) => digits(mark.dataset.bottom - value * mark.dataset.scale);
  const shows = {
    up: (mark, [s]) => mark.setAttribute("transform", `translate(${mark.dataset.left} ${height(mark, s)})`),
    bar: (mark, [s]) => {
      mark.setAttribute("y", height(mark, s));
      mark.setAttribute("height", digits(s * mark.dataset.scale));
    },
    range: (mark, [low, high]) => {
      mark.setAttribute("y1", height(mark, low));
      mark.setAttribute("y2", height(mark, high));
    },
    line: (mark, values) => {
      const across = mark.dataset.across.split(" ");
      mark.setAttribute("points", values.map((s, k) => `${across[k]},${height(mark, s)}`).join(" "));
    },
    cell: (mark, [s]) => {
      mark.querySelector("rect").setAttribute("fill-opacity", s.toFixed(3));
      const value = mark.querySelector(".value");
      if (!value) return;
      value.textContent = s === 1 ? "1" : s === 0 ? "0" : s.toFixed(2).replace(/^0/, "");
      value.setAttribute("class", s >= 0.7 ? "value full" : s >= 0.55 ? "value half" : "value");
    },
    cursor: (mark) => mark.setAttribute("transform", `translate(${digits(grid[place] * mark.dataset.scale)} 0)`),
    column: (mark) => mark.setAttribute("transform", `translate(${digits(place * mark.dataset.scale)} 0)`),
  };
  const show = (within) => {
    for (const one of within.querySelectorAll("[data-text]")) one.textContent = filled(one.dataset.text);
    for (const one of within.querySelectorAll("[data-label]")) one.setAttribute("aria-label", filled(one.dataset.label).replace(/\n/g, ", "));
    for (const mark of within.querySelectorAll("[data-show]")) {
      const values = (mark.dataset.at || "").split("|").filter(Boolean).map(at);
      if (!values.includes(null) && !values.includes(undefined)) shows[mark.dataset.show](mark, values);
    }
  };

  // ---- building

  const make = (tag, attributes = {}, ...children) => {
    const node = SVG.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) if (value != null) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };
  const SVG = new Set(["svg", "g", "circle", "rect", "line", "path", "text"]);
  const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  const matches = (number) => (number === 1 ? "1 minimal match" : `${number} minimal matches`);
  const listed = (indices) =>
    indices.length > 40 ? `${indices.slice(0, 40).join(", ")} and ${indices.length - 40} more` : indices.join(", ") || "none";

  // A word with its explanation, which stands in the guide.
  const explained = (name, said = name) => {
    const head = [...document.querySelectorAll(".words dt")].find((one) => one.textContent === name);
    return head ? make("span", { class: "term", tabindex: 0, "data-tip": head.nextElementSibling.textContent }, said) : said;
  };

  // ---- what is under the pointer, or has the focus

  const bubble = make("div", { class: "tip", role: "tooltip", id: "tip", hidden: "" });
  document.body.append(bubble);
  for (const title of document.querySelectorAll("svg g > title")) {
    const mark = title.parentNode;
    if (!mark.dataset.tip) mark.dataset.tip = title.textContent;
    title.remove();
  }
  for (const head of document.querySelectorAll("th[title]")) {
    head.dataset.tip = head.title;
    head.removeAttribute("title");
  }
  const tell = (node, x, y) => {
    bubble.textContent = filled(node.dataset.tip);
    bubble.hidden = false;
    const { width, height } = bubble.getBoundingClientRect();
    bubble.style.left = `${Math.max(4, Math.min(x + 12, innerWidth - width - 8))}px`;
    bubble.style.top = `${y + height + 24 > innerHeight ? Math.max(4, y - height - 12) : y + 16}px`;
  };
  const hush = () => (bubble.hidden = true);
  const told = (event) => event.target.closest && event.target.closest("[data-tip]");
  addEventListener("pointermove", (event) => {
    const node = told(event);
    if (node) tell(node, event.clientX, event.clientY);
    else hush();
  });
  addEventListener("focusin", (event) => {
    const node = told(event);
    if (!node) return;
    if (!node.dataset.label) node.setAttribute("aria-describedby", "tip");
    const box = node.getBoundingClientRect();
    tell(node, box.left, box.bottom);
  });
  addEventListener("focusout", hush);
  addEventListener("scroll", hush, { passive: true });
  addEventListener("keydown", (event) => event.key === "Escape" && hush());

  // ---- tables: sorted by a column, and filtered

  const numeric = (text) => {
    const found = /-?\d[\d ]*(\.\d+)?(e-?\d+)?/.exec(text);
    return found ? Number(found[0].replace(/ /g, "")) : null;
  };
  const compare = (a, b) => {
    const [x, y] = [numeric(a), numeric(b)];
    if (x === null || y === null) return (x === null) - (y === null) || a.localeCompare(b, "en", { numeric: true });
    return x - y;
  };
  const sort = (head) => {
    const down = head.getAttribute("aria-sort") === "ascending";
    const rows = head.closest("table").tBodies[0];
    const words = head.classList.contains("number") ? compare : (a, b) => a.localeCompare(b, "en", { numeric: true });
    const text = (row) => row.cells[head.cellIndex].textContent;
    for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    rows.append(...[...rows.rows].sort((a, b) => (down ? -1 : 1) * words(text(a), text(b))));
  };
  const sortable = (table) => {
    for (const head of table.tHead.rows[0].cells) {
      const button = make("button", { type: "button" }, ...head.childNodes);
      button.addEventListener("click", () => sort(head));
      head.append(button);
    }
  };
  const filtered = (table) => {
    const rows = [...table.tBodies[0].rows];
    const said = make("span", { role: "status", class: "soft" });
    const field = make("input", { type: "search", placeholder: "name or verdict" });
    field.addEventListener("input", () => {
      const wanted = field.value.toLowerCase();
      for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
      const left = rows.filter((row) => !row.hidden).length;
      said.textContent = wanted ? ` ${left} of ${count(rows.length, "row")}` : "";
    });
    table.closest(".scroll").before(make("p", { class: "filter" }, make("label", {}, "Show rows with ", field), said));
  };

  // ---- a layer of a pair: its neurons, and who matches whom

  const look = (box) => {
    const where = box.dataset.where;
    const pair = where ? at(where.slice(0, -1)) : run;
    const names = pair.networks;
    const choice = make("select", {}, ...pair.layers.map((one, k) => make("option", { value: k }, one.name)));
    const panel = make("div", { class: "panel" });
    const chosen = { side: 0, neuron: null };
    choice.addEventListener("change", () => {
      chosen.neuron = null;
      draw();
    });
    const draw = () => {
      const layer = pair.layers[choice.value];
      const seen = (pair.images || []).find((one) => one.name === layer.name);
      if (seen && chosen.neuron === null) {
        // To begin with, the neuron that matches first, of those that have images.
        const radius = (neuron) => (seen.best[0][neuron].length ? layer.radii[0][neuron] : 2);
        const first = layer.radii[0].reduce((best, _, neuron) => (radius(best) > radius(neuron) ? neuron : best), 0);
        [chosen.side, chosen.neuron] = [0, first];
      }
      const pick = seen && ((side, neuron) => {
        [chosen.side, chosen.neuron] = [side, neuron];
        draw();
      });
      panel.replaceChildren(make("p", {}, layer.sentence || ""), ...neurons(layer, names, chosen, pick),
        ...(seen ? images(seen, layer, names, chosen, pick) : []), ...blocks(pair, layer, names, box.dataset.classes.split("|")));
    };
    box.replaceChildren(
      make("h3", {}, "One layer, neuron by neuron"),
      make("p", {}, make("label", {}, "Layer ", choice)),
      panel,
    );
    const open = (k) => {
      choice.value = k;
      chosen.neuron = null;
      draw();
    };
    draw();
    return { draw, open };
  };

  // The images on which one neuron is matched best and worst.
  const pictures = document.getElementById("pictures");
  const numbered = new Map(pictures ? pictures.dataset.numbers.split(" ").map((number, k) => [Number(number), k]) : []);
  const thumb = (number) => {
    const k = numbered.get(number);
    if (k === undefined) return make("span", {}, `image ${number}`);
    const { across, width, height } = pictures.dataset;
    const node = make("span", { class: "thumb", role: "img", "aria-label": `image ${number}`, "data-tip": `image ${number}` });
    node.style.backgroundPosition = `${-(k % across) * width}px ${-Math.floor(k / across) * height}px`;
    return node;
  };
  const images = (seen, layer, names, chosen, pick) => {
    const field = make("select", { class: "neuron" }, ...names.map((name, side) => make("optgroup", { label: name },
      ...layer.radii[side].map((radius, neuron) => make("option", { value: `${side} ${neuron}`,
        selected: side === chosen.side && neuron === chosen.neuron ? "" : null }, `${neuron} of ${name} (match radius ${radius.toPrecision(3)})`)))));
    field.addEventListener("change", () => {
      const panel = field.closest(".panel");
      pick(...field.value.split(" ").map(Number));
      panel.querySelector(".neuron").focus();
    });
    const { side, neuron } = chosen;
    const row = (kind, said) => make("figure", { class: kind }, make("figcaption", {}, said), make("div", { class: "thumbs" }, ...seen[kind][side][neuron].map(thumb)));
    const none = !seen.best[side][neuron].length && !seen.worst[side][neuron].length;
    return [make("h4", {}, explained("best-matched images", "Best- and worst-matched images"), " of one neuron"),
      make("p", {}, make("label", {}, "Neuron ", field)),
      ...(none ? [make("p", {}, "None: it is 0 on every image, or matches at no ε below 1.")]
        : [make("div", { class: "sides" }, row("best", "Best matched"), row("worst", "Worst matched"))])];
  };

  const neurons = (layer, names, chosen, pick) => {
    const epsilon = grid[place];
    const parts = [];
    layer.radii.forEach((radii, side) => {
      const order = radii.map((radius, neuron) => [radius, neuron]).sort((a, b) => a[0] - b[0]);
      const step = 320 / Math.max(order.length, 1);
      const up = (radius) => digits(8 + (1 - Math.min(radius, 1)) * 120);
      const picked = (neuron) => (pick && chosen.side === side && chosen.neuron === neuron ? " chosen" : "");
      const marks = order.map(([radius, neuron], rank) =>
        make("circle", {
          cx: digits(30 + (rank + 0.5) * step), cy: up(radius), r: digits(Math.max(1.6, Math.min(4, step / 2.4))),
          class: (epsilon >= radius ? "in" : "out") + picked(neuron), "data-neuron": neuron,
          "data-tip": `neuron ${neuron} of ${names[side]}\nmatch radius ${radius.toPrecision(6)}\n` +
            (epsilon >= radius ? "matched" : "not matched") + ` at ε = ${short(epsilon)}`,
        }));
      const ticks = [0, 0.5, 1].map((s) => make("text", { x: 24, y: Number(up(s)) + 4, "text-anchor": "end" }, String(s)));
      const inside = order.filter(([radius]) => epsilon >= radius).map(([, neuron]) => neuron).sort((a, b) => a - b);
      const said = `${inside.length} of ${count(order.length, "neuron")} of ${names[side]} match at ε = ${short(epsilon)}`;
      const line = make("line", { x1: 30, x2: 350, y1: up(epsilon), y2: up(epsilon), class: "at" });
      const picture = make("svg", { viewBox: "0 0 356 136", role: "img", "aria-label": said, class: pick ? "radii open" : "radii" });
      if (pick) picture.addEventListener("click", ({ target }) => target.dataset.neuron && pick(side, Number(target.dataset.neuron)));
      picture.append(...ticks, line, ...marks);
      parts.push(make("figure", { class: "side" }, picture,
        make("figcaption", {}, make("b", {}, said), `: ${listed(inside)}. `, explained("match radius", "Match radius"), " of each neuron, in order.")));
    });
    return [make("div", { class: "sides" }, ...parts)];
  };

  const MOST = 60;
  const blocks = (pair, layer, names, classes) => {
    const known = (pair.minimal || []).filter((one) => one.layer === layer.name);
    if (!known.length) return [];
    const away = (one) => Math.abs(one.epsilon - grid[place]);
    const found = known.reduce((best, one) => (away(best) > away(one) ? one : best));
    const all = found.matches.filter(([x, y]) => x.length && y.length);
    const chosen = all.slice(0, MOST);
    const where = ` at ε = ${short(found.epsilon)}, where they were looked for`;
    const title = `Minimal matches${where}`;
    const heading = make("h4", {}, explained("minimal match", "Minimal matches"), where);
    if (!all.length) return [heading, make("p", {}, "None of neurons of both networks.")];
    const WIDE = 12;
    const cells = (side) => side.slice(0, WIDE);
    let y = 4;
    const drawn = chosen.map(([a, b], number) => {
      const tip = `${names[0]}: ${listed(a)}\n${names[1]}: ${listed(b)}`;
      const [left, right] = [cells(a), cells(b)];
      const chip = (neuron, x, side) => make("g", { class: "chip", "data-neuron": `${side}${neuron}` },
        make("rect", { x, y, width: 24, height: 16, rx: 3 }),
        make("text", { x: x + 12, y: y + 12, "text-anchor": "middle" }, String(neuron)));
      const [from, to] = [WIDE * 26, WIDE * 26 + 90];
      const more = (side, x, anchor) => side.length > WIDE ? [make("text", { x, y: y + 12, "text-anchor": anchor }, `+${side.length - WIDE}`)] : [];
      const group = make("g", { class: "block", "data-tip": tip, "data-number": number },
        make("path", { d: `M${from} ${y + 4}L${to} ${y + 4}V${y + 12}L${from} ${y + 12}z`, class: "band" }),
        ...left.map((neuron, k) => chip(neuron, from - (k + 1) * 26, "a")),
        ...right.map((neuron, k) => chip(neuron, to + 2 + k * 26, "b")),
        ...more(a, from + 4, "start"), ...more(b, to - 4, "end"));
      y += 21;
      return group;
    });
    const said = matches(all.length);
    const most = (side) => Math.max(...chosen.map((one) => cells(one[side]).length));
    const left = (WIDE - most(0)) * 26;
    const width = WIDE * 26 + 94 + most(1) * 26 - left;
    const picture = make("svg", { viewBox: `${left} 0 ${width} ${y + 2}`, width: 1.3 * width, role: "img", class: "blocks",
      "aria-label": `${said}: ` + chosen.slice(0, 20).map(([a, b]) => `${listed(a)} with ${listed(b)}`).join("; ") }, ...drawn);
    picture.addEventListener("pointerover", (event) => {
      const chip = event.target.closest(".chip");
      for (const one of picture.querySelectorAll(".chip")) {
        one.classList.toggle("same", Boolean(chip) && one.dataset.neuron === chip.dataset.neuron);
      }
    });
    const rest = all.length > MOST ? ` The first ${MOST} of ${all.length}.` : "";
    const scrolled = make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `${title}, ${names.join(" against ")}` }, picture);
    return [heading, make("figure", {}, scrolled,
      make("figcaption", {}, `Each row is a minimal match: neurons of ${names[0]} on the left, of ${names[1]} on the right, that need one another. Pointing at a neuron marks it in all others.${rest}`)),
      found.orders ? sampled(found, classes) : sizes(all)];
  };

  const sizes = (found) => {
    const tally = new Map();
    for (const [x, y] of found) tally.set(x.length + y.length, (tally.get(x.length + y.length) || 0) + 1);
    const all = [...tally].sort((a, b) => a[0] - b[0]);
    return histogram(all.map(([size, number]) => [size, number, `${matches(number)} of ${size} neurons`]),
      "How many minimal matches there are of each size, in neurons of both networks.", 40);
  };
  const sampled = (found, classes) => {
    const all = found.sizes.map(([number, share, error], k) => [classes[k], number,
      `${number} simple matches of ${classes[k]} neurons\nshare ${share.toFixed(2)} ± ${error.toFixed(2)}`]);
    return histogram(all, "How many different simple matches there are of each size, in neurons of both networks: " +
      `found in ${count(found.orders, "random order")} for each neuron.`, 90);
  };
  const histogram = (all, caption, widest) => {
    const most = Math.max(1, ...all.map(([, number]) => number));
    const step = Math.min(widest, 640 / all.length);
    const bars = all.map(([size, number, tip], k) => make("g", { "data-tip": tip },
      make("rect", { x: digits(20 + k * step), y: digits(70 - 60 * number / most), width: digits(step - 2), height: digits(60 * number / most) }),
      make("text", { x: digits(20 + (k + 0.5) * step), y: digits(67 - 60 * number / most), "text-anchor": "middle" }, step > 14 ? String(number) : ""),
      make("text", { x: digits(20 + (k + 0.5) * step), y: 84, "text-anchor": "middle" }, step > 14 || k % 4 === 0 ? String(size) : "")));
    const said = all.map(([size, number]) => `${number} of size ${size}`).join(", ");
    return make("figure", {}, make("svg", { viewBox: "0 -12 680 106", role: "img", class: "sizes", "aria-label": `Sizes: ${said}` }, ...bars),
      make("figcaption", {}, caption));
  };

  // ---- the page

  const looks = new Map([...document.querySelectorAll(".look")].map((box) => [box.dataset.pair, look(box)]));
  const visit = (pair, k) => {
    const box = looks.get(pair);
    if (!box) return;
    box.open(k);
    const target = document.querySelector(`.look[data-pair="${pair}"]`);
    for (let one = target; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
    target.scrollIntoView({ block: "start" });
  };
  // The columns are buttons of one group: Tab enters it, arrows go from layer to layer, Enter looks into one.
  for (const picture of document.querySelectorAll("svg.profile")) {
    const columns = [...picture.querySelectorAll(".column")];
    picture.setAttribute("role", "group");
    const focus = (k) => {
      const next = columns[Math.max(0, Math.min(columns.length - 1, k))];
      for (const one of columns) one.setAttribute("tabindex", one === next ? 0 : -1);
      next.focus();
    };
    columns.forEach((column, k) => {
      const open = () => visit(column.dataset.pair, column.dataset.layer);
      const keys = { ArrowRight: () => focus(k + 1), ArrowLeft: () => focus(k - 1), Home: () => focus(0),
        End: () => focus(columns.length - 1), Enter: open, " ": open };
      column.setAttribute("role", "button");
      column.setAttribute("tabindex", k ? -1 : 0);
      column.dataset.label = column.dataset.tip;
      column.addEventListener("click", open);
      column.addEventListener("keydown", (event) => {
        if (!keys[event.key]) return;
        event.preventDefault();
        keys[event.key]();
      });
    });
  }
  for (const box of document.querySelectorAll(".layers")) {
    const table = box.querySelector("table");
    const head = make("th", { scope: "col", class: "number" }, make("span", { "data-text": "s at {e}" }));
    table.tHead.rows[0].cells[1].after(head);
    [...table.tBodies[0].rows].forEach((row, k) => {
      row.cells[1].after(make("td", { class: "number now", "data-text": `{${box.dataset.where}layers.${k}.similarity.*}` }));
      const name = row.cells[0];
      if (!looks.has(box.dataset.pair)) return;
      const button = make("button", { type: "button", class: "open" }, ...name.childNodes);
      button.addEventListener("click", () => visit(box.dataset.pair, k));
      name.append(button);
    });
    filtered(table);
  }
  for (const table of document.querySelectorAll(".scroll > table")) if (table.tBodies[0].rows.length > 1) sortable(table);
  if (slider) {
    slider.closest(".dial").hidden = false;
    const move = () => {
      place = Number(slider.value);
      const epsilon = short(grid[place]);
      slider.setAttribute("aria-valuetext", `epsilon ${epsilon}`);
      document.querySelector(".dial output").textContent = epsilon;
      show(document);
      for (const one of looks.values()) one.draw();
    };
    slider.addEventListener("input", move);
    move();
  } else show(document);
  // Print shows what is folded, too.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const one of folded) one.open = true;
  });
  addEventListener("afterprint", () => folded.forEach((one) => (one.open = false)));
})();
