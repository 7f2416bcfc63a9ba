/**
 * `modprobe` and `rmmod`.
 */
import type { Tool } from './tool.ts';

function moduleTool(action: 'load' | 'unload'): Tool {
  return (context, [name = '']) => ({
    status: context.module(action, name) === undefined ? 0 : 1,
  });
}

export const modprobe = moduleTool('load');
export const rmmod = moduleTool('unload');
