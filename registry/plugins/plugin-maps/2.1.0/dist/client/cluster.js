/** Joins markers that would overlap: one per cell of a grid, with how many it stands for. */
export function cluster(markers, cell = 48) {
  const cells = new Map();
  for (const marker of markers) {
    const key = `${Math.floor(marker.x / cell)}/${Math.floor(marker.y / cell)}`;
    const found = cells.get(key);
    if (found) found.count += 1;
    else cells.set(key, { ...marker, count: 1 });
  }
  return [...cells.values()];
}
//# sourceMappingURL=cluster.js.map
