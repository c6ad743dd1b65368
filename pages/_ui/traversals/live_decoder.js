/* Latent sliders with the decoder in the browser.
 *
 * Streamlit calls the default function on every rerun with the same parent element and a
 * safetensors file as data.  Activations are kept channels-last (H, W, C): every inner loop then
 * walks over adjacent numbers, and the result is in the order in which a canvas wants it.
 */

const instances = new WeakMap(); // root element -> what is shown in it
const positions = new Map(); // mount key -> {visit, z}: outlives a popover that closes

/* Shifts float16 bits into float32's places; the factor makes up for the exponents' offsets. */
function fromHalf(bits) {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    words[i] = ((bits[i] & 0x8000) << 16) | ((bits[i] & 0x7fff) << 13);
  }
  const out = new Float32Array(words.buffer);
  for (let i = 0; i < out.length; i++) out[i] *= 2 ** 112;
  return out;
}

function readFile(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const begin = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, begin)));
  const tensor = (name) => {
    const { dtype, data_offsets: [from, to] } = header[name];
    const raw = bytes.slice(begin + from, begin + to); // a copy, because views must be aligned
    if (dtype === "U8") return raw;
    if (dtype === "F32") return new Float32Array(raw.buffer);
    if (dtype === "F16") return fromHalf(new Uint16Array(raw.buffer));
    throw new Error(`Tensor ${name} has the type ${dtype}; expected U8, F16 or F32.`);
  };
  return { meta: JSON.parse(header.__metadata__.live), tensor };
}

/* Activations that are not zero (after a ReLU about half) are listed with their positions. */
const list = (length) => ({ index: new Int32Array(length), value: new Float64Array(length) });

/* Lists x[from .. from + n) and returns how many there are. */
function compact(x, from, n, to) {
  let used = 0;
  for (let k = 0; k < n; k++) {
    const value = x[from + k];
    if (value === 0) continue;
    to.index[used] = k;
    to.value[used++] = value;
  }
  return used;
}

/* The weight of each of `rows` rows for each of n inputs, at(row, input), with eight rows side by
 * side: block of rows, input, row in the block. What is left of the last block is 0. */
function packed(rows, n, at) {
  const w = new Float32Array(padded(rows) * n);
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < n; k++) w[((r >> 3) * n + k) * 8 + (r & 7)] = at(r, k);
  }
  return w;
}

const padded = (rows) => (rows + 7) & ~7;

/* out[r] = bias[r] + sum over the `used` listed k of the packed weight (r, k) times x[k].
 * Eight rows at a time share the loads of x; bias and out are as long as `padded(rows)`. */
function multiply(w, n, { index, value }, used, bias, out) {
  for (let r = 0; r < out.length; r += 8) {
    let a = bias[r], b = bias[r + 1], c = bias[r + 2], d = bias[r + 3];
    let e = bias[r + 4], f = bias[r + 5], g = bias[r + 6], h = bias[r + 7];
    for (let j = 0; j < used; j++) {
      const p = r * n + index[j] * 8, v = value[j];
      a += w[p] * v; b += w[p + 1] * v; c += w[p + 2] * v; d += w[p + 3] * v;
      e += w[p + 4] * v; f += w[p + 5] * v; g += w[p + 6] * v; h += w[p + 7] * v;
    }
    out[r] = a; out[r + 1] = b; out[r + 2] = c; out[r + 3] = d;
    out[r + 4] = e; out[r + 5] = f; out[r + 6] = g; out[r + 7] = h;
  }
}

function linear({ inputs, out: [rows] }, weight, bias) {
  const w = packed(rows, inputs, (r, k) => weight[r * inputs + k]);
  const out = new Float32Array(padded(rows)), shown = out.subarray(0, rows);
  const added = new Float32Array(padded(rows));
  added.set(bias);
  const listed = list(inputs);
  return (x) => {
    multiply(w, inputs, listed, compact(x, 0, inputs, listed), added, out);
    return shown;
  };
}

