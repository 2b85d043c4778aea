//! Queues: their steps, their hours, whom they overflow into, how they call back.

use super::menus::{PRIORITY, SAY, WAYS_OUT};
use super::{
    CALENDAR, EXPRESSION, EXTENSION, Form, Key, MENU, NEW_NAME, NUMBER, PARTNER, PROMPT, QUEUE, SEAT, Section, TELEPHONE_KEY, TRUNKS,
    UP_TO_1_H, VOICEMAIL, key, or_zero, policy, text, up_to, within,
};

const TIME_OF_DAY: Form = text("^[0-9]{1,2}:[0-9]{2}$", "时刻：`09:00`", "a time of day: `09:00`", "11:00");
const CONSIDER: Form =
    text("^\\s*signed_in\\s*>=\\s*[0-9]+\\s*$", "`signed_in >= 3`，1 到 100000", "`signed_in >= 3`, from 1 to 100,000", "signed_in >= 3");

pub(super) const TABLES: &[Key] = &[key("queue", Form::List(&Form::Table(&QUEUES), 1_000), "排队。", "Queues.")];

const QUEUES: Section = Section {
    path: "queue",
    header: "[[queue]]",
    en: "A queue: who may serve it, and what its callers hear.",
    zh: "一个排队：谁可以接，等待的人听到什么。",
    keys: &[
        &[
            key("name", NEW_NAME, "名字。", "Its name.").required(),
            key(
                "group",
                NEW_NAME,
                "由哪个组派单，最多 8 个组；溢出的排队须同组。",
                "The group whose router serves it, at most 8; a queue and its overflow share one.",
            )
            .default("\"main\""),
            key(
                "step",
                Form::List(&Form::Table(&STEPS), 10),
                "从等待多久起谁可以接；每一步只能放宽。",
                "Who may serve it from which waiting time on; each step may only ask for less.",
            )
            .rules(&["R5", "R40"]),
            key("seats", Form::List(&SEAT, 0), "只由这些坐席接；空为全部。", "Served by these seats only; by all if empty.").default("[]"),
            key("reserve", Form::Table(&RESERVE), "只在拥挤时接的后备坐席。", "Seats that serve it only while it is crowded."),
            key("priority", PRIORITY, "来电没有优先级时的优先级。", "The priority of calls that have none.").rules(&["R24"]),
            key(
                "target",
                up_to("1s", "30s", "HL047", "timers.answer"),
                "目标等待时间；几个排队相比时等得越接近它的越先。",
                "The waiting time it aims at; among queues the call that has waited the larger part of it goes first.",
            )
            .default("\"30s\"")
            .rules(&["R5"]),
            key("weight", Form::Whole(1, 100), "与别的排队相比的分量。", "How much it weighs beside other queues.").default("1"),
            key("wrap_up", UP_TO_1_H, "话后时间。", "After-call work.").default("\"0s\""),
            key(
                "limit",
                Form::Whole(1, 100_000),
                "最多同时等几个；满了走 `overflow`。",
                "Most calls that wait; when it is full callers go on to `overflow`.",
            )
            .default("1000"),
            key(
                "overflow",
                Form::Either(&[QUEUE, Form::Table(&TARGET), Form::List(&Form::Either(&[QUEUE, Form::Table(&TARGET)]), 8)]),
                "超时或满了也在这里等：一个排队，或外面的号码。",
                "Where calls wait too after the answer time, or go when it is full: a queue, or somebody outside.",
            )
            .rules(&["R5", "R13"]),
            key(
                "resume",
                within("0s", "10min", "HL007"),
                "断线后这么久内同号重拨，回到原位；`0s` 为不保留。",
                "Who breaks off and dials again from the same number within this has the old place; `0s` for never.",
            )
            .default("\"0s\""),
            key("hours", CALENDAR, "开放时间；须有 `closed`。", "When it is open; needs `closed`.").rules(&["R15", "R16"]),
            key("closed", Form::Table(&CLOSED), "不开放时新来电做什么。", "What new callers do while it is closed.").rules(&["R15", "R17"]),
            key(
                "closing",
                Form::Word(&["serve", "leave"]),
                "到点时仍在等的：继续服务，或按 `closed` 走。",
                "Those who wait as it closes are served, or take `closed` too.",
            )
            .default("\"serve\""),
            key("nobody", Form::Table(&NOBODY), "没有人可接时做什么。", "What calls do that nobody could serve."),
            key("callback", Form::Table(&CALLBACK), "可以回拨。", "Its callers may be called back instead of waiting.").rules(&["R19"]),
            key("say", SAY, "进入排队时说。", "Said on entry.").default("[]"),
            key(
                "breach",
                SAY,
                "超过接听时限时说；可写 `position`、`expected-wait`。",
                "Said once the answer time is over; `position` and `expected-wait` may be among it.",
            )
            .default("[]")
            .rules(&["R5", "R75"]),
            key(
                "announce",
                SAY,
                "等待中反复说；可写 `position`、`expected-wait`。",
                "Said again and again to those who wait; `position` and `expected-wait` may be among it.",
            )
            .default("[]")
            .rules(&["R18", "R75"]),
            key(
                "announce_every",
                or_zero("10s", "30d", "HL007"),
                "多久说一次；有 `announce` 时默认 30 秒，`0s` 为不说。",
                "How often; 30 s if there is an `announce`, `0s` for never.",
            )
            .default("\"0s\""),
            key(
                "direct",
                Form::Flag,
                "接起即接通，没有提示、工号和密语。",
                "Caller and agent are connected at once, without a word to either.",
            )
            .default("false"),
            key("whisper", PROMPT, "接通前只让坐席听到。", "Said to the agent alone before the bridge."),
            key(
                "order",
                Form::Word(&["best", "least-sufficient", "longest-idle", "least-occupied"]),
                "坐席的先后，代替 `assign.keys`；与 `keys`、`weights` 只写一个。",
                "The order of seats instead of that of `[assign]`; only one of `order`, `keys`, `weights`.",
            )
            .rules(&["R40", "R42", "R43"]),
        ],
        policy::RANKING,
        &[key("extension", EXTENSION, "话机上代替名字拨的短号。", "Digits that a telephone dials instead of the name.")],
    ],
    example: "[[queue]]\nname = \"service\"\nwrap_up = \"20s\"\nlimit = 200\noverflow = [\"technical\", { number = \"13800138000\", after = \"30s\" }]\nresume = \"60s\"\nhours = \"office\"\nclosed = { goodbye = true }\nnobody = { after = \"10s\", queue = \"technical\" }\ncallback = { key = \"2\", slots = [\"09:00\", \"14:00\"], calendar = \"office\" }\nbreach = [\"breach-announcement\", \"position\", \"expected-wait\"]\n[[queue.step]]\nrequires = \"enquiry >= 5\"\nconsider_if = \"signed_in >= 2\"\n[[queue.step]]\nafter = \"10s\"\nrequires = \"anyone\"\n[queue.reserve]\nseats = [\"1002\"]\nwaiting = 5\n[[queue]]\nname = \"technical\"\n",
};

