/** The Artifacts tab of a run page, for the journeys that look at files. */
import { expect, type Frame, type Locator } from '@playwright/test';

/** Choose a file; the look at it. */
export async function lookAt(panel: Locator, path: string): Promise<Locator> {
  await panel
    .locator('.jp-Mlops-Artifact')
    .filter({ has: panel.page().getByText(path, { exact: true }) })
    .click();
  const preview = panel.getByRole('region', { name: path, exact: true });
  await expect(preview).toBeVisible();
  return preview;
}

/** The frame that holds the file, inside the frame that holds that. */
export async function innermost(preview: Locator): Promise<Frame> {
  const outer = await (
    await preview.locator('iframe').elementHandle()
  )?.contentFrame();
  await expect
    .poll(() => outer?.childFrames().length, { intervals: [10, 20, 40, 80] })
    .toBe(1);
  const inner = outer?.childFrames()[0];
  if (!inner) {
    throw new Error('The file is in no frame.');
  }
  await inner.waitForLoadState();
  return inner;
}
