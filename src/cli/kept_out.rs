//! Whom `[access]` keeps out at a moment (R138), in words: until when, and where it is written.

use hotline_model::{DeskRefusal, WallTime};
use hotline_rules::{Calendar, Plan, Said, Spot};

/// Why nobody signs in at a seat now; nothing if it is not for `[access]`.
pub fn from_signing_in(plan: &Plan, why: DeskRefusal, at: WallTime) -> Option<Said> {
    match why {
        DeskRefusal::OutsideShifts => {
            let shifts = shifts(plan, at)?;
            Some(Said {
                en: format!("nobody signs in now: {}. Who is signed in already stays", shifts.en).into(),
                zh: format!("现在不能签入：{}。已签入的不受影响", shifts.zh).into(),
            })
        }
        DeskRefusal::NotAtThisTelephone => Some(of_place(plan, why, Spot::Devices)),
        DeskRefusal::NotFromThisNetwork => Some(of_place(plan, why, Spot::Networks)),
        DeskRefusal::NoSuchSeat
        | DeskRefusal::NoCall
        | DeskRefusal::NoReason
        | DeskRefusal::ReasonNotTaken
        | DeskRefusal::AttendedOnly
        | DeskRefusal::NoSuchTarget
        | DeskRefusal::NobodyThere
        | DeskRefusal::NotReady
        | DeskRefusal::NotCleared
        | DeskRefusal::NotAllowed
        | DeskRefusal::NoRoom
        | DeskRefusal::UnderWay
        | DeskRefusal::NotUnderWay
        | DeskRefusal::NotAnswered
        | DeskRefusal::NotYours
        | DeskRefusal::NobodyToGoBackTo
        | DeskRefusal::NoSuchDisposition
        | DeskRefusal::NotNow
        | DeskRefusal::Oneself
        | DeskRefusal::OwnNumber
        | DeskRefusal::SignedOut => None,
    }
}

/// What keeps people from the API outside of working time.
pub fn from_the_api(plan: &Plan, at: WallTime) -> Option<Said> {
    let shifts = shifts(plan, at)?;
    Some(Said { en: format!("not in working time: {}", shifts.en).into(), zh: format!("不在工作时间：{}", shifts.zh).into() })
}

/// Nobody may sign in, and callers are let in all the same: into how many queues, and the first.
pub fn while_callers_wait(plan: &Plan, at: WallTime) -> Option<Said> {
    let shifts = shifts(plan, at)?;
    let waits = plan.let_in(&|calendar| Some(plan.calendar(calendar).is_open(at)));
    let (queue, complaints) = waits.iter().min_by_key(|(queue, complaints)| (complaints.is_some(), **queue))?;
    let queue = &plan.queue(*queue).name;
    let others = waits.len() - 1;
    let (more_en, more_zh) =
        if others == 0 { <_>::default() } else { (format!(" and {others} more"), format!("等 {} 个队列", others + 1)) };
    let (who_en, who_zh) = match complaints {
        Some(calendar) => {
            let calendar = &plan.calendar(*calendar).name;
            (
                format!("complaints are taken (complaints_24h of `{calendar}`, R17) and"),
                format!("投诉照常受理（`{calendar}` 的 complaints_24h，R17），"),
            )
        }
        None => ("callers".into(), "来电".into()),
    };
    Some(Said {
        en: format!("nobody may sign in now: {}; but {who_en} may wait in queue `{queue}`{more_en}. Give `access.shifts` these hours too, or close to callers then", shifts.en).into(),
        zh: format!("现在谁也不能签入：{}；{who_zh}却仍可进入排队 `{queue}`{more_zh}。请让 `access.shifts` 也包含这段时间，或那时不让来电进入", shifts.zh).into(),
    })
}

