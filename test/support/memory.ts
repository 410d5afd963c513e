import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of all live objects and buffers. */
export async function heldBytes(): Promise<number> {
	// the memory of buffers is freed one collection later
	for (let i = 0; i < 3; i++) {
		collectGarbage();
		await new Promise(setImmediate);
	}
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
}
