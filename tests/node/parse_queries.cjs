// Reads a JSON array of query strings from standard input, parses each with the `qs` package of the node_modules
// given as the first argument, and prints what became of the parameters that the service looks at: for each query a
// list of [name, value] in the order of the result; the value is null where it is no string.

const { createRequire } = require('node:module');
const { resolve } = require('node:path');
const { readFileSync } = require('node:fs');

const qs = createRequire(resolve(process.argv[2], 'index.js'))('qs');
const names = ['start', 'end', 'access_token'];

const answers = JSON.parse(readFileSync(0, 'utf8')).map((query) =>
	Object.entries(qs.parse(query))
		.filter(([name]) => names.includes(name))
		.map(([name, value]) => [name, typeof value === 'string' ? value : null]),
);

process.stdout.write(JSON.stringify(answers));
