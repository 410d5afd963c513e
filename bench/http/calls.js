/**
 * Calls over the IPC channel between the command and its processes: `{ id, name, argument }` there,
 * `{ id, value }` or `{ id, error }` back.
 */

/**
 * The child's side: answers calls until the parent goes away.
 *
 * @param {Record<string, (argument: any) => unknown>} functions - by name
 */
export function answerCalls(functions) {
	process.on(
		'message',
		async (/** @type {{ id: number, name: string, argument: unknown }} */ { id, name, argument }) => {
			try {
				process.send?.({ id, value: await functions[name]?.(argument) });
			} catch (error) {
				process.send?.({ id, error: error instanceof Error ? error.message : String(error) });
			}
		},
	);
	process.on('disconnect', () => process.exit());
}

/**
 * The parent's side.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @returns {(name: string, argument?: unknown) => Promise<any>}
 */
export function caller(child) {
	let last = 0;
	return (name, argument) =>
		new Promise((resolve, reject) => {
			const id = ++last;
			const onExit = () => finish(() => reject(new Error('the process ended')));
			const onMessage = (/** @type {any} */ message) => {
				if (message.id !== id) return;
				finish(() => (message.error === undefined ? resolve(message.value) : reject(new Error(message.error))));
			};
			const finish = (/** @type {() => void} */ settle) => {
				child.off('message', onMessage).off('exit', onExit);
				settle();
			};
			child.on('message', onMessage).on('exit', onExit);
			child.send({ id, name, argument });
		});
}
