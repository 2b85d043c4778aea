//! Numbers, menus, their branches and what they say.

use super::{
    CALENDAR, CONDITION, DEPARTMENT, Form, Key, LANGUAGE, MENU, NEED, NEW, NUMBER, PERSON, PROMPT, QUEUE, SEAT, Section, Span,
    TELEPHONE_KEY, TRUNKS, USER_PART, VOICEMAIL, key,
};

/// What is said: one prompt, or a list of pieces.
pub(super) const SAY: Form = Form::Either(&[PROMPT, Form::List(&Form::Either(&[PROMPT, Form::Table(&PIECE)]), 16)]);
const BRANCH: Form = Form::Table(&BRANCHES);

pub(super) const TABLES: &[Key] = &[
    key("number", Form::List(&Form::Table(&NUMBERS), 1_000), "来电者拨的号码；至少一个。", "The numbers that callers dial; at least one."),
    key("menu", Form::Map(NEW, &Form::Table(&MENUS)), "菜单，最多 1000 个。", "Menus, at most 1,000.").rules(&["R8", "R9"]),
];

/// Where a branch leads: one of these.
const WAYS: &[Key] = &[
    key("menu", MENU, "去这个菜单。", "On to this menu."),
    key("queue", QUEUE, "去这个排队。", "On to this queue."),
    key("callback", QUEUE, "请这个排队回拨，不在线上等。", "To be called back from this queue instead of waiting on the line.")
        .rules(&["R19"]),
    key("voicemail", VOICEMAIL, "去留言。", "To leave a message there.").rules(&["R19"]),
    key("again", Form::Flag, "同一菜单再来一遍，不算按错；只用于按键。", "The same menu once more, which costs no attempt; for keys only."),
    key("goodbye", Form::Flag, "道别，等来电方挂机。", "Says goodbye and waits for the caller to hang up."),
    key("hang_up", Form::Flag, "道别后由系统挂机。", "Says goodbye and hangs up."),
];

/// To somebody by number or name, and what belongs to it.
pub(super) const WAYS_OUT: &[Key] = &[
    key(
        "number",
        NUMBER,
        "外呼这个号码，客户听音乐等候，须是 `outbound.allow` 允许的；敏感来电不外呼。",
        "This number is called outside while the caller hears music; `outbound.allow` must open it, and sensitive calls are not led outside.",
    )
    .rules(&["R13", "R68"]),
    key(
        "person",
        PERSON,
        "转给这位责任人：其号码如 `number` 外呼，其坐席如 `seat` 先派。",
        "To this person: a number is called as by `number`, a seat is offered the call first as by `seat`.",
    )
    .rules(&["R60"]),
    key(
        "department",
        DEPARTMENT,
        "转给这个部门：其排队如 `queue`；其坐席中第一个就绪的先派。",
        "To this department: its queue as by `queue`; of its seats the first that is ready is offered the call first.",
    )
    .rules(&["R54"]),
    key("trunk", TRUNKS, "`number` 依次用哪些中继，最多 8 条；不写为全部。", "The trunks that are tried for `number`, in order, at most 8; all if left out."),
    key(
        "for",
        Form::Duration(Span { least: "5s", most: "30s", code: "HL209", of: Some("timers.answer"), zero: false, lifted: false }),
        "外部最多振铃多久，连同换中继重试。",
        "How long it rings outside at most, all trunks together.",
    )
    .default("\"20s\"")
    .rules(&["R5"]),
    key(
        "otherwise",
        Form::Table(&OTHERWISE),
        "占线、无人接听、不允许或没有中继时去哪里；外部号码和坐席必写，坐席只能写 `queue`。",
        "Where the call goes if it is busy, unanswered, forbidden or without a trunk; needed for numbers and seats, and for seats a `queue`.",
    )
    .rules(&["R5", "R9"]),
];

const OTHERWISE: Section = Section {
    path: "menu.NAME.keys.KEY.otherwise",
    header: "otherwise = { ... }",
    en: "What follows if nobody answers: exactly one of `menu`, `queue`, `callback`, `voicemail`, `goodbye`. The answer clock runs on, and in a queue the call has the place of when it was led outside.",
    zh: "无人接听时做什么：`menu`、`queue`、`callback`、`voicemail`、`goodbye` 写且只写一个。接听时限照走；进入排队时，位次从转外部那一刻算起。",
    keys: &[&[
        key("say", SAY, "先说什么；转菜单时不写，由菜单说。", "What is said first; not before a menu, which speaks for itself.")
            .default("[]"),
        key("menu", MENU, "去这个菜单。", "On to this menu."),
        key("queue", QUEUE, "去这个排队。", "On to this queue."),
        key("callback", QUEUE, "请这个排队回拨。", "To be called back from this queue.").rules(&["R19"]),
        key("voicemail", VOICEMAIL, "去留言。", "To leave a message there.").rules(&["R19"]),
        key("goodbye", Form::Flag, "道别。", "Says goodbye."),
    ]],
    example: "",
};

