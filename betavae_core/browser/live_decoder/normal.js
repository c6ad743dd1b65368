// @ts-check
/** @returns {number} drawn from the standard normal distribution (Box and Muller) */
export const normal = () =>
  Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
