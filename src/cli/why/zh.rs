//! `hotline why` in Chinese, in the words of the manual.

mod seats;
mod waits;

pub use seats::{fate, passed, seats};
pub use waits::{by, causes, condition, reason};

use super::fact::{Because, Counts, Fact, Full, Own, Weighs, Why};
use super::now::Now;
use super::pauses::Setting;
use super::rules::NotAtHand;
use super::woke::Woke;
use super::{Head, Waited, desk, looked, phone};
use crate::cli::own;
pub use crate::cli::words::seconds_zh as seconds;
use crate::cli::words::{self, End, Lang, Was};
use hotline_model::history::{
    BlockAnswer, Blocked, CallBackEnd, Cause, DecidingKey, ForetoldWait, HandOrder, Identified, LookUpOutcome, LookedUp, MessageEnd,
    MessageLeft, MessageOrder, NoMessage, NotCalled, OfferEnd, Onward, Side, Trigger, Untold, WhyLeft,
};
use hotline_model::{Activity, Intent, Name, NotReadyReason, Odd, Priority, SeatState, Topic};
use std::path::Path;
use std::time::Duration;

/// The first sentence on a call.
pub fn head(head: &Head<'_>) -> String {
    let Head { record, own, from, arrived, waited, answered } = head;
    if let Some((caller, callee)) = own {
        let call = format!("通话 {}：{}拨打{callee}，{arrived} 呼出", record.call, words::spaced(caller));
        let talked = record.t3.map_or(String::new(), |t3| format!("，{} 后接通", seconds(t3.since(record.t0))));
        return format!("{call}{talked}：{}。", End::of(record).map_or("仍在进行".into(), end));
    }
    let begin = format!("来电 {}（主叫 {from}，拨打 `{}`）{arrived} 呼入", record.call, record.dialled);
    let end = End::of(record).map(end);
    let Some(Waited { time, queue, priority, goes_on, left, full, .. }) = waited else {
        return format!("{begin}，没有排队等候人工：{}。", end.unwrap_or_else(|| "仍在线".into()));
    };
    let priority = priority.map_or(String::new(), |priority| format!("（优先级{}）", self::priority(priority)));
    let time = seconds(*time);
    let waited = if *goes_on { format!("已等待 {time}") } else { format!("等待 {time}") };
    let outcome = match (answered, record.t3, end) {
        (Some(seat), Some(_), _) if record.waits_again() => format!("坐席 {seat} 曾接听，现再次排队等候"),
        (Some(seat), Some(_), _) => format!("坐席 {seat} 接听"),
        (_, _, Some(end)) => end,
        (_, _, None) if *left => "已不再排队".into(),
        (_, _, None) => "尚无人接听".into(),
    };
    if *full {
        return format!("{begin}，要排的队列 {queue} 已满：{outcome}。");
    }
    format!("{begin}，在 {queue} 排队{priority}{waited}：{outcome}。")
}

/// Why there is no more than states to say.
pub fn not_at_hand(why: &NotAtHand) -> String {
    match why {
        NotAtHand::Other { then, now } => {
            format!("当时的规则 {then} 不在手边（规则目录中是 {now}），只能按坐席状态说明。可用 --rules 指定当时的规则目录。")
        }
        NotAtHand::Unusable(why) => format!("没有可用的规则（{why}），只能按坐席状态说明。可用 --rules 指定规则目录。"),
    }
}

/// Why a page on the present goes by other rules than those in the folder.
pub fn not_in_force(not: &NotAtHand, Now { plan, runs, .. }: &Now, folder: &Path) -> String {
    let in_force = plan.revision;
    match not {
        NotAtHand::Other { now, .. } if !runs => format!("规则目录中的规则（{now}）不是上次运行的规则，本页按后者（{in_force}）说明。"),
        NotAtHand::Other { now, .. } => format!("规则目录中的规则（{now}）没有生效，本页按现行规则（{in_force}）说明。"),
        NotAtHand::Unusable(why) => format!(
            "规则目录中的规则不可用（{}），本页按现行规则（{in_force}）说明；`hotline rules check {}` 可查看错误。",
            why.trim_end_matches(['.', '。']),
            folder.display()
        ),
    }
}

