//! The report of messages: counted by the same code as the endpoint's, with the names of rooms.

use bson::{RawDocument, doc};

use super::{
    Format, Question,
    breakdown::{self, By, Parts, Report, Room},
    data, svg, table,
};
use crate::{
    commands::{database, failure::Failure, progress::Progress},
    mongo::{self, Mongo, MongoError, Operation, Query},
    tally::counter::Counter,
};

/// Counts, and writes it in words, numbers or lines.
///
/// # Errors
/// MongoDB does not give the counts.
pub async fn report(question: &Question<'_>, by: By<'_>) -> Result<String, Failure> {
    let Question { settings, mongo, period, .. } = question;
    let zone = &settings.time_zone;
    let counted = {
        let counter = Counter::new(mongo.clone(), settings.counting.clone(), zone.clone());
        let (from, to) = zone.span(period.days().first, period.days().last);
        let progress = Progress::new("counting", from, to);
        let reached = |at| progress.reached(at);
        counter.count(period.days(), breakdown::windows(period), database::deadline(), &reached).await?
    };
    if counted.types.is_empty() {
        database::expect_workspace(mongo, settings, "messages").await?;
    }
    let mut report = Report::of_messages(*period, &counted, zone.clone(), by);
    if question.fill {
        report.daily.fill();
    }
    if let Parts::Rooms(rooms) = &mut report.parts {
        name(&mut rooms.busiest, mongo).await?;
    }
    Ok(match question.format {
        Format::Table => table::draw(&report, question.paper),
        Format::Csv => data::csv(&report)?,
        Format::Json => data::messages(&report)?,
        Format::Svg => svg::draw(&report)?,
    })
}

/// Looks the names of rooms up. Direct messages have none, and who writes to whom is nobody's business here.
async fn name(rooms: &mut [Room], mongo: &Mongo) -> Result<(), MongoError> {
    let ids: Vec<_> = rooms.iter().map(|room| room.id.as_str()).collect();
    let pipeline = vec![
        doc! { "$match": { "_id": { "$in": ids }, "t": { "$ne": "d" } } },
        doc! { "$project": { "name": 1, "fname": 1 } },
    ];
    let query = Query { collection: mongo::ROOMS, pipeline, hint: None, operation: Operation::CountedRooms };
    let take = |names: &mut Vec<_>, row: &RawDocument| {
        // What people see is `fname`, where a room has one.
        let name = ["fname", "name"].into_iter().find_map(|key| row.get_str(key).ok().filter(|name| !name.is_empty()));
        if let (Ok(id), Some(name)) = (row.get_str("_id"), name) {
            names.push((id.to_owned(), name.to_owned()));
        }
    };
    for (id, name) in mongo.aggregate(query, database::deadline(), Vec::new(), take).await? {
        if let Some(room) = rooms.iter_mut().find(|room| room.id == id) {
            room.name = Some(name);
        }
    }
    Ok(())
}
