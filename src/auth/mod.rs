//! Who asks, and whether they may (contract sections 3 and 4).
//!
//! [`credentials`] is what was presented, [`viewer`] finds out whom it belongs to, [`permission`] decides. The only
//! thing that leaves this module is a [`Viewer`]: somebody authenticated and permitted; or why there is none.

pub mod credentials;
pub mod permission;
pub mod viewer;

pub use credentials::Refusal;
pub use viewer::Viewer;
