/**
 * What the folder of a shared device consists of. Nothing else in it is ever touched.
 */
import { SHARED_NAME } from '../platform/description/types.ts';

export const LOCK = 'lock';
export const FABRIC_LOCK = 'fabric';
export const IDENTITY = 'device.json';
/** A file of this name may be what a killed process left. */
export const UNFINISHED_IDENTITY = 'device.json.new';
/** A file for each host. */
export const HOSTS = 'hosts';
/** Where the hosts can be reached. */
export const SOCKETS = 'sockets';
/** Contents. */
export const MEDIA = 'media';
/** Of a piece of the contents: the device physical address at which it begins. */
export const PIECE = /^[0-9a-f]{13}$/;
/** The rest of a piece that is being cut. */
export const UNFINISHED_PIECE = 'cut';

/** What becomes of a folder that is being removed; no name of a device begins with a dot. */
export const REMOVED = '.removed-';

export type Entry = 'file' | 'socket' | Layout;
/** What an entry is, by its name; undefined: not one of cxlbox. */
export type Layout = (name: string) => Entry | undefined;

const hosts: Layout = (name) => (SHARED_NAME.test(name) ? 'file' : undefined);
const sockets: Layout = (name) => (SHARED_NAME.test(name) ? 'socket' : undefined);
const media: Layout = (name) =>
  PIECE.test(name) || name === UNFINISHED_PIECE ? 'file' : undefined;

const ENTRIES: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  [LOCK, 'file'],
  [FABRIC_LOCK, 'file'],
  [IDENTITY, 'file'],
  [UNFINISHED_IDENTITY, 'file'],
  [HOSTS, hosts],
  [SOCKETS, sockets],
  [MEDIA, media],
]);

export const deviceLayout: Layout = (name) => ENTRIES.get(name);
