import './style.css';

const COLUMN = 240;
const ROW = 112;

/** Places nodes on a grid: a branch goes one column to the right. */
export function layout(nodes) {
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  const places = new Map();
  const visit = (key, row, column) => {
    const node = byKey.get(key);
    if (!node || places.has(key)) return;
    places.set(key, { x: column * COLUMN, y: row * ROW });
    if (node.type === 'condition') {
      visit(node.config.whenTrue, row + 1, column);
      visit(node.config.whenFalse, row + 1, column + 1);
    } else {
      visit(node.next, row + 1, column);
    }
  };
  const first = nodes.find((node) => node.first);
  if (first) visit(first.key, 0, 0);
  return places;
}

export default function register(app) {
  app.routes.add('/workflows/:id', { title: 'title', load: () => import('./canvas.js') });
}
//# sourceMappingURL=index.js.map
