// @ts-check
/** The component on a page of the dashboard. */
import { mounted } from "../controls/mount.js";
import { EmbeddingMap } from "./embedding_map.js";

export default mounted(".embedding-map", EmbeddingMap);
