//! A small hotline: an entry with hours, a main menu in two languages, a complaint menu that never closes.

use hotline_ivr::{Input, Output, Session, Spoken};
use hotline_model::{Class, Kind, LanguageId, Name, Need, Number, Priority, QueueId, RegionId, SkillId, Timestamp};
use hotline_rules::{
    Branch, Calendar, CalendarId, Changes, DialledNumber, EmptyQueues, Gate, Go, Language, Menu, MenuId, NumberId, Plan, Queue, Region,
    Say, Skill, When,
};
use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

pub const ZH: LanguageId = LanguageId(0);
pub const EN: LanguageId = LanguageId(1);
pub const MAIN: MenuId = MenuId(0);
pub const FAULT: MenuId = MenuId(1);
pub const AFTER_HOURS: MenuId = MenuId(2);
pub const GENERAL: QueueId = QueueId(0);
pub const COMPLAINTS: QueueId = QueueId(1);
pub const HOTLINE: NumberId = NumberId(0);
pub const SHANGHAI: RegionId = RegionId(0);
pub const ZH_NEED: Need = Need { skill: SkillId(0), at_least: 1 };
pub const EN_NEED: Need = Need { skill: SkillId(1), at_least: 3 };
pub const FAULT_NEED: Need = Need { skill: SkillId(2), at_least: 5 };

fn shanghai_time() -> TimeZone {
    TimeZone::get("Asia/Shanghai").expect("bundled")
}

pub fn name(text: &str) -> Name {
    Name::from(text)
}

pub fn prompt(text: &str) -> Say {
    Say::Prompt(name(text))
}

pub fn to(go: Go) -> Branch {
    Branch { set: Changes::default(), say: Vec::new(), go }
}

pub fn saying(texts: &[&str], go: Go) -> Branch {
    Branch { say: texts.iter().map(|text| prompt(text)).collect(), ..to(go) }
}

pub fn menu(title: &str, keys: impl IntoIterator<Item = (char, Branch)>) -> Menu {
    Menu {
        name: name(title),
        gates: Vec::new(),
        say: vec![prompt(&format!("{title}-menu"))],
        keys: keys.into_iter().collect::<BTreeMap<_, _>>(),
        wait: Duration::from_secs(5),
        attempts: 3,
        no_input: vec![prompt("no-input")],
        invalid: vec![prompt("invalid-key")],
        failed: saying(&["transferring-to-agent"], Go::Queue(GENERAL)),
        self_service: hotline_rules::SelfService::No,
        collect: None,
    }
}

pub fn queue(title: &str, priority: Option<Priority>) -> Queue {
    Queue { name: name(title), priority, limit: 100, ..Queue::default() }
}

pub fn working_days(from: u16, to: u16) -> Calendar {
    let mut week: [Vec<(u16, u16)>; 7] = Default::default();
    week[..5].iter_mut().for_each(|day| day.push((from * 60, to * 60)));
    Calendar {
        name: name("service"),
        zone: shanghai_time(),
        week,
        off: BTreeSet::from([date(2026, 10, 1)]),
        workdays: BTreeSet::from([date(2026, 10, 10)]),
        workday_like: Weekday::Monday,
        exceptions: BTreeMap::new(),
        complaints_24h: true,
    }
}

