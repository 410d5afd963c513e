import { openTemporaryDatabase } from '../../support/temporary-database.js';
import { describePageQueries } from './page-queries.suite.js';

describe('the queries of the page, on SQLite', () => describePageQueries(openTemporaryDatabase));
