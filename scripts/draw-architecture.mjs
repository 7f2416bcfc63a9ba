// Draws docs/architecture.svg from docs/architecture.json, which the import check enforces.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const docs = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs');

const WIDTH = 1420;
const LEFT = 20;
const BAND = 1020;
const GAP = 10;
const PLAIN_ROW = 56;
const ROOM_HEIGHT = 46;
const ROOMS_A_LINE = 6;
const TOP = 64;
const LIST_LEFT = LEFT + BAND + 80;

const escaped = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function label(x, y, text, style) {
  return `<text x="${x}" y="${y}" class="${style}">${escaped(text)}</text>`;
}

function box(x, y, width, height, style) {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" class="${style}"/>`;
}

/** Layers of each row, the highest row first. */
function rowsOf(layers) {
  const rows = new Map();
  for (const [name, layer] of Object.entries(layers))
    rows.set(layer.row, [...(rows.get(layer.row) ?? []), { name, ...layer }]);
  return [...rows].sort(([one], [other]) => other - one).map(([, row]) => row);
}

function heightOf({ rooms }) {
  if (rooms === undefined) return PLAIN_ROW;
  const lines = Math.ceil(Object.keys(rooms).length / ROOMS_A_LINE);
  return 34 + lines * (ROOM_HEIGHT + 8);
}

function drawRooms({ name, rooms }, x, y, width, places) {
  const step = (width - GAP) / ROOMS_A_LINE;
  return Object.entries(rooms).map(([room, { does }], index) => {
    const left = x + GAP + (index % ROOMS_A_LINE) * step;
    const top = y + 32 + Math.floor(index / ROOMS_A_LINE) * (ROOM_HEIGHT + 8);
    places.set(`${name}/${room}`, { x: left + step - GAP - 12, y: top + 12 });
    return [
      box(left, top, step - GAP, ROOM_HEIGHT, 'room'),
      label(left + 8, top + 18, room, 'name'),
      label(left + 8, top + 34, does, 'small'),
    ].join('\n');
  });
}

function drawLayers(layers, model, places) {
  const drawn = [];
  let y = TOP;
  for (const row of rowsOf(layers)) {
    const width = (BAND - GAP * (row.length - 1)) / row.length;
    const height = Math.max(...row.map(heightOf));
    row.forEach((layer, index) => {
      const x = LEFT + index * (width + GAP);
      places.set(layer.name, { x: x + width - 16, y: y + 16 });
      drawn.push(
        box(x, y, width, height, model.includes(layer.name) ? 'layer model' : 'layer'),
        label(x + 10, y + 22, layer.name, 'title'),
      );
      if (layer.rooms === undefined) drawn.push(label(x + 10, y + 42, layer.does, 'small'));
      else
        drawn.push(
          label(x + 60, y + 22, layer.does, 'small'),
          ...drawRooms(layer, x, y, width, places),
        );
    });
    y += height + GAP;
  }
  return { drawn, bottom: y };
}

/** Several steps may be at one place: their numbers stand side by side, the first to the left. */
function placeSteps(steps, places) {
  return steps.map(({ at }, index) => {
    const place = places.get(at);
    if (place === undefined) throw new Error(`the walk leads through '${at}', which is not drawn`);
    const later = steps.slice(index + 1).filter((step) => step.at === at).length;
    return { x: place.x - later * 24, y: place.y };
  });
}

function drawWalk({ title, steps, hop }, places) {
  const dots = placeSteps(steps, places);
  const points = dots.map(({ x, y }) => `${x},${y}`).join(' ');
  const [from, to] = hop.map((step) => dots[step - 1]);
  const drawn = [
    `<polyline points="${points}" class="walk"/>`,
    `<path d="M ${from.x} ${from.y} C ${from.x + 90} ${from.y - 60}, ${to.x + 90} ${to.y + 60}, ${to.x} ${to.y}" class="hop"/>`,
    ...dots.flatMap(({ x, y }, index) => [
      `<circle cx="${x}" cy="${y}" r="10" class="dot"/>`,
      `<text x="${x}" y="${y + 4}" class="number">${index + 1}</text>`,
    ]),
    label(LIST_LEFT, TOP + 14, 'The walk of one write', 'title'),
  ];
  const lines = [...wrap(title, 42).map((text) => ({ text, style: 'code' })), { text: '' }];
  for (const [index, { at, text }] of steps.entries()) {
    lines.push({ text: `${index + 1}  ${at}`, style: 'name' });
    lines.push(...wrap(text, 46).map((line) => ({ text: line, style: 'small' })));
  }
  lines.push({ text: '' }, { text: 'dashed: the hop over the work queue', style: 'small' });
  lines.forEach(({ text, style = 'small' }, index) => {
    drawn.push(label(LIST_LEFT, TOP + 38 + index * 17, text, style));
  });
  return drawn;
}

function wrap(text, columns) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== '' && last.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}

const STYLE = `
  text { font-family: sans-serif; fill: #1d2733; }
  .head { font-size: 18px; font-weight: bold; }
  .title { font-size: 15px; font-weight: bold; }
  .name { font-size: 12.5px; font-weight: bold; }
  .small { font-size: 11.5px; fill: #42505f; }
  .code { font-size: 12px; font-family: monospace; }
  .layer { fill: #f3f5f8; stroke: #aab6c4; }
  .model { fill: #e9f2ec; stroke: #8fb79d; }
  .room { fill: #ffffff; stroke: #b9cfc0; }
  .walk { fill: none; stroke: #c2571a; stroke-width: 1.6; opacity: 0.55; }
  .hop { fill: none; stroke: #c2571a; stroke-width: 1.6; stroke-dasharray: 5 4; }
  .dot { fill: #c2571a; }
  .number { font-size: 11px; font-weight: bold; fill: #ffffff; text-anchor: middle; }
`;

export function draw({ layers, model, walk }) {
  const places = new Map();
  const { drawn, bottom } = drawLayers(layers, model, places);
  const height = bottom + 30;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">`,
    '<title>cxlbox: layers and rooms</title>',
    `<style>${STYLE}</style>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    label(LEFT, 30, 'cxlbox: layers and rooms', 'head'),
    label(LEFT, 50, 'A layer imports only from below. Green: the model, pure TypeScript.', 'small'),
    ...drawn,
    ...drawWalk(walk, places),
    '</svg>\n',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const picture = draw(JSON.parse(readFileSync(join(docs, 'architecture.json'), 'utf8')));
  writeFileSync(join(docs, 'architecture.svg'), picture);
}
