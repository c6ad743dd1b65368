/* Prints the pixels of sprites: node sprites.mjs FILE, which lists their factors. */
import { readFileSync } from "node:fs";
import { drawSprite } from "../../betavae_core/browser/live_decoder/sprite.js";

const sprites = JSON.parse(readFileSync(process.argv[2], "utf8"));
console.log(JSON.stringify(sprites.map((sprite) => [...drawSprite(sprite)])));
