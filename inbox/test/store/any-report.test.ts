import { openTemporaryDatabase } from '../support/temporary-database.js';
import { describeAnyReport } from './any-report.suite.js';

describe('any report on SQLite', () => describeAnyReport(openTemporaryDatabase));
