import { openTemporaryDatabase } from '../support/temporary-database.js';
import { describeRefusals } from './refusal-repository.suite.js';

describe('on SQLite', () => describeRefusals(openTemporaryDatabase));
