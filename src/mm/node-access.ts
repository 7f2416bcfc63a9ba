/** Node access classes (skeleton). */
import type { AccessCoordinates } from './config.ts';

export type AccessClass = 0 | 1;

export declare class NodeAccess {
  /** node_update_perf_attrs(): new values for an existing class; a node without it is left alone. */
  updateAccess(nid: number, accessClass: AccessClass, coordinates: AccessCoordinates): void;
  coordinates(nid: number, accessClass: AccessClass): AccessCoordinates | undefined;
}