/// A fact as a sentence.
pub fn fact(told: &Fact) -> String {
    match told {
        Fact::Queued { queue, priority } => format!("进入 {queue} 排队，优先级{}。", self::priority(*priority)),
        Fact::QueuedInstead { gone, queue, priority } => {
            format!("规则中已没有队列 {gone}，按原位次转到 {queue} 排队，优先级{}。", self::priority(*priority))
        }
        Fact::QueuedBeyond { full, queue, priority } => {
            let overflows = full.iter().map(|full| format!("`overflow`{}", placed(&full.overflow)));
            let overflows = overflows.collect::<Vec<_>>().join("；");
            format!("{}，转到 {queue} 排队（{overflows}），优先级{}。", all_full(full), self::priority(*priority))
        }
        Fact::TurnedAway { full } => format!("{}，未能排队：已请来电者稍后再拨，不再排队。", all_full(full)),
        Fact::Nobody { woke, why, step, admitted, ahead, seats } => nobody((woke, *why), *step, *admitted, *ahead, seats),
        Fact::Again { times } => format!("又查找 {times} 次，结果相同，最后一次在此时。"),
        Fact::Chosen { woke, seat, because, tier, proficiency } => {
            let because = decided(self::because(because), because.place.as_deref());
            let proficiency = if *proficiency > 0 { format!("，所需技能熟练度 {proficiency}") } else { String::new() };
            let tier = tier_word(*tier);
            format!("{}：派给坐席 {seat}（{tier}{proficiency}），因为{because}。", looked(woke, Some(seat)))
        }
        Fact::NotAnswered { seat, after, why } => {
            format!("坐席 {seat}：{}，历时 {}；来电回到队首。", offer_end(*why), seconds(*after))
        }
        Fact::Answered { seat, rang: Some(rang) } => format!("坐席 {seat} 振铃 {}，接听。", seconds(*rang)),
        Fact::Answered { seat, rang: None } => format!("坐席 {seat} 接听。"),
        Fact::Breached { clock, limit } => format!("K{clock}（{}）超时：时限 {} 已过。", self::clock(*clock), seconds(*limit)),
        Fact::PlaceKept { after, earlier } => format!("客户此前中断（{after}），现沿用原来的排队位置，提前 {}。", seconds(*earlier)),
        Fact::Recognised { owner: Some(owner), .. } => format!("客户有未办结事项，首问责任坐席为 {owner}（R57）。"),
        Fact::Recognised { owner: None, last } => format!("客户上次由坐席 {} 接听（R43）。", last.as_deref().unwrap_or_default()),
        Fact::LookedUp(looked_up) => self::looked_up(looked_up),
        Fact::Alerted { topic } => format!("已立即通知主管：{}，优先处理（R25、R26）。", self::topic(*topic)),
        Fact::ImpactAlerted { impact } => format!("已立即通知主管：影响{}（R33）。", desk::impact(*impact)),
        Fact::Assessed(found) => format!("菜单判断：{}。", desk::assessment(Lang::Zh, *found)),
        Fact::Reprioritised { priority, by } => {
            let by = by.as_ref().map_or("主管".to_owned(), |by| format!("{by} "));
            format!("{by}改为{}。", self::priority(*priority))
        }
        Fact::Aged { priority } => format!("等待已久，从此按{}处理（R38）。", self::priority(*priority)),
        Fact::ByHand { by, order: HandOrder::Assign { seat }, done: true } => format!("{by} 手工指派给坐席 {seat}（R44）。"),
        Fact::ByHand { by, order: HandOrder::Pull { seat }, done: true } => format!("{by} 让坐席 {seat} 抢接（R44）。"),
        Fact::ByHand { by, order: HandOrder::Assign { seat }, done: false } => format!("{by} 要求派给坐席 {seat}（R44）。"),
        Fact::ByHand { by, order: HandOrder::Pull { seat }, done: false } => format!("{by} 要求坐席 {seat} 抢接（R44）。"),
        Fact::ByHand { by, order: HandOrder::Priority { priority }, .. } => format!("{by} 改为{}。", self::priority(*priority)),
        Fact::NotAssigned { seat, why, was, paused_by } => {
            let why = match was {
                Some(was) if was.is_ready() => {
                    format!("该坐席空闲，但刚有派单未成、短暂停派（{}）", Setting::names(*paused_by, "、"))
                }
                Some(was) => format!("{}：{}", words::why_not(Lang::Zh, *why), state(*was)),
                None => words::why_not(Lang::Zh, *why).to_owned(),
            };
            format!("手工派给坐席 {seat}（R44）未成：{why}。")
        }
        Fact::Overtaken { call, seat, why } => format!("{}先派到坐席 {seat}，该坐席它本可用。", waits::overtook(*call, why)),
        Fact::OvertakenMore { calls } => format!("到此时又有 {calls} 通来电先派。"),
        Fact::StepBegan { queue, step, asks, place } => {
            let place = place.as_ref().map_or(String::new(), |place| format!("（{place}）"));
            format!("队列 {queue} 第 {} 步开始：`{asks}`{place}。", step + 1)
        }
        Fact::Foretold { ahead, wait, real } => format!("告知来电者：{}。", foretold(*ahead, *wait, *real)),
        Fact::Desk(fact) => desk::zh(fact),
        Fact::Phone(fact) => phone::zh(fact),
        Fact::Survey(fact) => fact.sentence(Lang::Zh),
        Fact::LeftQueue { queue, why, onward, rule } => {
            format!("离开队列 {queue}（{rule}）：{}。", left(*why, onward.as_ref()))
        }
        Fact::Identified(identified) => self::identified(identified),
        Fact::Blocked(blocked) => blocked_in_words(blocked),
        Fact::EarlyMedia => "接通前先放语音（183，early media）：到有人接听或时限到时才接通（RFC 3960）。".into(),
        Fact::AnsweredLate { after } => format!("先听语音 {} 后接通（200）。", seconds(*after)),
        Fact::Announcement { name, place } => {
            let place = if place.is_empty() { String::new() } else { format!("（{place}）") };
            format!("播放了已开启的公告 {name}{place}（R151）。")
        }
        Fact::Judged { menu, taken, looked } => {
            let whose = menu.as_ref().map_or("号码".to_owned(), |menu| format!("菜单 {menu} "));
            let looked: Vec<_> = looked.iter().map(|one| looked::words(Lang::Zh, &one.fact, &one.value)).collect();
            let looked = looked.join("，");
            match taken {
                Some((gate, place)) => format!("走{whose}的第 {gate} 道分流{place}：{looked}。"),
                None => format!("{whose}的分流都不成立：{looked}。"),
            }
        }
        Fact::Spared { menu } => format!("贵宾客户：不进自助菜单 {menu}，直接转人工（R47）。"),
        Fact::ReplyUnheard { again: true } => "客户没有听到语音应答的任何声音：重播一次（R10）。".into(),
        Fact::ReplyUnheard { again: false } => "重播仍未听到：转人工；问卷则结束，预约回拨则作罢，留言则照录（R9、R10）。".into(),
        Fact::LedToSeat { seat } => format!("规则要先派给坐席 {seat}。"),
        Fact::Overflowed { to: Some(to) } => format!("溢出：同时在 {to} 排队。"),
        Fact::Overflowed { to: None } => "已超过应答时限，没有其他队列可同时等待：继续等待，在同优先级中排第一。".into(),
        Fact::LedOutside { to, rings, otherwise } => {
            let to = words::masked(to);
            format!("规则把来电转给外部 {to}，最长振铃 {}；无人接听则{}。", seconds(*rings), onward(otherwise))
        }
        Fact::GivenUp { to, otherwise: Some(otherwise) } => format!("未接通外部 {}：{}。", words::masked(to), onward(otherwise)),
        Fact::GivenUp { to, otherwise: None } => format!("未接通外部 {}。", words::masked(to)),
        Fact::Outside { to, trunk, waits: false } => format!("经中继 {trunk} 呼叫{}。", callee(to.as_ref())),
        Fact::Outside { to, trunk, waits: true } => format!("经中继 {trunk} 呼叫{}；排队位置不变（R13）。", callee(to.as_ref())),
        Fact::OutsideEnded { to, trunk, after, why } => {
            format!("{}：{}，历时 {}（中继 {trunk}）。", callee(to.as_ref()), words::outside_end(Lang::Zh, *why), seconds(*after))
        }
        Fact::OutsideNotCalled { to, why } => format!("无法呼叫{}：{}。", callee(to.as_ref()), not_called(*why)),
        Fact::OutsideAnswered { to, after } => format!("{}接听，历时 {}。", callee(to.as_ref()), seconds(*after)),
        Fact::CallBackBooked { call } => format!("客户要求回拨并挂机：排队位置由 {call} 保留。"),
        Fact::CallBackOpened { after, at: None } => format!("回拨，沿用 {after} 的排队位置。"),
        Fact::CallBackOpened { after, at: Some(at) } => format!("{after} 中预约的回拨，时间 {}。", words::iso(*at)),
        Fact::CallBackLater { attempts, wait } => format!("第 {attempts} 次未接通客户；{} 后再拨，排队位置不变。", seconds(*wait)),
        Fact::CallBackEnded { why: CallBackEnd::Failed } => "回拨结束：多次未接通客户。".into(),
        Fact::CallBackEnded { why: CallBackEnd::Replaced } => "回拨结束：客户重新预约，新的回拨沿用其位置。".into(),
        Fact::CallBackEnded { why: CallBackEnd::CameBack(call) } => format!("回拨结束：客户已来电（{call}），沿用其位置。"),
        Fact::MessageLeft(left) => message_left(left),
        Fact::NoMessage { voicemail, why } => no_message(voicemail, *why),
        Fact::Message { by, order } => message(by, *order),
        Fact::Recovered => "热线重启后恢复了这通来电。".into(),
        Fact::Ended(ended) => format!("结束：{}。", end(*ended)),
    }
}

