//! What is asked and what is answered, as pure computations: no clock, no BSON, no HTTP (contract sections 6 and 7).

pub mod messages_sent;
pub mod period;
pub mod room_sums;
