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
    "2027-10-01",
);
const NOTE: Form = text("^.{1,200}$", "1 至 200 个字，一行", "1 to 200 characters in one line", "half days");
const DAY_OF_WEEK: Grammar = Grammar {
    pattern: "^(daily|(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?)$",
    en: "a day or a stretch of the week: `mon`, `mon-fri`, `fri-mon`, `daily`",
    zh: "星期：`mon`、`mon-fri`、`fri-mon`、`daily`",
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
    en: "Opening hours with holidays and make-up days, in a zone of their own. None holds that is not written: the files that come with the hotline have those of the manual, `service` (Monday to Friday 08:00-20:00, R15) and `daily` (08:00-22:00 but on holidays, R16).",
    zh: "服务时间，连同节假日和调休，有自己的时区。没有默认的日历；随附的文件里写好了手册的 `service`（周一至周五 08:00-20:00，R15）和 `daily`（除节假日外每天 08:00-22:00，R16）。",
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
        key(
            "exceptions",
            Form::List(&Form::Table(&EXCEPTIONS), 400),
            "个别日子的时间，先于节假日和星期；前面写的为准。",
            "The hours of single days, before holidays and weekdays; of two for one day the first holds.",
        )
        .default("[]")
        .rules(&["R15", "R16"]),
        key(
            "complaints_24h",
            Form::Flag,
            "不开放时照常受理投诉：已知是投诉的来电不受这个日历限制，条件里的 `open(NAME)` 对它也成立。",
            "Complaints are taken round the clock: a call known to be one is not held up by this calendar, and `open(NAME)` in conditions holds for it.",
        )
        .default("true")
        .rules(&["R17"]),
    ]],
    example: "[calendar.office]\nzone = \"Asia/Shanghai\"\nhours = { mon-fri = [\"08:00-12:00\", \"13:00-20:00\"], sat = \"09:00-12:00\" }\nholidays = [\"cn-2027\"]\nworkday_like = \"mon\"\nexceptions = [{ day = \"2027-12-24..2027-12-25\", hours = \"08:00-12:00\", note = \"half days\" }, { day = 2027-12-31, closed = true }]\n",
};

const EXCEPTIONS: Section = Section {
    path: "calendar.NAME.exceptions",
    header: "exceptions = [{ ... }]",
    en: "Other hours on a day or a stretch of days: `hours` or `closed`.",
    zh: "一天或一段日子的另外时间：`hours`、`closed` 写一个。",
    keys: &[&[
        key("day", DAYS, "哪一天，或哪一段。", "The day, or the stretch of days.").required().rules(&["R16"]),
        key("hours", Form::Either(&[OPEN, Form::List(&OPEN, 8)]), "开放时段。", "The open hours.").rules(&["R15", "R16"]),
        key("closed", Form::Flag, "不开放。", "It is closed.").default("false").rules(&["R16"]),
        key("note", NOTE, "原因。", "Why."),
    ]],
    example: "",
};

const LISTS: Section = Section {
    path: "holidays.NAME",
    header: "[holidays.NAME]",
    en: "The days off and the worked weekend days of one year.",
    zh: "一年的放假日和调休上班日。",
    keys: &[&[
        key("year", Form::Whole(2000, 2200), "哪一年。", "The year.").required(),
        key(
            "off",
            Form::List(&DAYS, 0),
            "放假的日子，含周末；最多 400 天，跨年假期可到前后 7 天。",
            "The days off, weekends among them; at most 400, up to 7 days before or behind the year for holidays over New Year.",
        )
        .default("[]")
        .rules(&["R16"]),
        key("workdays", Form::List(&DAYS, 0), "调休上班的日子。", "Weekend days that are worked.").default("[]").rules(&["R16"]),
    ]],
    example: "[holidays.cn-2027]\nyear = 2027\noff = [\"2027-01-01..2027-01-03\", 2027-04-05]\nworkdays = [2027-02-14]\n",
};
