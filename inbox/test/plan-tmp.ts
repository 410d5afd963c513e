import { storeMany } from '/work/wt/me/inbox/test/support/many-reports.js';
import { openTemporaryDatabase } from '/work/wt/me/inbox/test/support/temporary-database.js';

(async () => {
	const db = await openTemporaryDatabase();
	const t = performance.now();
	await storeMany(db, 50_000, Date.now());
	console.log('50k', performance.now() - t);
	await db.close();
})();
