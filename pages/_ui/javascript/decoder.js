// @ts-check
/** A sequential decoder's forward pass, from the records and tensors that Python sends. */
import { toChannelsFirst, toChannelsLast } from "./channels_last.js";
import { linear } from "./linear.js";
import { leakyRelu, relu, sigmoid, tanh } from "./pointwise.js";
import { transposedConvolution } from "./transposed_convolution.js";

/** @import { Tensor } from "./safetensors.js" */
/** @import { Geometry } from "./transposed_convolution.js" */
/** @typedef {[channels: number, height: number, width: number]} Image shape, as in torch */
/** @typedef {(x: Float32Array) => Float32Array} Step */
/** @typedef {(z: ArrayLike<number>) => Float32Array} Decode to (H, W, C) in [0, 1] */
/** @typedef {{weight: string, bias?: string}} Weights names of tensors */
/**
 * @typedef {{type: "linear", inputs: number, out: [number]} & Weights
 *   | {type: "conv_transpose2d"} & Geometry & Weights
 *   | {type: "unflatten", out: Image}
 *   | {type: "flatten", out: [number]}
 *   | {type: "leaky_relu", slope: number, out: number[]}
 *   | {type: "relu" | "tanh" | "sigmoid", out: number[]}} Layer
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
    case "conv_transpose2d": {
      const weight = tensor(layer.weight);
      const bias = layer.bias ? tensor(layer.bias) : new Float32Array(layer.out[0]);
      if (layer.type === "linear") return linear(layer.inputs, layer.out[0], weight, bias);
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
 * @param {Tensor} tensor
 * @returns {Decode} whose buffers are used again and again
 */
export function buildDecoder(layers, tensor) {
  const steps = layers.map((layer, n) => step(layer, n ? layers[n - 1].out : [], tensor));
  return (z) => {
    /** @type {Float32Array} */
    let x = Float32Array.from(z);
    for (const act of steps) x = act(x);
    return sigmoid(x);
  };
}
