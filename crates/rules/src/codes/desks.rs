//! Explanations: transfers, agents and their telephones.

use super::{Example, Explanation};
use crate::Severity::{Error, Warning};
use crate::said::both;

pub(super) static CODES: [Explanation; 22] = [
    Explanation {
        code: "HL100",
        severity: Error,
        rule: None,
        what: both("unknown department", "未知的部门"),
        why: both(
            "A name is used that no `[[department]]` declares. All files are read together, so that it may be declared in any of them; usually it is misspelt, or was removed.",
            "用到的名称没有任何 `[[department]]` 定义。所有文件合并读取，在哪个文件里定义都可以；多半是拼错了，或已被删去。",
        ),
        example: Some(Example {
            bad: r#"[[department]]
name = "technical-team"
queue = "technical"

[transfer]
targets = [{ department = "tecnical-team" }]"#,
            good: r#"[[department]]
name = "technical-team"
queue = "technical"

[transfer]
targets = [{ department = "technical-team" }]"#,
        }),
    },
    Explanation {
        code: "HL101",
        severity: Error,
        rule: None,
        what: both("unknown person", "未知的责任人"),
        why: both(
            "A name is used that no `[[person]]` declares. All files are read together, so that it may be declared in any of them; usually it is misspelt, or was removed.",
            "用到的名称没有任何 `[[person]]` 定义。所有文件合并读取，在哪个文件里定义都可以；多半是拼错了，或已被删去。",
        ),
        example: Some(Example {
            bad: r#"[[person]]
name = "chief"
seat = "1001"

[transfer]
targets = [{ person = "cheif" }]"#,
            good: r#"[[person]]
name = "chief"
seat = "1001"

[transfer]
targets = [{ person = "chief" }]"#,
        }),
    },
    Explanation {
        code: "HL102",
        severity: Error,
        rule: None,
        what: both("unknown dial role", "未知的外拨角色"),
        why: both(
            "A name is used that no `[[outbound.role]]` declares. All files are read together, so that it may be declared in any of them; usually it is misspelt, or was removed.",
            "用到的名称没有任何 `[[outbound.role]]` 定义。所有文件合并读取，在哪个文件里定义都可以；多半是拼错了，或已被删去。",
        ),
        example: Some(Example {
            bad: r#"[[outbound.role]]
name = "city"
allow = ["021x{8}"]

[[seat]]
name = "1002"
password = "k7T-wq2"
dial = ["ctiy"]"#,
            good: r#"[[outbound.role]]
name = "city"
allow = ["021x{8}"]

[[seat]]
name = "1002"
password = "k7T-wq2"
dial = ["city"]

[[trunk]]
name = "carrier"
contact = "sip:gw.example:5060"
from = "02161230000""#,
        }),
    },
    Explanation {
        code: "HL103",
        severity: Error,
        rule: None,
        what: both("a receiver of transfers at no place, or at two", "转接对象没有去向或有多个"),
        why: both(
            "A department is a `queue` or a list of `seats`, a person a `seat` or a `number`: one of the two.",
            "部门是一个 `queue` 或一组 `seats`，责任人是一个 `seat` 或一个 `number`：二者选一。",
        ),
        example: Some(Example {
            bad: r#"[[department]]
name = "network""#,
            good: r#"[[department]]
name = "network"
seats = ["1001"]"#,
        }),
    },
    Explanation {
        code: "HL104",
        severity: Warning,
        rule: None,
        what: both("a department that nobody serves", "无人服务的部门"),
        why: both(
            "Its queue has no seat, not even at the last step: every transfer there would fail.",
            "它的排队连最后一步也没有坐席，转过去一定失败。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "refunds"
step = [{ requires = "billing >= 10" }]

[[department]]
name = "money"
queue = "refunds""#,
            good: r#"[[queue]]
name = "refunds"
step = [{ requires = "billing >= 9" }]

[[department]]
name = "money"
queue = "refunds""#,
        }),
    },
    Explanation {
        code: "HL105",
        severity: Error,
        rule: Some("R53"),
        what: both("a list that leaves nothing", "列表为空"),
        why: both(
            "An empty list would forbid everything: leave the key out for the usual values. The reasons for a transfer may be narrowed, not emptied.",
            "空列表等于全部禁止；不写这个键才是用默认值。转接原因可以减少，不能一个不留。",
        ),
        example: Some(Example {
            bad: r#"[transfer]
reasons = []"#,
            good: r#"[transfer]
reasons = ["too_complex", "multi_department"]"#,
        }),
    },
    Explanation {
        code: "HL106",
        severity: Error,
        rule: None,
        what: both("a PIN that can not be one", "不能用作 PIN"),
        why: both(
            "A PIN is 4 to 12 digits, since it is keyed at a telephone; or `pin_hash`, the SHA-256 of `seat:pin`.",
            "PIN 要在话机上按，是 4 至 12 位数字；或写 `pin_hash`，即 `坐席:PIN` 的 SHA-256。",
        ),
        example: Some(Example {
            bad: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
pin = "73""#,
            good: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
pin = "739251""#,
        }),
    },
    Explanation {
        code: "HL107",
        severity: Warning,
        rule: None,
        what: both("a PIN that anybody would try first", "谁都会先试的 PIN"),
        why: both("Rows, repetitions and the seat's own number are guessed at once.", "连续数字、重复数字和坐席号一猜就中。"),
        example: Some(Example {
            bad: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
pin = "1234""#,
            good: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
pin = "739251""#,
        }),
    },
    Explanation {
        code: "HL108",
        severity: Warning,
        rule: None,
        what: both("two seats with the same PIN", "两个坐席的 PIN 相同"),
        why: both("One agent could sign in as the other.", "一个坐席可以冒充另一个签入。"),
        example: Some(Example {
            bad: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
pin = "739251"

[[seat]]
name = "1003"
password = "m4R-zt8"
pin = "739251""#,
            good: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
pin = "739251"

[[seat]]
name = "1003"
password = "m4R-zt8"
pin = "480617""#,
        }),
    },
    Explanation {
        code: "HL109",
        severity: Error,
        rule: None,
        what: both("one digit for two dispositions", "两个处理结果用同一个数字"),
        why: both(
            "The digit is dialled behind the code of dispositions: it can mean one of them.",
            "这个数字拨在处理结果的功能码之后，只能代表一个。",
        ),
        example: Some(Example {
            bad: r#"[desk]
dispositions = [{ name = "solved", digit = "1" }, { name = "follow-up", digit = "1" }]"#,
            good: r#"[desk]
dispositions = [{ name = "solved", digit = "1" }, { name = "follow-up", digit = "2" }]"#,
        }),
    },
    Explanation {
        code: "HL110",
        severity: Warning,
        rule: None,
        what: both("a phone that answers by itself while nobody need be there", "无人时话机也会自动接听"),
        why: both(
            "The seat is ready as soon as its phone registers, and the phone takes the call: the caller may hear an empty room.",
            "话机一注册坐席就就绪，话机又自动接听：客户可能听到一间空屋子。",
        ),
        example: Some(Example {
            bad: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
auto_answer = true"#,
            good: r#"[[seat]]
name = "1002"
password = "k7T-wq2"
auto_answer = true
sign_in = false"#,
        }),
    },
    Explanation {
        code: "HL111",
        severity: Warning,
        rule: None,
        what: both("a pattern that opens every country", "放开所有国家的规则"),
        why: both("Fraud makes calls abroad. Name the countries that are meant.", "盗打的目标是国际长途。请写明具体国家。"),
        example: Some(Example {
            bad: r#"[outbound]
allow = ["00x{8,18}"]"#,
            good: r#"[outbound]
allow = ["00852x{8}"]"#,
        }),
    },
    Explanation {
        code: "HL112",
        severity: Error,
        rule: None,
        what: both("a number that begins with a feature code", "以功能码开头的号码"),
        why: both("A seat that dials it means the code: it could never reach this number.", "坐席拨它会被当作功能码，永远拨不到这个号码。"),
        example: Some(Example {
            bad: r#"[[number]]
name = "95001"
aliases = ["*10"]
menu = "main""#,
            good: r#"[[number]]
name = "95001"
aliases = ["95002"]
menu = "main""#,
        }),
    },
    Explanation {
        code: "HL113",
        severity: Error,
        rule: Some("R53"),
        what: both("a reason that is not among those taken", "不在可用之列的转接原因"),
        why: both(
            "The reason that stands for transfers without one must itself be in `transfer.reasons`, or each of them is refused.",
            "代替未说明原因的默认原因，必须在 `transfer.reasons` 之中，否则每次转接都会被拒绝。",
        ),
        example: Some(Example {
            bad: r#"[transfer]
reasons = ["too_complex"]
reason = "multi_department""#,
            good: r#"[transfer]
reasons = ["too_complex"]
reason = "too_complex""#,
        }),
    },
    Explanation {
        code: "HL114",
        severity: Error,
        rule: None,
        what: both("an order of seats without a key", "没有依据的坐席次序"),
        why: both("With no key nothing decides between two seats.", "没有依据，就无法在两个坐席之间决定。"),
        example: Some(Example {
            bad: r#"[assign]
keys = []"#,
            good: r#"[assign]
keys = ["longest-idle"]"#,
        }),
    },
    Explanation {
        code: "HL115",
        severity: Error,
        rule: None,
        what: both("a time for call-backs that is offered twice", "重复的预约时刻"),
        why: both("Each slot has a key of its own.", "每个时刻对应一个按键。"),
        example: Some(Example {
            bad: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example"
from = "02112345678"

[outbound]
allow = ["1[3-9]x{9}"]

[[queue]]
name = "billing"
callback = { key = "2", slots = ["09:00", "09:00"], calendar = "service" }"#,
            good: r#"[[trunk]]
name = "carrier"
contact = "sip:gw.example"
from = "02112345678"

[outbound]
allow = ["1[3-9]x{9}"]

[[queue]]
name = "billing"
callback = { key = "2", slots = ["09:00", "14:00"], calendar = "service" }"#,
        }),
    },
    Explanation {
        code: "HL116",
        severity: Error,
        rule: None,
        what: both("the password of the manual's examples", "文档示例中的密码"),
        why: both(
            "`...` stands for a password in texts; anybody can read it there and register as this seat.",
            "`...` 在文档里代表密码；谁都看得到，谁都能以该坐席注册。",
        ),
        example: Some(Example {
            bad: r#"[[seat]]
name = "1002"
contact = "sip:1002@192.0.2.7"
password = "...""#,
            good: r#"[[seat]]
name = "1002"
contact = "sip:1002@192.0.2.7"
password = "k7T-wq2""#,
        }),
    },
    Explanation {
        code: "HL117",
        severity: Warning,
        rule: None,
        what: both("`closed` and `nobody` that lead to each other", "`closed` 与 `nobody` 互相转"),
        why: both(
            "A closed queue leads to one where nobody is, and that one back: who comes when both hold goes round.",
            "下班的排队转到无人签入的排队，后者又转回来：两者同时成立时，客户一直兜圈子。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "day"
hours = "service"
closed = { queue = "night" }

[[queue]]
name = "night"
nobody = { queue = "day" }"#,
            good: r#"[[queue]]
name = "day"
hours = "service"
closed = { queue = "night" }

[[queue]]
name = "night"
nobody = { goodbye = true }"#,
        }),
    },
    Explanation {
        code: "HL118",
        severity: Warning,
        rule: None,
        what: both("a shared telephone at which nobody can sign in", "没有人能签入的公用话机"),
        why: both(
            "Agents sign in at a `[[phone]]` with the PIN of their seat, and no seat has one.",
            "在 `[[phone]]` 上签入要用坐席的 PIN，而没有坐席有 PIN。",
        ),
        example: Some(Example {
            bad: r#"[[phone]]
name = "desk-1"
password = "m4R-zt8"

[[seat]]
name = "1002"
password = "k7T-wq2""#,
            good: r#"[[phone]]
name = "desk-1"
password = "m4R-zt8"

[[seat]]
name = "1002"
pin = "739251"
password = "k7T-wq2""#,
        }),
    },
    Explanation {
        code: "HL119",
        severity: Warning,
        rule: None,
        what: both("a name that means two things", "同名的两样东西"),
        why: both(
            "A telephone that dials it reaches the first: emergency numbers, numbers of the hotline, seats, departments, persons, queues.",
            "话机拨它只会接到排在前面的：紧急号码、热线号码、坐席、部门、责任人、排队。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "1001""#,
            good: r#"[[queue]]
name = "billing""#,
        }),
    },
    Explanation {
        code: "HL120",
        severity: Error,
        rule: None,
        what: both("an extension that can not be used", "不能用的短号"),
        why: both(
            "An extension is 2 to 8 digits, is no emergency number, and stands for nobody else.",
            "短号是 2 至 8 位数字，不能是紧急号码，也不能与别的相同。",
        ),
        example: Some(Example {
            bad: r#"[[queue]]
name = "billing"
extension = "110""#,
            good: r#"[[queue]]
name = "billing"
extension = "8101""#,
        }),
    },
    Explanation {
        code: "HL121",
        severity: Warning,
        rule: None,
        what: both("an extension that hides a number outside", "遮住外部号码的短号"),
        why: both("A seat whose role may dial that number reaches the extension instead.", "角色允许拨该号码的坐席，拨它只会接到短号。"),
        example: Some(Example {
            bad: r#"[[outbound.role]]
name = "banks"
allow = ["955xx"]

[[queue]]
name = "billing"
extension = "95588""#,
            good: r#"[[outbound.role]]
name = "banks"
allow = ["955xx"]

[[queue]]
name = "billing"
extension = "8101""#,
        }),
    },
];
