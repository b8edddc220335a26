// Gives rocketchat-engagement its account in MongoDB, which may read eight collections of Rocket.Chat's database, follow
// two of them, and do nothing else. Run it with mongosh as somebody who may create users and roles there:
//
//     mongosh 'mongodb://admin@127.0.0.1:27017/?authSource=admin' deploy/mongodb-role.js
//
// mongosh asks for the administrator's password, and this script for the new account's. Run it again at any time: the
// role and the account are set right, rights that they have beyond it are taken away, and the password stays. An account that
// was not made by this script, and may do more than read, is left alone.
//
// Environment:
//     ENGAGEMENT_DATABASE  Rocket.Chat's database, in which role and account are kept as well; rocketchat
//     ENGAGEMENT_USER      the account's name; engagement
//     ENGAGEMENT_PASSWORD  its password, where nobody is there to be asked; replaces the password of an account
{
    const role = "engagement"
    const database = process.env.ENGAGEMENT_DATABASE || "rocketchat"
    const user = process.env.ENGAGEMENT_USER || "engagement"

    const reads = [
        "users",
        "rocketchat_roles",
        "rocketchat_permissions",
        "rocketchat_settings",
        "rocketchat_oauth_access_tokens",
        "rocketchat_room",
        "rocketchat_message",
        // Without this one the four paths about sessions, and the page's people, answer 503.
        "rocketchat_sessions",
    ]
    // Without these two it answers all the same, more slowly.
    const follows = ["rocketchat_room", "rocketchat_message"]

    const on = (collection, action) => ({ resource: { db: database, collection }, actions: [action] })
    const privileges = [
        ...reads.map((collection) => on(collection, "find")),
        ...follows.map((collection) => on(collection, "changeStream")),
    ]
    const home = db.getSiblingDB(database)
    const known = home.getUser(user)
    // Somebody may have written Rocket.Chat's own account here: without its rights the chat cannot write.
    const others = known ? known.roles.map((one) => one.role).filter((name) => name !== "read") : []
    if (others.length > 0 && !others.includes(role)) {
        throw new Error(
            `the account ${user} in ${database} is somebody else's: it has ${others.join(", ")} and not ${role}. Nothing was changed. ` +
                "Give the new account another name with ENGAGEMENT_USER, or take these roles away first.",
        )
    }
    if (home.getRole(role)) {
        home.updateRole(role, { privileges, roles: [] })
    } else {
        home.createRole({ role, privileges, roles: [] })
    }

    const account = { roles: [{ role, db: database }] }
    if (process.env.ENGAGEMENT_PASSWORD) {
        account.pwd = process.env.ENGAGEMENT_PASSWORD
    } else if (!known) {
        print(`Password for the new account ${user}:`)
        account.pwd = passwordPrompt()
    }
    if (known) {
        home.updateUser(user, account)
    } else {
        home.createUser({ user, ...account })
    }
    print(`${known ? "Updated" : "Created"} the account ${user} in the database ${database}: it can read and follow, nothing else.`)
}