const DOES: &[Key] = &[
    key(
        "seat",
        SEAT,
        "先派给这个坐席，如同专属坐席；同时写 `queue`，无人接听时在那里等。",
        "Offered to this seat first, as to a dedicated agent; with `queue`, where the call waits if it does not answer.",
    )
    .rules(&["R44", "R45"]),
    key("set", Form::Table(&SET), "由此知道的来电情况。", "What is known of the caller by this.").rules(&["R23"]),
    key("say", SAY, "先说什么。", "What is said before going on."),
];

const NUMBERS: Section = Section {
    path: "number",
    header: "[[number]]",
    en: "A number of the hotline, and what happens after pick-up: exactly one of `menu`, `queue`, `callback`, `voicemail`, `number`, `person`, `department`, `goodbye`, `hang_up`.",
    zh: "热线的一个号码和接通后做什么：`menu`、`queue`、`callback`、`voicemail`、`number`、`person`、`department`、`goodbye`、`hang_up` 写且只写一个。",
    keys: &[
        &[
            key("name", USER_PART, "号码，即 SIP 地址里 @ 前的部分。", "The number: what stands before the @ of the SIP address.")
                .required(),
            key("aliases", Form::List(&USER_PART, 1_000), "意思相同的其他号码。", "Other numbers that mean the same.").default("[]"),
            key("language", LANGUAGE, "开始时的语言；不写为第一个。", "The language at the start; the first one if left out.")
                .rules(&["R12"]),
            key(
                "pick_up",
                Form::Word(&["answer", "early-media"]),
                "何时接通：`answer` 立即接通；`early-media` 先以 183 放语音，有人接听时才 200 接通，最迟到 `timers.pickup`（t1 仍是 200）。",
                "When the call is answered: `answer`, at once; `early-media`, prompts are heard behind a 183 and the 200 comes when a person answers, at the latest when `timers.pickup` is over (t1 is the 200).",
            )
            .default("\"answer\"")
            .rules(&["R1", "R2"]),
            key(
                "gate",
                Form::List(&Form::Table(&NUMBER_GATES), 16),
                "接通后依次看，第一个成立的代替本号码的去向。",
                "Looked at after pick-up, in order; the first that holds is taken instead of the number's own way.",
            )
            .default("[]")
            .rules(&["R46", "R49"]),
        ],
        DOES,
        WAYS,
        WAYS_OUT,
    ],
    example: "[[number]]\nname = \"hotline\"\naliases = [\"95000\", \"4008000000\"]\nlanguage = \"zh-CN\"\nmenu = \"main\"\n[[number.gate]]\nwhen = \"customer_type == vip & open(office)\"\nqueue = \"service\"\n",
};

const MENUS: Section = Section {
    path: "menu.NAME",
    header: "[menu.NAME]",
    en: "A menu: it speaks, waits for a key, and does what the key says.",
    zh: "一个菜单：说话，等按键，照按键做。",
    keys: &[&[
        key("say", SAY, "进菜单时说，可被按键打断。", "Said on entry; a key interrupts it.").default("[]"),
        key(
            "gate",
            Form::List(&Form::Table(&GATES), 16),
            "进菜单时依次看，第一个成立的代替菜单。",
            "Looked at on entry, in order; the first that holds is taken instead of the menu.",
        )
        .default("[]")
        .rules(&["R15"]),
        key(
            "keys",
            Form::Map(TELEPHONE_KEY, &BRANCH),
            "每个按键做什么；`0` 必须有，转人工。",
            "What each key does; `0` must be there and leads to a person.",
        )
        .required()
        .rules(&["R9"]),
        key(
            "wait",
            Form::Duration(Span { least: "1s", most: "1min", code: "HL007", of: None, zero: false, lifted: false }),
            "说完后等按键多久。",
            "How long it waits for a key after speaking.",
        )
        .default("\"5s\""),
        key("attempts", Form::Whole(1, 10), "按错或不按几次后走 `failed`。", "Wrong or missing keys before `failed`.")
            .default("3")
            .rules(&["R9"]),
        key("no_input", SAY, "没按键时说。", "Said after a missing key.").default("[]"),
        key("invalid", SAY, "按错时说。", "Said after a wrong key.").default("[]"),
        key(
            "failed",
            BRANCH,
            "错了 `attempts` 次后做什么；不写与 `0` 相同。",
            "What is done after `attempts` mistakes; as key `0` if left out.",
        )
        .rules(&["R9"]),
        key(
            "self_service",
            Form::Word(&["no", "ordinary", "everybody"]),
            "是否自助：`ordinary` 自助，但贵宾客户不进，直接走按键 `0` 的去向；`everybody` 贵宾也进（HL155）。",
            "Whether it serves without a person: `ordinary` callers only, VIP customers go where key `0` leads; or `everybody` (HL155).",
        )
        .default("\"no\"")
        .rules(&["R8", "R47", "R51"]),
        key(
            "collect",
            Form::Table(&COLLECTS),
            "收集一串数字（如账号）而不是单个按键；只按一个 `0` 仍转人工。",
            "Takes several digits, an account number for instance, instead of one key; a lone `0` still leads to a person.",
        )
        .rules(&["R9", "R141"]),
    ]],
    example: "[menu.main]\nsay = [\"welcome\", { prompt = \"press-9-for-english\", language = \"en\" }, \"main-menu\"]\nwait = \"5s\"\nattempts = 3\ninvalid = \"invalid-key\"\nno_input = \"no-input\"\nfailed = { say = \"transferring-to-agent\", queue = \"service\" }\n[[menu.main.gate]]\nclosed = \"office\"\nsay = [\"closed-intro\", { hours = \"office\" }]\ngoodbye = true\n[menu.main.keys]\n1 = { set = { class = \"common\", kind = \"enquiry\" }, queue = \"service\" }\n2 = { number = \"13800138000\", for = \"15s\", otherwise = { queue = \"technical\" } }\n0 = { queue = \"service\" }\n\"*\" = { again = true }\n[menu.waiting]\nkeys = { 0 = { queue = \"service\" } }\ncollect = { name = \"account\", min = 6, max = 10, end = \"#\", between = \"3s\", done = { queue = \"service\" } }\n",
};

