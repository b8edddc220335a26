//! What a request may say, and how.

use utoipa::openapi::{
    ObjectBuilder, Required, Type,
    path::{Parameter, ParameterBuilder, ParameterIn},
};

/// The instants of the documented example.
const EXAMPLE: [&str; 2] = ["2023-05-20T00:00:00.000Z", "2023-05-30T00:00:00.000Z"];

/// The parameters of an endpoint that compares a period with the one before it.
pub fn of_a_period() -> Vec<Parameter> {
    let end = "The period ends with the day of this instant; the whole day counts. It may lie before `start` by less than two days.";
    vec![start(), instant("end", end, EXAMPLE[1])]
}

/// The parameters of an endpoint that takes any days.
pub fn of_days() -> Vec<Parameter> {
    vec![start(), instant("end", "The period ends with the day of this instant; the whole day counts.", EXAMPLE[1])]
}

/// The parameter of an endpoint that is asked about the time up to an instant.
pub fn up_to_an_instant() -> Vec<Parameter> {
    let start = "The instant up to which is asked, written as JavaScript's `toISOString()` writes it.";
    vec![instant("start", start, EXAMPLE[0])]
}

/// The parameters of an endpoint that is asked about the time between two instants.
pub fn of_instants() -> Vec<Parameter> {
    let start = "The instant from which on is asked, written as JavaScript's `toISOString()` writes it.";
    vec![instant("start", start, EXAMPLE[0]), instant("end", "The instant up to which is asked.", EXAMPLE[1])]
}

/// The parameters of an endpoint that gives a list in pages.
pub fn of_a_page() -> Vec<Parameter> {
    let number = |name: &str, description: &str| {
        // As `parseInt` of JavaScript reads it: whatever begins with no number is one, too.
        let schema = ObjectBuilder::new().schema_type(Type::String);
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Query)
            .required(Required::False)
            .description(Some(description))
            .schema(Some(schema))
            .build()
    };
    let offset = "How many rooms to leave out at the beginning; 0 if it is absent or empty. Read as JavaScript's `parseInt` reads \
                  it; what is no number leaves out none. A negative number is refused.";
    let count = "How many rooms to give at most; `API_Default_Count` if it is absent, and never more than \
                 `API_Upper_Count_Limit`. 0 and an empty value are all rooms if `API_Allow_Infinite_Count` is on, and what is no \
                 number in any case. A negative number is refused.";
    let mut parameters = of_days();
    parameters.extend([number("offset", offset), number("count", count)]);
    parameters
}

/// The parameters of the page's data about people.
pub fn of_page_days() -> Vec<Parameter> {
    let parameter = |name: &str, description: &str, required, schema: ObjectBuilder, example: &str| {
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Query)
            .required(required)
            .description(Some(description))
            .schema(Some(schema))
            .example(Some(example.into()))
            .build()
    };
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let day = || text().pattern(Some(day_pattern()));
    let compare = "With which days the period is compared: as many right before it, the same weekdays before it (moved by the fewest \
                   weeks that leave no day in both), or the same weekdays a year before (364 days). Without it there is no comparison.";
    let names = text().enum_values(Some(["previous", "weekdays", "year"]));
    vec![
        parameter("start", "The first day.", Required::True, day(), "2026-11-01"),
        parameter("end", "The last day; less than 36,600 days after `start`.", Required::True, day(), "2026-11-02"),
        parameter("compare", compare, Required::False, names, "previous"),
    ]
}

/// The parameters of the page's data about messages.
pub fn of_page_messages() -> Vec<Parameter> {
    let room = "The `_id` of the only room whose messages count.";
    let schema = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1));
    let room = ParameterBuilder::new()
        .name("room")
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(room))
        .schema(Some(schema))
        .build();
    of_page_days().into_iter().chain([room]).collect()
}

fn start() -> Parameter {
    let start = "The period begins with the day of this instant, in the server's time zone; the whole day counts. Written as \
                 JavaScript's `toISOString()` writes it.";
    instant("start", start, EXAMPLE[0])
}

fn instant(name: &str, description: &str, example: &str) -> Parameter {
    // Not `format: date-time`: many generated clients would write an instant in another of that format's spellings.
    let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some(iso_pattern()));
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::True)
        .description(Some(description))
        .schema(Some(schema))
        .example(Some(example.into()))
        .build()
}

