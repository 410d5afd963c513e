import { expect } from 'chai';
import { conformanceChecks, runConformance, Target } from '../../lib/conformance/index.js';
import { app, EXPRESS, listen, stopServers } from '../support/server.js';

describe('conformance', () => {
	for (const [name, express] of Object.entries(EXPRESS)) {
		describe(`of the middleware in ${name}`, () => {
			let target: Target;

			before(async () => {
				const { port } = await listen(app(undefined, {}, express));
				target = new Target(`http://127.0.0.1:${port}/mm7`);
			});
			after(stopServers);

			for (const { id, level, clause, title, run } of conformanceChecks) {
				it(`${id} ${level} ${title} (${clause})`, async () => {
					await run(target);
				});
			}
		});
	}

	it('is kept by the middleware that handles read replies too', async () => {
		const { port } = await listen(app(undefined, { readReplies: () => undefined }));
		const results = await runConformance(`http://127.0.0.1:${port}/mm7`);
		expect(results.filter(({ passed }) => !passed)).to.deep.equal([]);
		await stopServers();
	});

	describe('of receivers that do not conform', () => {
		afterEach(stopServers);

		/** Ways to get it wrong that were seen in the wild. */
		const WRONG: Record<string, [status: number, type: string, body: string]> = {
			'a blank 200': [200, 'text/xml; charset=utf-8', ''],
			'200 OK as text': [200, 'text/plain', 'OK'],
			'a blank 500': [500, 'text/plain', ''],
			'the same fault for everything': [
				500,
				'text/xml; charset=utf-8',
				'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault>' +
					'<faultcode>e:Server</faultcode><faultstring>x</faultstring></e:Fault></e:Body></e:Envelope>',
			],
		};
		for (const [name, [status, type, body]] of Object.entries(WRONG)) {
			it(`fails every check for ${name}`, async () => {
				const { port } = await listen((req, res) => {
					req.resume();
					res.writeHead(status, { 'Content-Type': type }).end(body);
				});
				const results = await runConformance(`http://127.0.0.1:${port}/`);
				expect(results).to.have.length(conformanceChecks.length);
				expect(results.filter(({ passed }) => passed).map(({ check }) => check.id)).to.deep.equal([]);
				for (const { reason } of results) expect(reason).to.be.a('string').that.is.not.empty;
			});
		}

		it('says what is wrong in one phrase', async () => {
			const { port } = await listen(app(() => ({ statusCode: 3000 })));
			const results = await runConformance(`http://127.0.0.1:${port}/mm7`);
			const failed = results.find(({ check }) => check.id === 'MM7-102');
			expect(failed).to.deep.include({ passed: false, reason: 'StatusCode is 3000, not 1000' });
		});

		it('fails for nobody at home', async () => {
			const results = await runConformance('http://127.0.0.1:9/');
			expect(results.every(({ passed }) => !passed)).to.equal(true);
		});
	});

	it('numbers every check once, in order', () => {
		const ids = conformanceChecks.map(({ id }) => id);
		expect(new Set(ids).size).to.equal(ids.length);
		expect(ids).to.deep.equal([...ids].sort());
	});

	it('refuses what is no URL of HTTP', () => {
		expect(() => new Target('ftp://localhost/')).to.throw(TypeError);
		expect(() => new Target('localhost')).to.throw(TypeError);
	});
});
