//! Explanations: what is written and understood, and can hardly be meant.

use super::{Example, Explanation};
use crate::Severity::Warning;
use crate::said::both;

pub(super) static CODES: [Explanation; 5] = [
    Explanation {
        code: "HL270",
        severity: Warning,
        rule: None,
        what: both("a deadline that stands in the way of the chosen profile", "挡住所选时限方案的数值"),
        why: both(
            "A figure in `[deadlines]` holds instead of that of the profile. Where another profile than the manual's is chosen it is mostly left from before, and the profile changes nothing. What differs on purpose belongs into a profile of one's own.",
            "`[deadlines]` 里写的数值取代方案的数值。选了手册以外的方案，它多半是以前留下的，方案就不起作用。确需不同的，写在自定的方案里。",
        ),
        example: Some(Example {
            bad: "[deadlines]\nprofile = \"m3\"\ncomplex = \"4h\"",
            good: "[deadlines]\nprofile = \"own\"\n[deadlines.profiles.own]\nlike = \"m3\"\ncomplex = \"4h\"",
        }),
    },
    Explanation {
        code: "HL271",
        severity: Warning,
        rule: Some("R37"),
        what: both("a `hold` of the last tier", "最后一个层级的 `hold`"),
        why: both(
            "`hold` is how long the next tier waits while a seat of this one is there. Behind the last there is none, and its calls go out at once.",
            "`hold` 是本级有人签入时下一级要等多久。最后一级后面没有别的层级，来电照样立即派给它。",
        ),
        example: Some(Example {
            bad: "[assign]\ntiers = [\"internal-near\", \"internal\", { tier = \"external\", hold = \"10s\" }]",
            good: "[assign]\ntiers = [\"internal-near\", { tier = \"internal\", hold = \"10s\" }, \"external\"]",
        }),
    },
    Explanation {
        code: "HL272",
        severity: Warning,
        rule: Some("R138"),
        what: both("nobody has said when, from where and at which telephones people work", "没有写何时、从哪里、用哪些话机工作"),
        why: both(
            "What `[access]` leaves out is not checked. That may be meant, and then `noqa` says so; where people move between telephones, or a part of it is written, it is mostly forgotten.",
            "`[access]` 没写的不检查。有意如此可用 `noqa` 写明；而在有公用话机、或只写了一部分时，多半是漏了。",
        ),
        example: Some(Example {
            bad: "[access]\nnetworks = [\"192.0.2.0/24\"]",
            good: "[access] # noqa: HL272\nnetworks = [\"192.0.2.0/24\"]",
        }),
    },
    Explanation {
        code: "HL273",
        severity: Warning,
        rule: Some("R39"),
        what: both("an area code without its 0", "区号前面没有 0"),
        why: both(
            "Numbers of the country are compared as they are dialled over a distance, with the trunk 0. A code without it fits none of them, and callers from there have no region.",
            "国内号码按长途拨号比较，前面有 0。没有 0 的区号和任何号码都不相符，来自那里的客户就没有地区。",
        ),
        example: Some(Example {
            bad: "[[region]]\nname = \"西南\"\narea_codes = [\"28\"]",
            good: "[[region]]\nname = \"西南\"\narea_codes = [\"028\"]",
        }),
    },
    Explanation {
        code: "HL274",
        severity: Warning,
        rule: None,
        what: both("an interval of announcements without announcements", "写了播报间隔，没有播报内容"),
        why: both(
            "`announce_every` is how often `announce` is said. Without it nothing is.",
            "`announce_every` 是隔多久播 `announce`。没有它就不播。",
        ),
        example: Some(Example {
            bad: "[[queue]]\nname = \"slow\"\nannounce_every = \"30s\"\n[[queue.step]]\nrequires = \"anyone\"",
            good: "[[queue]]\nname = \"slow\"\nannounce = [\"please-wait\"]\nannounce_every = \"30s\"\n[[queue.step]]\nrequires = \"anyone\"",
        }),
    },
];
