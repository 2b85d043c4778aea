//! What is sensitive, who may work when and where, indicators, retention, words in use.

use super::{CALENDAR, Form, Key, NEED, SEAT, Section, key, text, within};

pub(super) const TABLES: &[Key] = &[
    key("classification", Form::Table(&CLASSIFICATION), "启用手册的哪些分类。", "Which of the manual's words are in use.")
        .rules(&["R23", "R28", "R29", "R30", "R36"]),
    key("sensitive", Form::Table(&SENSITIVE), "敏感来电。", "Sensitive calls.").rules(&["R68"]),
    key("access", Form::Table(&ACCESS), "何时何地可以工作。", "When and where people may work.").rules(&["R138"]),
    key("review", Form::Table(&REVIEW), "双人复核。", "Review by a second person.").rules(&["R69"]),
    key("kpi", Form::Table(&KPI), "指标。", "Indicators.").rules(&["R3", "R4", "R11", "R109", "R110", "R115", "R121"]),
    key("retention", Form::Table(&RETENTION), "保存多久。", "How long what is stored is kept.").rules(&["R129", "R130"]),
    key("faults", Form::Table(&FAULTS), "系统故障。", "System faults.").rules(&["R148", "R149"]),
];

const CLASSIFICATION: Section = Section {
    path: "classification",
    header: "[classification]",
    en: "Which of the manual's words are in use; `set` and `desk.classes` may name no others.",
    zh: "启用手册的哪些分类；`set` 和 `desk.classes` 不能用别的。",
    keys: &[&[
        key("classes", Form::List(&Form::Word(&["common", "complex", "major"]), 0), "问题等级（C1）。", "Problem classes (C1).")
            .default("[\"common\", \"complex\", \"major\"]")
            .rules(&["R23"]),
        key("natures", Form::List(&Form::Word(&["technical", "process", "system"]), 0), "问题性质（C2）。", "Problem natures (C2).")
            .default("[\"technical\", \"process\", \"system\"]")
            .rules(&["R28"]),
        key(
            "categories",
            Form::List(
                &Form::Word(&["service_attitude", "service_quality", "service", "product", "process", "system", "environment", "after_sales"]),
                0,
            ),
            "投诉类别（C6）。",
            "Complaint categories (C6).",
        )
        .default("[\"service_attitude\", \"service_quality\", \"service\", \"product\", \"process\", \"system\", \"environment\", \"after_sales\"]")
        .rules(&["R29"]),
        key("levels", Form::List(&Form::Word(&["L1", "L2", "L3"]), 0), "投诉等级（C7）。", "Complaint levels (C7).")
            .default("[\"L1\", \"L2\", \"L3\"]")
            .rules(&["R30"]),
        key("customer_types", Form::List(&Form::Word(&["ordinary", "vip", "special"]), 0), "客户类型（C10）。", "Customer types (C10).")
            .default("[\"ordinary\", \"vip\", \"special\"]")
            .rules(&["R36"]),
        key("customer_levels", Form::List(&Form::Word(&["basic", "high_value", "sensitive"]), 0), "客户级别（C11）。", "Customer levels (C11).")
            .default("[\"basic\", \"high_value\", \"sensitive\"]")
            .rules(&["R36"]),
        key("lifecycle", Form::List(&Form::Word(&["new", "active", "lost"]), 0), "客户生命周期（C12）；将由客户档案使用，热线还没有客户档案。", "Customer life cycle (C12); nothing uses it until there are customers' records.")
            .default("[\"new\", \"active\", \"lost\"]")
            .rules(&["R36"]),
    ]],
    example: "[classification]\nclasses = [\"common\", \"complex\", \"major\"]\n",
};

