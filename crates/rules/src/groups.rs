//! Which queues one router serves together.

use crate::declare::Item;
use crate::finding::Findings;
use crate::read::{Table, check_name};
use crate::said::{both, said};
use crate::scope::Scope;
use crate::{GroupId, MAIN_GROUP, Plan, Queue};
use hotline_model::Name;

/// Most groups: each is a thread, and a seat's word has three bits for who holds it.
pub const MOST_GROUPS: usize = 8;

/// The names of groups by [`GroupId`], and the group of each queue by its id.
pub(crate) type Groups = (Vec<Name>, Vec<GroupId>);

/// Reads `group` of all queues. A name keeps its id while some queue has it; a queue that is gone stays with its group.
pub(crate) fn groups(items: &[Item<'_>], queues: &[Queue], scope: &Scope<'_>, previous: Option<&Plan>, findings: &mut Findings) -> Groups {
    let stated: Vec<Option<Name>> = items.iter().map(|item| stated(&item.table, findings)).collect();
    let mut names = previous.map(|plan| plan.groups.clone()).unwrap_or_default();
    names.resize(names.len().max(1), Name::from(MAIN_GROUP));
    let mut of: Vec<GroupId> = (0..queues.len()).map(|id| previous.map_or(GroupId::MAIN, |plan| plan.group_of_place(id))).collect();
    for (item, name) in items.iter().zip(&stated) {
        let id = name.as_ref().map_or(Some(GroupId::MAIN), |name| id(name, &mut names, &stated));
        let place = item.table.get("group").map_or_else(|| item.table.place(), |node| node.place());
        match (id, scope.queues.get(&item.name.value).and_then(|queue| of.get_mut(queue))) {
            (Some(id), Some(group)) => *group = id,
            (Some(_), None) => {}
            (None, _) => {
                let message = said!("more than {MOST_GROUPS} groups of queues", "排队的组超过 {MOST_GROUPS} 个");
                let help = both(
                    "queues of one group are served by one thread; a few groups are enough for many queues",
                    "同组的排队由一个线程服务；几个组就够许多排队使用",
                );
                findings.error("HL009", &place, message, both("one too many", "多出的一个")).help(help);
            }
        }
    }
    for item in items {
        check_overflow(item, queues, &of, &names, scope, findings);
    }
    (names, of)
}

fn stated(table: &Table<'_>, findings: &mut Findings) -> Option<Name> {
    let name = table.text("group", findings)?;
    check_name(&name, findings).then(|| Name::from(name.value))
}

/// The id of a name: the one it has, that of a name nobody uses any more, or a new one.
fn id(name: &Name, names: &mut Vec<Name>, stated: &[Option<Name>]) -> Option<GroupId> {
    let known = names.iter().position(|known| known == name);
    let unused = || (1..names.len()).find(|id| !stated.iter().flatten().any(|other| *other == names[*id]));
    let new = || (names.len() < MOST_GROUPS).then_some(names.len());
    let at = known.or_else(unused).or_else(new)?;
    names.resize(names.len().max(at + 1), name.clone());
    names[at] = name.clone();
    u8::try_from(at).ok().map(GroupId)
}

/// A call waits in its queue and in that queue's overflow at once, so one router must know both.
fn check_overflow(item: &Item<'_>, queues: &[Queue], of: &[GroupId], names: &[Name], scope: &Scope<'_>, findings: &mut Findings) {
    let Some(from) = scope.queues.get(&item.name.value) else { return };
    let Some(to) = queues.get(from).and_then(|queue| queue.overflow).map(|queue| queue.index()) else { return };
    let (Some(own), Some(other)) = (of.get(from), of.get(to)) else { return };
    if own == other {
        return;
    }
    let place = item.table.get("overflow").map_or_else(|| item.table.place(), |node| node.place());
    let name = |group: &GroupId| names.get(group.index()).map_or("", |name| name);
    let message = said!("queue `{}` overflows into another group", "排队 `{}` 溢出到了别的组", item.name.value);
    let label = said!("of group `{}`, not `{}`", "属于组 `{}`，而不是 `{}`", name(other), name(own));
    findings
        .error("HL080", &place, message, label)
        .help(both("name a queue of the same `group`, or give both the same", "请换成同一 `group` 的排队，或让两者同组"));
}
