import { openMemoryDatabase } from '../database/memory-database.js';
import { describeReportRepository } from './report-repository.suite.js';

describe('reportRepository on PGlite', () => describeReportRepository(openMemoryDatabase));
