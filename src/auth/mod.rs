//! Who asks, and whether they may (contract sections 3 and 4). Knows no HTTP but the values of headers.
//!
//! [`credentials`] is what was presented, [`look_up`] finds out whom it belongs to, [`permission`] decides. The only
//! thing that leaves this module is a [`Viewer`]: somebody authenticated and permitted; or why there is none.

pub mod credentials;
pub mod look_up;
pub mod permission;

pub use credentials::{Credentials, Refusal};
pub use look_up::{Denied, Viewer};
