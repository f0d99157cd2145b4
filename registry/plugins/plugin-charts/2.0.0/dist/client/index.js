import { niceTicks } from './scale.js';
import { bars } from './bars.js';
import { pie } from './pie.js';
import './style.css';

export const types = { bar: bars, line: bars.asLine, pie };

export function draw(type, points, { width, height }) {
  const top = Math.max(0, ...points.map((point) => point.value));
  return types[type](points, { width, height, ticks: niceTicks(0, top, 5) });
}

export default function register(app) {
  app.blocks.add('chart', { title: 'title', draw });
}
//# sourceMappingURL=index.js.map
