/** Defines a test that needs Unix: signals, socket files, executable scripts. */
export function itOnUnix(title: string, run: () => void | Promise<void>): void {
	if (process.platform === 'win32') it.skip(title, run);
	else it(title, run);
}