fn message_left(left: &MessageLeft) -> String {
    let MessageLeft { voicemail, queue, length_ms, end, .. } = left;
    let end = match end {
        MessageEnd::Key => "按键结束",
        MessageEnd::Silence => "静默结束",
        MessageEnd::Longest => "到最长时间",
        MessageEnd::HungUp => "客户挂机",
        MessageEnd::Storage => "存储出错，留有已录部分",
        MessageEnd::Crash => "热线重启，留有已录部分",
    };
    let length = if *length_ms == 0 { String::new() } else { format!("，长 {}", seconds(Duration::from_millis(u64::from(*length_ms)))) };
    format!("客户在 {voicemail} 留言{length}（{end}），由 {queue} 的人员处理（R19）。")
}

fn no_message(voicemail: &Name, why: NoMessage) -> String {
    match why {
        NoMessage::Full => format!("{voicemail} 留言已满，没有留言。"),
        NoMessage::TooShort => format!("客户在 {voicemail} 没有说话，或说得太短：不算留言。"),
        NoMessage::Storage => format!("{voicemail} 的留言无法保存。"),
    }
}

fn message(by: &Name, order: MessageOrder) -> String {
    match order {
        MessageOrder::Take => format!("{by} 认领了留言。"),
        MessageOrder::TakeOver => format!("{by} 接手了留言。"),
        MessageOrder::Heard => format!("{by} 收听了留言。"),
        MessageOrder::Done => format!("{by} 处理完留言。"),
        MessageOrder::Delete => format!("{by} 处理完留言并删除录音。"),
    }
}

