import { chatTemplate } from '@lowrank/models';
import { expect, it } from '@lowrank/testing';
import { strftime } from './strftime.js';

it("writes dates as Python's strftime does, in English", () => {
  // datetime(2026, 3, 1, 0, 5, 9).strftime(...)
  const date = new Date(2026, 2, 1, 0, 5, 9);
  expect(strftime('%d %b %Y, %A %a %B %m/%y %H:%M:%S %I %p 100 %% %q', date)).toBe(
    '01 Mar 2026, Sunday Sun March 03/26 00:05:09 12 AM 100 % %q',
  );
  expect(chatTemplate("{{ strftime_now('%Y') }}").render([])).toBe(String(new Date().getFullYear()));
});
