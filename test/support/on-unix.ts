/** `it` for tests that need Unix: signals, socket files, executable scripts. */
export const itOnUnix = process.platform === 'win32' ? it.skip : it;
