import { lockFolder } from '../../database/folder-lock.js';

/** A process that takes a folder and keeps it; run by the tests of the lock. */
lockFolder(process.argv[2] ?? '').then(() => {
	process.send?.('locked');
});
