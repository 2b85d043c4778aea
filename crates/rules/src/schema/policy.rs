//! Clocks, what goes first, and the order of seats.

use super::menus::TOPIC;
use super::{Form, Key, NEED, Section, Span, WORDS, key, or_zero, up_to, within};

pub(super) const TABLES: &[Key] = &[
    key("timers", Form::Table(&TIMERS), "时限。", "Clocks."),
    key("priority", Form::Table(&PRIORITIES), "什么优先。", "What goes first.").rules(&["R24"]),
    key("assign", Form::Table(&ASSIGN), "怎样选坐席。", "How seats are chosen.").rules(&["R37", "R39"]),
];

pub(super) const TIER: Form = Form::Word(&["internal-near", "internal", "external"]);
const ORDER_KEY: Form = Form::Word(&[
    "owner",
    "preference",
    "proficiency",
    "least-sufficient",
    "region",
    "customer-type",
    "least-occupied",
    "responsiveness",
    "longest-idle",
]);

/// The order of seats, for all queues or for one.
pub(super) const RANKING: &[Key] = &[
    key(
        "keys",
        Form::List(&ORDER_KEY, 0),
        "同级之内坐席的先后，先看前面的；`owner` 写在最前时，首问或专属坐席也先于各级。",
        "The order of seats inside a tier, the most telling first; named first of all, `owner` puts the owner or dedicated agent before the tiers too.",
    )
    .rules(&["R40", "R42", "R43", "R45", "R57"]),
    key("weights", Form::Table(&WEIGHTS), "按得分排坐席，代替 `keys`。", "A score that orders the seats, instead of `keys`.")
        .rules(&["R40", "R42", "R43"]),
];

const fn ceiling(least: &'static str, most: &'static str, code: &'static str) -> Form {
    Form::Duration(Span { least, most, code, of: None, zero: false, lifted: true })
}

