/**
 * Walks between an endpoint and the host bridge: which ports a target of a region passes, and
 * through which dport.
 */
import type { EndpointDecoder } from '../objects/decoder.ts';
import type { Dport, Port } from '../objects/port.ts';

/** The endpoint, then switch ports, last the host bridge; the root is not part of it. */
export function portsUpward(decoder: EndpointDecoder): Port[] {
  const ports: Port[] = [];
  for (
    let port: Port | undefined = decoder.port;
    port !== undefined && port.kind !== 'root';
    port = port.parent
  ) {
    ports.push(port);
  }
  return ports;
}

/** The host bridge's dport in the root through which the decoder is reached. */
export function rootDport(decoder: EndpointDecoder): Dport | undefined {
  return portsUpward(decoder).at(-1)?.parentDport;
}

/** The dport of `port` through which the decoder is reached; undefined at the endpoint itself. */
export function dportToward(port: Port, decoder: EndpointDecoder): Dport | undefined {
  for (let at: Port | undefined = decoder.port; at !== undefined; at = at.parent) {
    if (at.parent === port) return at.parentDport;
  }
  return undefined;
}