/* Scatter form: an input pixel is one matrix-vector product to what it adds at every tap of the
 * kernel and output channel, which is then added where that tap lies in the output. */
function convTranspose(layer, weight, bias, [inputs, height, width]) {
  const { out: [outputs, outHeight, outWidth], kernel: [kh, kw] } = layer;
  const { stride: [sh, sw], padding: [ph, pw] } = layer;
  const out = new Float32Array(outputs * outHeight * outWidth);
  const taps = kh * kw, rows = taps * outputs;
  const w = packed(rows, inputs, (r, i) => {
    return weight[(i * outputs + (r % outputs)) * taps + Math.floor(r / outputs)];
  });
  const listed = list(inputs);
  const none = new Float32Array(padded(rows)), added = new Float32Array(padded(rows));

  function scatter(iy, ix) {
    for (let ky = 0; ky < kh; ky++) {
      const oy = iy * sh - ph + ky;
      if (oy < 0 || oy >= outHeight) continue;
      for (let kx = 0; kx < kw; kx++) {
        const ox = ix * sw - pw + kx;
        if (ox < 0 || ox >= outWidth) continue;
        const from = (ky * kw + kx) * outputs, to = (oy * outWidth + ox) * outputs;
        for (let o = 0; o < outputs; o++) out[to + o] += added[from + o];
      }
    }
  }

  return (image) => {
    for (let at = 0; at < out.length; at += outputs) out.set(bias, at);
    for (let iy = 0, from = 0; iy < height; iy++) {
      for (let ix = 0; ix < width; ix++, from += inputs) {
        multiply(w, inputs, listed, compact(image, from, inputs, listed), none, added);
        scatter(iy, ix);
      }
    }
    return out;
  };
}

/* Between torch's flat order (C, H, W) and the channels-last order used here. */
function reorder([channels, height, width], toLast) {
  const area = height * width;
  const out = new Float32Array(channels * area);
  return (x) => {
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < area; p++) {
        if (toLast) out[p * channels + c] = x[c * area + p];
        else out[c * area + p] = x[p * channels + c];
      }
    }
    return out;
  };
}

const each = (f) => (x) => {
  for (let i = 0; i < x.length; i++) x[i] = f(x[i]);
  return x;
};

const sigmoid = each((v) => 1 / (1 + Math.exp(-v)));
const pointwise = { relu: each((v) => (v > 0 ? v : 0)), tanh: each(Math.tanh), sigmoid };

/* Returns decode(z) -> Float32Array (H, W, C) in [0, 1]; its buffers are used again and again. */
function buildDecoder(layers, tensor) {
  let shape = [];
  const steps = layers.map((layer) => {
    const from = shape;
    shape = layer.out;
    const weight = layer.weight && tensor(layer.weight);
    const bias = layer.bias ? tensor(layer.bias) : new Float32Array(shape[0]);
    switch (layer.type) {
      case "linear": return linear(layer, weight, bias);
      case "conv_transpose2d": return convTranspose(layer, weight, bias, from);
      case "unflatten": return reorder(shape, true);
      case "leaky_relu": return each((v) => (v > 0 ? v : layer.slope * v));
      case "flatten": return from.length === 3 ? reorder(from, false) : (x) => x;
      default: return pointwise[layer.type];
    }
  });
  return (z) => sigmoid(steps.reduce((x, step) => step(x), Float32Array.from(z)));
}

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const TOLD_EVERY = 250; // ms: a number that changes with every frame can't be read

const signed = (value) => value.toFixed(2).replace(/^-(?=.*[1-9])/, "\u2212").replace(/^-/, "");

class LiveDecoder {
  frames = 0;
  told = -Infinity; // when the status was last written
  pending = 0;
  held = false; // an arrow key is down: its release counts, not each repeat
  listeners = new AbortController();

