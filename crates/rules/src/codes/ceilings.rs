//! Explanations: the ceilings of the manual, and the order of calls and seats.

use super::{Example, Explanation};
use crate::Severity::{Error, Warning};
use crate::said::both;

pub(super) static CODES: [Explanation; 21] = [
    Explanation {
        code: "HL040",
        severity: Error,
        rule: Some("R2"),
        what: both("pick-up beyond 3 s", "接起超过 3 秒"),
        why: both(
            "The call is picked up by the voice system within 3 s. No override lifts this ceiling.",
            "语音系统须在 3 秒内接起来电。这个上限不能放宽。",
        ),
        example: Some(Example {
            bad: r#"[timers]
pickup = "4s""#,
            good: r#"[timers]
pickup = "3s""#,
        }),
    },
    Explanation {
        code: "HL041",
        severity: Error,
        rule: Some("R10"),
        what: both("voice replies beyond 3 s, or below 1 s", "语音应答超过 3 秒或不足 1 秒"),
        why: both(
            "From the end of the caller's input to the first sound of the reply. No override lifts this ceiling. Below 1 s a moment's load would lead callers to people who need none.",
            "从客户输入结束到播报开始。这个上限不能放宽。短于 1 秒时，系统稍有繁忙就会把无需人工的客户转给人工。",
        ),
        example: Some(Example {
            bad: r#"[timers]
voice_response = "4s""#,
            good: r#"[timers]
voice_response = "3s""#,
        }),
    },
    Explanation {
        code: "HL042",
        severity: Error,
        rule: Some("R7"),
        what: both("a handling clock beyond the manual", "处理时限超过手册"),
        why: both(
            "`first_communication` (5 min, R6), `handling` (15 min, R7), `deferred_response` (10 min, R19), `complaint_record` (10 min, R79) and `complaint_investigation` (2 h, R80) may be shorter. To go beyond, state the reason in `manual_override`.",
            "`first_communication`（5 分钟，R6）、`handling`（15 分钟，R7）、`deferred_response`（10 分钟，R19）、`complaint_record`（10 分钟，R79）、`complaint_investigation`（2 小时，R80）可以更短；要超过须在 `manual_override` 写明理由。",
        ),
        example: Some(Example {
            bad: r#"[timers]
handling = "20min""#,
            good: r#"[timers]
handling = "15min""#,
        }),
    },
    Explanation {
        code: "HL043",
        severity: Error,
        rule: Some("R45"),
        what: both("a dedicated session of less than 30 min", "专属服务少于 30 分钟"),
        why: both(
            "A high-value customer has the dedicated agent for at least 30 min if wanted; this is a floor.",
            "高价值客户如有需要，专属坐席至少服务 30 分钟；这是下限。",
        ),
        example: Some(Example {
            bad: r#"[timers]
dedicated_min = "20min""#,
            good: r#"[timers]
dedicated_min = "30min""#,
        }),
    },
    Explanation {
        code: "HL044",
        severity: Error,
        rule: Some("R5"),
        what: both("an answer clock beyond 30 s", "接听时限超过 30 秒"),
        why: both(
            "A person answers within 30 s (R5), and so does the receiver of a transfer (R59). To go beyond, state the reason in `manual_override`.",
            "人工须在 30 秒内接听（R5），转接的接收方也一样（R59）。要超过须在 `manual_override` 写明理由。",
        ),
        example: Some(Example {
            bad: r#"[timers]
answer = "45s""#,
            good: r#"[timers]
answer = "30s""#,
        }),
    },
    Explanation {
        code: "HL045",
        severity: Error,
        rule: Some("R5"),
        what: both("rings that do not fit", "振铃时长不合适"),
        why: both(
            "A ring must leave time for a second seat within the answer time, and be long enough to be heard; delays before a phone is tried again are at least 1 s.",
            "一次振铃须在接听时限内给第二个坐席留出时间，又要长到听得见；重试之前至少间隔 1 秒。",
        ),
        example: Some(Example {
            bad: r#"[timers]
ring_per_offer = "30s""#,
            good: r#"[timers]
ring_per_offer = "12s""#,
        }),
    },
    Explanation {
        code: "HL046",
        severity: Error,
        rule: Some("R5"),
        what: both("a wait for better seats that leaves no time for two rings", "为更好的坐席等待，剩余时间不够两次振铃"),
        why: both(
            "Holding back the next tier, or waiting for an agent of one's own, may take at most answer - 2 x ring_per_offer. The holds of several tiers add up: the last tier waits for all of them.",
            "推迟下一层级，或等自己的坐席，最多用 answer - 2 x ring_per_offer。几级的 `hold` 要相加：最后一级要等完前面各级。",
        ),
        example: Some(Example {
            bad: r#"[assign]
tiers = ["internal-near", { tier = "internal", hold = "15s" }, "external"]"#,
            good: r#"[assign]
tiers = ["internal-near", { tier = "internal", hold = "5s" }, "external"]"#,
        }),
    },
    Explanation {
        code: "HL047",
        severity: Error,
        rule: Some("R5"),
        what: both("a target beyond the answer time", "`target` 超过接听时限"),
        why: both(
            "Queues are compared by waited ÷ target; who waits as long as the answer time has waited too long in any queue.",
            "各排队按“已等待 ÷ `target`”比较；等满接听时限，在哪个排队都是等得太久。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
target = "40s""#,
            good: r#"[[queue]]
name = "billing"
target = "20s""#,
        }),
    },
    Explanation {
        code: "HL048",
        severity: Error,
        rule: Some("R5"),
        what: both("a delay beyond the answer time", "`delay` 超过接听时限"),
        why: both(
            "A seat that helps out after this delay would never help within 30 s.",
            "等这么久才派给该坐席，就永远帮不上 30 秒之内的忙。",
        ),
        example: Some(Example {
            bad: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5, en = 5 }
queues = { service = { delay = "40s" } }"#,
            good: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5, en = 5 }
queues = { service = { delay = "20s" } }"#,
        }),
    },
    Explanation {
        code: "HL049",
        severity: Warning,
        rule: None,
        what: both("all seats of a queue are its reserve", "排队的坐席全都是后备"),
        why: both(
            "A reserve serves only while the queue is crowded: until then nobody would.",
            "后备坐席只在拥挤时接听；在那之前就无人服务。",
        ),
        example: Some(Example {
            bad: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5, en = 5 }

[[queue]]
name = "billing"
seats = ["1001", "1002"]
reserve = { seats = ["1001", "1002"], waiting = 5 }"#,
            good: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
skills = { zh = 5, en = 5 }

[[queue]]
name = "billing"
seats = ["1001", "1002"]
reserve = { seats = ["1002"], waiting = 5 }"#,
        }),
    },
    Explanation {
        code: "HL050",
        severity: Error,
        rule: Some("R37"),
        what: both("tiers in an order that the manual forbids", "层级的次序违反手册"),
        why: both(
            "Own seats come before external ones (R37), near before far (R39): internal-near, internal, external.",
            "先内后外（R37）、先近后远（R39）：internal-near、internal、external。",
        ),
        example: Some(Example {
            bad: r#"[assign]
tiers = ["external", "internal-near", "internal"]"#,
            good: r#"[assign]
tiers = ["internal-near", "internal", "external"]"#,
        }),
    },
    Explanation {
        code: "HL051",
        severity: Warning,
        rule: None,
        what: both("external seats that no tier admits", "没有层级容纳的外部坐席"),
        why: both(
            "Seats are declared with `origin = \"external\"`, but `assign.tiers` leaves that tier out: they never get a call.",
            "有 `origin = \"external\"` 的坐席，`assign.tiers` 里却没有这个层级：它们永远接不到来电。",
        ),
        example: Some(Example {
            bad: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
origin = "external"

[assign]
tiers = ["internal-near", "internal"]"#,
            good: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
origin = "external"

[assign]
tiers = ["internal-near", "internal", "external"]"#,
        }),
    },
    Explanation {
        code: "HL052",
        severity: Warning,
        rule: None,
        what: both("`consider_if` on the last step", "最后一步的 `consider_if`"),
        why: both(
            "It skips a step with too few seats signed in; behind the last step there is none to go on to.",
            "它用来跳过签入坐席太少的步骤；最后一步之后没有别的步骤可去。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
step = [{ requires = "zh >= 5" }, { after = "15s", consider_if = "signed_in >= 1" }]"#,
            good: r#"[[queue]]
name = "billing"
step = [{ requires = "zh >= 5", consider_if = "signed_in >= 1" }, { after = "15s" }]"#,
        }),
    },
    Explanation {
        code: "HL053",
        severity: Warning,
        rule: Some("R26"),
        what: both("a matter of the manual that does not go first", "手册规定优先的事项没有优先"),
        why: both(
            "Network faults and payment anomalies are accepted first (R25); security, privacy and major complaints set the emergency mechanism in motion (R26).",
            "网络故障、支付异常优先受理（R25）；安全、隐私、重大投诉立即启动应急机制（R26）。",
        ),
        example: Some(Example {
            bad: r#"[priority]
urgent_kinds = ["network_fault", "payment_anomaly", "security", "privacy"]"#,
            good: r#"[priority]
urgent_kinds = ["network_fault", "payment_anomaly", "security", "privacy", "major_complaint"]"#,
        }),
    },
    Explanation {
        code: "HL060",
        severity: Warning,
        rule: None,
        what: both("no holiday list for this year or the coming one", "缺少今年或来年的节假日表"),
        why: both(
            "Without it a holiday is served, and announced, as any weekday. The next year is asked for from 60 days before its begin.",
            "没有它，节假日会按平日服务和播报。从年底前 60 天起要求有下一年的。",
        ),
        example: Some(Example {
            bad: r#"[holidays.cn]
year = 2025
off = ["2025-10-01..2025-10-08"]

[calendar.office]
zone = "Asia/Shanghai"
hours = { mon-fri = "09:00-18:00" }
holidays = ["cn"]"#,
            good: r#"[holidays.cn]
year = 2026
off = ["2026-10-01..2026-10-07"]

[calendar.office]
zone = "Asia/Shanghai"
hours = { mon-fri = "09:00-18:00" }
holidays = ["cn"]"#,
        }),
    },
    Explanation {
        code: "HL070",
        severity: Warning,
        rule: None,
        what: both("a seat that can not be reached", "无法联系到的坐席"),
        why: both(
            "A seat needs a telephone: one that registers (`password` or `ha1`), one at a fixed address (`contact`), or a shared one at which its agent signs in (`pin`).",
            "坐席要有话机：能注册的（`password` 或 `ha1`）、固定地址的（`contact`），或可用 `pin` 签入的公用话机。",
        ),
        example: Some(Example {
            bad: r#"[[seat]]
name = "1002""#,
            good: r#"[[seat]]
name = "1002"
password = "k7T-wq2""#,
        }),
    },
    Explanation {
        code: "HL080",
        severity: Error,
        rule: None,
        what: both("an overflow into another group", "溢出到别的组"),
        why: both(
            "A call waits in its queue and in the overflow at once, so that one router must serve both.",
            "来电同时排在本排队和溢出排队里，必须由同一个路由器服务。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
group = "care"
overflow = "refunds"

[[queue]]
name = "refunds"
group = "money""#,
            good: r#"[[queue]]
name = "billing"
group = "care"
overflow = "refunds"

[[queue]]
name = "refunds"
group = "care""#,
        }),
    },
    Explanation {
        code: "HL081",
        severity: Error,
        rule: None,
        what: both("orders of seats that contradict each other", "互相矛盾的坐席次序"),
        why: both(
            "`order`, `keys` and `weights` are three ways to say the same; and `proficiency` is the opposite of `least-sufficient`.",
            "`order`、`keys`、`weights` 是同一件事的三种写法；`proficiency` 与 `least-sufficient` 相反。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
order = "best"
keys = ["region", "longest-idle"]"#,
            good: r#"[[queue]]
name = "billing"
keys = ["region", "longest-idle"]"#,
        }),
    },
    Explanation {
        code: "HL082",
        severity: Error,
        rule: None,
        what: both("a key at a place where it can not work", "依据所在的位置不起作用"),
        why: both(
            "`least-occupied` and `responsiveness` change with every call and hardly ever tie: what stands behind them would never be asked.",
            "`least-occupied` 和 `responsiveness` 每通电话都变，几乎不会相等：排在它们之后的永远轮不到。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
keys = ["least-occupied", "region"]"#,
            good: r#"[[queue]]
name = "billing"
keys = ["region", "least-occupied"]"#,
        }),
    },
    Explanation {
        code: "HL083",
        severity: Error,
        rule: None,
        what: both("weights that are all 0", "权重全部为 0"),
        why: both("All seats would have the same score.", "所有坐席都会同分。"),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
weights = { region = 0 }"#,
            good: r#"[[queue]]
name = "billing"
weights = { region = 50 }"#,
        }),
    },
    Explanation {
        code: "HL084",
        severity: Warning,
        rule: None,
        what: both("a setting that no queue asks for", "没有排队用到的设置"),
        why: both(
            "`customer_types` of a seat, or `preferred` of a customer, has a say only if the order of seats names it.",
            "坐席的 `customer_types`、客户的 `preferred`，只有坐席次序用到时才起作用。",
        ),
        example: Some(Example {
            bad: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
customer_types = ["vip"]

[assign]
keys = ["region", "longest-idle"]"#,
            good: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
customer_types = ["vip"]

[assign]
keys = ["customer-type", "longest-idle"]"#,
        }),
    },
];