const TIMERS: Section = Section {
    path: "timers",
    header: "[timers]",
    en: "The clocks of the manual (Part B), and how long a phone rings.",
    zh: "手册的时限（B 部分）和话机振铃的时间。",
    keys: &[&[
        key("pickup", within("0s", "3s", "HL040"), "接通。", "Pick-up.").default("\"3s\"").rules(&["R2"]),
        key(
            "voice_response",
            within("1s", "3s", "HL041"),
            "语音应答，从客户输入完到听到播报（K2）；到时未播出则重播一次，再到时转人工。不能短于 1 秒：否则系统稍有繁忙，就会把无需人工的客户转给人工。",
            "The voice system replies, from the end of the caller's input to the first sound (K2); what is not heard by then is said once more, and then a person takes over; no less than 1 s, since a moment's load would lead callers to people who need none.",
        )
        .default("\"3s\"")
        .rules(&["R10"]),
        key("answer", ceiling("1s", "30s", "HL044"), "人工接听。", "A person answers.").default("\"30s\"").rules(&["R5"]),
        key(
            "answer_clock_start",
            Form::Word(&["queue", "arrival"]),
            "从进入排队起算，或从来电起算（H2）。",
            "From when the answer time is counted: entering the queue, or arriving (H2).",
        )
        .default("\"queue\"")
        .rules(&["R5"]),
        key(
            "transfer_answer",
            ceiling("1s", "30s", "HL044"),
            "转接对象多久内接听，否则转回。",
            "The receiver of a transfer answers, or the caller is back.",
        )
        .default("\"30s\"")
        .rules(&["R59"]),
        key("first_communication", ceiling("1s", "5min", "HL042"), "初步沟通。", "First communication.").default("\"5min\"").rules(&["R6"]),
        key("handling", ceiling("1s", "15min", "HL042"), "问题处理。", "The problem is handled.").default("\"15min\"").rules(&["R7"]),
        key("deferred_response", ceiling("1s", "10min", "HL042"), "回拨和留言的答复。", "Call-backs and messages are answered.")
            .default("\"10min\"")
            .rules(&["R19"]),
        key("complaint_record", ceiling("1s", "10min", "HL042"), "投诉登记。", "A complaint is recorded.")
            .default("\"10min\"")
            .rules(&["R79"]),
        key(
            "complaint_investigation",
            ceiling("1s", "2h", "HL042"),
            "投诉初步调查，从接听起算。",
            "A complaint is looked into, from the answer on.",
        )
        .default("\"2h\"")
        .rules(&["R80"]),
        key("dedicated_min", within("30min", "1d", "HL043"), "专属服务至少多久。", "A dedicated session at least.")
            .default("\"30min\"")
            .rules(&["R45"]),
        key("warn_at", Form::Fraction, "到时限的几成时预警，各时限都是。", "Warns at this share of a limit, whichever it is.")
            .default("0.8")
            .rules(&["R2", "R5", "R6", "R7", "R10", "R19", "R59", "R79", "R80"]),
        key(
            "ring_per_offer",
            within("1s", "2min", "HL045"),
            "每次振铃最长；须短于 `answer`。",
            "The longest ring of one offer; less than `answer`.",
        )
        .default("\"10s\"")
        .rules(&["R5"]),
        key(
            "ring_min",
            within("1s", "2min", "HL045"),
            "每次振铃最短；不长于 `ring_per_offer`。",
            "The shortest ring of one offer; at most `ring_per_offer`.",
        )
        .default("\"6s\"")
        .rules(&["R5"]),
        key(
            "no_progress",
            within("1s", "30s", "HL045"),
            "话机多久无响应算不可达。",
            "A phone that says nothing for so long is unreachable.",
        )
        .default("\"2s\""),
        key(
            "unreachable_retry",
            within("1s", "1h", "HL045"),
            "不可达的坐席多久再试。",
            "When a seat whose phone said nothing is tried again.",
        )
        .default("\"30s\""),
        key(
            "linger",
            within("1s", "1h", "HL045"),
            "话说完后等来电方挂机多久。",
            "How long we wait for the caller to hang up after the last word.",
        )
        .default("\"5min\""),
        key(
            "manual_override",
            Form::Either(&[Form::Flag, WORDS]),
            "写明理由（或 `true`），可以超过手册的部分上限。",
            "The reason (or `true`) for going beyond those ceilings of the manual that may be exceeded.",
        )
        .default("false"),
    ]],
    example: "[timers]\nanswer = \"30s\"\nring_per_offer = \"10s\"\nring_min = \"6s\"\nwarn_at = 0.8\n",
};

const PRIORITIES: Section = Section {
    path: "priority",
    header: "[priority]",
    en: "What goes first.",
    zh: "什么优先。",
    keys: &[&[
        key("order", Form::List(&super::menus::PRIORITY, 0), "优先级的次序，只能这样写。", "The order of priorities; there is no other.")
            .default("[\"urgent\", \"important\", \"ordinary\"]")
            .rules(&["R24"]),
        key(
            "urgent_kinds",
            Form::List(&TOPIC, 0),
            "一律紧急的事项，一经判明即通知主管，不论转到哪里。",
            "Matters that are always urgent; supervisors are told as soon as it is known, wherever the call goes.",
        )
        .default("[\"network_fault\", \"payment_anomaly\", \"security\", \"privacy\", \"major_complaint\"]")
        .rules(&["R25", "R26"]),
        key("product_first", Form::Flag, "产品质量投诉提前一级。", "Complaints about a product go one step first.")
            .default("true")
            .rules(&["R52"]),
        key(
            "gravity_first",
            Form::Flag,
            "一级投诉提前一级，虽然其时限最长。",
            "Complaints of level L1 go one step first, although their deadlines are the longest.",
        )
        .default("true")
        .rules(&["R30"]),
        key(
            "urgent_impact",
            Form::Word(&["one", "several", "department", "everybody", "none"]),
            "影响到这么大范围的一律紧急，一经判明即通知主管，不论转到哪里；`none` 为不因此紧急；手册没有写从哪一级起，默认值是建议。",
            "Problems that reach so far are always urgent, and supervisors are told as soon as it is known, wherever the call goes; `none` for never; the manual names no level, so the default is a proposal.",
        )
        .default("\"department\"")
        .rules(&["R33"]),
        key(
            "ageing",
            or_zero("10s", "1d", "HL007"),
            "每等这么久升一级；`0s` 为不升。",
            "A waiting call goes up one priority for each such time; `0s` for never.",
        )
        .default("\"5min\"")
        .rules(&["R38"]),
    ]],
    example: "[priority]\nproduct_first = true\nageing = \"5min\"\n",
};