const SENSITIVE: Section = Section {
    path: "sensitive",
    header: "[sensitive]",
    en: "What holds for sensitive calls beside that their seat is `cleared`.",
    zh: "敏感来电除了坐席须 `cleared` 之外的要求。",
    keys: &[&[
        key(
            "skills",
            Form::List(&NEED, 16),
            "另要的技能。手册的隐私权限就是坐席的 `cleared`，与熟练度无关，所以默认不另要技能。",
            "Skills that are asked for on top; none by default, since the manual's clearance for privacy is `cleared` of a seat, which is no matter of proficiency.",
        )
        .default("[]")
        .rules(&["R68"]),
        key(
            "no_survey",
            Form::Flag,
            "不问满意度；应在处理后由人工回访。",
            "They are not asked in a survey: a person asks them afterwards.",
        )
        .default("true")
        .rules(&["R68"]),
        key(
            "no_auto_message",
            Form::Flag,
            "不自动发送带内容的消息：热线从不自动发送这类消息，因此 `true` 始终成立，`false` 不起作用（HL187）。",
            "No automatic message with content: the hotline never sends any by itself, so that `true` always holds and `false` changes nothing (HL187).",
        )
        .default("true")
        .rules(&["R68"]),
    ]],
    example: "[sensitive]\nskills = [\"zh >= 1\"]\n",
};

const NETWORK: Form = text("^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$", "网段：`192.0.2.0/24`", "a network: `192.0.2.0/24`", "192.0.2.0/24");

const ACCESS: Section = Section {
    path: "access",
    header: "[access]",
    en: "When and where people may work; what is left out is not checked. A live call is never cut by it.",
    zh: "何时何地可以工作；没写的不检查。通话不会因此中断。",
    keys: &[&[
        key(
            "shifts",
            CALENDAR,
            "坐席签入、使用接口只在这个日历开放时。",
            "Seats sign in, and people use the API, while this calendar is open.",
        )
        .rules(&["R138"]),
        key("networks", Form::List(&NETWORK, 100), "只从这些网段。", "From these networks only.").default("[]").rules(&["R138"]),
        key(
            "devices",
            Form::List(&SEAT, 50_000),
            "坐席只在这些话机签入：坐席或公用话机的名字。",
            "Seats sign in at these telephones only, by the names of seats or phones.",
        )
        .default("[]")
        .rules(&["R138"]),
    ]],
    example: "[access]\nshifts = \"office\"\nnetworks = [\"192.0.2.0/24\", \"2001:db8::/32\"]\ndevices = [\"1001\", \"desk-1\"]\n",
};

const REVIEW: Section = Section {
    path: "review",
    header: "[review]",
    en: "What a second person must look at before it is closed; nothing uses it until the hotline has cases, whose closing will.",
    zh: "关闭前须由第二人复核的；将由工单的关闭使用，热线还没有工单。",
    keys: &[&[key(
        "required_for",
        Form::List(&Form::Word(&["complex", "high_risk"]), 0),
        "哪些须复核；将由工单的关闭使用。",
        "What needs a review; the closing of cases will use it.",
    )
    .default("[\"complex\", \"high_risk\"]")
    .rules(&["R69"])]],
    example: "[review]\nrequired_for = [\"complex\", \"high_risk\"]\n",
};

const KPI: Section = Section {
    path: "kpi",
    header: "[kpi]",
    en: "What indicators should be.",
    zh: "指标应达到多少。",
    keys: &[&[
        key("connect_rate", Form::Table(&CONNECT_RATE), "接通率的等级。", "The grades of connection.").rules(&["R3", "R4"]),
        key(
            "csat",
            Form::Fraction,
            "满意度：满意的评分占全部评分的比例，至少 0.9；见 `/metrics`，低于它时日志警告。",
            "Satisfied scores of all that were given, 0.9 at least; `/metrics` has them, and the log warns below it.",
        )
        .default("0.9")
        .rules(&["R109"]),
        key(
            "complaint_rate",
            Form::Fraction,
            "投诉率：已服务的联系中投诉所占的比例，至多 0.03；见 `/metrics`，高于它时日志警告。",
            "Complaints of the contacts that were served, 0.03 at most; `/metrics` has them, and the log warns above it.",
        )
        .default("0.03")
        .rules(&["R110"]),
        key(
            "asr",
            Form::Fraction,
            "语音识别准确率，至少 0.92；将由语音识别使用，目前来电者只按键。",
            "Speech recognised, 0.92 at least; speech recognition will use it, callers press keys so far.",
        )
        .default("0.92")
        .rules(&["R11"]),
        key(
            "query_accuracy",
            Form::Fraction,
            "查询准确率，至少 0.995；将由质检抽样使用，热线还没有质检。",
            "Accuracy of information, 0.995 at least; quality sampling will use it, and the hotline has none yet.",
        )
        .default("0.995")
        .rules(&["R121"]),
        key(
            "op_error",
            Form::Fraction,
            "操作差错率，至多 0.001；将由质检抽样使用，热线还没有质检。",
            "Errors of operation, 0.001 at most; quality sampling will use it, and the hotline has none yet.",
        )
        .default("0.001")
        .rules(&["R121"]),
        key(
            "fcr_window",
            within("1d", "30d", "HL189"),
            "首次解决率：客户多久内不再为同一事来电才算首次解决；见 `hotline report fcr`。",
            "First contact resolution: solved at once if the customer does not call about it again for so long; see `hotline report fcr`.",
        )
        .default("\"7d\"")
        .rules(&["R115"]),
    ]],
    example: "[kpi]\ncsat = 0.9\nconnect_rate = { floor = 0.95, excellent = 0.98, third = 0.9 }\n",
};

