// Lets mongodb-role.js, run after it by the same mongosh, speak to MongoDB as the administrator. An argument of mongosh would
// show the password in the list of processes.
db = connect(process.env.MONGO_ADMIN_URL)
