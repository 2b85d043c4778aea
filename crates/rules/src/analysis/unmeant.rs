//! Who may work when and where, if nobody has said so; keys that wait for another.

use super::Rules;
use crate::finding::{Findings, Place};
use crate::said::{both, said};

const ACCESS: [&str; 3] = ["shifts", "networks", "devices"];
/// Area codes of this country are written with the trunk 0; what begins with 1 are mobile numbers and services.
const CHINA: &str = "86";

pub(super) fn check(rules: &Rules<'_>, findings: &mut Findings) {
    access(rules, findings);
    area_codes(rules, findings);
    announcements(rules, findings);
}

/// R138: what is left out is not checked. That is told where people move between telephones, and where a part was written.
fn access(rules: &Rules<'_>, findings: &mut Findings) {
    let tables = &rules.declared.access;
    let missing: Vec<&str> = ACCESS.into_iter().filter(|key| tables.iter().all(|table| table.get(key).is_none())).collect();
    if missing.is_empty() {
        return;
    }
    let Some(place) = tables.first().map(|table| table.place()).or_else(|| hot_desk(rules)) else { return };
    let all = missing.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>();
    let (en, zh) = (all.join(", "), all.join("、"));
    let message = said!(
        "nothing checks when, from where or at which telephones people work: no {en}",
        "没有检查何时何地、在哪些话机上工作：没有写 {zh}"
    );
    let label = both("what is left out of `[access]` is not checked", "`[access]` 没写的不检查");
    let help = both(
        "write it in `[access]`; if it is meant so, `# noqa: HL272` at the end of this line",
        "请写在 `[access]` 里；如有意如此，在该行末尾写 `# noqa: HL272`",
    );
    let message = if missing.len() == ACCESS.len() {
        both("nothing says when, from where and at which telephones people work", "没有写何时、从哪些网段、在哪些话机上可以工作")
    } else {
        message
    };
    findings.warning("HL272", &place, message, label).rule("R138").help(help);
}

/// The first telephone of nobody, if there are people who may sign in at it.
fn hot_desk(rules: &Rules<'_>) -> Option<Place> {
    let people = rules.plan.seats.iter().any(|seat| !seat.retired && seat.desk.pin.is_some());
    rules.declared.phones.first().filter(|_| people).map(|item| item.name.place.clone())
}

/// R39: a code without its trunk 0 fits no number that comes in.
fn area_codes(rules: &Rules<'_>, findings: &mut Findings) {
    if rules.plan.numbering.country() != CHINA {
        return;
    }
    let nodes = rules.declared.regions.iter().filter_map(|item| item.table.get("area_codes")?.as_list()).flatten();
    for node in nodes {
        let Some(code) = node.as_text().filter(|code| !code.starts_with(['0', '1'])) else { continue };
        let message = said!("area code `{code}` has no 0 before it", "区号 `{code}` 前面没有 0");
        let label = both("no number begins with it", "没有号码以它开头");
        let instead = code.strip_prefix(CHINA).filter(|rest| rest.len() > 1).unwrap_or(code);
        let help = said!("write it as it is dialled within the country: `0{instead}`", "请按国内长途拨号写：`0{instead}`");
        findings.warning("HL273", &node.place(), message, label).rule("R39").help(help);
    }
}

/// How often something is said, and nothing to say.
fn announcements(rules: &Rules<'_>, findings: &mut Findings) {
    for (id, item) in rules.queues() {
        let Some(node) = item.table.get("announce_every").filter(|_| rules.plan.queue(id).announce.is_empty()) else { continue };
        let name = &item.name.value;
        let message = said!("queue `{name}` announces nothing again and again", "排队 `{name}` 没有要重复播报的内容");
        let help = both(
            "write what is said: `announce = [\"please-wait\"]`, or remove it",
            "请写播报内容：`announce = [\"please-wait\"]`，或删去它",
        );
        findings.warning("HL274", &node.place(), message, both("there is no `announce`", "没有写 `announce`")).help(help);
    }
}
