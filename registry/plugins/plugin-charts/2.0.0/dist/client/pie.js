export function pie(points, { width, height }) {
  const radius = Math.min(width, height) / 2;
  const total = points.reduce((sum, point) => sum + point.value, 0);
  let angle = -Math.PI / 2;
  return points
    .map(({ label, value }) => {
      const from = [radius * Math.cos(angle), radius * Math.sin(angle)];
      angle += (value / total) * 2 * Math.PI;
      const to = [radius * Math.cos(angle), radius * Math.sin(angle)];
      const large = value / total > 0.5 ? 1 : 0;
      return `<path d="M0 0L${from}A${radius} ${radius} 0 ${large} 1 ${to}Z"><title>${label}</title></path>`;
    })
    .join('');
}
//# sourceMappingURL=pie.js.map
