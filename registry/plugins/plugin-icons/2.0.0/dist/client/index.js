import index from '../../icons/index.json';

/** Names that contain every word of the search, shortest first. */
export function search(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return index.icons
    .filter((name) => words.every((word) => name.includes(word)))
    .sort((left, right) => left.length - right.length || left.localeCompare(right));
}

/** A React component that draws one path and takes the size and color of the text around it. */
export function createIcon(title, path) {
  const Icon = ({ React, size = '1em' }) =>
    React.createElement(
      'svg',
      { width: size, height: size, viewBox: '0 0 24 24', fill: 'none', stroke: 'currentColor', role: 'img' },
      React.createElement('title', null, title),
      React.createElement('path', { d: path, strokeWidth: 2, strokeLinecap: 'round' }),
    );
  Icon.displayName = title;
  return Icon;
}

export default function register(app) {
  app.icons.addSource('acme', { search, load: (name) => import(`../../icons/${name}.js`) });
}
//# sourceMappingURL=index.js.map
