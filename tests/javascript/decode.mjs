/* Prints what the browser would draw of a file, for codes: node decode.mjs FILE '[[z …], …]' */
import { readFileSync } from "node:fs";
import { buildDecoder } from "../../pages/_ui/javascript/decoder.js";
import { readSafetensors } from "../../pages/_ui/javascript/safetensors.js";

const [path, codes] = process.argv.slice(2);
const { metadata, tensor } = readSafetensors(new Uint8Array(readFileSync(path)));
const decode = buildDecoder(JSON.parse(metadata.live).layers, tensor);
console.log(JSON.stringify(JSON.parse(codes).map((z) => [...decode(z)])));
