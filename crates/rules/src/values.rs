use crate::fixes::with_ascii_signs;
use jiff::civil::Date;
use std::fmt;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);
/// Longest duration of any setting: 30 days.
pub(crate) const LONGEST: Duration = Duration::from_secs(30 * 86_400);

/// `500ms`, `30s`, `5min` or `5m`, `2h`, `1h30min`, `7d`; at most 30 days.
pub fn duration(text: &str) -> Option<Duration> {
    length(text).filter(|length| *length <= LONGEST)
}

/// The same, however long.
pub(crate) fn length(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut total = Duration::ZERO;
    let mut last_unit = u64::MAX;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let unit = unit_in_ms(&rest[..letters]).filter(|unit| *unit < last_unit)?;
        last_unit = unit;
        total = total.checked_add(Duration::from_millis(number.checked_mul(unit)?))?;
        rest = rest[letters..].trim_start();
    }
    (last_unit != u64::MAX).then_some(total)
}

fn unit_in_ms(unit: &str) -> Option<u64> {
    match unit {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" | "min" => Some(60_000),
        "h" => Some(3_600_000),
        "d" => Some(86_400_000),
        _ => None,
    }
}

/// A duration in the words of the files; in Chinese in its alternate form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InWords(Duration);

pub(crate) fn in_words(duration: Duration) -> InWords {
    InWords(duration)
}

impl fmt::Display for InWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0.as_millis();
        let days = (DAY.as_millis(), "days", "天");
        if self.0 >= DAY * 7 && ms.is_multiple_of(days.0) {
            return write!(f, "{} {}", ms / days.0, if f.alternate() { days.2 } else { days.1 });
        }
        let units = [(3_600_000, "h", "小时"), (60_000, "min", "分钟"), (1_000, "s", "秒"), (1, "ms", "毫秒")];
        let fits = |(length, _, _): &(u128, &str, &str)| ms.is_multiple_of(*length) && ms >= *length;
        let (length, en, zh) = units.into_iter().find(fits).unwrap_or((1_000, "s", "秒"));
        write!(f, "{} {}", ms / length, if f.alternate() { zh } else { en })
    }
}

/// `08:00-20:00` as minutes of the day; the end may be `24:00`.
pub(crate) fn hours(text: &str) -> Option<(u16, u16)> {
    let (from, to) = text.split_once('-')?;
    Some((minute(from.trim())?, minute(to.trim())?))
}

pub(crate) fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let figures = |part: &str| !part.is_empty() && part.len() <= 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !figures(hour) || !figures(minute) || minute.len() != 2 {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60 || (hour, minute) == (24, 0)).then_some(hour * 60 + minute)
}

/// `2026-10-01`, or `2026-10-01..2026-10-07` with both ends.
pub(crate) fn days(text: &str) -> Option<(Date, Date)> {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let date = |part: &str| part.trim().parse::<Date>().ok().filter(|_| part.trim().len() == 10);
    Some((date(from)?, date(to)?))
}

/// What is written where a day is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OddDay {
    /// Of this year and month there is no such day, but so many.
    NoSuchDay { year: i16, month: i8, day: i8, days: i8 },
    /// No year has this month.
    NoSuchMonth(i8),
    /// A day in another form than `2027-01-01`: how it is written.
    Meant(String),
}

/// A day that the calendar does not have, or one in another form: `2026-02-30`, `2027-1-1`, `2027/01/01`, `2027年1月1日`; also as an end of a stretch.
pub(crate) fn odd_day(text: &str) -> Option<OddDay> {
    let Some((from, to)) = text.split_once("..") else { return odd_single(text.trim()).or_else(|| joined_otherwise(text)) };
    let meant = [from, to].map(|end| match odd_single(end.trim()) {
        None => days(end).map(|(day, _)| day.to_string()).ok_or(None),
        Some(OddDay::Meant(meant)) => Ok(meant),
        Some(odd) => Err(Some(odd)),
    });
    match meant {
        [Ok(_), Err(None)] => joined_otherwise(text),
        [Ok(from), Ok(to)] if days(text).is_none() => Some(OddDay::Meant(format!("{from}..{to}"))),
        [Err(odd), _] | [_, Err(odd)] => odd,
        [Ok(_), Ok(_)] => None,
    }
}

