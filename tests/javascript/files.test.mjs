/* Files of pages that stand alone. */
import assert from "node:assert/strict";
import test from "node:test";
import { whole } from "../../betavae_core/browser/network/files.js";

test("bytes of even and odd places come together again", () => {
  for (const text of ["", "a", "ab", "abc", "the bytes of a file"]) {
    const bytes = [...text].map((letter) => letter.charCodeAt(0));
    const apart = [...bytes.filter((_, n) => n % 2 === 0), ...bytes.filter((_, n) => n % 2)];
    assert.deepEqual([...whole(Uint8Array.from(apart))], bytes);
  }
});
