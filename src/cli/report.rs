//! `hotline report`: figures of the past, out of what is stored of calls.

use super::calls::{self, print, tell};
use super::words::{self, Lang, Zone};
use clap::{Args, Subcommand};
use hotline_archive::{Filter, Look, LookError};
use hotline_model::{Category, Kind, PhoneNumber, Record, WallTime};
use hotline_rules::Plan;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Records that are read at a time.
const PAGE: u32 = 2_000;

/// Which figure.
#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// First contact resolution (R115): which matters the first conversation closed, so that the customer did not call about them again
    /// within `kpi.fcr_window`. Closed is what an agent stated as such (a disposition that is not `open`).
    Fcr(FcrArgs),
}

/// Arguments of `report fcr`.
#[derive(Debug, Args)]
pub struct FcrArgs {
    /// Of the conversations in this time up to now, e.g. 14d, 30d. Those of the last `kpi.fcr_window` can't be judged yet.
    #[arg(long, value_name = "DURATION", default_value = "30d", value_parser = words::duration)]
    pub since: Duration,
    /// The language; else that of $LC_ALL or $LANG, else English.
    #[arg(long, value_name = "zh|en", default_value_t = words::lang_of_environment())]
    pub lang: Lang,
    /// JSON for machines; times in UTC.
    #[arg(long)]
    pub json: bool,
    /// Times are shown in this zone, e.g. Asia/Shanghai; else in that of $TZ, else in UTC.
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse, default_value_t = Zone::of_environment())]
    pub zone: Zone,
}

