//! The pictures of the guide, of the demonstration's workspace.

import { given, scenario } from '../browser.mjs';

await scenario(async (open) => {
  for (const [name, options, clip] of [
    ['page', { viewport: { width: 1280, height: 1280 } }, { width: 1280, height: 1080 }],
    ['page-dark', { viewport: { width: 1280, height: 1280 }, colorScheme: 'dark' }, { width: 1280, height: 1080 }],
    ['page-phone', { viewport: { width: 360, height: 740 } }, { width: 360, height: 740 }],
  ]) {
    const visit = await open(options);
    const page = await visit.go('?period=30d&compare=weekdays');
    await page.waitForFunction(() => document.readyState === 'complete' && window.Chart);
    await page.evaluate(() => document.fonts.ready);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    await page.screenshot({ path: `${given.directory}/${name}.png`, clip: { x: 0, y: 0, ...clip } });
  }
});