fn callee(to: Option<&Name>) -> String {
    to.map_or_else(|| "客户".into(), |to| format!("外部 {} ", words::masked(to)))
}

/// Where a call goes on that got nobody outside.
fn onward(onward: &Onward) -> String {
    match onward {
        Onward::Queue(queue) => format!("进入 {queue} 排队"),
        Onward::CallBack(queue) => format!("在 {queue} 预约回拨"),
        Onward::Menu(menu) => format!("进入菜单 {menu}"),
        Onward::Goodbye => "道别".into(),
        Onward::Voicemail(voicemail) => format!("在 {voicemail} 留言"),
    }
}

fn not_called(why: NotCalled) -> &'static str {
    match why {
        NotCalled::NoTrunk => "可用的中继都已占满或不通",
        NotCalled::NotAllowed => "规则不允许该号码",
        NotCalled::NoRoom => "没有空闲的 RTP 端口",
        NotCalled::NotCleared => "敏感来电不得转给外部（R68）",
        NotCalled::Oneself => "来电者就是这个号码",
    }
}

fn placed(place: &Option<String>) -> String {
    place.as_ref().map_or(String::new(), |place| format!("，{place}"))
}

fn all_full(full: &[Full]) -> String {
    let each = full.iter().map(|full| format!("队列 {} 已满（`limit` = {}{}）", full.queue, full.limit, placed(&full.place)));
    each.collect::<Vec<_>>().join("，")
}

/// Why a call left a queue without an agent, and where to.
pub fn left(why: WhyLeft, onward: Option<&Onward>) -> String {
    let why = match why {
        WhyLeft::Closed => "队列服务时间已结束",
        WhyLeft::Nobody => "没有可服务的坐席签入",
        WhyLeft::Full(_) => "队列已满",
    };
    match onward {
        None => format!("{why}；不再排队"),
        Some(Onward::Queue(queue)) => format!("{why}；沿用原位置转到 {queue} 排队"),
        Some(onward) => format!("{why}；{}，不再排队", self::onward(onward)),
    }
}