/// Runs `hotline report …` on a data directory, by the rules of the folder.
pub async fn run(
    data: &Path,
    command: &ReportCommand,
    now: WallTime,
    rules: impl FnOnce() -> anyhow::Result<Arc<Plan>>,
) -> anyhow::Result<ExitCode> {
    let ReportCommand::Fcr(args) = command;
    let look = match calls::look(data).await? {
        Ok(look) => look,
        Err(code) => return Ok(code),
    };
    let plan = rules()?;
    let period = Period { since: before(now, args.since), now, window: plan.settings.indicators.fcr_window };
    let fcr = period.judge(&contacts(&look, &plan, before(period.since, period.window)).await?);
    if args.json {
        print(&format!("{:#}\n", fcr.json(&period)))?;
    } else {
        print(&fcr.table(&period, args.lang, &args.zone))?;
        if fcr.firsts() == 0 {
            tell(
                args.lang
                    .of("no first conversation can be judged yet; try a longer --since", "还没有可以判断的首次通话；请用更长的 --since"),
            )?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn before(at: WallTime, time: Duration) -> WallTime {
    WallTime(at.0.saturating_sub(i64::try_from(time.as_micros()).unwrap_or(i64::MAX)))
}

/// A call, as far as it matters here.
#[derive(Clone, Debug)]
struct Contact {
    /// `None` if the number was withheld, or is none.
    from: Option<PhoneNumber>,
    at: WallTime,
    kind: Option<Kind>,
    category: Option<Category>,
    /// A person talked with the customer.
    answered: bool,
    /// An agent stated what closes the matter.
    closed: bool,
    /// The hotline called, not the customer.
    is_call_back: bool,
}

impl Contact {
    /// `None` of a seat's own call.
    fn of(record: &Record, plan: &Plan) -> Option<Self> {
        let stated = record.disposition.as_ref().and_then(|name| plan.desk.disposition(name));
        record.phone.is_none().then(|| Self {
            from: PhoneNumber::parse(record.from.reveal()).ok(),
            at: record.t0,
            kind: record.classified.as_ref().and_then(|known| known.kind),
            category: record.classified.as_ref().and_then(|known| known.category),
            answered: record.t3.is_some(),
            closed: stated.is_some_and(|disposition| !disposition.open),
            is_call_back: record.calls_back.is_some(),
        })
    }

    /// Whether both may be about one matter: what is not known differs from nothing.
    fn may_be_about(&self, other: &Self) -> bool {
        fn agree<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
            one.zip(other).is_none_or(|(one, other)| one == other)
        }
        agree(self.kind, other.kind) && agree(self.category, other.category)
    }
}

/// All since a time, the newest first.
async fn contacts(look: &Look, plan: &Plan, since: WallTime) -> Result<Vec<Contact>, LookError> {
    let mut filter = Filter { since: Some(since), limit: PAGE, ..Filter::default() };
    let mut contacts = Vec::new();
    loop {
        let page = look.calls(&filter).await?;
        filter.behind = page.last().map(|(record, _)| (record.t0, record.call));
        contacts.extend(page.iter().filter_map(|(record, _)| Contact::of(record, plan)));
        if page.len() < PAGE as usize {
            return Ok(contacts);
        }
    }
}

/// Which conversations are judged.
struct Period {
    since: WallTime,
    now: WallTime,
    window: Duration,
}

/// What became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Fcr {
    /// Closed, and no call about it again.
    solved: u64,
    /// Nothing was stated that closes the matter.
    left_open: u64,
    /// Closed, and the customer called about it again.
    called_again: u64,
    /// The window is not over yet.
    too_early: u64,
    /// Nobody can know whether these call again.
    withheld: u64,
}

impl Period {
    fn judge(&self, contacts: &[Contact]) -> Fcr {
        let mut fcr = Fcr::default();
        let mut customers: BTreeMap<&PhoneNumber, Vec<&Contact>> = BTreeMap::new();
        for contact in contacts {
            match &contact.from {
                Some(from) => customers.entry(from).or_default().push(contact),
                None => fcr.withheld += u64::from(contact.answered && contact.at >= self.since),
            }
        }
        for mut calls in customers.into_values() {
            calls.sort_by_key(|contact| contact.at);
            for (place, contact) in calls.iter().enumerate() {
                if contact.answered && contact.at >= self.since && self.is_first(contact, &calls[..place]) {
                    *self.verdict(contact, &calls[place + 1..], &mut fcr) += 1;
                }
            }
        }
        fcr
    }

    /// No conversation about the matter came shortly before.
    fn is_first(&self, contact: &Contact, earlier: &[&Contact]) -> bool {
        !earlier.iter().rev().take_while(|other| self.is_near(other, contact)).any(|other| other.answered && other.may_be_about(contact))
    }

    fn verdict<'a>(&self, first: &Contact, later: &[&Contact], fcr: &'a mut Fcr) -> &'a mut u64 {
        let again = |other: &&Contact| !other.is_call_back && other.may_be_about(first);
        if self.now.since(first.at) <= self.window {
            &mut fcr.too_early
        } else if !first.closed {
            &mut fcr.left_open
        } else if later.iter().take_while(|other| self.is_near(first, other)).any(again) {
            &mut fcr.called_again
        } else {
            &mut fcr.solved
        }
    }

    fn is_near(&self, one: &Contact, later: &Contact) -> bool {
        later.at.since(one.at) <= self.window
    }
}

impl Fcr {
    /// First conversations that can be judged.
    fn firsts(&self) -> u64 {
        self.solved + self.left_open + self.called_again
    }

    /// The rate as a share of 1; `None` if there is nothing to be judged.
    fn rate(&self) -> Option<f64> {
        (self.firsts() > 0).then(|| self.solved as f64 / self.firsts() as f64)
    }

    fn table(&self, period: &Period, lang: Lang, zone: &Zone) -> String {
        let days = period.window.as_secs_f64() / 86_400.0;
        let (since, until) = (zone.second(period.since), zone.second(period.now));
        let head = lang.of(
            format!("First contact resolution (R115), {since} to {until}, kpi.fcr_window {days} d\n"),
            format!("首次解决率（R115），{since} 至 {until}，kpi.fcr_window {days} 天\n"),
        );
        let rate = self.rate().map_or("-".to_owned(), |rate| format!("{:.1} %", rate * 100.0));
        let rows = [
            (lang.of("first conversations", "首次通话"), self.firsts().to_string()),
            (lang.of("  solved at once", "  一次解决"), self.solved.to_string()),
            (lang.of("  left open by their agent", "  坐席没有办结"), self.left_open.to_string()),
            (lang.of("  closed, and called about again", "  办结后又来电"), self.called_again.to_string()),
            (lang.of("first contact resolution", "首次解决率"), rate),
            (lang.of("not judged: too early", "未计入：期限未满"), self.too_early.to_string()),
            (lang.of("not judged: number withheld", "未计入：号码不显示"), self.withheld.to_string()),
        ];
        head + &words::aligned(&rows.map(|(what, count)| [what.to_owned(), count]))
    }