const STEPS: Section = Section {
    path: "queue.step",
    header: "[[queue.step]]",
    en: "Who may serve a queue from a waiting time on; without steps everybody, at once.",
    zh: "从等待多久起谁可以接；一步也不写则人人立即可接。",
    keys: &[&[
        key(
            "after",
            ANY_AFTER,
            "从等待多久起；第一步为 0，以后一步比一步晚。",
            "From which waiting time on; 0 for the first, later for each further one.",
        )
        .default("\"0s\"")
        .rules(&["R5"]),
        key("requires", EXPRESSION, "坐席须有的技能；只能比上一步少要。", "What a seat must master; at most what the step before asks.")
            .default("\"anyone\"")
            .rules(&["R40"]),
        key("tier", policy::TIER, "最远到哪一层级；只能比上一步放宽。", "Up to which tier seats are admitted; later steps may only widen.")
            .default("\"external\"")
            .rules(&["R37", "R39"]),
        key(
            "ring",
            within("6s", "29999ms", "HL045"),
            "这一步里一次振铃最长多久：不短于 `ring_min`，短于 `answer`；不写为 `ring_per_offer`。",
            "The longest ring of an offer made in it, from `ring_min` to less than `answer`; `ring_per_offer` if left out.",
        )
        .rules(&["R5"]),
        key("consider_if", CONSIDER, "可接的坐席签入不足此数时，不在这一步等。", "With fewer such seats signed in it is not waited in."),
    ]],
    example: "",
};
const ANY_AFTER: Form = super::ANY;

const RESERVE: Section = Section {
    path: "queue.reserve",
    header: "[queue.reserve]",
    en: "Seats that serve a queue only while it is crowded: `requires` or `seats`, and `waiting` or `longest` or both.",
    zh: "只在拥挤时接的坐席：`requires` 或 `seats` 写一个，`waiting` 和 `longest` 至少写一个。",
    keys: &[&[
        key("requires", EXPRESSION, "后备坐席的技能。", "What its seats master."),
        key("seats", Form::List(&SEAT, 0), "后备坐席。", "Its seats by name."),
        key("waiting", Form::Whole(1, 100_000), "等这么多个时算拥挤。", "Crowded when so many calls wait."),
        key("longest", within("1s", "1h", "HL007"), "最久的等这么久时算拥挤。", "Crowded when the longest has waited so long."),
    ]],
    example: "",
};

