//! Texts shared by the commands that show calls: times, durations, tables, and the words for ends.

use super::own;
pub use hotline_model::Lang;
use hotline_model::history::{CallBackEnd, Cause, ClockChange, ForetoldWait, NotCalled, OfferEnd, Onward, Side, Untold, WhyNot};
use hotline_model::{Activity, DeskRefusal, Intent, Name, Number, Record, SeatState, WallTime};
use hotline_rules::report::shown;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// The language of $HOTLINE_LANG, else of $LC_ALL, else of $LANG, else English.
pub fn lang_of_environment() -> Lang {
    let named = ["HOTLINE_LANG", "LC_ALL", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    Lang::of_locale(&named.unwrap_or_default())
}

/// The zone in which people see times.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

impl Zone {
    /// A zone of the IANA database by its name.
    pub fn parse(name: &str) -> Result<Self, String> {
        TimeZone::get(name).map(Self).map_err(|_| format!("there is no zone {name:?}; they look like Asia/Shanghai"))
    }

    /// The zone named in $TZ, else UTC.
    pub fn of_environment() -> Self {
        let named = std::env::var("TZ").ok().and_then(|name| Self::parse(name.trim_start_matches(':')).ok());
        named.unwrap_or(Self(TimeZone::UTC))
    }

    /// Date and time to the second.
    pub fn second(&self, at: WallTime) -> String {
        self.format(at, "%Y-%m-%d %H:%M:%S")
    }

    /// Date and time to the millisecond.
    pub fn milli(&self, at: WallTime) -> String {
        self.format(at, "%Y-%m-%d %H:%M:%S%.3f")
    }

    /// The time of day to the second.
    pub fn clock(&self, at: WallTime) -> String {
        self.format(at, "%H:%M:%S")
    }

    fn format(&self, at: WallTime, format: &str) -> String {
        Timestamp::from_microsecond(at.0).map_or("?".into(), |at| at.to_zoned(self.0.clone()).strftime(format).to_string())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.iana_name().unwrap_or("UTC"))
    }
}

/// ISO-8601 in UTC, to the microsecond.
pub fn iso(at: WallTime) -> String {
    Timestamp::from_microsecond(at.0).map_or("?".into(), |at| at.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string())
}

/// Seconds for people: `0.05 s`, `12.3 s`, `3 min`, `3 min 20 s`, `2 h 05 min`.
pub fn seconds(time: Duration) -> String {
    let whole = time.as_secs();
    match whole {
        0 => format!("{:.2} s", time.as_secs_f64()),
        1..60 => format!("{:.1} s", time.as_secs_f64()),
        60..3600 if whole.is_multiple_of(60) => format!("{} min", whole / 60),
        60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ if (whole / 60).is_multiple_of(60) => format!("{} h", whole / 3600),
        _ => format!("{} h {:02} min", whole / 3600, whole / 60 % 60),
    }
}

/// The same in Chinese.
pub fn seconds_zh(time: Duration) -> String {
    let whole = time.as_secs();
    match whole {
        0 => format!("{:.2} 秒", time.as_secs_f64()),
        1..60 => format!("{:.1} 秒", time.as_secs_f64()),
        60..3600 if whole.is_multiple_of(60) => format!("{} 分钟", whole / 60),
        60..3600 => format!("{} 分 {:02} 秒", whole / 60, whole % 60),
        _ if (whole / 60).is_multiple_of(60) => format!("{} 小时", whole / 3600),
        _ => format!("{} 小时 {:02} 分", whole / 3600, whole / 60 % 60),
    }
}

/// A figure of the rules: `10 s` without a tenth.
pub fn figure(lang: Lang, time: Duration) -> String {
    lang.of(seconds(time), seconds_zh(time)).replacen(".0 ", " ", 1)
}

/// Reads `30s`, `15m`, `1h`, `2d`, and what rules write: `5min`, `1h30min`, `500ms`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is no duration; they look like 30s, 5min, 1h30min or 2d");
    if let Some(duration) = hotline_rules::duration(text) {
        return Ok(duration);
    }
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let count: u64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    Ok(Duration::from_secs(count.saturating_mul(seconds)))
}

/// So many calls wait.
pub fn calls_wait(count: impl Into<u64>) -> String {
    match count.into() {
        1 => "1 call waits".into(),
        count => format!("{count} calls wait"),
    }
}