  constructor(root) {
    this.root = root;
    const label = { role: "img", "aria-label": "image decoded from the latent code" };
    this.canvas = element("canvas", { "data-testid": "live-canvas", ...label });
    this.status = element("p", { class: "status" });
    this.note = element("p", { class: "note" });
    this.reset = element("button", { type: "button" }, "Back to start");
    this.table = element("div", { class: "rows" });
    const ground = element("div", { class: "ground" }, this.canvas);
    const picture = element("div", { class: "picture" }, ground, this.status, this.note);
    const sliders = element("div", { class: "sliders" }, this.table, this.reset);
    root.replaceChildren(element("div", { class: "layout" }, picture, sliders));

    const { signal } = this.listeners;
    const on = (type, act) => this.table.addEventListener(type, act, { signal });
    on("input", (event) => this.move(event.target));
    on("change", () => this.held || this.release());
    on("keydown", (event) => { this.held = event.key !== "Tab"; });
    on("keyup", () => this.keyReleased());
    on("focusout", () => this.keyReleased());
    on("dblclick", (event) => {
      const row = event.target.closest("[data-row]");
      if (row) this.restore([Number(row.dataset.row)]);
    });
    this.reset.addEventListener("click", () => this.restore(this.z.keys()), { signal });
  }

  /* Takes in what Python sent; keeps the visitor's positions unless a new visit began. */
  update({ meta, tensor }, setStateValue) {
    const before = this.meta;
    Object.assign(this, { meta, setStateValue });
    this.root.dataset.mode = meta.mode;
    this.note.textContent = meta.note;
    const restarted = before?.visit !== meta.visit || before.start.length !== meta.start.length;
    if (restarted) {
      const kept = positions.get(meta.key);
      this.z = [...(kept?.visit === meta.visit ? kept.z : meta.initial)];
      this.sent = JSON.stringify(this.z);
    }
    if (before?.digest !== meta.digest) {
      const [, height, width] = meta.image_shape;
      Object.assign(this.canvas, { width, height });
      this.canvas.style.aspectRatio = `${width} / ${height}`;
      this.pixels = new ImageData(width, height);
      this.decode = meta.mode === "browser" ? buildDecoder(meta.layers, tensor) : null;
      if (!this.decode) this.image = reorder(meta.image_shape, true)(tensor("image"));
    }
    if (restarted || JSON.stringify(before.rows) !== JSON.stringify(meta.rows)) this.layOut();
    this.showValues();
    this.draw();
  }

  layOut() {
    const { rows, start } = this.meta;
    const top = Math.max(...rows.map((row) => row.kl), 1e-9);
    const titles = ["latent", "drag to change", "value", "KL"];
    const head = element("div", { class: "head" }, ...titles.map((t) => element("span", {}, t)));
    this.rows = rows.map(({ latent, kl, active, ...row }) => {
      const [state, word] = active ? ["on", "used"] : ["off", "unused"];
      const min = Math.min(row.min, Math.floor(100 * start[latent]) / 100);
      const max = Math.max(row.max, Math.ceil(100 * start[latent]) / 100);
      const input = element("input", {
        type: "range", min, max, step: 0.01, "data-latent": latent,
        "aria-label": `latent z${latent} (${word})`,
      });
      const width = `width: ${(100 * Math.max(kl, 0)) / top}%`;
      const bar = element("span", { class: "bar" }, element("i", { style: width }));
      const value = element("output", { class: "value" });
      const node = element("div", { class: `row ${state}`, "data-row": latent },
        element("span", { class: "name" }, `z${latent}`, element("span", { class: "mark" }, word)),
        element("span", { class: "range", title: "Double-click to return to the start" },
          ...hill(row, min, max), element("span", { class: "tick" }), input),
        value,
        element("span", { class: "kl" }, bar, kl === null ? "not computed" : `${kl.toFixed(2)} nats`));
      const share = (v) => (v - min) / (max - min || 1); // how far along the slider
      node.style.setProperty("--start", share(start[latent]));
      return { latent, node, input, value, share };
    });
    this.table.classList.toggle("many", rows.length > 13);
    this.table.replaceChildren(head, ...this.rows.map(({ node }) => node));
  }