/// The headers of a browser that asks for a page of another origin.
pub fn of_a_browser() -> Vec<Parameter> {
    let header = |name: &str, description: &str, example: &str| {
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(description))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
            .example(Some(example.into()))
            .build()
    };
    vec![
        header("Origin", "The origin of the page.", "https://chat.example.org"),
        header("Access-Control-Request-Method", "The method that the page wants to use.", "GET"),
    ]
}

/// What a valid instant matches, and nothing else does: the calendar of the years 0000 to 9999, leap years included.
/// In the common ground of all dialects of regular expressions.
fn iso_pattern() -> String {
    const LEAP_CENTURY: &str = "(?:[02468][048]|[13579][26])00";
    const TIME: &str = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}";
    format!("^(?:[0-9]{{4}}-{DAY}|(?:[0-9]{{2}}{LEAP}|{LEAP_CENTURY})-02-29)T{TIME}Z$")
}

/// What a day matches that the page's data takes, and nothing else does: those of the years 1970 to 9999.
fn day_pattern() -> String {
    const YEAR: &str = "(?:19[7-9][0-9]|[2-9][0-9]{3})";
    const LEAP_CENTURY: &str = "(?:2[048]|[3579][26]|[468][048])00";
    const LEAP_BEFORE_2000: &str = "19(?:7[26]|8[048]|9[26])";
    format!("^(?:{YEAR}-{DAY}|(?:{LEAP_BEFORE_2000}|[2-9][0-9]{LEAP}|{LEAP_CENTURY})-02-29)$")
}

/// Two digits that are a multiple of four, but not 00.
const LEAP: &str = "(?:0[48]|[2468][048]|[13579][26])";

/// Month and day of a year without a 29th of February.
const DAY: &str = "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)\
                   |02-(?:0[1-9]|1[0-9]|2[0-8]))";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboard::instant::parse_iso_string;

    /// What the pattern and the service must agree about.
    fn spellings() -> impl Iterator<Item = String> {
        let years = (0..=410).chain(1896..=2108).chain([9999, 9996, 10_000]);
        let days = years.flat_map(|year| (0..=13).flat_map(move |month| (0..=32).map(move |day| (year, month, day))));
        let days = days.map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}T00:00:00.000Z"));
        let times = (0..=25).flat_map(|hour| [0, 9, 59, 60].map(|sixtieth| (hour, sixtieth)));
        let times = times.flat_map(|(hour, sixtieth)| {
            [
                format!("{hour:02}:{sixtieth:02}:00.999"),
                format!("{hour:02}:00:{sixtieth:02}.000"),
                format!("{hour}:00:00.000"),
            ]
        });
        let odd = ["", "2023-05-20", "2023-05-20T00:00:00Z", "2023-05-20t00:00:00.000z", "2023-05-20T00:00:00.0000Z"];
        let more = [
            " 2023-05-20T00:00:00.000Z",
            "2023-05-20T00:00:00.000Z ",
            "+002023-05-20T00:00:00.000Z",
            "2023-05-20T00:00:00x000Z",
        ];
        days.chain(times.map(|time| format!("2023-05-20T{time}Z")))
            .chain(odd.into_iter().chain(more).map(str::to_owned))
    }

    #[test]
    fn the_pattern_of_days_takes_exactly_what_the_service_takes() {
        use crate::{dashboard::page::question::PageQuestion, query_string::QueryString, time_zone::TimeZone};
        let schema = serde_json::json!({ "type": "string", "pattern": day_pattern() });
        let pattern = jsonschema::validator_for(&schema).expect("a pattern");
        let years = (1960..=2108).chain([0, 400, 2400, 2500, 3600, 9996, 9999, 10_000]);
        let days = years.flat_map(|year| (0..=13).flat_map(move |month| (0..=32).map(move |day| (year, month, day))));
        for (year, month, day) in days {
            let text = format!("{year:04}-{month:02}-{day:02}");
            let query = format!("start={text}&end={text}");
            let is_taken = PageQuestion::from_query(&QueryString::parse(&query), &TimeZone::UTC).is_ok();
            assert_eq!(pattern.is_valid(&text.as_str().into()), is_taken, "{text:?}");
        }
    }

    #[test]
    fn the_pattern_takes_exactly_what_the_service_takes() {
        let schema = serde_json::json!({ "type": "string", "pattern": iso_pattern() });
        let pattern = jsonschema::validator_for(&schema).expect("a pattern");
        for text in spellings() {
            let is_taken = parse_iso_string(&text).is_some();
            assert_eq!(pattern.is_valid(&text.as_str().into()), is_taken, "{text:?}");
        }
    }
}
