/** Reloads a page that could not be shown once the database responds. */

import { onNews } from './health.js';

onNews(() => location.reload());
