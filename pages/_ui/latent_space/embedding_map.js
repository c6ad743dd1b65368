/* Panels of points that are the same images in each: pointing at one shows its image and marks it in
   all panels, a click tells Python which one it was. */

const SVG = "http://www.w3.org/2000/svg";
const SIDE = 320; // of a panel's drawing, in its own units
const instances = new WeakMap();

const make = (name, attributes = {}, parent = null) => {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  parent?.append(node);
  return node;
};

class EmbeddingMap {
  constructor(root) {
    this.root = root;
    this.listeners = new AbortController();
    this.panels = [];
    this.chosen = null;
  }

  update(data, setStateValue) {
    this.setStateValue = setStateValue;
    const text = JSON.stringify(data);
    if (text === this.text) return; // nothing jumps while the page runs again
    this.text = text;
    this.data = data;
    this.chosen = data.chosen;
    delete this.root.dataset.shown;
    this.root.replaceChildren();
    this.legend();
    const row = document.createElement("div");
    row.className = "panels";
    row.style.setProperty("--letter", `${data.letters.height * SIDE}px`);
    this.root.append(row);
    this.panels = data.panels.map((panel) => this.panel(panel, row));
    this.tip = document.createElement("div");
    this.tip.className = "tip";
    this.tip.hidden = true;
    this.tip.innerHTML = '<i></i><span></span>';
    this.root.append(this.tip);
    this.mark(this.chosen);
    this.root.dataset.ready = "true";
  }

  legend() {
    const legend = document.createElement("div");
    legend.className = "legend";
    for (const { name, colour } of this.data.groups) {
      const item = document.createElement("span");
      item.style.setProperty("--colour", colour);
      item.textContent = name;
      item.tabIndex = 0;
      const { signal } = this.listeners;
      for (const event of ["mouseenter", "focus"])
        item.addEventListener(event, () => this.emphasise(name), { signal });
      for (const event of ["mouseleave", "blur"])
        item.addEventListener(event, () => this.emphasise(null), { signal });
      legend.append(item);
    }
    this.root.append(legend);
  }

  /* Only one group in full colour; null: all. */
  emphasise(name) {
    for (const { svg } of this.panels)
      for (const node of svg.querySelectorAll("[data-group]"))
        node.classList.toggle("faint", name !== null && node.dataset.group !== name);
  }

  panel(panel, row) {
    const figure = document.createElement("figure");
    const heading = document.createElement("figcaption");
    heading.innerHTML = "<b></b> <small></small>";
    heading.children[0].textContent = panel.title;
    heading.children[1].textContent = panel.note;
    const svg = make("svg", {
      viewBox: `0 0 ${SIDE} ${SIDE}`,
      tabindex: 0,
      role: "img",
      "aria-label": `${panel.title}: ${panel.points.length} images; arrow keys step through them`,
    });
    figure.append(heading, svg);
    row.append(figure);
    if (panel.bar) figure.append(scaleBar(panel.bar));
    const numbers = document.createElement("p");
    numbers.textContent = panel.numbers;
    figure.append(numbers);
    const { left, bottom, size } = panel.window;
    const edge = this.data.edge * SIDE;
    const scale = (SIDE - 2 * edge) / size;
    const at = ([x, y]) => [edge + (x - left) * scale, SIDE - edge - (y - bottom) * scale];
    const places = panel.points.map(at);
    const [zeroX, zeroY] = at([0, 0]);
    if (panel.origin && [zeroX, zeroY].every((v) => v > 0 && v < SIDE)) {
      make("line", { x1: zeroX, x2: zeroX, y1: 0, y2: SIDE, class: "axis" }, svg);
      make("line", { x1: 0, x2: SIDE, y1: zeroY, y2: zeroY, class: "axis" }, svg);
    }
    const colours = new Map(this.data.groups.map(({ name, colour }) => [name, colour]));
    const part = (group) => {
      const colour = colours.get(group);
      return make("g", { "data-group": group, stroke: colour, fill: colour }, svg);
    };
    for (const { group, points } of panel.ellipses ? this.data.paths : []) {
      const widths = part(group);
      widths.style.setProperty("fill-opacity", panel.opacity);
      for (const n of points) {
        const [rx, ry, angle] = panel.ellipses[n];
        const [x, y] = places[n];
        const turn = `rotate(${-angle} ${x} ${y})`;
        const size = { rx: rx * scale, ry: ry * scale };
        make("ellipse", { cx: x, cy: y, ...size, transform: turn, class: "width" }, widths);
      }
    }
    for (const { group, points, joined } of this.data.paths) {
      const path = part(group);
      const line = points.map((n) => places[n].map((v) => v.toFixed(2)).join(","));
      if (joined) make("polyline", { points: line.join(" "), class: "path" }, path);
      points.forEach((n, order) => {
        const first = joined && order === 0;
        const [cx, cy] = places[n];
        make("circle", { cx, cy, r: first ? 4.5 : joined ? 2.8 : 2.2, class: "dot" }, path);
      });
    }
    for (const name of panel.names) this.name(name, colours.get(name.group), svg);
    const ring = make("circle", { r: 8, class: "ring" }, svg);
    const held = make("circle", { r: 8, class: "ring held" }, svg);
    const made = { svg, places, ring, held };
    place(ring, null);
    const { signal } = this.listeners;
    svg.addEventListener("pointermove", (e) => this.point(made, e), { signal });
    svg.addEventListener("pointerleave", () => this.leave(), { signal });
    svg.addEventListener("click", (e) => this.choose(this.nearest(made, e)), { signal });
    svg.addEventListener("keydown", (e) => this.key(made, e), { signal });
    return made;
  }

