//! The collections of Rocket.Chat's that are read, and of which fields.

/// Users: `{_id, roles, active, services.resume.loginTokens}`.
pub const USERS: &str = "users";
/// Roles: `{_id}`.
pub const ROLES: &str = "rocketchat_roles";
/// Permissions: `{_id, roles}`.
pub const PERMISSIONS: &str = "rocketchat_permissions";
/// Settings: `{_id, value}`.
pub const SETTINGS: &str = "rocketchat_settings";
/// OAuth access tokens: `{accessToken, userId, expires}`.
pub const OAUTH_ACCESS_TOKENS: &str = "rocketchat_oauth_access_tokens";
/// Rooms: `{_id, t}`.
pub const ROOMS: &str = "rocketchat_room";
/// Messages: `{_id, rid, ts, t, _hidden}`.
pub const MESSAGES: &str = "rocketchat_message";

/// What people did: `{type, userId, year, month, day, loginAt, closedAt, mostImportantRole}`.
pub const SESSIONS: &str = "rocketchat_sessions";

/// Rocket.Chat's own counters, which only `verify` reads: `{type, date, room, messages}`.
pub const ANALYTICS: &str = "rocketchat_analytics";
