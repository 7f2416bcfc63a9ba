import { describe, expect, it } from 'vitest';
import { KernfsDirectory, KernfsFile, linkTo, pathOf } from './node.ts';
import { resolve } from './resolve.ts';

function tree(): { root: KernfsDirectory; bus: KernfsDirectory; device: KernfsDirectory } {
  const root = new KernfsDirectory('');
  const bus = root.addDirectory('bus').addDirectory('cxl');
  const device = root.addDirectory('devices').addDirectory('platform').addDirectory('root0');
  return { root, bus, device };
}

describe('links', () => {
  it('are relative, through the nearest common directory', () => {
    const { bus, device } = tree();
    expect(bus.add(linkTo('root0', device)).read()).toBe('../../devices/platform/root0');
    expect(device.add(linkTo('subsystem', bus)).read()).toBe('../../../bus/cxl');
    expect(device.add(linkTo('self', device)).read()).toBe('../root0');
  });

  it('are followed by path resolution, and not at the end on request', () => {
    const { root, bus, device } = tree();
    bus.add(linkTo('root0', device));
    expect(resolve(root, '/bus/cxl/root0')).toBe(device);
    expect(resolve(root, '/bus/cxl/root0/../root0')).toBe(device);
    expect(resolve(root, '/bus/cxl/root0', false).kind).toBe('link');
  });
});

describe('removal', () => {
  it('makes all below inactive', () => {
    const { root, device } = tree();
    const file = device.add(new KernfsFile('size', 0o444, { show: () => '0\n' }));
    expect(file.active).toBe(true);
    root.remove('devices');
    expect(file.active).toBe(false);
    expect(() => resolve(root, '/devices/platform')).toThrow('ENOENT');
  });

  it('refuses a duplicate name', () => {
    const { device } = tree();
    device.addDirectory('memory');
    expect(() => device.addDirectory('memory')).toThrow('EEXIST');
  });
});

describe('children made on demand', () => {
  function sourced(): { directory: KernfsDirectory; made: string[] } {
    const made: string[] = [];
    const directory = new KernfsDirectory('memory');
    directory.addSource({
      lookup: (name) => {
        if (name !== 'memory48') return undefined;
        made.push(name);
        return new KernfsDirectory(name);
      },
      names: () => ['memory48'],
    });
    return { directory, made };
  }

  it('are the same node as long as somebody holds it', () => {
    const { directory, made } = sourced();
    const held = directory.lookup('memory48');
    expect(held && pathOf(held)).toBe('/memory48');
    expect(directory.lookup('memory48')).toBe(held);
    expect(made).toEqual(['memory48']);
    expect(directory.sortedNames()).toEqual(['memory48']);
  });

  it('go dead when their source drops them', () => {
    const { directory, made } = sourced();
    const held = directory.lookup('memory48');
    directory.dropSourced('memory48');
    expect(held?.active).toBe(false);
    expect(directory.lookup('memory48')).not.toBe(held);
    expect(made).toHaveLength(2);
  });
});
