/** Reloads a failed page once the database responds. */

import { onNews } from './health.js';

onNews(() => location.reload());
