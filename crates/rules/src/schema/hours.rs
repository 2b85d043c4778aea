//! Calendars and holiday lists.

use super::{Form, Grammar, HOLIDAYS, Key, NEW, Section, key, text};

const WEEKDAYS: Form = Form::Word(&["mon", "tue", "wed", "thu", "fri", "sat", "sun"]);
const ZONE: Form = text("", "IANA 时区", "an IANA time zone", "Asia/Shanghai");
const OPEN: Form = text(
    r"^\s*[0-9]{1,2}:[0-9]{2}\s*-\s*[0-9]{1,2}:[0-9]{2}\s*$",
    "时段：`08:00-20:00`，到 `24:00` 为止",
    "hours: `08:00-20:00`, up to `24:00`",
    "08:00-20:00",
);
const DAYS: Form = text(
    r"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\s*(\.\.\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\s*)?$",
    "日期 `2026-10-01`，或一段 `2026-10-01..2026-10-07`（带引号，首尾都算）",
    "a day, `2026-10-01`, or a stretch with both ends in quotes, `\"2026-10-01..2026-10-07\"`",
    "2026-10-01",
);
const DAY_OF_WEEK: Grammar = Grammar {
    pattern: "^(daily|(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?)$",
    en: "a day or a stretch of the week: `mon`, `mon-fri`, `daily`",
    zh: "星期：`mon`、`mon-fri`、`daily`",
    sample: "sat",
};

pub(super) const TABLES: &[Key] = &[
    key("calendar", Form::Map(NEW, &Form::Table(&CALENDARS)), "日历：何时开放。", "Calendars: when something is open.")
        .rules(&["R15", "R16"]),
    key("holidays", Form::Map(NEW, &Form::Table(&LISTS)), "一年的节假日和调休。", "The holidays and make-up days of a year.")
        .rules(&["R15", "R16"]),
];

const CALENDARS: Section = Section {
    path: "calendar.NAME",
    header: "[calendar.NAME]",
    en: "Opening hours with holidays and make-up days, in a zone of their own.",
    zh: "服务时间，连同节假日和调休，有自己的时区。",
    keys: &[&[
        key("zone", ZONE, "时区，IANA 的名字，如 `Asia/Shanghai`。", "The time zone by its IANA name, like `Asia/Shanghai`.").required(),
        key(
            "hours",
            Form::Map(DAY_OF_WEEK, &Form::Either(&[OPEN, Form::List(&OPEN, 8)])),
            "每天的开放时段，没写的日子不开放；跨夜写成两天。",
            "The open hours of each day, closed on days left out; over midnight, write both days.",
        )
        .required()
        .rules(&["R15", "R16", "R18"]),
        key("holidays", Form::List(&HOLIDAYS, 0), "用哪些节假日表。", "The holiday lists that hold.").default("[]").rules(&["R15", "R16"]),
        key("workday_like", WEEKDAYS, "调休上班日按星期几的时间。", "The weekday whose hours a make-up day has.").default("\"mon\""),
    ]],
    example: "[calendar.office]\nzone = \"Asia/Shanghai\"\nhours = { mon-fri = [\"08:00-12:00\", \"13:00-20:00\"], sat = \"09:00-12:00\" }\nholidays = [\"cn-2027\"]\nworkday_like = \"mon\"\n",
};

const LISTS: Section = Section {
    path: "holidays.NAME",
    header: "[holidays.NAME]",
    en: "The days off and the worked weekend days of one year.",
    zh: "一年的放假日和调休上班日。",
    keys: &[&[
        key("year", Form::Whole(2000, 2200), "哪一年。", "The year.").required(),
        key("off", Form::List(&DAYS, 0), "放假的日子，含周末；最多 400 天。", "The days off, weekends among them; at most 400.")
            .default("[]")
            .rules(&["R16"]),
        key("workdays", Form::List(&DAYS, 0), "调休上班的日子。", "Weekend days that are worked.").default("[]").rules(&["R16"]),
    ]],
    example: "[holidays.cn-2027]\nyear = 2027\noff = [\"2027-01-01..2027-01-03\", 2027-04-05]\nworkdays = [2027-02-14]\n",
};