/// Chinese text with a blank behind it if it ends in another script.
pub fn spaced(text: &str) -> String {
    let blank = if text.ends_with(|c: char| c.is_ascii() && c != ' ') { " " } else { "" };
    format!("{text}{blank}")
}

/// Rows as columns two blanks apart; Chinese characters take two cells.
pub fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    let rows: Vec<[Cow<'_, str>; N]> = rows.iter().map(|row| std::array::from_fn(|column| shown(&row[column]))).collect();
    let widths: [usize; N] = std::array::from_fn(|column| rows.iter().map(|row| cells(&row[column])).max().unwrap_or(0));
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line += cell;
            line += &" ".repeat(width - cells(cell) + 2);
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

fn cells(text: &str) -> usize {
    let wide = |c: char| matches!(c as u32, 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x2_0000..=0x3_fffd);
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

/// The caller's number, redacted unless it is to be revealed.
pub fn number(record: &Record, reveal: bool) -> String {
    if reveal { record.from.reveal().to_owned() } else { record.from.to_string() }
}

/// A text in which some gateways put the caller's number, redacted alike.
pub fn without_number(text: &str, record: &Record, reveal: bool) -> String {
    let number = record.from.reveal();
    if reveal || number.len() < 5 { text.to_owned() } else { text.replace(number, &record.from.to_string()) }
}

/// What a clock of manual.md Part B measures.
pub fn clock(number: u8) -> &'static str {
    match number {
        1 => "pick-up",
        2 => "voice response",
        3 => "a person answers",
        4 => "first communication",
        5 => "handled in the call",
        8 => "timely response",
        9 => "transfer answered",
        10 => "dedicated session",
        11 => "complaint recorded",
        _ => "",
    }
}

/// A clock's state in one word.
pub fn clock_state(state: ClockChange) -> &'static str {
    match state {
        ClockChange::Started => "started",
        ClockChange::Warned => "warned",
        ClockChange::Met => "met",
        ClockChange::Breached => "breached",
        ClockChange::Dropped => "dropped",
    }
}

/// Who ended it.
pub fn side(side: Side) -> &'static str {
    match side {
        Side::Caller => "caller",
        Side::Agent => "agent",
        Side::System => "system",
        Side::Outside => "outside",
    }
}

/// Why it ended, in one word.
pub fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Normal => "normal",
        Cause::Cancelled => "cancelled",
        Cause::AbandonedInMenu => "abandoned_in_menu",
        Cause::AbandonedInQueue => "abandoned_in_queue",
        Cause::Completed => "completed",
        Cause::OutOfHours => "out_of_hours",
        Cause::NoAck => "no_ack",
        Cause::Unreachable => "unreachable",
        Cause::Technical => "technical",
        Cause::Shutdown => "shutdown",
        Cause::NotReached => "not_reached",
        Cause::NotPutThrough(_) => "not_put_through",
        Cause::CodeRefused => "code_refused",
        Cause::Blocked => "blocked",
        Cause::QueuesFull => "queues_full",
    }
}

/// Who ended a call and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Who.
    pub side: Side,
    /// Why.
    pub cause: Cause,
    /// Q.850 cause, if one was told.
    pub q850: Option<u8>,
    /// What it was until then.
    pub was: Was,
}

/// What a call was as it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Was {
    /// A customer's.
    Customers,
    /// A customer's who had waited for a person and left the queue without one.
    LedAway,
    /// A customer's who was asked how it was, after the agent had hung up.
    Surveyed,
    /// A customer's who left a message.
    Message,
    /// A seat's own.
    Seats,
}

impl End {
    /// The end of a call; `None` while it goes on.
    pub fn of(record: &Record) -> Option<Self> {
        let was = match (&record.phone, record.t2, record.t3) {
            (Some(_), _, _) => Was::Seats,
            (None, _, None) if record.message.is_some() => Was::Message,
            (None, Some(_), None) => Was::LedAway,
            (None, _, _) if record.survey.is_some() => Was::Surveyed,
            (None, _, _) => Was::Customers,
        };
        Some(Self { side: record.hung_up_by?, cause: record.cause?, q850: record.q850, was })
    }
}

/// How a call ended, as half a sentence; `None` while it goes on.
pub fn end(record: &Record) -> Option<String> {
    End::of(record).map(ended)
}

