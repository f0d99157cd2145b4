/** Round tick values that cover low…high: steps of 1, 2 or 5 times a power of ten. */
export function niceTicks(low, high, count) {
  if (high <= low) return [low];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough) * power;
  const first = Math.floor(low / step);
  // Multiplied, not added up: 0.1 added three times is not 0.3.
  return Array.from({ length: Math.ceil(high / step) - first + 1 }, (_, index) => (first + index) * step);
}
//# sourceMappingURL=scale.js.map