fn nobody((woke, why): (&Woke, Why), step: u8, admitted: u32, ahead: u32, seats: &Counts) -> String {
    let step = step + 1;
    let who = match (why, admitted) {
        (Why::Own, _) => "在等自己的坐席，其未空闲，其他坐席还不能接（`assign.wait_for`）".into(),
        (_, 0) => format!("第 {step} 步没有可接的坐席"),
        (Why::Held, 1) => format!("第 {step} 步可接的唯一坐席当时还不能接"),
        (Why::Held, _) => format!("第 {step} 步可接的 {admitted} 个坐席中，当时没有空闲且已能接的"),
        (Why::NoneReady, 1) => format!("第 {step} 步可接的唯一坐席不空闲"),
        (Why::NoneReady, _) => format!("第 {step} 步可接的 {admitted} 个坐席都不空闲"),
    };
    let all: usize = seats.iter().map(|(_, count)| count).sum();
    let counts = match counts(seats) {
        none if none.is_empty() => String::new(),
        counts if all == admitted as usize && why != Why::Own => format!("（{counts}）"),
        counts => format!("（全部 {all} 个坐席：{counts}）"),
    };
    let ahead = if ahead == 0 { String::new() } else { format!("；前面还有 {ahead} 通来电") };
    format!("{}：{who}{counts}{ahead}。", looked(woke, None))
}

/// Seats by what they are at.
pub fn counts(seats: &Counts) -> String {
    seats.iter().map(|(seat, count)| format!("{count} 个{}", state(*seat))).collect::<Vec<_>>().join("、")
}

fn looked(woke: &Woke, seat: Option<&Name>) -> String {
    let trigger = match woke {
        Woke::By(trigger) => *trigger,
        Woke::Delay(delay, place) => {
            let whose = seat.map_or("有坐席".to_owned(), |seat| format!("坐席 {seat} "));
            return format!("已等待 {}，{whose}从此可接该队列（`delay`{}）", words::figure(Lang::Zh, *delay), placed(place));
        }
        Woke::Help(after, place) => {
            return format!("已等待 {}，从此可由协助坐席接听（`overflow`{}）", words::figure(Lang::Zh, *after), placed(place));
        }
        Woke::Hold(hold) => return format!("上一层级的保留时间 {} 已过（`assign.tiers`）", words::figure(Lang::Zh, *hold)),
        Woke::Pause(setting) => {
            let whose = seat.map_or("有坐席".to_owned(), |seat| format!("坐席 {seat} "));
            return format!("{whose}未接上一次派单后的停派已过（{}）", Setting::names(*setting, "、"));
        }
        Woke::Reserve(longest, place) => {
            let place = place.as_ref().map_or(String::new(), |place| format!("（{place}）"));
            return format!("已等待 {}，从此后备坐席可接{place}", words::figure(Lang::Zh, *longest));
        }
        Woke::Crowded(places) if places.is_empty() => return "队列变得拥挤".into(),
        Woke::Crowded(places) => return format!("队列变得拥挤（{}）", places.join("、")),
        Woke::Left(left) => return format!("坐席 {left} 不再签入且话机可达，其他坐席因此可更早接"),
        Woke::OwnWent(own, state) => {
            let chose = SeatState { activity: Activity::Free, reachable: true, ..*state };
            return format!("所等的坐席 {own} 不再接来电：{}（`assign.wait_for`）", self::state(chose));
        }
        Woke::Again => return "再次查找坐席".into(),
    };
    match (trigger, seat) {
        (Trigger::CallWaiting, _) => "立即查找坐席".into(),
        (Trigger::SeatReady, Some(seat)) => format!("坐席 {seat} 空闲"),
        (Trigger::SeatReady, None) => "有坐席空闲".into(),
        (Trigger::StepReached, _) => "到达队列的下一步".into(),
        (Trigger::OfferFailed, _) => "上一次派单未成".into(),
        (Trigger::Breach, _) => "接听超时（K3）".into(),
        (Trigger::RulesChanged, _) => "规则更新".into(),
        (Trigger::ByHand, _) => "手工指派（R44）".into(),
        (Trigger::Recovery, _) => "重启后恢复".into(),
        (Trigger::PatienceOver, _) => "等待专属、首问或偏好坐席的时间已过，或该坐席来去（`assign.wait_for`）".into(),
        (Trigger::Reprioritised, _) => "手工改了优先级".into(),
        (Trigger::Aged, _) => "等待已久，优先级提高（R38）".into(),
    }
}

