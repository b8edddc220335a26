// Asks for the documented example with Rocket.Chat's own REST client library and prints what it gives.
// Arguments: base URL, user id, token.
const { RestClient } = require('@rocket.chat/api-client');

const [baseUrl, userId, token] = process.argv.slice(2);
const client = new RestClient({ baseUrl });
client.setCredentials({ 'X-User-Id': userId, 'X-Auth-Token': token });
client
	.get('/v1/engagement-dashboard/messages/messages-sent', {
		start: '2023-05-20T00:00:00.000Z',
		end: '2023-05-30T00:00:00.000Z',
	})
	.then((answer) => console.log(JSON.stringify(answer)))
	.catch(async (refusal) => {
		console.log(refusal.status, typeof refusal.json === 'function' ? JSON.stringify(await refusal.json()) : refusal);
		process.exitCode = 1;
	});
