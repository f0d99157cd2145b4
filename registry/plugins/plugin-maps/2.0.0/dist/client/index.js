import './style.css';

const SIZE = 128;

/** Web Mercator: degrees to the pixel of the whole world at a zoom level. */
export function project({ longitude, latitude }, zoom) {
  const world = SIZE * 2 ** zoom;
  const sine = Math.sin((latitude * Math.PI) / 180);
  return {
    x: ((longitude + 180) / 360) * world,
    y: (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * world,
  };
}

export function visibleTiles(center, zoom, { width, height }) {
  const { x, y } = project(center, zoom);
  const last = 2 ** zoom - 1;
  const clamp = (value) => Math.min(last, Math.max(0, Math.floor(value / SIZE)));
  const tiles = [];
  for (let row = clamp(y - height / 2); row <= clamp(y + height / 2); row++) {
    for (let column = clamp(x - width / 2); column <= clamp(x + width / 2); column++) {
      tiles.push({ row, column, url: `/plugins/maps/tiles/${zoom}/${column}/${row}.png` });
    }
  }
  return tiles;
}

export default function register(app) {
  app.blocks.add('map', { title: 'title', project, visibleTiles });
}
//# sourceMappingURL=index.js.map
