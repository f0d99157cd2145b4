import { layout } from './index.js';

export default function Canvas({ workflow, t, React }) {
  const places = layout(workflow.nodes);
  return React.createElement(
    'div',
    { className: 'workflow-canvas' },
    workflow.nodes.map((node) => {
      const { x, y } = places.get(node.key) ?? { x: 0, y: 0 };
      const style = { transform: `translate(${x}px, ${y}px)` };
      return React.createElement('div', { key: node.key, className: `workflow-node is-${node.type}`, style }, t(`node.${node.type}`));
    }),
  );
}
//# sourceMappingURL=canvas.js.map
