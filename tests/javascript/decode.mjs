/* Prints what the browser computes of a model file: node decode.mjs FILE '[{beta?, z?, image?}, …]'
 * gives for each the image (H, W, C) of a code z, or the posterior of an image (H, W, C). */
import { readFileSync } from "node:fs";
import { Model } from "../../betavae_core/browser/network/model.js";
import { readSafetensors } from "../../betavae_core/browser/network/safetensors.js";

const [path, questions] = process.argv.slice(2);
const { metadata, tensor } = readSafetensors(new Uint8Array(readFileSync(path)));
const model = new Model(JSON.parse(metadata.live), tensor);

function answer({ beta, z, image }) {
  if (beta) model.at(beta);
  if (z) return [...model.decode(z)];
  const { mean, sd } = model.encode(image);
  return { mean: [...mean], sd: [...sd] };
}
console.log(JSON.stringify(JSON.parse(readFileSync(questions, "utf8")).map(answer)));
