/** Loads a page again that could not be shown, once the database answers. */

import { onNews } from './health.js';

onNews(() => location.reload());
