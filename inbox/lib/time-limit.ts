/**
 * Waits for a limited time. A result after that is ignored.
 *
 * @throws Error with `message` if the time is over
 */
export async function withTimeLimit<T>(running: Promise<T>, limitMs: number, message: string): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_resolve, reject) => {
		timer = setTimeout(() => reject(new Error(message)), limitMs);
	});
	try {
		return await Promise.race([running, late]);
	} finally {
		clearTimeout(timer);
	}
}