    fn json(&self, period: &Period) -> serde_json::Value {
        json!({
            "since": words::iso(period.since), "until": words::iso(period.now), "window_s": period.window.as_secs(),
            "first_conversations": self.firsts(), "solved": self.solved, "left_open": self.left_open, "called_again": self.called_again,
            "fcr": self.rate(), "too_early": self.too_early, "withheld": self.withheld,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_archive::{Journal, Options};
    use hotline_model::history::{Callee, Cause, PhoneEvent, Side};
    use hotline_model::{CallEvent, CallId, Entry, EventKind, Number, Revision, encode_entry};

    const DAY: i64 = 86_400_000_000;

    /// Seven days, and 30 that are looked at.
    fn period() -> Period {
        Period { since: WallTime(0), now: WallTime(30 * DAY), window: Duration::from_secs(7 * 86_400) }
    }

    /// A conversation that closed the matter.
    fn closed(day: i64) -> Contact {
        let from = Some(PhoneNumber::parse("13800138000").unwrap());
        let kind = Some(Kind::Complaint);
        Contact { from, at: WallTime(day * DAY), kind, category: None, answered: true, closed: true, is_call_back: false }
    }

    fn open(day: i64) -> Contact {
        Contact { closed: false, ..closed(day) }
    }

    fn abandoned(day: i64) -> Contact {
        Contact { answered: false, closed: false, kind: None, ..closed(day) }
    }

    fn judged(contacts: &[Contact]) -> [u64; 5] {
        let Fcr { solved, left_open, called_again, too_early, withheld } = period().judge(contacts);
        [solved, left_open, called_again, too_early, withheld]
    }

    #[test]
    fn solved_at_once_is_what_was_closed_and_not_called_about_again_within_the_window_r115() {
        assert_eq!(judged(&[closed(1)]), [1, 0, 0, 0, 0]);
        assert_eq!(judged(&[open(1)]), [0, 1, 0, 0, 0]);
        assert_eq!(judged(&[closed(1), closed(8)]), [0, 0, 1, 0, 0], "the second is no first one");
        assert_eq!(judged(&[closed(9), closed(1)]), [2, 0, 0, 0, 0], "in whichever order they are stored");
        let rate = period().judge(&[closed(1), open(10), closed(20)]).rate();
        assert_eq!(rate, Some(2.0 / 3.0));
        assert_eq!(Fcr::default().rate(), None);
    }

    #[test]
    fn who_tries_again_and_gives_up_has_called_again_and_who_gave_up_before_has_not_talked_yet_r115() {
        assert_eq!(judged(&[closed(1), abandoned(3)]), [0, 0, 1, 0, 0]);
        assert_eq!(judged(&[abandoned(1), closed(3)]), [1, 0, 0, 0, 0]);
    }

    #[test]
    fn another_matter_another_customer_and_our_own_call_back_are_no_call_again_r115() {
        let enquiry = Contact { kind: Some(Kind::Enquiry), ..closed(2) };
        let product = Contact { category: Some(Category::Product), ..closed(1) };
        let system = Contact { category: Some(Category::System), ..closed(3) };
        let other = Contact { from: PhoneNumber::parse("13900139000").ok(), ..closed(2) };
        let back = Contact { is_call_back: true, ..closed(2) };
        assert_eq!(judged(&[closed(1), enquiry]), [2, 0, 0, 0, 0]);
        assert_eq!(judged(&[product, system]), [2, 0, 0, 0, 0]);
        assert_eq!(judged(&[closed(1), other]), [2, 0, 0, 0, 0]);
        assert_eq!(judged(&[closed(1), back]), [1, 0, 0, 0, 0]);
    }

    fn plan() -> Arc<Plan> {
        let text =
            "[[number]]\nname = \"hotline\"\nqueue = \"line\"\n[[queue]]\nname = \"line\"\n[[seat]]\nname = \"1001\"\npassword = \"x\"\n";
        let loaded = hotline_rules::load(&[hotline_rules::Source { path: "rules.toml".into(), text: text.into() }], None);
        Arc::new(loaded.unwrap_or_else(|found| panic!("{found:?}")).plan)
    }

    /// An answered call of a number of its own, with what its agent stated.
    fn stored(count: u32, stated: &str, own: bool) -> Vec<u8> {
        let source = ([127, 0, 0, 1], 5061).into();
        let (dialled, from) = ("hotline".into(), Number::new(&format!("138{count:08}")));
        let calls = PhoneEvent::Calls { phone: "1002".into(), seat: Some("1002".into()), callee: Callee::Nowhere };
        let kinds = [
            Some(EventKind::Arrived { dialled, from, source, sip_call_id: "x".into(), revision: Revision(1) }),
            own.then_some(EventKind::Phone(calls)),
            Some(EventKind::Answered { seat: "1001".into() }),
            Some(EventKind::Handled { disposition: stated.into() }),
            Some(EventKind::HungUp { side: Side::Caller, cause: Cause::Normal, q850: None }),
            Some(EventKind::Archived),
        ];
        let mut bytes = Vec::new();
        for kind in kinds.into_iter().flatten() {
            let at = WallTime(DAY + i64::from(count));
            encode_entry(&Entry::Call(CallEvent { call: CallId::new(1, 0, count), at, kind }), &mut bytes);
        }
        bytes
    }

    #[tokio::test]
    async fn all_that_is_stored_of_customers_calls_is_read_and_only_a_disposition_of_the_rules_closes_a_matter_r115() {
        let dir = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(dir.path(), Options { reserve_bytes: 0, ..Options::default() }).unwrap();
        let solved = PAGE + 5;
        (0..solved).for_each(|count| journal.append(&stored(count, "resolved", false)));
        journal.append(&stored(solved, "follow-up", false));
        journal.append(&stored(solved + 1, "of-other-rules", false));
        journal.append(&stored(solved + 2, "resolved", true));
        let look = Look::open(dir.path()).await.unwrap();
        let fcr = period().judge(&contacts(&look, &plan(), WallTime(0)).await.unwrap());
        assert_eq!(fcr, Fcr { solved: solved.into(), left_open: 2, ..Fcr::default() });
        assert_eq!(period().judge(&contacts(&look, &plan(), WallTime(2 * DAY)).await.unwrap()), Fcr::default());
    }

    #[test]
    fn the_figures_are_told_in_both_languages_and_to_machines_r115() {
        let fcr = Fcr { solved: 2, left_open: 1, called_again: 0, too_early: 3, withheld: 4 };
        let zone = Zone::parse("UTC").unwrap();
        let (english, chinese) = (fcr.table(&period(), Lang::En, &zone), fcr.table(&period(), Lang::Zh, &zone));
        let rate = |text: &str, name: &str| text.lines().any(|line| line.starts_with(name) && line.ends_with("  66.7 %"));
        assert!(english.contains("kpi.fcr_window 7 d\n") && rate(&english, "first contact resolution "), "{english}");
        assert!(chinese.contains("kpi.fcr_window 7 天\n") && rate(&chinese, "首次解决率 "), "{chinese}");
        assert_eq!(fcr.json(&period())["first_conversations"], 3);
    }

    #[test]
    fn what_is_too_young_or_of_nobody_known_is_not_judged_and_what_came_before_counts_as_before_r115() {
        let withheld = Contact { from: None, ..closed(2) };
        assert_eq!(judged(&[closed(23), withheld]), [0, 0, 0, 1, 1], "7 days are not over after 7 days");
        assert_eq!(judged(&[closed(-3), closed(2)]), [0; 5], "begun before, and gone on with");
    }
}
