/** `it` for what Windows does not have: signals, sockets that are files, and programs that are scripts. */
export const itOnUnix = process.platform === 'win32' ? it.skip : it;
