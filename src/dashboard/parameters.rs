//! Parameters as they come, and the first thing that is wrong with them (contract section 6). Pure.

use chrono::{DateTime, Utc};

use super::instant::parse_iso_string;
use crate::query_string::QueryString;

/// Why parameters cannot be used. The texts are those of the 400 answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidParameters {
    /// A parameter is there and is no valid date.
    #[error("Match error: Failed Match.Where validation in field {0}")]
    NoDate(&'static str),
    /// A parameter is there and is an array or an object.
    #[error("Match error: Expected string, got object in field {0}")]
    NoText(&'static str),
    /// A parameter is missing.
    #[error("Match error: Missing key '{0}'")]
    Missing(&'static str),
    /// The end lies two days or more before the start.
    #[error("The end of the period lies two days or more before its start")]
    EndBeforeStart,
    /// The page's own parameters.
    #[error(transparent)]
    Page(#[from] InvalidQuestion),
    /// Fewer than no rooms are to be skipped.
    #[error("invalid argument to $skip stage: Expected a non-negative number in: $skip: {0}")]
    NegativeOffset(i64),
    /// Fewer than no rooms are wanted.
    #[error("invalid argument to $limit stage: Expected a non-negative number in: $limit: {0}")]
    NegativeCount(i64),
}

/// The most days that a period has: a hundred years.
pub const MOST_DAYS: u64 = 36_600;

/// Why the parameters of the page's data cannot be used. Each text names the parameter and says what would be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidQuestion {
    /// It is missing, or no day.
    #[error("{0}: write one day of the years 1970 to 9999, such as 2026-11-30")]
    NoDay(&'static str),
    /// There is no day between them.
    #[error("end: write a day that is not before start")]
    EndBeforeStart,
    /// There are too many.
    #[error("end: write a day that is less than {MOST_DAYS} days after start")]
    TooLong,
    /// No comparison that there is.
    #[error("compare: write one of previous, weekdays and year, or leave it out")]
    NoComparison,
    /// No `_id` of a room.
    #[error("room: write the _id of one room, or leave it out")]
    NoRoom,
}

/// What an endpoint knows of; the others are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// A date that must be there.
    Date(&'static str),
    /// A text that may be missing.
    Text(&'static str),
}

/// The value of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value<'a> {
    Date(DateTime<Utc>),
    Text(&'a str),
}

/// The parameters that an endpoint knows of, without errors.
#[derive(Debug)]
pub struct Given<'a>(Vec<(&'static str, Value<'a>)>);

impl<'a> Given<'a> {
    /// Reads the parameters that an endpoint knows of, in the order of the query string.
    ///
    /// # Errors
    /// The first one that is not of its kind; else the first date that is missing, in the order of `known`.
    pub fn read(query: &'a QueryString<'_>, known: &[Parameter]) -> Result<Self, InvalidParameters> {
        let mut given = Self(Vec::new());
        for (name, value) in query.parameters() {
            for parameter in known {
                match *parameter {
                    Parameter::Date(field) if field == name => {
                        let date = value.text().and_then(parse_iso_string).ok_or(InvalidParameters::NoDate(field))?;
                        given.0.push((field, Value::Date(date)));
                    }
                    Parameter::Text(field) if field == name => {
                        let text = value.text().ok_or(InvalidParameters::NoText(field))?;
                        given.0.push((field, Value::Text(text)));
                    }
                    Parameter::Date(_) | Parameter::Text(_) => {}
                }
            }
        }
        for parameter in known {
            if let Parameter::Date(field) = *parameter {
                given.date(field)?;
            }
        }
        Ok(given)
    }

    /// A date.
    ///
    /// # Errors
    /// It is missing.
    pub fn date(&self, field: &'static str) -> Result<DateTime<Utc>, InvalidParameters> {
        match self.value(field) {
            Some(Value::Date(date)) => Ok(date),
            _ => Err(InvalidParameters::Missing(field)),
        }
    }

    /// A text, if it is there.
    pub fn text(&self, field: &'static str) -> Option<&'a str> {
        match self.value(field)? {
            Value::Text(text) => Some(text),
            Value::Date(_) => None,
        }
    }

    fn value(&self, field: &'static str) -> Option<Value<'a>> {
        self.0.iter().find(|(name, _)| *name == field).map(|(_, value)| *value)
    }
}

/// The dates of a period.
pub const START_AND_END: [Parameter; 2] = [Parameter::Date("start"), Parameter::Date("end")];