const CONNECT_RATE: Section = Section {
    path: "kpi.connect_rate",
    header: "connect_rate = { ... }",
    en: "Where the grades of connection begin; below the third is the fourth. They stand in `/metrics`, and the log warns below the floor.",
    zh: "接通率各等级从多少起；低于 `third` 为第四级。见 `/metrics`，低于 `floor` 时日志警告。",
    keys: &[&[
        key("floor", Form::Fraction, "第二级，也是须达到的；至少 0.95。", "The second grade, and what must be reached; 0.95 at least.")
            .default("0.95")
            .rules(&["R3"]),
        key("excellent", Form::Fraction, "第一级，优；至少 0.98。", "The first grade, excellent; 0.98 at least.")
            .default("0.98")
            .rules(&["R4"]),
        key("third", Form::Fraction, "第三级。", "The third grade.").default("0.9").rules(&["R4"]),
    ]],
    example: "",
};

const YEARS: Form = text("^[0-9]{1,2}y$", "年数：`5y`，最多 `99y`", "years: `5y`, up to `99y`", "7y");

const RETENTION: Section = Section {
    path: "retention",
    header: "[retention]",
    en: "How long what is stored is kept; afterwards it is destroyed for good.",
    zh: "保存多久；到期后彻底删除。",
    keys: &[&[
        key("cases", YEARS, "通话及其记录，至少 5 年。", "Calls and what happened in them, 5 years at least.")
            .default("\"5y\"")
            .rules(&["R130", "R142"]),
        key("recordings", YEARS, "录音（来电者的留言），至少 3 年。", "Recordings, those of callers' messages, 3 years at least.")
            .default("\"3y\"")
            .rules(&["R129"]),
    ]],
    example: "[retention]\ncases = \"6y\"\n",
};

const FAULTS: Section = Section {
    path: "faults",
    header: "[faults]",
    en: "How fast faults of the platform are answered and mended; nothing uses it until the hotline has a log of faults.",
    zh: "系统故障的响应和恢复；将由故障记录使用，热线还没有故障记录。",
    keys: &[&[
        key(
            "levels",
            Form::List(&Form::Word(&["urgent", "major", "general"]), 0),
            "等级（C18）；将由故障记录使用。",
            "Levels (C18); the log of faults will use them.",
        )
        .default("[\"urgent\", \"major\", \"general\"]")
        .rules(&["R148"]),
        key(
            "response",
            within("1s", "30min", "HL189"),
            "响应，至多 30 分钟；将由故障记录使用。",
            "They are answered, within 30 min at most; the log of faults will use it.",
        )
        .default("\"30min\"")
        .rules(&["R148"]),
        key(
            "major_handled",
            within("1s", "1h", "HL189"),
            "重大故障处理，至多 1 小时；将由故障记录使用。",
            "Major ones are handled, within 1 h at most; the log of faults will use it.",
        )
        .default("\"1h\"")
        .rules(&["R148"]),
        key(
            "core_restore",
            within("1s", "2h", "HL189"),
            "核心业务恢复，至多 2 小时；将由故障记录使用。",
            "Core business is restored, within 2 h at most; the log of faults will use it.",
        )
        .default("\"2h\"")
        .rules(&["R149"]),
    ]],
    example: "[faults]\nresponse = \"30min\"\n",
};