/// A stretch with another sign between its ends, or an end without its year: `2026-10-01至10-07`.
fn joined_otherwise(text: &str) -> Option<OddDay> {
    let (from, rest) = (text.get(..10)?, text.get(10..)?);
    let (first, _) = days(from)?;
    let to = rest.trim_start_matches(['.', '-', '~', '～', '—', '–', '至', '到', '/', ' ']);
    let end = days(to).or_else(|| days(&format!("{}-{to}", first.year())));
    (rest != to).then_some(OddDay::Meant(format!("{from}..{}", end?.0)))
}

fn odd_single(text: &str) -> Option<OddDay> {
    let plain = with_ascii_signs(text).replace(['年', '月', '/', '.'], "-").replace('日', "");
    let [year, month, day] = <[&str; 3]>::try_from(plain.split('-').collect::<Vec<_>>()).ok()?;
    let figures =
        |part: &str, lengths: std::ops::RangeInclusive<usize>| lengths.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if !figures(year, 4..=4) || !figures(month, 1..=2) || !figures(day, 1..=2) {
        return None;
    }
    let (year, month, day): (i16, i8, i8) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let Ok(first) = Date::new(year, month, 1) else { return Some(OddDay::NoSuchMonth(month)) };
    let Ok(date) = Date::new(year, month, day) else {
        return Some(OddDay::NoSuchDay { year, month, day, days: first.days_in_month() });
    };
    let meant = date.to_string();
    (meant != text).then_some(OddDay::Meant(meant))
}

/// A share in percent, as it is written in these files: `0.03` for `3%`.
pub(crate) fn of_percent(text: &str) -> Option<String> {
    let percent = text.trim().strip_suffix(['%', '％'])?.trim_end();
    let figures = percent.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let percent: f64 = percent.parse().ok().filter(|percent| figures && (0.0..=100.0).contains(percent))?;
    let share = format!("{:.6}", percent / 100.0);
    let share = share.trim_end_matches('0');
    Some(if share.ends_with('.') { format!("{share}0") } else { share.to_owned() })
}

/// Hours that were written with other signs: `08：00—20：00`, `08:00~20:00`.
pub(crate) fn meant_hours(text: &str) -> Option<String> {
    let meant = with_ascii_signs(text).replace(['~', '至', '到'], "-");
    hours(&meant).map(|_| meant)
}

const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The weekdays (Monday is 0) of `mon`, `mon-fri`, `fri-mon` over the end of the week, `daily`; at most 7.
pub(crate) fn weekdays(text: &str) -> Option<Vec<usize>> {
    if text == "daily" {
        return Some((0..7).collect());
    }
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let place = |name| WEEKDAYS.iter().position(|known| *known == name);
    let (from, to) = (place(from)?, place(to)?);
    Some((from..=if from <= to { to } else { to + 7 }).map(|day| day % 7).collect())
}

