//! The decision whether somebody may ask (contract section 4). Pure.

/// The permission that a viewer needs.
pub const VIEW_ENGAGEMENT_DASHBOARD: &str = "view-engagement-dashboard";

/// The permission of viewers whose calls are not counted for the rate limit.
pub const BYPASS_RATE_LIMIT: &str = "api-bypass-rate-limit";

/// The roles that have it while the database does not say.
pub const BYPASS_DEFAULT_ROLES: [&str; 3] = ["admin", "bot", "app"];

/// Those who have this role are refused whatever else they have.
const GUEST: &str = "guest";

/// What the database says about a permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// There is no such permission: the default roles have it.
    Default,
    /// The roles of its document. None if the document's roles are no array of strings.
    Roles(Vec<String>),
}

/// The roles that the workspace has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KnownRoles {
    /// The collection of roles is empty, so it says nothing about anyone's.
    Unrecorded,
    /// Those of the user's roles that exist.
    Recorded(Vec<String>),
}

/// Whether a user with `roles` has what `grant` gives.
pub fn permits(roles: &[String], known: &KnownRoles, grant: &Grant, default_roles: &[impl AsRef<str>]) -> bool {
    let is_granted = |role: &String| match grant {
        Grant::Default => default_roles.iter().any(|default| default.as_ref() == role),
        Grant::Roles(roles) => roles.contains(role),
    };
    let exists = |role: &String| match known {
        KnownRoles::Unrecorded => true,
        KnownRoles::Recorded(known) => known.contains(role),
    };
    let is_guest = roles.iter().any(|role| role == GUEST);
    !is_guest && roles.iter().any(|role| is_granted(role) && exists(role))
}
