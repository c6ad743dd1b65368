// @ts-check
/** The component on a page of the dashboard. */
import { mounted } from "../controls/mount.js";
import { StepKeys } from "./step_keys.js";

export default mounted(".step-keys", StepKeys);
