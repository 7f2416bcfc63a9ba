/** Which layers and rooms there are and what each may import, as docs/architecture.json says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Room {
  readonly imports: readonly string[];
}

interface Layer extends Room {
  /** The folders of the layer. Files of the layer itself are its base or its top. */
  readonly rooms?: Readonly<Record<string, Room>>;
}

interface Architecture {
  readonly layers: Readonly<Record<string, Layer>>;
  /** Layers that import nothing of Node. `MODEL` among the imports of a layer means all of them. */
  readonly model: readonly string[];
}

const file = join(import.meta.dirname, '..', '..', 'docs', 'architecture.json');
const { layers, model } = JSON.parse(readFileSync(file, 'utf8')) as Architecture;

export const MODEL = model;

export const ALLOWED: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(layers).map(([name, { imports }]) => [
    name,
    imports.flatMap((each) => (each === 'MODEL' ? model : [each])),
  ]),
);

export const ROOMS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> =
  Object.fromEntries(
    Object.entries(layers).flatMap(([name, { rooms }]) =>
      rooms === undefined
        ? []
        : [
            [
              name,
              Object.fromEntries(
                Object.entries(rooms).map(([room, { imports }]) => [room, imports]),
              ),
            ],
          ],
    ),
  );
