const y = (value, ticks, height) => height - (value / ticks.at(-1)) * height;

export function bars(points, { width, height, ticks }) {
  const step = width / points.length;
  return points
    .map(({ label, value }, index) => {
      const top = y(value, ticks, height);
      return `<rect x="${index * step + 2}" y="${top}" width="${step - 4}" height="${height - top}"><title>${label}: ${value}</title></rect>`;
    })
    .join('');
}

bars.asLine = (points, { width, height, ticks }) => {
  const step = width / Math.max(1, points.length - 1);
  const path = points.map(({ value }, index) => `${index * step},${y(value, ticks, height)}`).join(' ');
  return `<polyline fill="none" points="${path}"/>`;
};
//# sourceMappingURL=bars.js.map
