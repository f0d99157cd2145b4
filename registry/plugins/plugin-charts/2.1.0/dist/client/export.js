/** Offers a drawn chart as an SVG file. */
export function saveAsSVG(chart, name) {
  const source = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360">${chart}</svg>`;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([source], { type: 'image/svg+xml' }));
  link.download = `${name}.svg`;
  link.click();
  URL.revokeObjectURL(link.href);
}
//# sourceMappingURL=export.js.map
