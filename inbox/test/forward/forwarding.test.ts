import { openTemporaryDatabase } from '../support/temporary-database.js';
import { describeForwarding } from './forwarding.suite.js';

describe('forwarding from SQLite', () => describeForwarding(openTemporaryDatabase));
