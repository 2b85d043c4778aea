//! Transfers and what stands at the desks.

use super::{
    ANY, DEPARTMENT, DIGIT, EXTENSION, Form, Key, NEW_NAME, NUMBER, PATTERN, PERSON, PROMPT, QUEUE, SEAT, Section, TRUNK, key, text,
};

const REASON: Form = Form::Word(&["too_complex", "multi_department", "ability_insufficient"]);
const SHOWN: Form = text("", "1 至 64 个字，一行", "1 to 64 characters in one line", "Some label");
const LABEL: Form = Form::Either(&[SHOWN, Form::Table(&LABELS)]);
const KINDS: Form = Form::Word(&["seats", "queues", "departments", "persons", "numbers"]);

pub(super) const TABLES: &[Key] = &[
    key("transfer", Form::Table(&TRANSFER), "怎样转接。", "How calls are transferred.").rules(&["R53"]),
    key("department", Form::List(&Form::Table(&DEPARTMENTS), 500), "业务部门。", "Departments.").rules(&["R54"]),
    key("person", Form::List(&Form::Table(&PERSONS), 5_000), "责任人。", "Responsible persons.").rules(&["R54"]),
    key("desk", Form::Table(&DESK), "功能码、处理结果、接通前说的话。", "Feature codes, dispositions, and what is said before the bridge."),
];

const TRANSFER: Section = Section {
    path: "transfer",
    header: "[transfer]",
    en: "For which reasons, how, and to whom calls are transferred.",
    zh: "为什么、怎样、可以转给谁。",
    keys: &[&[
        key("reasons", Form::List(&REASON, 0), "只为这些原因；可以少写，不能不留。", "The only reasons; some may be left out, not all.")
            .default("[\"too_complex\", \"multi_department\", \"ability_insufficient\"]")
            .rules(&["R53"]),
        key("mode", Form::Word(&["attended", "blind_with_return"]), "先与对方通话再转，或直接转、无人接听则转回；复杂和重大问题一律先通话。", "The agent talks with the receiver first, or the caller goes at once and comes back unanswered; complex and major calls always the first.").default("\"attended\"").rules(&["R55"]),
        key("targets", Form::List(&Form::Either(&[KINDS, Form::Table(&SINGLE)]), 1_000), "只许转给这些；不写为全部。", "Only to these; to all if left out."),
        key("reason", REASON, "没有说明原因时的原因。", "The reason of a transfer that states none.").rules(&["R53"]),
    ]],
    example: "[transfer]\nmode = \"attended\"\ntargets = [\"departments\", \"queues\", { seat = \"1001\" }, { number = \"021x{8}\" }]\n",
};

const SINGLE: Section = Section {
    path: "transfer.targets",
    header: "targets = [{ ... }]",
    en: "One target: exactly one of these.",
    zh: "一个对象：写且只写一个。",
    keys: &[&[
        key("seat", SEAT, "坐席。", "A seat."),
        key("queue", QUEUE, "排队。", "A queue."),
        key("department", DEPARTMENT, "部门。", "A department."),
        key("person", PERSON, "责任人。", "A person."),
        key("number", PATTERN, "这样的号码，坐席自己也须可以外拨。", "Numbers like this, if the seat itself may dial them."),
    ]],
    example: "",
};

const RECEIVER: &[Key] = &[
    key("name", NEW_NAME, "名字。", "The name.").required(),
    key("label", LABEL, "显示的名称；不写为名字。", "What is shown; the name if left out."),
    key("extension", EXTENSION, "话机上代替名字拨的短号。", "Digits that a telephone dials instead of the name."),
    key("reason", REASON, "没有说明原因时的原因。", "The reason of a transfer that states none.").rules(&["R53"]),
];

const DEPARTMENTS: Section = Section {
    path: "department",
    header: "[[department]]",
    en: "A department to which calls are transferred: `queue` or `seats`.",
    zh: "可以转接的部门：`queue` 或 `seats` 写一个。",
    keys: &[
        RECEIVER,
        &[
            key("queue", QUEUE, "一个排队。", "A queue."),
            key("seats", Form::List(&SEAT, 100), "或依次问这些坐席。", "Or seats, in the order in which they are asked."),
        ],
    ],
    example: "[[department]]\nname = \"network\"\nlabel = { zh = \"网络部\", en = \"Network\" }\nextension = \"8101\"\nseats = [\"1001\"]\nreason = \"too_complex\"\n",
};

const PERSONS: Section = Section {
    path: "person",
    header: "[[person]]",
    en: "A responsible person to whom calls are transferred: `seat` or `number`.",
    zh: "可以转接的责任人：`seat` 或 `number` 写一个。",
    keys: &[
        RECEIVER,
        &[
            key("seat", SEAT, "坐席。", "A seat."),
            key("number", NUMBER, "或号码，须是 `outbound.allow` 允许的。", "Or a number that `outbound.allow` opens."),
            key(
                "trunk",
                Form::Either(&[TRUNK, Form::List(&TRUNK, 8)]),
                "依次用哪些中继，最多 8 条；不写为全部。",
                "The trunks that are tried, in order, at most 8; all if left out.",
            ),
        ],
    ],
    example: "[[person]]\nname = \"duty-manager\"\nlabel = \"值班经理\"\nnumber = \"13800138000\"\n",
};

