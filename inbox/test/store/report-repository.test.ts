import { openTwice } from '../support/temporary-database.js';
import { describeReportRepository } from './report-repository.suite.js';

describe('ReportRepository on SQLite', () => describeReportRepository(openTwice));
