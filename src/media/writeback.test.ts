import { expect, test } from 'vitest';
import { deviceOfMount } from './writeback.ts';

const MOUNTINFO = `22 28 0:21 / /sys rw - sysfs sysfs rw
91 22 0:52 / /sys/bus rw - tmpfs cxlbox rw
92 91 0:53 / /sys/bus/fuse rw - fuse cxlbox rw,user_id=0
`;

test('the device number of a mount', () => {
  expect(deviceOfMount('/sys/bus/fuse', MOUNTINFO)).toBe('0:53');
  expect(deviceOfMount('/nowhere', MOUNTINFO)).toBeUndefined();
});
