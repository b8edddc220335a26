//! The page's people: how many are new, how many were active, and at which hours. Pure; ids of persons stay outside.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{Datelike, Days, NaiveDate};
use roaring::RoaringBitmap;
use serde::Serialize;
use utoipa::ToSchema;

use super::{PageDays, question::PageQuestion, text};
use crate::dashboard::{messages_sent::DayCounts, period::DayRange};

/// Hours of a day.
pub const HOURS: usize = 24;

/// The longest window that a point of the curves looks back over: the day itself and 29 before it.
pub const MOST_DAYS_BACK: u64 = 29;

/// Who was active, by numbers that stand for people. Days that are absent had nobody.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    /// The first day of which it is known.
    pub since: Option<NaiveDate>,
    /// The last one.
    pub today: NaiveDate,
    /// The people of each day.
    pub days: BTreeMap<NaiveDate, Arc<RoaringBitmap>>,
}

/// How many people were there in each hour of a day. Days that are absent had nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourlyPeople {
    /// The first day of which it is known.
    pub since: Option<NaiveDate>,
    /// The last one.
    pub today: NaiveDate,
    /// The different people of each hour, in the server's time zone.
    pub days: BTreeMap<NaiveDate, [u32; HOURS]>,
}

/// The people of a period.
// The order of the fields is the order of the keys on the wire.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PagePeople)]
pub struct People {
    #[serde(flatten)]
    #[schema(inline)]
    window: PageDays,
    /// The days that it is compared with.
    #[schema(required)]
    compare: Option<PageDays>,
    new: NewPeople,
    active: ActivePeople,
    hours: PeopleByHour,
}

/// Users who were created on each day.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NewPeople {
    /// Every day of the period, oldest first.
    days: Vec<NewOnDay>,
    /// The same of the days that it is compared with.
    compare_days: Vec<NewOnDay>,
}

#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
struct NewOnDay {
    #[schema(format = Date)]
    day: String,
    people: u64,
}

/// Different people who were active.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ActivePeople {
    /// The first day of which it is known; none if it is of no day.
    #[schema(required, format = Date)]
    since: Option<String>,
    /// Every day of the period, oldest first.
    days: Vec<ActiveOnDay>,
    /// The same of the days that it is compared with.
    compare_days: Vec<ActiveOnDay>,
}

/// Different people of a day, and of 7 and 30 days that end with it. `null` where it is not known of all of these.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
struct ActiveOnDay {
    #[schema(format = Date)]
    day: String,
    #[schema(required)]
    day1: Option<u64>,
    #[schema(required)]
    day7: Option<u64>,
    #[schema(required)]
    day30: Option<u64>,
}

/// People by hour and weekday.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
struct PeopleByHour {
    /// The server's time zone.
    zone: String,
    /// The first day of which it is known; none if it is of no day.
    #[schema(required, format = Date)]
    since: Option<String>,
    /// Monday first, all seven.
    weekdays: Vec<Weekday>,
}

#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PageWeekday)]
struct Weekday {
    /// 1 is Monday.
    #[schema(minimum = 1, maximum = 7)]
    weekday: u32,
    /// On how many days of the period the sums rest. Today is not over, so it is one of them only where no other is known.
    days: u64,
    /// For each hour the sum, over those days, of the different people of that hour.
    #[schema(min_items = 24, max_items = 24)]
    people: [u64; HOURS],
}

impl Activity {
    fn on(&self, day: NaiveDate) -> ActiveOnDay {
        let of = |days_back: u64| {
            let first = day - Days::new(days_back);
            (self.since.is_some_and(|since| since <= first) && day <= self.today).then(|| {
                let mut days = self.days.range(first..=day).map(|(_, people)| people);
                match (days.next(), days.next()) {
                    (None, _) => 0,
                    (Some(only), None) => only.len(),
                    (Some(first), Some(second)) => {
                        let mut all = &**first | &**second;
                        days.for_each(|people| all |= &**people);
                        all.len()
                    }
                }
            })
        };
        ActiveOnDay { day: text(day), day1: of(0), day7: of(6), day30: of(MOST_DAYS_BACK) }
    }
}

