//! Whether MongoDB can be used, as the operations that came to an end have found it. One that runs out of time knows no
//! more than that; those that go on without a caller, until the driver gives up, find out why.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use log::info;

use super::MongoError;

/// Shorter absences are not worth a line when they are over.
const ABSENCE: Duration = Duration::from_secs(1);

/// Since when and why MongoDB cannot be used, if the last operation found it so.
#[derive(Debug, Default)]
pub(super) struct Reachability(Mutex<Option<(Instant, MongoError)>>);

impl Reachability {
    /// Takes notice of how an operation ended.
    pub(super) fn note<T>(&self, result: &Result<T, MongoError>) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match result {
            Err(error @ (MongoError::Unreachable(_) | MongoError::Refused(_))) => {
                let since = last.as_ref().map_or_else(Instant::now, |(since, _)| *since);
                *last = Some((since, error.clone()));
            }
            // Whoever answers with another error answers.
            _ => {
                if let Some((since, MongoError::Unreachable(_))) = last.take()
                    && since.elapsed() >= ABSENCE
                {
                    info!("MongoDB can be reached now");
                }
            }
        }
    }

    /// Why an operation had no time to find anything out: as it seems, for the same reason as the last one.
    pub(super) fn why_late(&self) -> MongoError {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().map_or(MongoError::TooSlow, |(_, error)| error.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::{MongoError, Reachability};

    #[test]
    fn a_late_operation_has_the_last_known_error_until_mongodb_answers() {
        let reachability = Reachability::default();
        assert!(matches!(reachability.why_late(), MongoError::TooSlow));
        reachability.note::<()>(&Err(MongoError::Unreachable("nothing listens".to_owned())));
        assert!(matches!(reachability.why_late(), MongoError::Unreachable(text) if text == "nothing listens"));
        reachability.note::<()>(&Err(MongoError::Refused("no rights".to_owned())));
        assert!(matches!(reachability.why_late(), MongoError::Refused(_)));
        reachability.note::<()>(&Err(MongoError::Failed("an answer".to_owned())));
        assert!(matches!(reachability.why_late(), MongoError::TooSlow));
        reachability.note::<()>(&Err(MongoError::Unreachable(String::new())));
        reachability.note(&Ok(()));
        assert!(matches!(reachability.why_late(), MongoError::TooSlow));
    }
}
