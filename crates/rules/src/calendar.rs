use crate::Said;
use crate::hours::weekday;
use crate::said::said;
use hotline_model::{Kind, Name, WallTime};
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A deadline in open time is looked for on so many days: ten years.
const MOST_DAYS: usize = 3_660;

/// Opening hours with holidays and make-up days, in a zone of its own (never the server's).
#[derive(Clone, Debug)]
pub struct Calendar {
    /// Its name.
    pub name: Name,
    /// Its zone, e.g. `Asia/Shanghai`.
    pub zone: TimeZone,
    /// Open times of Monday (0) to Sunday (6): minutes of the day, from inclusive, to exclusive.
    pub week: [Vec<(u16, u16)>; 7],
    /// Closed days (holidays).
    pub off: BTreeSet<Date>,
    /// Weekend days that are worked; they have the hours of `workday_like`.
    pub workdays: BTreeSet<Date>,
    /// The weekday whose hours a make-up day has.
    pub workday_like: Weekday,
    /// Open times of single days, before all else.
    pub exceptions: BTreeMap<Date, Exception>,
    /// Complaints are taken round the clock, also while it is closed (R17; H1, H31).
    pub complaints_24h: bool,
}

/// The open times of a single day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Minutes of the day, from inclusive, to exclusive; none if it is closed.
    pub hours: Vec<(u16, u16)>,
    /// Why, in the words of the files.
    pub note: Option<String>,
}

impl Calendar {
    /// Whether it is open at a wall time.
    pub fn is_open(&self, at: WallTime) -> bool {
        let Ok(instant) = jiff::Timestamp::from_microsecond(at.0) else { return false };
        let local = instant.to_zoned(self.zone.clone());
        let minute = u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap_or(0);
        self.hours_on(local.date()).iter().any(|(from, to)| (*from..*to).contains(&minute))
    }

    /// Whether it keeps a caller out at a wall time: it is closed, and the caller does not complain or complaints wait too (R17).
    pub fn keeps_out(&self, kind: Option<Kind>, at: WallTime) -> bool {
        let always = self.complaints_24h && kind == Some(Kind::Complaint);
        !always && !self.is_open(at)
    }

    /// The minute of the day in its zone, from 0.
    pub fn minute_of_day(&self, at: WallTime) -> u16 {
        self.local(at).map_or(0, |local| u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap_or(0))
    }

    /// The day of the week in its zone, 0 for Monday.
    pub fn day_of_week(&self, at: WallTime) -> u8 {
        self.local(at).map_or(0, |local| u8::try_from(local.weekday().to_monday_zero_offset()).unwrap_or(0))
    }

    fn local(&self, at: WallTime) -> Option<jiff::Zoned> {
        Some(jiff::Timestamp::from_microsecond(at.0).ok()?.to_zoned(self.zone.clone()))
    }

    /// The next moment at this time of day (in minutes) at which it is open, within 60 days.
    pub fn next_time(&self, after: WallTime, minute_of_day: u16) -> Option<WallTime> {
        let now = jiff::Timestamp::from_microsecond(after.0).ok()?;
        let first = now.to_zoned(self.zone.clone()).date();
        let (hour, minute) = (i8::try_from(minute_of_day / 60).ok()?, i8::try_from(minute_of_day % 60).ok()?);
        let days = first.series(jiff::Span::new().days(1)).take(60);
        let open = days.filter(|day| self.hours_on(*day).iter().any(|(from, to)| (*from..*to).contains(&minute_of_day)));
        let mut times = open.filter_map(|day| day.at(hour, minute, 0, 0).to_zoned(self.zone.clone()).ok());
        times.find(|time| time.timestamp() > now).map(|time| WallTime(time.timestamp().as_microsecond()))
    }

    /// The moment at which it opens next, within ten years.
    pub fn next_opening(&self, after: WallTime) -> Option<WallTime> {
        let days = self.local(after)?.date().series(jiff::Span::new().days(1)).take(MOST_DAYS);
        let begins = days.flat_map(|day| self.hours_on(day).iter().filter_map(move |(from, _)| self.moment(day, *from)));
        begins.map(WallTime).find(|at| *at > after)
    }

    /// A moment in its zone, with the day of the week.
    pub fn in_words(&self, at: WallTime) -> Said {
        let Some(local) = self.local(at) else { return Said::alike("?") };
        let (weekday, time) = (&weekday(local.weekday()), local.strftime("%F %H:%M"));
        let zone = self.zone.iana_name().unwrap_or("UTC");
        said!([weekday] "{weekday} {time} ({zone})", "{weekday} {time}（{zone}）")
    }

    /// The moment at which it has been open for so long since another, within ten years.
    pub fn after_open(&self, since: WallTime, open_for: Duration) -> Option<WallTime> {
        let mut left = i64::try_from(open_for.as_micros()).ok()?;
        let first = jiff::Timestamp::from_microsecond(since.0).ok()?.to_zoned(self.zone.clone()).date();
        for day in first.series(jiff::Span::new().days(1)).take(MOST_DAYS) {
            for (from, to) in self.hours_on(day) {
                let (from, to) = (self.moment(day, *from)?.max(since.0), self.moment(day, *to)?);
                if to - from >= left {
                    return Some(WallTime(from + left));
                }
                left -= (to - from).max(0);
            }
        }
        None
    }

    /// A minute of a day in microseconds of the wall clock; one that a change of the clock leaves out is the moment after it.
    fn moment(&self, day: Date, minute: u16) -> Option<i64> {
        let (day, minute) = if minute == 24 * 60 { (day.tomorrow().ok()?, 0) } else { (day, minute) };
        let (hour, minute) = (i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?);
        Some(day.at(hour, minute, 0, 0).to_zoned(self.zone.clone()).ok()?.timestamp().as_microsecond())
    }

    /// The open times of a day.
    pub fn hours_on(&self, day: Date) -> &[(u16, u16)] {
        if let Some(exception) = self.exceptions.get(&day) {
            return &exception.hours;
        }
        if self.off.contains(&day) {
            return &[];
        }
        let weekday = if self.workdays.contains(&day) { self.workday_like } else { day.weekday() };
        self.week_of(weekday)
    }

    /// The open times of a weekday without holidays and exceptions.
    pub(crate) fn week_of(&self, weekday: Weekday) -> &[(u16, u16)] {
        &self.week[usize::try_from(weekday.to_monday_zero_offset()).unwrap_or(0)]
    }
}