/// Weekdays that were written otherwise: `Mon-Fri`, `Monday`, `周一至周五`.
pub(crate) fn meant_weekdays(text: &str) -> Option<String> {
    const LONG: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    const CHINESE: [char; 7] = ['一', '二', '三', '四', '五', '六', '日'];
    let day = |word: &str| {
        let word = word.trim();
        let chinese = ["周", "星期", "礼拜"].iter().find_map(|lead| word.strip_prefix(lead)).map(|day| day.replace('天', "日"));
        let place = |day: &str| CHINESE.iter().position(|known| day.chars().eq([*known]));
        let place = chinese.as_deref().and_then(place).or_else(|| LONG.iter().position(|known| *known == word));
        place.map_or(word, |place| WEEKDAYS[place]).to_owned()
    };
    let plain = with_ascii_signs(text).to_lowercase().replace(['~', '至', '到'], "-");
    let meant = plain.split('-').map(day).collect::<Vec<_>>().join("-");
    weekdays(&meant).map(|_| meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units_and_fall_in_size() {
        assert_eq!(duration("30s"), Some(Duration::from_secs(30)));
        assert_eq!(duration(" 1h 30min "), Some(Duration::from_secs(5400)));
        assert_eq!(duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(duration("0s"), Some(Duration::ZERO));
        for wrong in
            ["", "30", "s", "30 sec", "1s1s", "1s2h", "-5s", "1.5s", "31d", "99999999999999999999h", "18446744073709551615h", "五s"]
        {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_duration_is_said_in_the_largest_unit_that_fits() {
        for (text, words) in [("30s", "30 s"), ("90s", "90 s"), ("5min", "5 min"), ("2h", "2 h"), ("250ms", "250 ms"), ("0s", "0 s")] {
            assert_eq!(in_words(duration(text).unwrap()).to_string(), words);
        }
        for (text, words) in [("1500ms", "1500 毫秒"), ("30s", "30 秒"), ("90s", "90 秒"), ("5min", "5 分钟"), ("2h", "2 小时")] {
            assert_eq!(format!("{:#}", in_words(duration(text).unwrap())), words);
        }
    }

    #[test]
    fn hours_are_minutes_of_the_day() {
        assert_eq!(hours("08:00-20:00"), Some((480, 1200)));
        assert_eq!(hours("8:30 - 24:00"), Some((510, 1440)));
        for wrong in ["8-20", "08:00", "25:00-26:00", "08:60-09:00", "08:00-24:01", "+8:00-9:00", "08:0-09:00"] {
            assert_eq!(hours(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn days_are_single_or_a_stretch() {
        assert_eq!(days("2026-10-01..2026-10-07"), Some(("2026-10-01".parse().unwrap(), "2026-10-07".parse().unwrap())));
        assert_eq!(days("2026-02-30"), None);
        assert_eq!(days("2026-10-01T08:00"), None);
        assert_eq!(weekdays("mon-fri"), Some(vec![0, 1, 2, 3, 4]));
        assert_eq!(weekdays("fri-mon"), Some(vec![4, 5, 6, 0]));
        assert_eq!(weekdays("daily").map(|days| days.len()), Some(7));
        assert_eq!((weekdays("mon-"), weekdays("mon-tue-wed"), weekdays("Mon")), (None, None, None));
    }

    #[test]
    fn a_day_that_there_is_not_is_told_from_one_in_another_form() {
        let no_day = |year, month, day, days| Some(OddDay::NoSuchDay { year, month, day, days });
        assert_eq!(odd_day("2026-02-30"), no_day(2026, 2, 30, 28));
        assert_eq!(odd_day("2028-02-30"), no_day(2028, 2, 30, 29));
        assert_eq!(odd_day("2026-01-30..2026-02-31"), no_day(2026, 2, 31, 28));
        assert_eq!(odd_day("2026-13-01"), Some(OddDay::NoSuchMonth(13)));
        for (written, meant) in [
            ("2027-1-1", "2027-01-01"),
            ("2027/01/01", "2027-01-01"),
            ("2027年1月1日", "2027-01-01"),
            ("2027-1-1..2027-01-03", "2027-01-01..2027-01-03"),
            ("2027-01-01至2027-01-03", "2027-01-01..2027-01-03"),
            ("2027-01-01 - 2027-01-03", "2027-01-01..2027-01-03"),
            ("2027-01-01..01-03", "2027-01-01..2027-01-03"),
        ] {
            assert_eq!(odd_day(written), Some(OddDay::Meant(meant.into())), "{written}");
        }
        for other in ["2027-01-01", "2027-01-01..2027-01-03", "monday", "01-01-2027", "2027-01", "2027-01-01-02", ".."] {
            assert_eq!(odd_day(other), None, "{other}");
        }
    }

    #[test]
    fn a_share_in_percent_has_one_other_form() {
        for (written, share) in [("3%", "0.03"), ("2.9 %", "0.029"), ("100％", "1.0"), ("0%", "0.0"), ("12.5%", "0.125")] {
            assert_eq!(of_percent(written).as_deref(), Some(share), "{written}");
        }
        for other in ["3", "%", "-3%", "101%", "3%%", "1e1%"] {
            assert_eq!(of_percent(other), None, "{other}");
        }
    }

    #[test]
    fn hours_and_weekdays_of_other_ways_of_writing_are_understood() {
        for (written, meant) in
            [("Mon-Fri", "mon-fri"), ("Monday", "mon"), ("周一至周五", "mon-fri"), ("星期天", "sun"), ("Daily", "daily")]
        {
            assert_eq!(meant_weekdays(written).as_deref(), Some(meant), "{written}");
        }
        assert_eq!((meant_weekdays("holiday"), meant_weekdays("周八"), meant_weekdays("")), (None, None, None));
        for written in ["08：00-20：00", "08:00—20:00", "08:00～20:00", "08:00至20:00", "０８：００－２０：００"] {
            assert_eq!(meant_hours(written).as_deref(), Some("08:00-20:00"), "{written}");
        }
        assert_eq!((meant_hours("8点到20点"), meant_hours("08:00")), (None, None));
    }
}