impl People {
    /// Computes the answer. Each is of all days that are asked for, and `activity` of as many before as a point looks back.
    pub fn new(asked: PageQuestion, new: &DayCounts, activity: &Activity, hours: &HourlyPeople, zone: String) -> Self {
        let new_on = |day| NewOnDay { day: text(day), people: new.get(&day).copied().unwrap_or_default() };
        let active_on = |day| activity.on(day);
        let mut weekdays: Vec<_> = (1..=7).map(|weekday| Weekday { weekday, days: 0, people: [0; HOURS] }).collect();
        let known = hours.since.map(|since| {
            let first = asked.window.first.max(since);
            // Today is not over. It is taken only if it is all there is.
            let newest = if first < hours.today { hours.today - Days::new(1) } else { hours.today };
            DayRange { first, last: asked.window.last.min(newest) }
        });
        for day in known.into_iter().flat_map(each) {
            let place = day.weekday().num_days_from_monday() as usize;
            if let Some(weekday) = weekdays.get_mut(place) {
                weekday.days += 1;
                if let Some(people) = hours.days.get(&day) {
                    weekday.people.iter_mut().zip(people).for_each(|(sum, people)| *sum += u64::from(*people));
                }
            }
        }
        let compare = || asked.compare.into_iter().flat_map(each);
        Self {
            window: asked.window.into(),
            compare: asked.compare.map(PageDays::from),
            new: NewPeople {
                days: each(asked.window).map(new_on).collect(),
                compare_days: compare().map(new_on).collect(),
            },
            active: ActivePeople {
                since: activity.since.map(text),
                days: each(asked.window).map(active_on).collect(),
                compare_days: compare().map(active_on).collect(),
            },
            hours: PeopleByHour { zone, since: hours.since.map(text), weekdays },
        }
    }
}

fn each(days: DayRange) -> impl Iterator<Item = NaiveDate> {
    days.first.iter_days().take_while(move |day| *day <= days.last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).expect("a day")
    }

    #[test]
    fn a_point_is_there_only_if_all_of_its_window_is_known() {
        let people = |people: &[u32]| Arc::new(people.iter().copied().collect::<RoaringBitmap>());
        let days = [(day(1), people(&[1, 2])), (day(6), people(&[2, 3])), (day(8), people(&[4]))].into();
        let activity = Activity { since: Some(day(1)), today: day(9), days };
        let on = |number| {
            let ActiveOnDay { day1, day7, day30, .. } = activity.on(day(number));
            (day1, day7, day30)
        };
        assert_eq!(on(1), (Some(2), None, None));
        assert_eq!(on(6), (Some(2), None, None));
        assert_eq!(on(7), (Some(0), Some(3), None));
        assert_eq!(on(8), (Some(1), Some(3), None));
        assert_eq!(on(9), (Some(0), Some(3), None));
        assert_eq!(on(10), (None, None, None), "a day that has not begun");
        let unknown = Activity { since: None, ..activity };
        assert_eq!(unknown.on(day(8)).day1, None);
    }

    #[test]
    fn weekdays_are_summed_over_the_days_that_are_known() {
        let hours = |hour: usize, people: u32| {
            let mut hours = [0; HOURS];
            hours[hour] = people;
            hours
        };
        // 2026-11-02 is a Monday.
        let days = [(day(2), hours(9, 5)), (day(9), hours(9, 7)), (day(10), hours(23, 1))].into();
        let hourly = HourlyPeople { since: Some(day(2)), today: day(10), days };
        let activity = Activity { since: None, today: day(10), days: BTreeMap::new() };
        let ask = |first, last| {
            let asked = PageQuestion { window: DayRange { first, last }, compare: None };
            People::new(asked, &DayCounts::from([(day(3), 2)]), &activity, &hourly, "UTC".to_owned())
        };
        let answer = ask(day(1), day(16));
        let weekdays: Vec<_> = answer.hours.weekdays.iter().map(|day| (day.weekday, day.days, day.people[9])).collect();
        assert_eq!(weekdays, [(1, 2, 12), (2, 1, 0), (3, 1, 0), (4, 1, 0), (5, 1, 0), (6, 1, 0), (7, 1, 0)]);
        assert_eq!(answer.hours.weekdays[1].people[23], 0, "today is not over");
        let today = ask(day(10), day(16)).hours.weekdays;
        assert_eq!((today[1].days, today[1].people[23]), (1, 1), "there is no other day");
        assert_eq!(today.iter().map(|weekday| weekday.days).sum::<u64>(), 1);
        assert_eq!(answer.new.days.len(), 16);
        assert_eq!(answer.new.days[2], NewOnDay { day: "2026-11-03".to_owned(), people: 2 });
    }
}
