//! Explanations: what is written and understood, and can hardly be meant.

use super::{Example, Explanation};
use crate::Severity::Warning;
use crate::said::both;

pub(super) static CODES: [Explanation; 2] = [
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
];
