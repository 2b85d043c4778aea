use hotline_model::{Name, WallTime};
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

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
}

impl Calendar {
    /// Whether it is open at a wall time.
    pub fn is_open(&self, at: WallTime) -> bool {
        let Ok(instant) = jiff::Timestamp::from_microsecond(at.0) else { return false };
        let local = instant.to_zoned(self.zone.clone());
        let minute = u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap_or(0);
        self.hours_on(local.date()).iter().any(|(from, to)| (*from..*to).contains(&minute))
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

    /// The open times of a day.
    pub fn hours_on(&self, day: Date) -> &[(u16, u16)] {
        if self.off.contains(&day) {
            return &[];
        }
        let weekday = if self.workdays.contains(&day) { self.workday_like } else { day.weekday() };
        &self.week[usize::try_from(weekday.to_monday_zero_offset()).unwrap_or(0)]
    }
}