/// An end as half a sentence.
pub fn ended(end: End) -> String {
    let who = match (end.side, end.was) {
        (Side::Caller, Was::Customers | Was::LedAway | Was::Surveyed | Was::Message) => "the caller hung up",
        (Side::Caller, Was::Seats) => "the seat that called hung up",
        (Side::Agent, Was::Customers | Was::LedAway | Was::Surveyed | Was::Message) => "the agent hung up",
        (Side::Agent, Was::Seats) => "the seat that was called hung up",
        (Side::System, _) => "the hotline ended it",
        (Side::Outside, _) => "the other side outside hung up",
    };
    let why = match (end.cause, end.was) {
        (Cause::Normal, _) => "",
        (Cause::Cancelled, Was::Seats) => " before anybody answered",
        (Cause::Cancelled, _) => " before we had picked up",
        (Cause::AbandonedInMenu, _) => " in the menus",
        (Cause::AbandonedInQueue, _) => " while waiting",
        (Cause::Completed, Was::Customers) => ": self-service was done",
        (Cause::Completed, Was::LedAway) => ": goodbye was said",
        (Cause::Completed, Was::Surveyed) => ": the survey was over",
        (Cause::Completed, Was::Message) => ": a message was left",
        (Cause::Completed, Was::Seats) => return "the code was carried out".into(),
        (Cause::CodeRefused, _) => return "the code did nothing".into(),
        (Cause::NotPutThrough(why), _) => return format!("not put through: {}", own::refusal(Lang::En, why)),
        (Cause::Blocked, _) => return "turned away by the block list".into(),
        (Cause::QueuesFull, _) => ": the queues were full",
        (Cause::OutOfHours, _) => ": closed, and nothing more could be done",
        (Cause::NoAck, _) => ": our 200 was never acknowledged",
        (Cause::Unreachable, _) => ": a phone was gone",
        (Cause::Technical, _) => ": a technical fault",
        (Cause::Shutdown, _) => ": the hotline was stopped",
        (Cause::NotReached, _) => ": the customer was not reached in any attempt",
    };
    let q850 = end.q850.map_or(String::new(), |cause| format!(" (Q.850 {cause})"));
    format!("{who}{why}{q850}")
}

/// What a caller was told of the wait, and what came true of it.
pub fn foretold(ahead: u32, wait: Result<ForetoldWait, Untold>, real: Option<Duration>) -> String {
    match wait {
        Ok(told) => format!("{ahead} ahead, {}{}", foretold_wait(&told), real.map_or(String::new(), |real| came_true(&told, real))),
        Err(why) => format!("{ahead} ahead, and no time: {}", untold(why)),
    }
}

fn foretold_wait(told: &ForetoldWait) -> String {
    let said = match told.minutes {
        0 => "less than a minute".to_owned(),
        minutes => format!("about {minutes} min"),
    };
    format!("{said} (four in five {} to {})", whole_seconds(told.low_ms), whole_seconds(told.high_ms))
}

fn came_true(told: &ForetoldWait, real: Duration) -> String {
    let ms = real.as_millis();
    let place = match (ms < u128::from(told.low_ms), ms > u128::from(told.high_ms)) {
        (true, _) => "earlier",
        (_, true) => "later",
        (false, false) => "as expected",
    };
    format!("; a person answered after {}, {place}", seconds(real))
}

fn whole_seconds(ms: u32) -> String {
    format!("{} s", (f64::from(ms) / 1000.0).round())
}

/// Why no wait is told.
pub fn untold(why: Untold) -> &'static str {
    match why {
        Untold::TooFew => "too few waiting calls were answered of late to know",
        Untold::NobodySignedIn => "no seat that may serve it takes calls",
        Untold::SeatsChanged => "the number of seats had just changed by more than a third",
        Untold::OthersFirst => "calls that go first take more than half of the seats' time",
        Untold::TooLong => "it would be more than half an hour",
        Untold::TooWide => "one in ten would wait more than twice as long as said",
        Untold::NoBetter => "it would be no better than what was said before",
    }
}

/// Why a call could not be assigned by hand.
pub fn why_not(lang: Lang, why: WhyNot) -> &'static str {
    match (lang, why) {
        (Lang::En, WhyNot::NotWaiting) => "the call waited for nobody",
        (Lang::Zh, WhyNot::NotWaiting) => "该来电不在等待",
        (Lang::En, WhyNot::NoSuchSeat) => "the rules have no such seat",
        (Lang::Zh, WhyNot::NoSuchSeat) => "规则里没有这个坐席",
        (Lang::En, WhyNot::NotCleared) => "the call is sensitive and the seat is not cleared (R68)",
        (Lang::Zh, WhyNot::NotCleared) => "来电敏感，该坐席未获授权（R68）",
        (Lang::En, WhyNot::NotReady) => "the seat was not ready",
        (Lang::Zh, WhyNot::NotReady) => "该坐席未就绪",
    }
}

