import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** The bytes of objects and buffers that are still in use. */
export async function heldBytes(): Promise<number> {
	// the bytes of buffers are returned after the collection that found them unused
	for (let i = 0; i < 3; i++) {
		collectGarbage();
		await new Promise(setImmediate);
	}
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
}
