import { openTemporaryDatabase } from '../support/temporary-database.js';
import { describeErasure } from './erasure.suite.js';

describe('erasing a number, on SQLite', () => describeErasure(openTemporaryDatabase));
