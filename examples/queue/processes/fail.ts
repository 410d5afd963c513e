/** Exit code of what would end in the same way if it were started again, such as a wrong configuration. */
export const HOPELESS = 78;

/** Ends the process with one line for a person, who needs no stack to put it right. */
export function fail(error: unknown): never {
	console.error(oneLine(error));
	process.exit(HOPELESS);
}

/** What an error means for the person who started the program. */
export function oneLine(error: unknown): string {
	const { code, port, address, message } = error as NodeJS.ErrnoException & { port?: number; address?: string };
	if (code === 'EADDRINUSE')
		return `Port ${port} of ${address} is in use: set another one, or stop the program that has it`;
	if (code === 'EACCES' && port !== undefined)
		return `Port ${port} needs rights that this user lacks: set one above 1023`;
	if (code === 'EADDRNOTAVAIL') return `This machine has no address ${address}: set HOST`;
	return message || code || String(error);
}