/// The word of a refusal, and its sentence in English and Chinese.
pub fn desk(why: DeskRefusal) -> (&'static str, &'static str, &'static str) {
    match why {
        DeskRefusal::NoSuchSeat => ("no_such_seat", "the rules have no such seat", "规则里没有这个坐席"),
        DeskRefusal::NoCall => ("no_call", "the seat is in no call of which this could be said", "该坐席没有可执行此操作的来电"),
        DeskRefusal::NoReason => (
            "no_reason",
            "a transfer needs a reason, and the target has none of its own (R53)",
            "转接必须说明原因，且该目标没有默认原因（R53）",
        ),
        DeskRefusal::ReasonNotTaken => ("reason_not_taken", "the rules do not take this reason", "规则不接受该转接原因"),
        DeskRefusal::AttendedOnly => ("attended_only", "this call is transferred attended only (R55)", "该来电只能协商转接（R55）"),
        DeskRefusal::NoSuchTarget => ("no_such_target", "the rules have no such target", "规则里没有这个转接目标"),
        DeskRefusal::NobodyThere => ("nobody_there", "nobody is signed in there", "目标处无人签入"),
        DeskRefusal::NotReady => ("not_ready", "the receiver is not ready", "接收方未就绪"),
        DeskRefusal::NotCleared => {
            ("not_cleared", "the call is sensitive and the receiver is not cleared (R68)", "来电敏感，接收方未获授权（R68）")
        }
        DeskRefusal::NotAllowed => ("not_allowed", "the seat may not dial this number", "该坐席不得拨打此号码"),
        DeskRefusal::NoRoom => ("no_room", "no trunk, port or leg is free", "没有空闲的中继、端口或通话腿"),
        DeskRefusal::UnderWay => ("under_way", "a transfer or consultation is under way already", "已有转接或咨询正在进行"),
        DeskRefusal::NotUnderWay => ("not_under_way", "no transfer or consultation is under way", "没有正在进行的转接或咨询"),
        DeskRefusal::NotAnswered => ("not_answered", "the receiver has not answered yet", "接收方尚未应答"),
        DeskRefusal::NotYours => {
            ("not_yours", "only the receiver, or only the first agent, may do this", "只有接收方或首位坐席可执行此操作")
        }
        DeskRefusal::NobodyToGoBackTo => {
            ("nobody_to_go_back_to", "the call was never transferred, or its first agent is away", "该来电未曾转接，或首位坐席不在")
        }
        DeskRefusal::NoSuchDisposition => ("no_such_disposition", "the rules have no such disposition", "规则里没有这个处理结果"),
        DeskRefusal::NotNow => ("not_now", "not with this reason, or not now", "该原因不可用，或当前不允许"),
        DeskRefusal::Oneself => ("oneself", "that is the seat itself, which has the call already", "目标就是该坐席自己，来电已在其手中"),
        DeskRefusal::OwnNumber => (
            "own_number",
            "this is a number of our own (a [[number]], or a trunk's `from`): a call to it would come back to us",
            "这是本热线自己的号码（[[number]]，或中继的 from），拨出后会绕回热线",
        ),
        DeskRefusal::SignedOut => ("signed_out", "the seat is signed out: it signs in first", "该坐席已签出，须先签入"),
        DeskRefusal::OutsideShifts => (
            "outside_shifts",
            "nobody signs in now: outside working time (access.shifts, R138)",
            "现在不能签入：不在工作时间（access.shifts，R138）",
        ),
        DeskRefusal::NotAtThisTelephone => (
            "not_at_this_telephone",
            "nobody signs in at this telephone: it is none of access.devices (R138)",
            "不能在这部话机签入：access.devices 里没有它（R138）",
        ),
        DeskRefusal::NotFromThisNetwork => (
            "not_from_this_network",
            "nobody signs in from this telephone's network: it is none of access.networks (R138)",
            "不能从这部话机所在的网段签入：access.networks 里没有它（R138）",
        ),
    }
}

