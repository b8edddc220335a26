//! What is asked and what is answered, as pure computations: no clock, no BSON, no HTTP (contract sections 6, 7 and 10 to 14).

use utoipa::openapi::{Object, ObjectBuilder, Type};

pub mod active_users;
pub mod breakdown;
pub mod busy_times;
pub mod channels_list;
pub mod instant;
pub mod messages_sent;
pub mod new_users;
pub mod origin;
pub mod page;
pub mod paging;
pub mod parameters;
pub mod period;
pub mod room_details;
pub mod room_sums;
pub mod top_five;

/// The schema of `success` in answers: errors are other types.
fn succeeded() -> Object {
    ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([true])).build()
}
