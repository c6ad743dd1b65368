// @ts-check
/** A sequential network's forward pass, from the records and tensors that Python sends. */
import { toChannelsFirst, toChannelsLast } from "./channels_last.js";
import { convolution } from "./convolution.js";
import { gate } from "./gate.js";
import { linear } from "./linear.js";
import { leakyRelu, relu, sigmoid, tanh } from "./pointwise.js";
import { transposedConvolution } from "./transposed_convolution.js";

/** @import { Tensor } from "./safetensors.js" */
/** @import { Geometry } from "./transposed_convolution.js" */
/** @typedef {[channels: number, height: number, width: number]} Image shape, as in torch */
/** @typedef {(x: Float32Array) => Float32Array} Step */
/** @typedef {{weight: string, bias?: string}} Weights names of tensors */
/**
 * @typedef {{type: "linear", inputs: number, out: [number]} & Weights
 *   | {type: "conv2d" | "conv_transpose2d"} & Geometry & Weights
 *   | {type: "gate", slope: string, offset: string, out: number[]}
 *   | {type: "unflatten", out: Image}
 *   | {type: "flatten", out: [number]}
 *   | {type: "leaky_relu", slope: number, out: number[]}
 *   | {type: "relu" | "tanh" | "sigmoid", out: number[]}} Layer
 */
/**
 * @typedef {object} Network
 * @property {(x: ArrayLike<number>) => Float32Array} run an image (H, W, C) or a code to what the
 *   last layer makes of it; overwritten the next time
 * @property {(eta: number) => void} at sets the gates, before `run` if there are any
 */

/**
 * @param {Layer} layer
 * @param {number[]} from the shape of the input; empty for a code
 * @param {Tensor} tensor
 * @returns {Step}
 */
function step(layer, from, tensor) {
  const image = /** @type {Image} */ (from);
  switch (layer.type) {
    case "linear":
    case "conv2d":
    case "conv_transpose2d": {
      const weight = tensor(layer.weight);
      const bias = layer.bias ? tensor(layer.bias) : new Float32Array(layer.out[0]);
      if (layer.type === "linear") return linear(layer.inputs, layer.out[0], weight, bias);
      if (layer.type === "conv2d") return convolution(layer, weight, bias, image);
      return transposedConvolution(layer, weight, bias, image);
    }
    case "unflatten": return toChannelsLast(layer.out);
    case "flatten": return from.length === 3 ? toChannelsFirst(image) : (x) => x;
    case "leaky_relu": return leakyRelu(layer.slope);
    case "relu": return relu;
    case "tanh": return tanh;
    case "sigmoid": return sigmoid;
    default: throw new Error(`There is no code for ${JSON.stringify(layer)}.`);
  }
}

/**
 * @param {Layer[]} layers
 * @param {number[]} from the shape of the input; empty for a code
 * @param {Tensor} tensor
 * @returns {Network}
 */
export function buildNetwork(layers, from, tensor) {
  const gates = /** @type {ReturnType<typeof gate>[]} */ ([]);
  const steps = layers.map((layer, n) => {
    if (layer.type !== "gate") return step(layer, n ? layers[n - 1].out : from, tensor);
    gates.push(gate(tensor(layer.slope), tensor(layer.offset)));
    return gates[gates.length - 1].step;
  });
  return {
    at: (eta) => gates.forEach((each) => each.set(eta)),
    run: (input) => {
      /** @type {Float32Array} */
      let x = Float32Array.from(input);
      for (const act of steps) x = act(x);
      return x;
    },
  };
}