const ASSIGN: Section = Section {
    path: "assign",
    header: "[assign]",
    en: "How seats are chosen.",
    zh: "怎样选坐席。",
    keys: &[
        &[key(
            "tiers",
            Form::List(&Form::Either(&[TIER, Form::Table(&TIERS)]), 0),
            "坐席的层级，先内后外、先近后远；坐席归入第一个收它的层级：没写 `internal-near`，近的按 `internal` 排，没写 `internal`，其余内部坐席与 `external` 同级，没有层级收的不派。",
            "The tiers of seats, internal before external and near before far; a seat is of the first that takes it: without `internal-near` near ones rank as `internal`, without `internal` other internal ones rank with `external`, and one that no tier takes gets no calls.",
        )
        .default("[\"internal-near\", \"internal\", \"external\"]")
        .rules(&["R37", "R39"])],
        RANKING,
        &[
            key("wait_for", Form::Table(&WAIT_FOR), "来电先等自己的坐席多久。", "How long a call waits for an agent of its own.")
                .rules(&["R43", "R45", "R57"]),
            key("near", Form::Whole(0, 1_000_000), "多远算近；单位与 `[distance]` 相同。", "How far is near, in the unit of `[distance]`.")
                .default("0")
                .rules(&["R39"]),
            key(
                "levels",
                Form::Table(&LEVELS),
                "各问题等级要的技能（手册：一般到一线，复杂到专家组，重大到管理层）；技能的名字是自定的，所以默认不要求。",
                "The skill that each problem class needs (the manual's: general to the front line, complex to the team, major to management); skills have names of one's own, so none is asked for by default.",
            )
                .default("{}")
                .rules(&["R48"]),
            key("rona", Form::Table(&RONA), "话机响满无人接时怎样。", "What becomes of a seat that lets its phone ring.").rules(&["R41"]),
            key("delays", Form::Table(&DELAYS), "派出未成后多久不再派给该坐席。", "How long a seat gets no offer after one that failed.")
                .rules(&["R41"]),
        ],
    ],
    example: "[assign]\ntiers = [\"internal-near\", \"internal\", { tier = \"external\", hold = \"0s\" }]\nnear = 300\nweights = { owner = 2, proficiency = 4, region = 2 }\n[assign.wait_for]\nowner = \"10s\"\n[assign.levels]\ncomplex = \"enquiry >= 3\"\n[assign.rona]\naction = \"not-ready\"\nstrikes = 2\n[assign.delays]\nbusy = \"5s\"\n",
};

const TIERS: Section = Section {
    path: "assign.tiers",
    header: "tiers = [{ ... }]",
    en: "A tier with a hold.",
    zh: "带 `hold` 的层级。",
    keys: &[&[
        key("tier", TIER, "层级。", "The tier.").required(),
        key(
            "hold",
            up_to("0s", "10s", "HL046", "answer - 2 x ring_per_offer"),
            "这一级有人签入时，下一级要等多久；各级相加，合计也不超过此限；写在最后一级不起作用。",
            "How long the next tier waits while a seat of this one is there; holds add up, and all together may be no longer; it does nothing at the last.",
        )
        .default("\"0s\"")
        .rules(&["R5", "R37"]),
    ]],
    example: "",
};

const WEIGHT: Form = Form::Whole(0, 100);