/// What decided, with where that is written.
fn decided(because: String, place: Option<&str>) -> String {
    match (place, because.strip_suffix('）')) {
        (None, _) => because,
        (Some(place), Some(open)) => format!("{open}；{place}）"),
        (Some(place), None) => format!("{because}（{place}）"),
    }
}

fn because(Because { key, own, step, admitted, ready, beside, weighs, .. }: &Because) -> String {
    let (of, best) = match ready {
        0 | 1 => (String::new(), String::new()),
        _ => (format!("在 {ready} 个空闲坐席中"), format!("在 {ready} 个空闲坐席里最合适的几个中")),
    };
    match key.told(*ready) {
        DecidingKey::OnlyReady if (beside.held || *ready > 1) && *admitted > 1 => {
            format!("第 {} 步可接的 {admitted} 个坐席中，当时空闲且已能接的只有它", step + 1)
        }
        DecidingKey::OnlyReady => format!("第 {} 步可接的 {admitted} 个坐席中只有它空闲", step + 1),
        DecidingKey::Tier => format!("{of}它的层级靠前：先内后外，先近后远（R37、R39）"),
        DecidingKey::Owner => match own {
            Own::Matter => format!("{of}它是这件事的首问负责坐席（R57）"),
            Own::Led => "规则要先派给它".into(),
            Own::Customer => format!("{of}它是该客户的专属坐席（R45）"),
        },
        DecidingKey::LastAgent => format!("{of}它上次接待过该客户（R43）"),
        DecidingKey::Proficiency => format!("{best}它最熟练（R40）"),
        DecidingKey::Region => format!("{best}它的地区和客户类型最近（R42）"),
        DecidingKey::ByHand => "由人工指定（R44）".into(),
        DecidingKey::Opening => "同一步骤、同一层级中它最早服务该队列：其他坐席延迟更长、属后备坐席或只是帮忙".into(),
        DecidingKey::LongestIdle => {
            let idle = beside.idle.map_or(String::new(), |idle| format!("（{}）", seconds(idle)));
            match beside.score {
                Some((score, _)) if beside.equal > 1 => {
                    format!("{of}有 {} 个得分同为最高 {score}（weights，R40 至 R43），其中它空闲最久{idle}", beside.equal)
                }
                Some(_) | None => format!("{best}它空闲最久{idle}"),
            }
        }
        DecidingKey::Nobody | DecidingKey::OwnAway => "没有其他坐席空闲".into(),
        DecidingKey::Preferred => format!("{of}它是客户偏好的坐席（R43）"),
        DecidingKey::CustomerType => format!("{best}它专门接待这类客户（R42）"),
        DecidingKey::Score => {
            let scores = match beside.score {
                Some((score, Some(next))) => format!("，{score} 比 {next}"),
                Some((_, None)) | None => String::new(),
            };
            format!("{best}它的得分最高{scores}（weights，R40 至 R43）")
        }
        DecidingKey::LeastOccupied => format!("{best}它的通话时间占比最低"),
        DecidingKey::Responsiveness => format!("{best}它接听最快（R40）"),
        DecidingKey::LeastSufficient => format!("{best}它的熟练度够用且最低，把更熟练的坐席留给别人"),
        DecidingKey::CallOrder => "这通来电在该坐席的各队列中排在最前：先看优先级，再看等待时间占队列目标的比例乘以权重（R38）".into(),
        DecidingKey::QueuePriority => "该坐席先接这个队列的来电（其 `queues` 的 `priority`），虽然其他队列有来电等得更久".into(),
        DecidingKey::QueueWeight => match weighs {
            Some(Weighs { waited, weight: (weight, place), target }) => format!(
                "在该坐席各队列排在最前的来电中，它的等待折算后最长，虽然另有来电等得更久：{} 乘以权重 {weight}{}，占目标 {} 的比例（R38）",
                seconds(*waited),
                place.as_ref().map_or(String::new(), |place| format!("（{place}）")),
                words::figure(Lang::Zh, *target)
            ),
            None => "按队列的权重和目标折算，它的等待超过该坐席另一队列中等得更久的来电（R38）".into(),
        },
        DecidingKey::Step => format!("{of}它在队列更早的一步就可接"),
    }
}

fn tier_word(tier: u8) -> &'static str {
    match tier {
        0 => "内部就近",
        1 => "内部",
        _ => "外部",
    }
}