const COLLECTS: Section = Section {
    path: "menu.NAME.collect",
    header: "collect = { ... }",
    en: "Digits that a menu takes as one value; records show how many there were, never which. What is wrong or missing counts as in any menu.",
    zh: "菜单收集的一串数字；记录里只有位数，没有内容。按错、不按与其他菜单一样计。",
    keys: &[&[
        key("name", Form::Text(NEW), "这个号码的名字，条件里写 `collected(名字)`。", "The value's name, `collected(NAME)` in conditions.")
            .required(),
        key("min", Form::Whole(1, 32), "最少几位。", "Fewest digits.").default("1"),
        key("max", Form::Whole(1, 32), "最多几位，够了即完成。", "Most digits; with the last it is complete.").default("32"),
        key("end", Form::Word(&["#", "*", "none"]), "提前结束的按键。", "The key that ends it before.").default("\"#\""),
        key(
            "between",
            Form::Duration(Span { least: "2s", most: "30s", code: "HL007", of: None, zero: false, lifted: false }),
            "两位之间最多等多久，之后按已有的算。",
            "How long it waits for the next digit before it takes what is there.",
        )
        .default("\"3s\""),
        key("done", BRANCH, "收到后做什么。", "What is done with it.").required(),
    ]],
    example: "",
};

const GATES: Section = Section {
    path: "menu.NAME.gate",
    header: "[[menu.NAME.gate]]",
    en: "A condition on entering a menu: `closed` or `when`; and one of `menu`, `queue`, `callback`, `voicemail`, `number`, `person`, `department`, `goodbye`, `hang_up`.",
    zh: "进菜单的条件：`closed` 或 `when` 写一个；`menu`、`queue`、`callback`、`voicemail`、`number`、`person`、`department`、`goodbye`、`hang_up` 写一个。",
    keys: &[ASKS, DOES, WAYS, WAYS_OUT],
    example: "",
};

const ASKS: &[Key] = &[
    key("closed", CALENDAR, "这个日历不开放时成立。", "Holds while this calendar is closed.").rules(&["R15", "R18"]),
    key("when", CONDITION, "这个条件满足时成立。", "Holds while this condition does.").rules(&["R46", "R49"]),
];

const NUMBER_GATES: Section = Section {
    path: "number.gate",
    header: "[[number.gate]]",
    en: "A condition after pick-up: `closed` or `when`; and one of `menu`, `queue`, `callback`, `voicemail`, `number`, `person`, `department`, `goodbye`, `hang_up`.",
    zh: "接通后的条件：`closed` 或 `when` 写一个；`menu`、`queue`、`callback`、`voicemail`、`number`、`person`、`department`、`goodbye`、`hang_up` 写一个。",
    keys: &[ASKS, DOES, WAYS, WAYS_OUT],
    example: "",
};

const BRANCHES: Section = Section {
    path: "menu.NAME.keys.KEY",
    header: "1 = { ... }",
    en: "What a key does: exactly one of `menu`, `queue`, `callback`, `voicemail`, `number`, `person`, `department`, `again`, `goodbye`, `hang_up`.",
    zh: "一个按键做什么：`menu`、`queue`、`callback`、`voicemail`、`number`、`person`、`department`、`again`、`goodbye`、`hang_up` 写且只写一个。",
    keys: &[DOES, WAYS, WAYS_OUT],
    example: "",
};