pub fn plan() -> Plan {
    let language = |code: &str, need| Language { code: name(code), need: Some(need), retired: false };
    let skill = |title: &str| Skill { name: name(title), retired: false };
    let english = Branch { set: Changes { language: Some(EN), ..Changes::default() }, ..saying(&["language-changed"], Go::Again) };
    let fault =
        Branch { set: Changes { class: Some(Class::Complex), skills: vec![FAULT_NEED], ..Changes::default() }, ..to(Go::Queue(GENERAL)) };
    let complaint = Branch {
        set: Changes { kind: Some(Kind::Complaint), ..Changes::default() },
        ..saying(&["complaint-accepted-out-of-hours"], Go::Queue(COMPLAINTS))
    };
    let mut main = menu(
        "main",
        [
            ('1', saying(&["transferring-to-agent"], Go::Queue(GENERAL))),
            ('2', to(Go::Menu(FAULT))),
            ('3', complaint.clone()),
            ('8', saying(&["goodbye"], Go::Goodbye)),
            ('9', english),
            ('*', to(Go::Again)),
            ('0', to(Go::Queue(GENERAL))),
        ],
    );
    main.say.push(Say::PromptIn(EN, name("press-9-for-english")));
    main.gates.push(Gate { when: When::Closed(CalendarId(0)), go: to(Go::Menu(AFTER_HOURS)) });
    let mut after_hours = menu("after-hours", [('3', complaint), ('0', saying(&["goodbye"], Go::Goodbye))]);
    after_hours.say = vec![prompt("closed-intro"), Say::Hours(CalendarId(0)), prompt("complaint-anytime")];
    after_hours.failed = saying(&["goodbye"], Go::Goodbye);
    Plan {
        skills: vec![skill("zh"), skill("en"), skill("fault")],
        languages: vec![language("zh-CN", ZH_NEED), language("en", EN_NEED)],
        regions: vec![Region { name: name("shanghai"), area_codes: vec!["021".into()], retired: false }],
        calendars: vec![working_days(8, 20)],
        numbers: vec![DialledNumber {
            name: name("hotline"),
            aliases: Vec::new(),
            gates: Vec::new(),
            entry: saying(&["welcome"], Go::Menu(MAIN)),
            language: ZH,
            pick_up: hotline_rules::PickUp::Answer,
        }],
        menus: vec![main, menu("fault", [('1', fault), ('0', to(Go::Queue(GENERAL)))]), after_hours],
        queues: vec![queue("general", None), queue("complaints", Some(Priority::Important))],
        ..Plan::default()
    }
}

/// A caller with a clock: wall time is what the clock shows, monotonic time begins at 0.
pub struct Caller {
    pub session: Session,
    pub now: Timestamp,
    pub offset: i64,
}

impl Caller {
    pub fn at(plan: Plan, day: Date, hour: i8, minute: i8, second: i8) -> Self {
        let local = day.at(hour, minute, second, 0).to_zoned(shanghai_time()).expect("a time that exists");
        let session = Session::new(Arc::new(plan), HOTLINE, &Number::new("02155550021"));
        Self { session, now: Timestamp(0), offset: local.timestamp().as_microsecond() }
    }

    /// In business hours, already started, its first outputs taken.
    pub fn in_main(plan: Plan) -> Self {
        let mut caller = Self::at(plan, date(2026, 9, 30), 10, 0, 0);
        caller.start();
        assert_eq!(caller.session.menu(), Some(MAIN));
        caller
    }

    pub fn start(&mut self) -> Vec<Output> {
        self.input(Input::Start)
    }

    pub fn press(&mut self, keys: &str) -> Vec<Output> {
        keys.chars().flat_map(|key| self.input(Input::Digit(key))).collect()
    }

    pub fn hears_it_out(&mut self) -> Vec<Output> {
        self.input(Input::Played)
    }

    pub fn waits(&mut self) -> Vec<Output> {
        self.now = self.session.poll_timeout().expect("a deadline is pending");
        self.session.handle_timeout(self.now, self.offset, &EmptyQueues);
        self.outputs()
    }

    pub fn input(&mut self, input: Input) -> Vec<Output> {
        self.session.handle(self.now, self.offset, &EmptyQueues, input);
        self.outputs()
    }

    fn outputs(&mut self) -> Vec<Output> {
        std::iter::from_fn(|| self.session.poll_output()).collect()
    }
}

/// What a `Say` says, `en:` before a prompt that is not Chinese.
pub fn said(outputs: &[Output]) -> Vec<String> {
    let written = |part: &Spoken| if part.language == ZH { part.prompt.to_string() } else { format!("en:{}", part.prompt) };
    outputs
        .iter()
        .flat_map(|output| if let Output::Say { parts, .. } = output { parts.iter().map(written).collect() } else { vec![] })
        .collect()
}