/// A seat's state.
pub fn state(state: SeatState) -> &'static str {
    match (state.activity, state.intent, state.reachable) {
        (Activity::Offered, _, _) => "派单中",
        (Activity::OnCall, _, _) => "通话中",
        (Activity::WrapUp, _, _) => "话后",
        (Activity::Free, Intent::SignedOut, _) => "未签入",
        (Activity::Free, _, false) => "话机不可达",
        (Activity::Free, Intent::NotReady(NotReadyReason::Rona), true) => "久叫不应（RONA）",
        (Activity::Free, Intent::NotReady(NotReadyReason::Break), true) => "小休",
        (Activity::Free, Intent::NotReady(NotReadyReason::Meal), true) => "用餐",
        (Activity::Free, Intent::NotReady(NotReadyReason::Meeting), true) => "会议",
        (Activity::Free, Intent::NotReady(NotReadyReason::Training), true) => "培训",
        (Activity::Free, Intent::NotReady(NotReadyReason::Other), true) => "其他事务",
        (Activity::Free, Intent::NotReady(NotReadyReason::OffShift), true) => "已下班",
        (Activity::Free, Intent::Available, true) => "空闲",
    }
}

/// A priority.
pub fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::Urgent => "紧急",
        Priority::Important => "重要",
        Priority::Ordinary => "普通",
    }
}

pub fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::NetworkFault => "网络故障",
        Topic::PaymentAnomaly => "支付异常",
        Topic::Security => "安全问题",
        Topic::Privacy => "隐私问题",
        Topic::MajorComplaint => "重大投诉",
    }
}

fn foretold(ahead: u32, wait: Result<ForetoldWait, Untold>, real: Option<Duration>) -> String {
    let told = match wait {
        Ok(told) => told,
        Err(why) => return format!("前面 {ahead} 位，未报时间：{}", untold(why)),
    };
    let said = if told.minutes == 0 { "不到一分钟".to_owned() } else { format!("约 {} 分钟", told.minutes) };
    let seconds = |ms: u32| (f64::from(ms) / 1000.0).round();
    let interval = format!("五个来电中四个在 {} 至 {} 秒", seconds(told.low_ms), seconds(told.high_ms));
    let came = real.map_or(String::new(), |real| {
        let ms = real.as_millis();
        let early = ms < u128::from(told.low_ms);
        let place = if early {
            "早于预计"
        } else if ms > u128::from(told.high_ms) {
            "晚于预计"
        } else {
            "符合预计"
        };
        format!("；实际 {:.1} 秒后接通，{place}", real.as_secs_f64())
    });
    format!("前面 {ahead} 位，{said}（{interval}）{came}")
}

/// Why no wait is told.
pub fn untold(why: Untold) -> &'static str {
    match why {
        Untold::TooFew => "近期接起的排队来电太少",
        Untold::NobodySignedIn => "没有可服务的坐席在接听来电",
        Untold::SeatsChanged => "坐席数刚变动三分之一以上",
        Untold::OthersFirst => "优先来电占用坐席一半以上的时间",
        Untold::TooLong => "超过半小时",
        Untold::TooWide => "十个来电中有一个会等到所报时间的两倍以上",
        Untold::NoBetter => "不比之前所报的更短",
    }
}

fn clock(number: u8) -> &'static str {
    match number {
        1 => "接起",
        2 => "语音应答",
        3 => "人工接听",
        4 => "首次沟通",
        5 => "通话内处理",
        9 => "转接应答",
        10 => "专属服务",
        11 => "投诉登记",
        _ => "",
    }
}

/// An end as half a sentence.
pub fn end(end: End) -> String {
    let who = match (end.side, end.was) {
        (Side::Caller, Was::Customers | Was::LedAway | Was::Surveyed | Was::Message) => "客户挂机",
        (Side::Caller, Was::Seats) => "主叫坐席挂机",
        (Side::Agent, Was::Customers | Was::LedAway | Was::Surveyed | Was::Message) => "坐席挂机",
        (Side::Agent, Was::Seats) => "被叫坐席挂机",
        (Side::System, _) => "热线结束通话",
        (Side::Outside, _) => "外部一方挂机",
    };
    let why = match (end.cause, end.was) {
        (Cause::Normal, _) => "",
        (Cause::Cancelled, Was::Seats) => "，在对方接听之前",
        (Cause::Cancelled, _) => "，在接起之前",
        (Cause::AbandonedInMenu, _) => "，在语音菜单中",
        (Cause::AbandonedInQueue, _) => "，在排队等待中",
        (Cause::Completed, Was::Customers) => "，自助服务已完成",
        (Cause::Completed, Was::LedAway) => "，已播放结束语",
        (Cause::Completed, Was::Surveyed) => "，调查已结束",
        (Cause::Completed, Was::Message) => "，已留言",
        (Cause::Completed, Was::Seats) => return "功能码已执行".into(),
        (Cause::CodeRefused, _) => return "功能码未执行".into(),
        (Cause::NotPutThrough(why), _) => return format!("未接通：{}", own::refusal(Lang::Zh, why)),
        (Cause::Blocked, _) => return "按黑名单拒接".into(),
        (Cause::QueuesFull, _) => "，队列已满",
        (Cause::OutOfHours, _) => "，非服务时间，无法继续办理",
        (Cause::NoAck, _) => "，对方一直没有确认我方的 200 应答",
        (Cause::Unreachable, _) => "，话机已不可达",
        (Cause::Technical, _) => "，技术故障",
        (Cause::Shutdown, _) => "，热线停止服务",
        (Cause::NotReached, _) => "，多次未接通客户",
    };
    let q850 = end.q850.map_or(String::new(), |cause| format!("（Q.850 原因 {cause}）"));
    format!("{who}{why}{q850}")
}