  /* A group's name beside an end of its path, with the colour of the path. */
  name({ group, x, y, leader }, colour, svg) {
    const part = make("g", { "data-group": group, class: "name" }, svg);
    const [[x1, y1], [x2, y2]] = leader.map((point) => point.map((v) => v * SIDE));
    make("line", { x1, y1, x2, y2, stroke: colour }, part);
    const letter = this.data.letters.height * SIDE;
    const shift = this.data.letters.dot * letter;
    const [width, height] = [0.7 * letter, 0.4 * letter]; // no dot: those are images
    const at = { x: x * SIDE, y: y * SIDE - height / 2, rx: 2 };
    make("rect", { ...at, width, height, fill: colour }, part);
    make("text", { x: x * SIDE + shift, y: y * SIDE }, part).textContent = group;
  }

  nearest({ svg, places }, event) {
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * SIDE;
    const y = ((event.clientY - box.top) / box.height) * SIDE;
    let best = null;
    let least = 20 ** 2;
    places.forEach(([px, py], n) => {
      const distance = (px - x) ** 2 + (py - y) ** 2;
      if (distance < least) [best, least] = [n, distance];
    });
    return best;
  }

  point(panel, event) {
    const n = this.nearest(panel, event);
    if (n === null) return this.leave();
    this.show(n, panel);
  }

  show(n, panel) {
    for (const { ring, places } of this.panels) place(ring, places[n]);
    const { tile, columns, sprite, labels } = this.data;
    const picture = this.tip.children[0];
    const zoom = 96 / tile;
    picture.style.backgroundImage = `url(${sprite})`;
    picture.style.backgroundSize = `${columns * tile * zoom}px auto`;
    const [right, down] = [n % columns, Math.floor(n / columns)];
    picture.style.backgroundPosition = `${-right * tile * zoom}px ${-down * tile * zoom}px`;
    this.tip.children[1].textContent = labels[n];
    this.tip.hidden = false;
    const outer = this.root.getBoundingClientRect();
    const inner = panel.svg.getBoundingClientRect();
    const [x, y] = panel.places[n].map((v) => (v / SIDE) * inner.width);
    const left = inner.left - outer.left + x + 14;
    const flip = left + 240 > outer.width;
    this.tip.style.left = `${flip ? left - 28 - this.tip.offsetWidth : left}px`;
    this.tip.style.top = `${inner.top - outer.top + y - 40}px`;
    this.root.dataset.shown = n;
  }

  leave() {
    for (const { ring } of this.panels) place(ring, null);
    this.tip.hidden = true;
  }

  mark(n) {
    for (const { held, places } of this.panels) place(held, n === null ? null : places[n]);
  }

  choose(n) {
    if (n === null || n === this.chosen) return;
    this.chosen = n;
    this.mark(n);
    this.setStateValue("chosen", { image: n, of: this.data.key });
  }

  key(panel, event) {
    const last = panel.places.length - 1;
    const now = Number(this.root.dataset.shown ?? -1);
    if (event.key === "ArrowRight") this.show(Math.min(now + 1, last), panel);
    else if (event.key === "ArrowLeft") this.show(Math.max(now - 1, 0), panel);
    else if (event.key === "Enter" && now >= 0) this.choose(now);
    else if (event.key === "Escape") this.leave();
    else return;
    event.preventDefault();
  }

  remove() {
    this.listeners.abort();
  }
}

/* A line of a length that is easy to say, and its length. */
function scaleBar({ share, text }) {
  const bar = document.createElement("div");
  bar.className = "scale";
  bar.innerHTML = "<i></i><span></span>";
  bar.children[0].style.width = `${100 * share}%`;
  bar.children[1].textContent = text;
  return bar;
}

function place(node, point) {
  node.style.display = point ? "" : "none";
  if (!point) return;
  node.setAttribute("cx", point[0]);
  node.setAttribute("cy", point[1]);
}

export default function (component) {
  const { parentElement, data, setStateValue } = component;
  const root = parentElement.querySelector(".embedding-map");
  const map = instances.get(root) ?? new EmbeddingMap(root);
  instances.set(root, map);
  map.update(data, setStateValue);
  return () => instances.delete(root) && map.remove();
}
