/** Runs cases in a headless Chromium on SwiftShader. */
import type { TestCase } from './graph.ts';
import type { Result } from './run.ts';
import type { Runner } from './runner.ts';
import { chromiumError, openSourcesPage } from './sources-page.ts';

export async function openChromiumRunner(): Promise<Runner> {
  const { page, host, close } = await openSourcesPage();
  try {
    // As text: a transpiled function would call helpers that the page does not have.
    const adapter = await page.evaluate<string>(
      "import('/conformance/page.ts').then(({ start }) => start())",
    );
    return {
      adapter,
      host,
      run: (testCase: TestCase) =>
        page.evaluate<Result, TestCase>((given) => globalThis.conformance!.run(given), testCase),
      close,
    };
  } catch (error) {
    await close();
    throw chromiumError(error);
  }
}
