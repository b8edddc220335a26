// Asks the engagement dashboard's endpoints with Rocket.Chat's own REST client library, one after the other, and prints what
// each gives, a line each. Arguments: base URL, user id, token, then for each question a path and its parameters as JSON.
const { RestClient } = require('@rocket.chat/api-client');

const [baseUrl, userId, token, ...questions] = process.argv.slice(2);
const client = new RestClient({ baseUrl });
client.setCredentials({ 'X-User-Id': userId, 'X-Auth-Token': token });

async function ask(path, parameters) {
	try {
		return JSON.stringify(await client.get(`/v1/engagement-dashboard/${path}`, JSON.parse(parameters)));
	} catch (refusal) {
		return `${refusal.status} ${typeof refusal.json === 'function' ? JSON.stringify(await refusal.json()) : refusal}`;
	}
}

(async () => {
	for (let place = 0; place < questions.length; place += 2) {
		console.log(await ask(questions[place], questions[place + 1]));
	}
})();