const SET: Section = Section {
    path: "menu.NAME.keys.KEY.set",
    header: "set = { ... }",
    en: "What becomes known of a caller; what is left out stays as it is.",
    zh: "由此知道的来电情况；没写的不变。",
    keys: &[
        &[
            key("language", LANGUAGE, "改用的语言。", "The language from now on.").rules(&["R12"]),
            key("class", Form::Word(&["common", "complex", "major"]), "问题等级：常见、复杂、重大。", "How hard the problem is.")
                .rules(&["R23", "R48"]),
            key("nature", Form::Word(&["technical", "process", "system"]), "问题性质：技术、流程、系统。", "What kind of problem it is.")
                .rules(&["R28"]),
            key(
                "kind",
                Form::Word(&["enquiry", "complaint", "suggestion", "problem_report", "info_query", "account", "technical_support"]),
                "来电事由：咨询、投诉、建议、报障、查询、账户、技术支持。",
                "What the caller wants.",
            )
            .rules(&["R49"]),
            key(
                "category",
                Form::Word(&[
                    "service_attitude",
                    "service_quality",
                    "service",
                    "product",
                    "process",
                    "system",
                    "environment",
                    "after_sales",
                ]),
                "投诉类别。",
                "What a complaint is about.",
            )
            .rules(&["R29", "R52"]),
            key(
                "level",
                Form::Word(&["L1", "L2", "L3"]),
                "投诉等级：重大缺陷、流程或沟通、轻微。",
                "How grave a complaint is: a major defect, process or communication, slight.",
            )
            .rules(&["R30", "R82", "R83", "R84"]),
            key(
                "topic",
                TOPIC,
                "事项；在 `priority.urgent_kinds` 里的一律紧急。",
                "The matter; those of `priority.urgent_kinds` are always urgent.",
            )
            .rules(&["R25", "R26"]),
            key(
                "scope",
                Form::Word(&["inside", "outside"]),
                "初步判断：在自己的服务范围之内还是之外。",
                "First assessment: inside our own scope or not.",
            )
            .rules(&["R34"]),
            key(
                "impact",
                Form::Word(&["one", "several", "department", "everybody"]),
                "影响范围，由小到大：一人、几人、整个部门或片区、所有人；手册没有列出级别，这是建议；从 `priority.urgent_impact` 起一律紧急。",
                "How far it reaches, from narrow to wide: one person, several, a whole department or area, everybody; the manual names no levels, these are a proposal; from `priority.urgent_impact` on it is urgent.",
            )
            .rules(&["R33"]),
        ],
        KNOWN,
    ],
    example: "",
};

pub(super) const TOPIC: Form = Form::Word(&["network_fault", "payment_anomaly", "security", "privacy", "major_complaint"]);
pub(super) const PRIORITY: Form = Form::Word(&["urgent", "important", "ordinary"]);

/// What a menu or a customer's number may tell.
pub(super) const KNOWN: &[Key] = &[
    key("priority", PRIORITY, "优先级：紧急、重要、普通。", "Its priority.").rules(&["R24"]),
    key("customer_type", Form::Word(&["ordinary", "vip", "special"]), "客户类型：普通、贵宾、特殊。", "The type of customer.")
        .rules(&["R36", "R46"]),
    key(
        "customer_level",
        Form::Word(&["basic", "high_value", "sensitive"]),
        "客户级别；`high_value` 的通话不设 15 分钟提醒，至少有 30 分钟。",
        "The level of customer; `high_value` sessions have no 15-minute alarm and 30 minutes at least.",
    )
    .rules(&["R36", "R45"]),
    key("skills", Form::List(&NEED, 16), "排队之外还要的技能。", "Skills that are asked for on top of the queue's."),
    key("sensitive", Form::Flag, "敏感：只派给 `cleared` 的坐席。", "Sensitive: only for seats that are `cleared`.").rules(&["R68"]),
];

const PIECE: Section = Section {
    path: "say",
    header: "say = [{ ... }]",
    en: "A piece of speech: a prompt in a language of its own, or the hours of a calendar.",
    zh: "一段语音：指定语言的提示音，或一个日历的时间。",
    keys: &[&[
        key("prompt", PROMPT, "提示音的名字。", "The prompt's name."),
        key("language", LANGUAGE, "用这种语言说；不写为来电者的语言。", "In this language; the caller's if left out.").rules(&["R12"]),
        key("hours", CALENDAR, "代替 `prompt`：报出这个日历的时间。", "Instead of `prompt`: the hours of this calendar in words.")
            .rules(&["R18"]),
    ]],
    example: "",
};
