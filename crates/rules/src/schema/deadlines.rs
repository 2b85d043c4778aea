//! By when what a call left open is to be done.

use super::{CALENDAR, Form, Key, NEW, Section, Span, WORDS, key, text};

pub(super) const TABLES: &[Key] =
    &[key("deadlines", Form::Table(&DEADLINES), "通话后的办理时限。", "By when what a call left open is to be done.")
        .rules(&["R62", "R63", "R64", "R65", "R66"])];

const PROFILE: Form = text(
    r##"^[^\s!"#$%&'()*,/:;<=>?@\[\\\]^`{|}~]{1,64}$"##,
    "`manual`、`m2`、`m3`，或 `deadlines.profiles` 里的名字",
    "`manual`, `m2`, `m3`, or a name of `deadlines.profiles`",
    "m2",
);
const DOCUMENT: Form = Form::Word(&["manual", "m2", "m3"]);

const fn up_to(most: &'static str, of: &'static str) -> Form {
    Form::Duration(Span { least: "1s", most, code: "HL185", of: Some(of), zero: false, lifted: true })
}

const OF_MANUAL: &str = "profile = \"manual\"";

const LIMITS: &[Key] = &[
    key("common", up_to("2h", OF_MANUAL), "常见问题办结（K15）。", "Common problems are handled (K15).")
        .default("\"2h\"")
        .rules(&["R62", "R66"]),
    key(
        "complex",
        up_to("4h", OF_MANUAL),
        "复杂问题办结；投诉为首个实质步骤（K16）。",
        "Complex problems are handled; of a complaint, the first substantive step (K16).",
    )
    .default("\"4h\"")
    .rules(&["R63", "R65", "R66"]),
    key("major", up_to("24h", OF_MANUAL), "重大问题办结（K17）。", "Major problems are handled (K17).")
        .default("\"24h\"")
        .rules(&["R64", "R66"]),
    key(
        "hard",
        up_to("48h", "m2"),
        "疑难的复杂问题闭环（K19）；`m2` 为 48 小时，其余不设。",
        "Complex problems that turn out hard are closed (K19); 48 h in `m2`, no limit in others.",
    )
    .rules(&["R65"]),
    key("complaint", Form::Table(&COMPLAINT), "投诉。", "Complaints.").rules(&["R81", "R82", "R83", "R84", "R94"]),
    key("result_feedback", up_to("24h", "manual"), "办结后告知结果（K23）。", "The result is told, from completion on (K23).")
        .default("\"24h\"")
        .rules(&["R67"]),
    key("follow_up", up_to("72h", "manual"), "办结后回访（K43）。", "The customer is asked afterwards, from completion on (K43).")
        .default("\"72h\"")
        .rules(&["R92"]),
];

const DEADLINES: Section = Section {
    path: "deadlines",
    header: "[deadlines]",
    en: "By when what a call left open is to be done. A call keeps the deadlines that held as it came; a limit that is left out is the profile's: the defaults are those of `manual`.",
    zh: "通话后的办理时限。一次通话按来电时的时限；没写的按所选方案，默认值是 `manual` 的。",
    keys: &[
        &[
            key("profile", PROFILE, "时限方案。", "The profile: whose figures hold.")
                .default("\"manual\"")
                .rules(&["R62", "R63", "R64", "R65", "R66", "R94"]),
            key(
                "clock",
                Form::Word(&["wall", "business"]),
                "按自然时间，或只算日历的开放时间（H11）。",
                "The wall clock, or the open time of `calendar` only (H11).",
            )
            .default("\"wall\"")
            .rules(&["R62", "R63", "R64"]),
            key("calendar", CALENDAR, "`clock = \"business\"` 时按哪个日历。", "The calendar of `clock = \"business\"`."),
        ],
        LIMITS,
        &[
            key("profiles", Form::Map(NEW, &Form::Table(&OWN)), "自定的时限方案。", "Profiles of one's own."),
            key(
                "manual_override",
                Form::Either(&[Form::Flag, WORDS]),
                "写明理由（或 `true`），可以超过手册的时限。",
                "The reason (or `true`) for going beyond the limits of the manual.",
            )
            .default("false"),
        ],
    ],
    example: "[deadlines]\nprofile = \"manual\"\nclock = \"business\"\ncalendar = \"office\"\ncommon = \"90min\"\n[deadlines.complaint]\ncontact = \"1h\"\nL1 = { first = \"24h\", completion = \"72h\" }\n[deadlines.profiles.strict]\nlike = \"manual\"\ncomplex = \"3h\"\n",
};

const OWN: Section = Section {
    path: "deadlines.profiles.NAME",
    header: "[deadlines.profiles.NAME]",
    en: "A profile of one's own: what it leaves out is that of the document it is like.",
    zh: "自定的时限方案；没写的按 `like` 的文件。",
    keys: &[
        &[key("like", DOCUMENT, "以哪份文件为准，也不能超过它。", "Whose figures it begins with, and may not exceed.")
            .default("\"manual\"")],
        LIMITS,
    ],
    example: "",
};

const COMPLAINT: Section = Section {
    path: "deadlines.complaint",
    header: "[deadlines.complaint]",
    en: "How long complaints may take.",
    zh: "投诉的时限。",
    keys: &[&[
        key(
            "contact",
            up_to("2h", "manual"),
            "首次联系（K28），通话中未接到人工时。",
            "The first contact, if no person answered the call (K28).",
        )
        .default("\"2h\"")
        .rules(&["R81"]),
        key("L1", Form::Table(&LEVEL), "一级：产品或服务重大缺陷，48/72 小时。", "Level 1, a major defect: 48 and 72 h.").rules(&["R82"]),
        key("L2", Form::Table(&LEVEL), "二级：流程或沟通，24/36 小时。", "Level 2, process or communication: 24 and 36 h.").rules(&["R83"]),
        key("L3", Form::Table(&LEVEL), "三级：轻微，12/24 小时。", "Level 3, slight: 12 and 24 h.").rules(&["R84"]),
    ]],
    example: "",
};

const LEVEL: Section = Section {
    path: "deadlines.complaint.LEVEL",
    header: "L1 = { ... }",
    en: "How long complaints of a level may take; the longest is that of the level.",
    zh: "一个等级的投诉的时限；最长按该等级。",
    keys: &[&[
        key("first", up_to("48h", "L1"), "答复；不写为该等级的。", "They are responded to; left out, that of the level.")
            .rules(&["R82", "R83", "R84"]),
        key(
            "completion",
            up_to("72h", "L1"),
            "办结；不短于 `first`；不写为该等级的。",
            "They are completed; not before `first`; left out, that of the level.",
        )
        .rules(&["R82", "R83", "R84"]),
    ]],
    example: "",
};