/// How an offer ended.
pub fn offer_end(end: OfferEnd) -> String {
    match end {
        OfferEnd::Rona => "振铃到时无人接（RONA）".into(),
        OfferEnd::Rejected(status) => format!("话机拒接（{status}）"),
        OfferEnd::Unreachable => "话机不可达（2 秒内没有 1xx，或传输错误）".into(),
        OfferEnd::CallerGone => "客户已离开".into(),
        OfferEnd::Withdrawn => "派单撤回".into(),
    }
}

/// How the caller's number came to be what it is.
pub fn identified(Identified { came, asserted_by, private, odd }: &Identified) -> String {
    if *private {
        return "主叫要求隐藏号码（Privacy），按匿名处理（RFC 3323）。".into();
    }
    let by = asserted_by.as_ref().map_or(String::new(), |trunk| format!("主叫号码由中继 {trunk} 担保（P-Asserted-Identity，RFC 3325）。"));
    let odd = match odd {
        Some(Odd::NoDigits) => "来电显示不是号码，保持原样。".into(),
        Some(Odd::NoSuchForm) => "国内国外都没有这种写法的号码，保持原样。".into(),
        Some(Odd::NoArea) => "本地号码没有区号（`[numbers] area` 未写），保持原样。".into(),
        Some(Odd::ForeignContext) => "国外的本地号码，无法补全，保持原样（RFC 3966）。".into(),
        None if asserted_by.is_none() => format!("来电显示为 {came}，已按完整号码记录。"),
        None => String::new(),
    };
    by + &odd
}

fn blocked_in_words(Blocked { rule, note, answer }: &Blocked) -> String {
    let how = match answer {
        BlockAnswer::Decline => "603 拒绝",
        BlockAnswer::Busy => "486 忙",
        BlockAnswer::Announcement => "播放说明后挂断",
    };
    let note = note.as_ref().map_or(String::new(), |note| format!("，备注：{note}"));
    format!("黑名单拒接（{rule}）：{how}{note}。")
}

pub(super) fn looked_up(LookedUp { source, outcome, took_ms, said, ignored }: &LookedUp) -> String {
    let came = match outcome {
        LookUpOutcome::Known => format!("{took_ms} 毫秒后返回客户资料"),
        LookUpOutcome::Unknown => format!("不认识该号码（{took_ms} 毫秒）"),
        LookUpOutcome::Late => format!("{took_ms} 毫秒内没有答复"),
        LookUpOutcome::Failed => format!("{took_ms} 毫秒后失败"),
        LookUpOutcome::Full => "未能查询：同时进行的查询过多".to_owned(),
    };
    let counts: Vec<String> = said.iter().map(|(column, value)| looked::words(Lang::Zh, column, value)).collect();
    let counts = match (outcome, counts.is_empty()) {
        (_, true) => String::new(),
        (LookUpOutcome::Known | LookUpOutcome::Unknown, false) => format!("：{}", counts.join("、")),
        (LookUpOutcome::Late | LookUpOutcome::Failed | LookUpOutcome::Full, false) => format!("，按后备处理：{}", counts.join("、")),
    };
    let ignored: Vec<&str> = ignored.iter().map(|name| &**name).collect();
    let ignored = if ignored.is_empty() { String::new() } else { format!("（有误而未采用：{}）", ignored.join("、")) };
    format!("查询 `{source}`{came}{counts}{ignored}。")
}