  /* Touches only the rows whose value or start changed: each touch costs a layout and a paint. */
  showValues() {
    for (const row of this.rows) {
      const { latent, node, input, value, share } = row;
      const now = this.z[latent], start = this.meta.start[latent];
      if (row.now === now && row.start === start) continue;
      Object.assign(row, { now, start });
      // The slider that is being dragged has this value already and must not be disturbed.
      if (Number(input.value) !== now) input.value = now;
      value.textContent = signed(now);
      node.style.setProperty("--from", Math.min(share(start), share(now)));
      node.style.setProperty("--to", Math.max(share(start), share(now)));
    }
  }

  move(input) {
    this.z[Number(input.dataset.latent)] = Number(input.value);
    this.showValues();
    if (this.decode) this.pending ||= requestAnimationFrame(() => this.draw());
  }

  draw() {
    cancelAnimationFrame(this.pending);
    this.pending = 0;
    const { root, pixels } = this;
    const channels = this.meta.image_shape[0];
    const begin = performance.now();
    const image = this.decode ? this.decode(this.z) : this.image;
    const spent = performance.now() - begin;
    const scale = this.decode ? 255 : 1; // Python sends bytes
    const { data } = pixels; // which rounds by itself
    const [green, blue] = channels === 1 ? [0, 0] : [1, 2];
    for (let from = 0, to = 0; to < data.length; from += channels, to += 4) {
      data[to] = scale * image[from];
      data[to + 1] = scale * image[from + green];
      data[to + 2] = scale * image[from + blue];
      data[to + 3] = 255;
    }
    this.canvas.getContext("2d").putImageData(pixels, 0, 0);
    root.dataset.frames = ++this.frames;
    root.dataset.decodeMs = spent.toFixed(2);
    root.dataset.ready = "true";
    const time = `decoded in your browser \u00b7 ${Math.max(1, Math.round(spent))} ms`;
    if (begin - this.told < TOLD_EVERY && this.decode) return;
    this.told = begin;
    this.status.textContent = this.decode ? time : "decoded on the server";
  }

  /* Tells Python once per release, and only of a change. */
  release() {
    const text = JSON.stringify(this.z);
    if (text === this.sent) return;
    this.sent = text;
    const { key, visit, start_id } = this.meta;
    positions.set(key, { visit, z: [...this.z] });
    if (!this.decode) this.status.textContent = "decoding on the server \u2026";
    this.setStateValue("z", { values: [...this.z], start_id, visit });
  }

  keyReleased() {
    if (this.held) this.release();
    this.held = false;
  }

  restore(latents) {
    for (const latent of latents) this.z[latent] = this.meta.start[latent];
    this.showValues();
    if (this.decode) this.draw();
    this.release();
  }

  remove() {
    cancelAnimationFrame(this.pending);
    this.listeners.abort();
  }
}

/* Where the dataset's codes lie along a slider from min to max: nothing, or one drawing. */
function hill({ density, min: low, max: high }, min, max) {
  if (!density) return [];
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  const n = density.length;
  const top = density.map((share, bin) => `L${bin} ${1 - share}L${bin + 1} ${1 - share}`).join("");
  path.setAttribute("d", `M0 1${top}L${n} 1Z`);
  svg.append(path);
  svg.setAttribute("viewBox", `0 0 ${n} 1`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("class", "hill");
  svg.style.setProperty("--from", (low - min) / (max - min));
  svg.style.setProperty("--to", (high - min) / (max - min));
  return [svg];
}

export default function (component) {
  const { parentElement, data, setStateValue } = component;
  const root = parentElement.querySelector(".live-decoder");
  const live = instances.get(root) ?? new LiveDecoder(root);
  instances.set(root, live);
  live.update(readFile(data), setStateValue);
  return () => instances.delete(root) && live.remove();
}
