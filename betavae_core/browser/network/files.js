// @ts-check
/** Files of a page that stands alone: inside it as text, or beside it. */
import { readSafetensors } from "./safetensors.js";

/** @type {Map<string, ReturnType<typeof read>>} by their names: several views may need the same */
const opened = new Map();

/**
 * The file in the element with this name; it has the address of one that lies beside the page.
 * @param {string} name
 */
export function openFile(name) {
  const file = opened.get(name) ?? read(name);
  opened.set(name, file);
  return file;
}

/** @param {string} name */
async function read(name) {
  const node = document.querySelector(`[data-file="${name}"]`);
  if (!(node instanceof HTMLElement)) throw new Error(`The page has no file ${name}.`);
  const { src } = node.dataset;
  const bytes = src ? await loaded(src) : bytesOf(node.innerText);
  return readSafetensors(whole(await inflated(bytes)));
}

/** @param {string} text in base64 */
export const bytesOf = (text) =>
  Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));

/** @param {string} address */
async function loaded(address) {
  const answer = await fetch(address).catch(() => null); // null: the page came from no server
  if (!answer?.ok) throw new Error(`${address} cannot be loaded from a web server.`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Puts the bytes of even places, which come first, between those of odd places.
 * @param {Uint8Array} apart
 */
export function whole(apart) {
  const out = new Uint8Array(apart.length), half = (apart.length + 1) >> 1;
  for (let i = 0; i < apart.length; i++) out[i] = apart[i & 1 ? half + (i >> 1) : i >> 1];
  return out;
}