pub(super) const SAY_AND_WAYS: &[Key] = &[
    key("say", SAY, "先说什么；转菜单时不写，由菜单说。", "What is said first; not before a menu, which speaks for itself.").default("[]"),
    key("menu", MENU, "去这个菜单。", "On to this menu."),
    key("queue", QUEUE, "去这个排队，保留原位。", "On to this queue, at the old place."),
    key("goodbye", Form::Flag, "道别。", "Says goodbye."),
];

const TO_VOICEMAIL: &[Key] = &[key("voicemail", VOICEMAIL, "去留言。", "To leave a message there.").rules(&["R19"])];

const CLOSED: Section = Section {
    path: "queue.closed",
    header: "closed = { ... }",
    en: "What new callers of a closed queue do: exactly one of `menu`, `queue`, `voicemail`, `number`, `person`, `department`, `goodbye`.",
    zh: "不开放时新来电做什么：`menu`、`queue`、`voicemail`、`number`、`person`、`department`、`goodbye` 写且只写一个。",
    keys: &[SAY_AND_WAYS, TO_VOICEMAIL, WAYS_OUT],
    example: "",
};

const NOBODY: Section = Section {
    path: "queue.nobody",
    header: "nobody = { ... }",
    en: "What a call does that nobody signed in could serve: exactly one of `menu`, `queue`, `voicemail`, `number`, `person`, `department`, `goodbye`.",
    zh: "没有任何可接的坐席签入时做什么：`menu`、`queue`、`voicemail`、`number`、`person`、`department`、`goodbye` 写且只写一个。",
    keys: &[
        &[key("after", UP_TO_1_H, "持续这么久才走。", "Only after it has been so for this long.").default("\"0s\"")],
        SAY_AND_WAYS,
        TO_VOICEMAIL,
        WAYS_OUT,
    ],
    example: "",
};

const TARGET: Section = Section {
    path: "queue.overflow",
    header: "overflow = [{ ... }]",
    en: "Somebody else who may have the call while it goes on waiting: a `seat`, or outside a `number` or a `partner`.",
    zh: "来电仍在排队时还可以接它的人：`seat`，或外部的 `number`、`partner`，写一个。",
    keys: &[&[
        key(
            "seat",
            SEAT,
            "本排队之外的坐席，`after` 之后、最后一步生效后，就绪时也派给它；须具备来电本身要求的语言、技能和敏感授权，不看排队的要求。",
            "A seat beside the queue's own, offered the call too once `after` is over and the last step is in force; it must have the language, skills and clearance that the call needs, not what the queue asks for.",
        )
        .rules(&["R13", "R68"]),
        key("number", NUMBER, "号码，须是 `outbound.allow` 允许的。", "A number that `outbound.allow` opens.").rules(&["R13"]),
        key("partner", PARTNER, "合作方。", "A partner.").rules(&["R13"]),
        key(
            "after",
            UP_TO_1_H,
            "超时后多久才呼叫；后面的不能更早。",
            "So long after the answer time; later ones not earlier than those before.",
        )
        .default("\"0s\""),
        key("trunk", TRUNKS, "依次用哪些中继，最多 8 条；不写为全部。", "The trunks that are tried, in order, at most 8; all if left out."),
    ]],
    example: "",
};

const CALLBACK: Section = Section {
    path: "queue.callback",
    header: "callback = { ... }",
    en: "How callers are called back instead of waiting on the line.",
    zh: "怎样回拨，代替在线上等。",
    keys: &[&[
        key("key", Form::Text(TELEPHONE_KEY), "等待中按哪个键要求回拨。", "The key by which those who wait ask for it.").rules(&["R19"]),
        key("say", SAY, "按键后先说。", "Said after the key.").default("[]"),
        key("slots", Form::List(&TIME_OF_DAY, 8), "可预约的时刻；须有 `calendar`。", "Times that can be chosen; needs `calendar`.")
            .default("[]"),
        key("calendar", CALENDAR, "可预约的日子。", "The days on which it is done."),
        key("attempts", Form::Whole(1, 10), "最多拨几次。", "Most attempts.").default("3"),
        key(
            "retry",
            within("10s", "1d", "HL007"),
            "占线或无人接听后多久再拨。",
            "How long until the next attempt after a busy or unanswered one.",
        )
        .default("\"10min\""),
        key("limit", Form::Whole(1, 10_000), "最多几个未完成的回拨。", "Most open call-backs.").default("100"),
    ]],
    example: "",
};
