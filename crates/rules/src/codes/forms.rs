//! Explanations: what is written in a form that means something else, or nothing.

use super::{Example, Explanation};
use crate::Severity::Warning;
use crate::said::both;

pub(super) static CODES: [Explanation; 4] = [
    Explanation {
        code: "HL307",
        severity: Warning,
        rule: Some("R39"),
        what: both("an area code or prefix behind a country's code", "区号或号段前面带有国家代码"),
        why: both(
            "Callers' numbers are compared with area codes and prefixes as they are dialled within the country, whatever the network sends: `13800138000`, `02161234567`. None of them begins with the country's code, and callers of that prefix have no region. Those of other countries have none anyway. `caller starts` may ask for `+8621`, without the area's 0, or simply for `021`; other countries' codes stand behind a `+`.",
            "不论网络怎样送号，都按国内拨号的写法（`13800138000`、`02161234567`）与区号和号段比较，没有号码以国家代码开头，这个号段的客户就没有地区。国外号码本来就没有地区。`caller starts` 可写不带区号 0 的 `+8621`，或直接写 `021`；别国的代码写在 `+` 之后。",
        ),
        example: Some(Example {
            bad: "[[region]]\nname = \"西南\"\narea_codes = [\"008628\"]",
            good: "[[region]]\nname = \"西南\"\narea_codes = [\"028\"]",
        }),
    },
    Explanation {
        code: "HL308",
        severity: Warning,
        rule: None,
        what: both("a link to a folder that is read anyway", "指向本来就会读取的文件夹的链接"),
        why: both(
            "Folders within that of the rules are read with it. Through a link to one of them, or to the folder itself, everything there would be declared twice.",
            "规则文件夹里的子文件夹会一起读取。再经链接读一遍（或链接指向规则文件夹自身），其中的内容就都重复定义了。",
        ),
        example: None,
    },
    Explanation {
        code: "HL309",
        severity: Warning,
        rule: Some("R138"),
        what: both("one password for several seats or phones", "多个坐席或公用话机共用一个密码"),
        why: both(
            "Whoever knows it signs in as any of these seats, and the records name a seat that somebody else was at. So it is with phones: any of them can register as another.",
            "知道它的人可以用其中任何一个坐席签入，记录里的坐席就不一定是本人。公用话机也一样：任何一部都能冒充另一部。",
        ),
        example: Some(Example {
            bad: r#"[[seats]]
range = "2001-2002"
skills = { zh = 5 }
password = "k7T-wq2""#,
            good: r#"[[seats]]
range = "2001-2002"
skills = { zh = 5 }
password = "k7T-{name}-wq2""#,
        }),
    },
    Explanation {
        code: "HL310",
        severity: Warning,
        rule: None,
        what: both("a prompt that says nothing", "没有内容的提示"),
        why: both(
            "A menu or a question without words leaves callers to guess which key does what; an announcement without any changes nothing.",
            "菜单或问题没有提示音，来电者只能猜哪个键做什么；公告没有内容就等于没有。",
        ),
        example: Some(Example {
            bad: r#"[[announcement]]
name = "storm"
say = []"#,
            good: r#"[[announcement]]
name = "storm"
say = ["please-wait"]"#,
        }),
    },
];