/// The calendar of `access.shifts` while it is closed: until when, and where it is named.
fn shifts(plan: &Plan, at: WallTime) -> Option<Said> {
    let calendar = plan.settings.access.shifts.map(|shifts| plan.calendar(shifts)).filter(|shifts| !shifts.is_open(at))?;
    let (place, name, until) = (place(plan, Spot::Shifts), &calendar.name, until(calendar, at));
    Some(Said {
        en: format!("`access.shifts`{place} is calendar `{name}`, {} (R138)", until.en).into(),
        zh: format!("`access.shifts`{place} 所用的日历 `{name}` {}（R138）", until.zh).into(),
    })
}

fn until(calendar: &Calendar, at: WallTime) -> Said {
    let Some(next) = calendar.next_opening(at).map(|next| calendar.in_words(next)) else {
        return Said { en: "which never opens again".into(), zh: "不再开放".into() };
    };
    Said { en: format!("closed until {}", next.en).into(), zh: format!("关闭至{}", next.zh).into() }
}

fn of_place(plan: &Plan, why: DeskRefusal, spot: Spot) -> Said {
    let (_, en, zh) = crate::cli::words::desk(why);
    let place = place(plan, spot);
    Said { en: format!("{en}{place}").into(), zh: format!("{zh}{place}").into() }
}

fn place(plan: &Plan, spot: Spot) -> String {
    plan.places.spot(spot).map_or(String::new(), |place| format!(" ({place})"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotline_rules::{Source, load};

    fn plan(more: &str) -> Plan {
        let rules = r#"
[[number]]
name = "hotline"
queue = "line"
gate = [{ closed = "day", queue = "night" }]
[[queue]]
name = "line"
[[queue]]
name = "night"
[[seat]]
name = "1001"
password = "x"
[calendar.day]
zone = "Asia/Shanghai"
hours = { mon-fri = "08:00-20:00" }
[access]
"#;
        let sources = [Source { path: "rules.toml".into(), text: format!("{rules}{more}") }];
        load(&sources, None).unwrap().plan
    }

    fn at(text: &str) -> WallTime {
        WallTime(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
    }

    #[test]
    fn a_refused_sign_in_names_the_calendar_its_place_and_when_it_opens_r138() {
        let friday_night = at("2026-11-20T22:00:00+08:00");
        let said = from_signing_in(&plan("shifts = \"day\"\n"), DeskRefusal::OutsideShifts, friday_night).unwrap();
        assert_eq!(
            said.en,
            "nobody signs in now: `access.shifts` (rules.toml:17) is calendar `day`, closed until Monday 2026-11-23 08:00 (Asia/Shanghai) (R138). Who is signed in already stays"
        );
        assert_eq!(
            said.zh,
            "现在不能签入：`access.shifts` (rules.toml:17) 所用的日历 `day` 关闭至星期一 2026-11-23 08:00（Asia/Shanghai）（R138）。已签入的不受影响"
        );
        let said = from_signing_in(&plan("devices = [\"1001\"]\n"), DeskRefusal::NotAtThisTelephone, friday_night).unwrap();
        assert!(said.en.contains("access.devices (R138) (rules.toml:17)"), "{}", said.en);
        assert_eq!(from_signing_in(&plan(""), DeskRefusal::NotNow, friday_night), None);
    }

    #[test]
    fn callers_who_wait_while_nobody_may_sign_in_are_told_of_and_none_else_r138() {
        let plan = plan("shifts = \"day\"\n");
        let said = while_callers_wait(&plan, at("2026-11-20T22:00:00+08:00")).unwrap();
        assert!(said.en.contains("closed until Monday 2026-11-23 08:00") && said.en.contains("queue `night`"), "{}", said.en);
        assert!(said.zh.contains("却仍可进入排队 `night`"), "{}", said.zh);
        assert_eq!(while_callers_wait(&plan, at("2026-11-20T10:00:00+08:00")), None, "who calls then is served");
        assert_eq!(while_callers_wait(&self::plan("networks = [\"10.0.0.0/8\"]\n"), at("2026-11-20T22:00:00+08:00")), None);
    }
}