const LABELS: Section = Section {
    path: "label",
    header: "label = { ... }",
    en: "What is shown in each language; the other one where one is left out.",
    zh: "各语言显示的名称；少写一个就用另一个。",
    keys: &[&[key("zh", SHOWN, "中文。", "In Chinese."), key("en", SHOWN, "英文。", "In English.")]],
    example: "",
};

const DESK: Section = Section {
    path: "desk",
    header: "[desk]",
    en: "What agents say by code or key, and what is said before the bridge.",
    zh: "坐席用功能码和按键表达的，以及接通前说的话。",
    keys: &[&[
        key(
            "dispositions",
            Form::List(&Form::Table(&DISPOSITIONS), 50),
            "处理结果；不写为常用的五种。",
            "What became of a call; the usual five if left out.",
        ),
        key(
            "breaks",
            Form::Map(DIGIT, &Form::Word(&["break", "meal", "meeting", "training", "other"])),
            "`*12` 后的数字：小休、用餐、会议、培训、其他。",
            "The digit behind `*12`.",
        )
        .default("{ 1 = \"break\", 2 = \"meal\", 3 = \"meeting\", 4 = \"training\", 5 = \"other\" }")
        .rules(&["R41"]),
        key(
            "classes",
            Form::Map(DIGIT, &Form::Word(&["common", "complex", "major"])),
            "`*14` 后的数字：普通、复杂、重大。",
            "The digit behind `*14`.",
        )
        .default("{ 1 = \"common\", 2 = \"complex\", 3 = \"major\" }")
        .rules(&["R23"]),
        key(
            "impacts",
            Form::Map(DIGIT, &Form::Word(&["one", "several", "department", "everybody"])),
            "`*17` 后的数字：影响一人、几人、整个部门或片区、所有人。",
            "The digit behind `*17`: how far the problem reaches.",
        )
        .default("{ 1 = \"one\", 2 = \"several\", 3 = \"department\", 4 = \"everybody\" }")
        .rules(&["R33"]),
        key(
            "scopes",
            Form::Map(DIGIT, &Form::Word(&["inside", "outside"])),
            "`*18` 后的数字：在自己的服务范围之内、之外。",
            "The digit behind `*18`: inside our own scope or not.",
        )
        .default("{ 1 = \"inside\", 2 = \"outside\" }")
        .rules(&["R34"]),
        key(
            "announce_agent",
            Form::Either(&[Form::Flag, Form::Table(&ANNOUNCE)]),
            "工号播报：接通前向来电者报工号，不报姓名。",
            "The agent's number is said to the caller before the bridge, never a name.",
        )
        .default("false"),
        key("whisper", Form::Flag, "接通前只让坐席听到排队和问题等级。", "Queue and class are said to the agent alone before the bridge.")
            .default("false"),
        key(
            "matter_open_for",
            ANY,
            "未了结的事项多久内先派给责任人；`0s` 为不派。",
            "How long an open matter leads the customer to its owner; `0s` for never.",
        )
        .default("\"7d\"")
        .rules(&["R57"]),
    ]],
    example: "[desk]\ndispositions = [\n    { name = \"resolved\", digit = \"1\", label = { zh = \"已解决\", en = \"Resolved\" } },\n    { name = \"follow-up\", digit = \"2\", open = true },\n]\nannounce_agent = { before = \"agent-number\", after = \"agent-at-service\" }\nmatter_open_for = \"7d\"\n",
};

const DISPOSITIONS: Section = Section {
    path: "desk.dispositions",
    header: "dispositions = [{ ... }]",
    en: "What became of a call.",
    zh: "一种处理结果。",
    keys: &[&[
        key("name", NEW_NAME, "名字。", "Its name.").required(),
        key("digit", Form::Text(DIGIT), "`*15` 后的数字；不写就不能用话机选。", "The digit behind `*15`; without one it can't be dialled."),
        key("label", LABEL, "显示的名称；不写为名字。", "What is shown; the name if left out."),
        key(
            "open",
            Form::Flag,
            "事项未了结，客户再来电先派给首问责任人。",
            "The matter stays open: the customer who rings again is offered to the owner first.",
        )
        .default("false")
        .rules(&["R57"]),
    ]],
    example: "",
};

const ANNOUNCE: Section = Section {
    path: "desk.announce_agent",
    header: "announce_agent = { ... }",
    en: "The prompts around the agent's number.",
    zh: "工号前后的提示音。",
    keys: &[&[key("before", PROMPT, "工号前。", "Before the number."), key("after", PROMPT, "工号后。", "After the number.")]],
    example: "",
};
