/* Latent sliders with the decoder in the browser.
 *
 * Streamlit calls the default function on every rerun with the same parent element and a
 * safetensors file as data.  Activations are kept channels-last (H, W, C): every inner loop then
 * walks over adjacent numbers, and the result is in the order in which a canvas wants it.
 */

const instances = new WeakMap(); // parent element -> what is shown in it
const positions = new Map(); // mount key -> {visit, z}: outlives a popover that closes

// ---- reading the file ---------------------------------------------------------------------

let halves;

function fromHalf(bits) {
  if (!halves) {
    halves = new Float32Array(65536);
    for (let i = 0; i < 65536; i++) {
      const sign = i & 0x8000 ? -1 : 1;
      const exponent = (i >> 10) & 31;
      const fraction = i & 1023;
      if (exponent === 31) halves[i] = fraction ? NaN : sign * Infinity;
      else if (exponent === 0) halves[i] = sign * fraction * 2 ** -24;
      else halves[i] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
    }
  }
  const out = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = halves[bits[i]];
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

// ---- the decoder --------------------------------------------------------------------------

const size = (shape) => shape.reduce((product, n) => product * n, 1);

/* out[at + r] = bias[r] + sum over k of w[r * n + k] * x[k], for r < count.
 * Four rows at a time share the loads of x and hide the latency of the additions; rounding to
 * float32 after each step lets the engine stay in single precision. */
function multiply(w, x, n, bias, out, at, count) {
  const f = Math.fround;
  let r = 0;
  for (; r + 4 <= count; r += 4) {
    let p = r * n, q = p + n, s = q + n, t = s + n;
    let a = f(bias[r]), b = f(bias[r + 1]), c = f(bias[r + 2]), d = f(bias[r + 3]);
    for (let k = 0; k < n; k++) {
      const v = x[k];
      a = f(a + f(w[p++] * v));
      b = f(b + f(w[q++] * v));
      c = f(c + f(w[s++] * v));
      d = f(d + f(w[t++] * v));
    }
    out[at + r] = a;
    out[at + r + 1] = b;
    out[at + r + 2] = c;
    out[at + r + 3] = d;
  }
  for (; r < count; r++) {
    let p = r * n, k = 0;
    let a = f(bias[r]), b = f(0), c = f(0), d = f(0);
    for (; k + 4 <= n; k += 4, p += 4) {
      a = f(a + f(w[p] * x[k]));
      b = f(b + f(w[p + 1] * x[k + 1]));
      c = f(c + f(w[p + 2] * x[k + 2]));
      d = f(d + f(w[p + 3] * x[k + 3]));
    }
    for (; k < n; k++) a = f(a + f(w[p++] * x[k]));
    out[at + r] = a + b + c + d;
  }
}

function linear(layer, weight, bias) {
  const out = new Float32Array(layer.out[0]);
  return (x) => {
    multiply(weight, x, layer.inputs, bias, out, 0, out.length);
    return out;
  };
}

/* Gather form: an output pixel's phase (its coordinates modulo the stride) fixes which kernel
 * taps reach it.  Each phase gets its own weights (output channel, tap, input channel), so a
 * pixel is one small matrix-vector product over the input pixels under its taps. */
function convTranspose(layer, weight, bias, [inputs, height, width]) {
  const [outputs, outHeight, outWidth] = layer.out;
  const [kh, kw] = layer.kernel;
  const [sh, sw] = layer.stride;
  const [ph, pw] = layer.padding;
  const out = new Float32Array(size(layer.out));
  const phases = [];
  for (let y = 0; y < sh; y++) {
    for (let x = 0; x < sw; x++) {
      const taps = [];
      for (let ky = (y + ph) % sh; ky < kh; ky += sh) {
        for (let kx = (x + pw) % sw; kx < kw; kx += sw) taps.push([ky, kx]);
      }
      const n = taps.length * inputs;
      const w = new Float32Array(outputs * n);
      for (let o = 0, at = 0; o < outputs; o++) {
        for (const [ky, kx] of taps) {
          for (let i = 0; i < inputs; i++) w[at++] = weight[((i * outputs + o) * kh + ky) * kw + kx];
        }
      }
      phases.push({ y, x, taps, n, w, patch: new Float32Array(n) });
    }
  }
  return (image) => {
    for (const { y, x, taps, n, w, patch } of phases) {
      for (let oy = y; oy < outHeight; oy += sh) {
        for (let ox = x; ox < outWidth; ox += sw) {
          let to = 0;
          for (let t = 0; t < taps.length; t++) {
            const iy = (oy + ph - taps[t][0]) / sh;
            const ix = (ox + pw - taps[t][1]) / sw;
            if (iy >= 0 && iy < height && ix >= 0 && ix < width) {
              let from = (iy * width + ix) * inputs;
              for (let i = 0; i < inputs; i++) patch[to++] = image[from++];
            } else {
              for (let i = 0; i < inputs; i++) patch[to++] = 0;
            }
          }
          multiply(w, patch, n, bias, out, (oy * outWidth + ox) * outputs, outputs);
        }
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

function each(f) {
  return (x) => {
    for (let i = 0; i < x.length; i++) x[i] = f(x[i]);
    return x;
  };
}

const sigmoid = each((v) => 1 / (1 + Math.exp(-v)));
const pointwise = { relu: each((v) => (v > 0 ? v : 0)), tanh: each(Math.tanh), sigmoid };

/* Returns decode(z) -> Float32Array (H, W, C) in [0, 1]; its buffers are used again and again. */
function buildDecoder(layers, tensor) {
  const steps = [];
  let shape = [];
  for (const layer of layers) {
    const weight = layer.weight && tensor(layer.weight);
    const bias = layer.bias ? tensor(layer.bias) : new Float32Array(layer.out[0]);
    if (layer.type === "linear") steps.push(linear(layer, weight, bias));
    else if (layer.type === "conv_transpose2d") steps.push(convTranspose(layer, weight, bias, shape));
    else if (layer.type === "unflatten") steps.push(reorder(layer.out, true));
    else if (layer.type === "flatten" && shape.length === 3) steps.push(reorder(shape, false));
    else if (layer.type in pointwise) steps.push(pointwise[layer.type]);
    else if (layer.type !== "flatten") throw new Error(`Unknown layer type ${layer.type}.`);
    shape = layer.out;
  }
  return (z) => sigmoid(steps.reduce((x, step) => step(x), Float32Array.from(z)));
}

// ---- what is on the page ------------------------------------------------------------------

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const signed = (value) => (value < 0 ? "\u2212" : "") + Math.abs(value).toFixed(2);

class LiveDecoder {
  constructor(root) {
    this.root = root;
    this.frames = 0;
    this.pending = 0;
    this.held = false; // an arrow key is down: its release counts, not each repeat
    this.listeners = new AbortController();
    this.canvas = element("canvas", { "data-testid": "live-canvas", role: "img" });
    this.canvas.setAttribute("aria-label", "image decoded from the latent code");
    this.status = element("p", { class: "status" }, "loading the decoder");
    this.note = element("p", { class: "note" });
    this.reset = element("button", { type: "button" }, "Back to start");
    this.table = element("div", { class: "rows" });
    const picture = element("div", { class: "picture" });
    picture.append(element("div", { class: "ground" }, this.canvas), this.status, this.note);
    const sliders = element("div", { class: "sliders" }, this.table, this.reset);
    root.replaceChildren(element("div", { class: "layout" }, picture, sliders));

    const on = (target, type, act) =>
      target.addEventListener(type, act, { signal: this.listeners.signal });
    on(this.table, "input", (event) => this.move(event.target));
    on(this.table, "change", () => this.held || this.release());
    on(this.table, "keydown", (event) => { this.held = event.key !== "Tab"; });
    on(this.table, "keyup", () => this.keyReleased());
    on(this.table, "focusout", () => this.keyReleased());
    on(this.table, "dblclick", (event) => this.restore(event.target.closest("[data-row]")));
    on(this.reset, "click", () => this.restoreAll());
  }

  /* Takes in what Python sent; keeps the visitor's positions unless a new visit began. */
  update({ meta, tensor }, setStateValue) {
    const before = this.meta;
    this.meta = meta;
    this.setStateValue = setStateValue;
    this.root.dataset.mode = meta.mode;
    this.note.textContent = meta.note;
    if (before?.visit !== meta.visit || before.start.length !== meta.start.length) {
      const kept = positions.get(meta.key);
      this.z = kept?.visit === meta.visit ? [...kept.z] : [...meta.start];
      this.sent = JSON.stringify(this.z);
    }
    if (before?.digest !== meta.digest) {
      const [channels, height, width] = meta.image_shape;
      this.canvas.width = width;
      this.canvas.height = height;
      this.canvas.style.aspectRatio = `${width} / ${height}`;
      this.pixels = new ImageData(width, height);
      const isDrawn = meta.mode === "server";
      this.decode = isDrawn ? null : buildDecoder(meta.layers, tensor);
      if (isDrawn) this.image = reorder(meta.image_shape, true)(tensor("image"));
      this.channels = channels;
    }
    if (JSON.stringify(before?.rows) !== JSON.stringify(meta.rows)) this.layOut();
    this.showValues();
    this.draw();
  }

  layOut() {
    const { rows, start } = this.meta;
    const top = Math.max(...rows.map((row) => row.kl), 1e-9);
    const titles = ["latent", "posterior mean \u2192 drag", "value", "KL"];
    const head = element("div", { class: "head" }, ...titles.map((t) => element("span", {}, t)));
    this.rows = rows.map((row) => {
      const name = `z${row.latent}`;
      const state = row.active ? "on" : "off";
      const input = element("input", {
        type: "range", min: row.min, max: row.max, step: 0.01, "data-latent": row.latent,
        "aria-label": `latent ${name} (${state})`,
      });
      const tick = element("span", { class: "tick" });
      const value = element("output", { class: "value" });
      const bar = element("span", { class: "bar" }, element("i"));
      bar.firstChild.style.width = `${(100 * Math.max(row.kl, 0)) / top}%`;
      const node = element("div", { class: `row ${state}`, "data-row": row.latent },
        element("span", { class: "name" }, name, element("span", { class: "mark" }, state)),
        element("span", { class: "range", title: "Double-click to go back to the start" }, tick, input),
        value,
        element("span", { class: "kl" }, bar, `${row.kl.toFixed(2)} nats`));
      return { latent: row.latent, row, node, input, value };
    });
    this.table.replaceChildren(head, ...this.rows.map(({ node }) => node));
  }

  showValues(only) {
    for (const { latent, row, node, input, value } of this.rows) {
      if (only !== undefined && only !== latent) continue;
      const start = this.meta.start[latent];
      const low = Math.min(row.min, Math.floor(100 * start) / 100);
      const high = Math.max(row.max, Math.ceil(100 * start) / 100);
      const share = (v) => (v - low) / (high - low || 1);
      input.min = low;
      input.max = high;
      // Assigning rounds to the step; while a thumb is dragged it must not be disturbed.
      if (only === undefined && Number(input.value) !== this.z[latent]) input.value = this.z[latent];
      value.textContent = signed(this.z[latent]);
      node.style.setProperty("--start", share(start));
      node.style.setProperty("--from", Math.min(share(start), share(this.z[latent])));
      node.style.setProperty("--to", Math.max(share(start), share(this.z[latent])));
    }
  }

  move(input) {
    this.z[Number(input.dataset.latent)] = Number(input.value);
    this.showValues(Number(input.dataset.latent));
    if (this.decode) this.pending ||= requestAnimationFrame(() => this.draw());
  }

  draw() {
    cancelAnimationFrame(this.pending);
    this.pending = 0;
    const { root, channels, pixels } = this;
    const begin = performance.now();
    const image = this.decode ? this.decode(this.z) : this.image;
    const spent = performance.now() - begin;
    const scale = this.decode ? 255 : 1; // Python sends bytes
    for (let p = 0, from = 0, to = 0; p < pixels.width * pixels.height; p++, from += channels) {
      for (let c = 0; c < 3; c++) pixels.data[to++] = Math.round(scale * image[from + (c % channels)]);
      pixels.data[to++] = 255;
    }
    this.canvas.getContext("2d").putImageData(pixels, 0, 0);
    root.dataset.frames = ++this.frames;
    root.dataset.decodeMs = spent.toFixed(2);
    root.dataset.ready = "true";
    const time = spent < 1 ? "under 1 ms" : `${Math.round(spent)} ms`;
    this.status.textContent = this.decode ? `decoded in your browser \u00b7 ${time}` : "decoded by Python";
  }

  /* Tells Python once per release, and only of a change. */
  release() {
    const text = JSON.stringify(this.z);
    if (text === this.sent) return;
    this.sent = text;
    const { key, visit, start_id } = this.meta;
    positions.set(key, { visit, z: [...this.z] });
    if (!this.decode) this.status.textContent = "Python is decoding \u2026";
    this.setStateValue("z", { values: [...this.z], start_id, visit });
  }

  keyReleased() {
    if (this.held) this.release();
    this.held = false;
  }

  restore(row) {
    if (!row) return;
    const latent = Number(row.dataset.row);
    this.z[latent] = this.meta.start[latent];
    this.restored();
  }

  restoreAll() {
    this.z = [...this.meta.start];
    this.restored();
  }

  restored() {
    this.showValues();
    if (this.decode) this.draw();
    this.release();
  }

  remove() {
    cancelAnimationFrame(this.pending);
    this.listeners.abort();
    this.root.replaceChildren();
  }
}

export default function (component) {
  const { parentElement, data, setStateValue } = component;
  const root = parentElement.querySelector(".live-decoder");
  let live = instances.get(parentElement);
  if (live?.root !== root) {
    live?.remove();
    live = new LiveDecoder(root);
    instances.set(parentElement, live);
  }
  live.update(readFile(data), setStateValue);
  return () => {
    live.remove();
    if (instances.get(parentElement) === live) instances.delete(parentElement);
  };
}
