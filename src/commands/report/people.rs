//! The reports of people: read by the same code as the endpoints' answers.

use super::{Format, Question, active::Active, breakdown::Report, daily::NEW_USERS, data, hours::Hours, svg, table};
use crate::{
    commands::{
        console::{self, printable_json},
        database,
        failure::Failure,
    },
    dashboard::{busy_times::TimeOfDay, new_users::NewUsers},
    mongo::{self, MongoError},
    people::People,
};

/// Users by the day on which they were created.
///
/// # Errors
/// MongoDB does not tell.
pub async fn new_users(question: &Question<'_>) -> Result<String, Failure> {
    let zone = &question.settings.time_zone;
    let users = question.people().new_users(database::deadline()).await;
    let users = question.may_read(users, "--what users", mongo::USERS).await?;
    if users.is_empty() {
        database::expect_workspace(&question.mongo, question.settings, "new users").await?;
    }
    let mut report = Report::new(&NEW_USERS, question.period, &users, zone.clone());
    if question.fill {
        report.daily.fill();
    }
    Ok(match question.format {
        Format::Table => table::draw(&report, question.paper),
        Format::Csv => data::csv(&report)?,
        Format::Json => {
            let days: Vec<_> = report.daily.days.iter().rev().copied().collect();
            data::json(&NewUsers::of(&report.summary, &days, zone))?
        }
        Format::Svg => svg::draw(&report)?,
    })
}

/// Who was active on each day: written at once, since the endpoint's answer may be large.
///
/// # Errors
/// MongoDB does not tell, or it cannot be written.
pub async fn active(question: &Question<'_>) -> Result<(), Failure> {
    let days = question.period.current;
    let answer = question.people().active(days, database::deadline()).await;
    let answer = question.may_read(answer, "--what active", mongo::SESSIONS).await?;
    if answer.people() == 0 {
        database::expect_workspace(&question.mongo, question.settings, "sessions").await?;
    }
    if question.format == Format::Json {
        // A piece is whole: each has the days or what is around them.
        for piece in answer.into_pieces() {
            console::print(&printable_json(&String::from_utf8_lossy(&piece)))?;
        }
        return Ok(console::print("\n")?);
    }
    let mut active = Active::new(&answer, days, question.settings.time_zone.clone());
    if question.fill {
        active.daily.fill();
    }
    console::print(&match question.format {
        Format::Csv => data::by_day(&active.daily)?,
        Format::Svg => svg::active(&active)?,
        Format::Table | Format::Json => active.table(question.paper),
    })?;
    Ok(())
}

/// People by hour and day, of the sessions that began on the days.
///
/// # Errors
/// MongoDB does not tell.
pub async fn hours(question: &Question<'_>) -> Result<String, Failure> {
    let zone = &question.settings.time_zone;
    let days = question.period.current;
    let (start, after) = zone.span(days.first, days.last);
    let end = after - chrono::TimeDelta::milliseconds(1);
    let answer = question.people().hours(start, end, database::deadline()).await;
    let answer = question.may_read(answer, "--what hours", mongo::SESSIONS).await?;
    if answer.is_empty() {
        database::expect_workspace(&question.mongo, question.settings, "sessions").await?;
    }
    if question.format == Format::Json {
        return Ok(data::json(&TimeOfDay::new(answer))?);
    }
    let hours = Hours::new(&answer, days, zone.clone());
    Ok(match question.format {
        Format::Csv => hours.csv()?,
        Format::Svg => svg::hours(&hours)?,
        Format::Table | Format::Json => hours.table(question.paper),
    })
}

impl Question<'_> {
    fn people(&self) -> People {
        People::new(self.mongo.clone(), self.settings.time_zone.clone(), self.settings.counting.parallelism)
    }

    /// What was read, or why the account may not.
    async fn may_read<T>(
        &self,
        read: Result<T, MongoError>,
        what: &str,
        collection: &'static str,
    ) -> Result<T, Failure> {
        database::may_read(read, what, collection, &self.mongo, self.settings).await
    }
}
