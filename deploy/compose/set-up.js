// Makes the mongod of docker-compose.yml a replica set of one and gives Rocket.Chat its account. Run by mongosh each time
// that everything is started, before mongodb-role.js, which gives the service its own: what is there already stays.
{
    const admin = db.getSiblingDB("admin")
    // MongoDB may have just been started, or be in the middle of making its first user.
    const until = Date.now() + 120_000
    const patiently = (what, attempt) => {
        for (;;) {
            try {
                if (attempt()) return
            } catch (error) {
                if (Date.now() > until) throw error
            }
            if (Date.now() > until) throw new Error(`${what} takes too long`)
            sleep(500)
        }
    }
    patiently("logging in", () => admin.auth("root", process.env.MONGODB_ROOT_PASSWORD).ok)
    if (!admin.hello().setName) {
        rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "mongodb:27017" }] })
    }
    patiently("becoming primary", () => admin.hello().isWritablePrimary)

    // What Rocket.Chat's documentation asks for: its own database, and the right to follow changes.
    const rocketchat = {
        pwd: process.env.ROCKETCHAT_PASSWORD,
        roles: ["readWrite", "dbAdmin", { role: "clusterMonitor", db: "admin" }, { role: "read", db: "local" }],
    }
    const home = db.getSiblingDB("rocketchat")
    if (home.getUser("rocketchat")) {
        home.updateUser("rocketchat", rocketchat)
    } else {
        home.createUser({ user: "rocketchat", ...rocketchat })
    }
}