const WEIGHTS: Section = Section {
    path: "assign.weights",
    header: "weights = { ... }",
    en: "How much each fact weighs in a seat's score of 0 to 63; what is left out weighs nothing, and one at least weighs something. How fast a seat answers and how long it is idle (R41) change with every call and have no weight: the score is made ahead, seats of one score are taken by the longest idle, and `keys` has `responsiveness`, `least-occupied` and `longest-idle`.",
    zh: "各项在 0 至 63 的得分里占多少；没写的不占，至少一项大于 0。接听快慢和空闲时间（R41）每通电话都变，不设权重：得分是事先算好的，同分者空闲最久的先；`keys` 里有 `responsiveness`、`least-occupied` 和 `longest-idle`。",
    keys: &[&[
        key("owner", WEIGHT, "首问、专属，或上次接待（一半）。", "The owner or dedicated agent, or the last one by half.")
            .rules(&["R43", "R57"]),
        key("preference", WEIGHT, "客户偏好的坐席。", "The agent whom the customer prefers.").rules(&["R43"]),
        key("proficiency", WEIGHT, "熟练度高者。", "The higher proficiency.").rules(&["R40"]),
        key("least-sufficient", WEIGHT, "够用而最低者；不与 `proficiency` 同写。", "The lowest that is admitted; not with `proficiency`.")
            .rules(&["R40"]),
        key("region", WEIGHT, "近者。", "The nearer.").rules(&["R39", "R42"]),
        key("customer-type", WEIGHT, "专门接待该客户类型者。", "Seats that are for this type of customer.").rules(&["R42"]),
    ]],
    example: "",
};

const PATIENCE: Form = up_to("0s", "10s", "HL046", "answer - 2 x ring_per_offer");

const WAIT_FOR: Section = Section {
    path: "assign.wait_for",
    header: "[assign.wait_for]",
    en: "How long a call first waits for an agent of its own who is there.",
    zh: "来电先等自己的坐席多久，只等在的人。",
    keys: &[&[
        key("owner", PATIENCE, "首问责任人或专属坐席。", "The owner or dedicated agent.").default("\"0s\"").rules(&["R57", "R45"]),
        key("last", PATIENCE, "上次接待的坐席。", "The agent who spoke with the caller last.").default("\"0s\"").rules(&["R43"]),
        key("preferred", PATIENCE, "客户偏好的坐席。", "The agent whom the customer prefers.").default("\"0s\"").rules(&["R43"]),
    ]],
    example: "",
};

const LEVELS: Section = Section {
    path: "assign.levels",
    header: "[assign.levels]",
    en: "The skill that calls of a problem class need on top.",
    zh: "各问题等级的来电另要的技能。",
    keys: &[&[
        key("common", NEED, "常见问题。", "Common problems.").rules(&["R48"]),
        key("complex", NEED, "复杂问题。", "Complex problems.").rules(&["R48"]),
        key("major", NEED, "重大问题。", "Major problems.").rules(&["R48"]),
    ]],
    example: "",
};

const RONA: Section = Section {
    path: "assign.rona",
    header: "[assign.rona]",
    en: "What becomes of a seat whose phone rings in full without an answer.",
    zh: "话机响满无人接听时怎样。",
    keys: &[&[
        key("action", Form::Word(&["not-ready", "retry"]), "示忙，或过一会儿再派。", "Not ready, or offered calls again later.")
            .default("\"not-ready\"")
            .rules(&["R41"]),
        key("strikes", Form::Whole(1, 5), "连续几次后。", "After so many in a row.").default("1"),
        key("retry_after", within("1s", "1h", "HL045"), "未示忙时多久不派。", "No offer for so long, unless it is not ready.")
            .default("\"10s\""),
    ]],
    example: "",
};

const DELAYS: Section = Section {
    path: "assign.delays",
    header: "[assign.delays]",
    en: "How long a seat gets no offer after one that failed.",
    zh: "派出未成后多久不再派给该坐席。",
    keys: &[&[
        key("busy", within("1s", "1h", "HL045"), "话机占线。", "The phone was busy.").default("\"5s\""),
        key("rejected", within("1s", "1h", "HL045"), "其他拒接。", "It refused otherwise.").default("\"10s\""),
    ]],
    example: "",
};