/// A name of the rules as it is; a number masked.
pub fn masked(name: &Name) -> String {
    let is_number = name.len() >= 7 && name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'+');
    if is_number { Number::new(name).to_string() } else { name.to_string() }
}

/// Who has or had the caller outside: a number is masked unless it is to be revealed.
pub fn outside(record: &Record, reveal: bool) -> Option<String> {
    record.outside.as_ref().map(|to| if reveal { to.to_string() } else { masked(to) })
}

/// Who was called outside.
pub fn callee(to: Option<&Name>) -> String {
    to.map_or_else(|| "The customer".into(), |to| format!("{} (outside)", masked(to)))
}

/// How a call outside ended.
pub fn outside_end(lang: Lang, end: OfferEnd) -> String {
    match (lang, end) {
        (Lang::En, OfferEnd::Rona) => "rang and was not answered".into(),
        (Lang::Zh, OfferEnd::Rona) => "无人接听".into(),
        (Lang::En, OfferEnd::Rejected(status)) => format!("refused ({status})"),
        (Lang::Zh, OfferEnd::Rejected(status)) => format!("拒接（{status}）"),
        (Lang::En, OfferEnd::Unreachable) => "the trunk gave no answer".into(),
        (Lang::Zh, OfferEnd::Unreachable) => "中继无应答".into(),
        (Lang::En, OfferEnd::CallerGone) => "the caller was gone".into(),
        (Lang::Zh, OfferEnd::CallerGone) => "主叫已挂断".into(),
        (Lang::En, OfferEnd::Withdrawn) => "withdrawn".into(),
        (Lang::Zh, OfferEnd::Withdrawn) => "已撤回".into(),
    }
}

/// Why nobody outside could be called.
pub fn not_called(why: NotCalled) -> &'static str {
    match why {
        NotCalled::NoTrunk => "every trunk that leads there was full or dead",
        NotCalled::NotAllowed => "the rules do not allow the number",
        NotCalled::NoRoom => "no RTP port or dialog was free",
        NotCalled::NotCleared => "nobody outside is cleared for sensitive calls (R68)",
        NotCalled::Oneself => "it is the number from which the caller calls",
    }
}

/// Where a call goes on that got nobody outside.
pub fn onward(onward: &Onward) -> String {
    match onward {
        Onward::Queue(queue) => format!("on to queue {queue}"),
        Onward::CallBack(queue) => format!("on to a call-back in queue {queue}"),
        Onward::Menu(menu) => format!("on to menu {menu}"),
        Onward::Goodbye => "goodbye".into(),
        Onward::Voicemail(voicemail) => format!("on to a message in {voicemail}"),
    }
}

/// Why a call-back ended without a conversation.
pub fn call_back_end(why: CallBackEnd) -> String {
    match why {
        CallBackEnd::Failed => "the customer was not reached in any attempt".into(),
        CallBackEnd::Replaced => "the customer asked again: a newer call-back has its place".into(),
        CallBackEnd::CameBack(call) => format!("the customer came back as {call}, which has its place"),
    }
}

/// What a seat is once nothing engages it, if it is engaged and its agent chose another than to be ready.
pub fn afterwards(state: SeatState) -> Option<SeatState> {
    let chose = state.activity != Activity::Free && state.intent != Intent::Available;
    chose.then_some(SeatState { activity: Activity::Free, reachable: true, ..state })
}

/// How an offer ended.
pub fn offer_end(end: OfferEnd) -> String {
    match end {
        OfferEnd::Rona => "rang in full, not answered (RONA)".into(),
        OfferEnd::Rejected(status) => format!("refused by the phone ({status})"),
        OfferEnd::Unreachable => "unreachable: no 1xx within 2 s, or a transport error".into(),
        OfferEnd::CallerGone => "the caller was gone".into(),
        OfferEnd::Withdrawn => "withdrawn".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_minutes_and_hours_are_told_without_a_rest() {
        for (time, en, zh) in [
            (12, "12.0 s", "12.0 秒"),
            (90, "1 min 30 s", "1 分 30 秒"),
            (600, "10 min", "10 分钟"),
            (7_200, "2 h", "2 小时"),
            (7_500, "2 h 05 min", "2 小时 05 分"),
        ] {
            let time = Duration::from_secs(time);
            assert_eq!((seconds(time).as_str(), seconds_zh(time).as_str()), (en, zh));
        }
    }
}
