//! What the people at seats did with a call, as facts and as sentences: orders, transfers, consultations, holds, ownership, what they stated.

use super::zh;
use crate::cli::transfers;
use crate::cli::words::{self, Lang};
use hotline_model::history::{OfferEnd, Receiver};
use hotline_model::{
    Assessment, Category, Class, DeskOrder, DeskRefusal, Impact, Kind, LegRole, Name, Nature, Reclassified, Record, Remit, Target,
    TransferEnd, TransferMode, TransferReason, WallTime,
};
use std::time::Duration;

/// Who did something.
#[derive(Clone, Debug, PartialEq)]
pub struct Who {
    /// The seat.
    pub seat: Name,
    /// The user of the system, if it was not the seat's phone.
    pub by: Option<Name>,
}

/// One thing that was done.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// An order was not carried out.
    Refused { who: Who, order: Option<DeskOrder>, why: DeskRefusal },
    /// A phone's own transfer key, in vain.
    ReferRefused { by_caller: bool, status: u16 },
    /// Somebody is called, to take the call over, or without a reason to be asked.
    Began { who: Who, to: Target, mode: TransferMode, reason: Option<TransferReason> },
    /// K9 runs.
    Limit { limit: Duration },
    /// The consultation became a transfer.
    Meant { reason: TransferReason },
    /// A receiver is called.
    Called { receiver: Receiver },
    /// No answer.
    NoAnswer { receiver: Receiver, after: Duration, why: OfferEnd },
    /// An answer.
    Answered { receiver: Receiver, after: Duration },
    /// All three talk, or no longer.
    ThreeWay { on: bool, who: Option<Who> },
    /// How the transfer ended, or the consultation; who is the owner then, if not who has the caller.
    Ended { end: TransferEnd, asked: bool, who: Option<Who>, owner: Option<Name> },
    /// The receiver gives the caller back.
    GivesBack { who: Who },
    /// A seat was hung up by an order.
    HangsUp { who: Who },
    /// Hold, or its end.
    Hold { on: bool, by: LegRole, who: Option<Who> },
    /// t4.
    FirstCommunication { who: Option<Who> },
    /// t5.
    Handled { disposition: Name, who: Option<Who> },
    /// It is something else than the menus thought.
    Reclassified { who: Who, change: Reclassified },
    /// An agent found whose problem it is and how far it reaches.
    Assessed { who: Who, found: Assessment },
    /// Who is responsible from now on, and by whose word; `None`: the first who answered.
    Owns { seat: Name, who: Option<Who> },
    /// To the end nobody else accepted the matter.
    OwnerKept { owner: Name, holder: Name },
}

/// Tells the events of one call.
#[derive(Default)]
pub struct Teller {
    ordered: Option<(WallTime, Who, DeskOrder)>,
    owner: Option<Name>,
    called: WallTime,
    /// Somebody is only asked.
    asks: bool,
}

impl Teller {
    /// An order; what came of most is told by what follows.
    pub fn order(&mut self, at: WallTime, (seat, by): (&Name, &Name), order: &DeskOrder, refused: bool) -> Option<Fact> {
        let who = Who { seat: seat.clone(), by: (by != seat).then(|| by.clone()) };
        self.ordered = Some((at, who.clone(), order.clone()));
        let is = |one: DeskOrder| !refused && *order == one;
        if is(DeskOrder::Back) { Some(Fact::GivesBack { who }) } else { is(DeskOrder::HangUp).then_some(Fact::HangsUp { who }) }
    }

    /// The order before was refused.
    pub fn refused(&mut self, seat: &Name, why: DeskRefusal) -> Fact {
        let (who, order) = self.ordered.take().map_or((Who::of(seat), None), |(_, who, order)| (who, Some(order)));
        Fact::Refused { who, order, why }
    }

    /// A transfer or a consultation begins.
    pub fn began(&mut self, at: WallTime, from: &Name, (to, mode, reason): (&Target, TransferMode, Option<TransferReason>)) -> Fact {
        self.asks = reason.is_none();
        Fact::Began { who: self.who_or(at, from), to: to.clone(), mode, reason }
    }

    /// A consultation became a transfer, or that has another reason.
    pub fn meant(&mut self, reason: TransferReason) -> Fact {
        self.asks = false;
        Fact::Meant { reason }
    }

    /// A receiver is called.
    pub fn called(&mut self, at: WallTime, receiver: &Receiver) -> Fact {
        self.called = at;
        Fact::Called { receiver: receiver.clone() }
    }

    /// How long a receiver has been called.
    pub fn rang(&self, at: WallTime) -> Duration {
        at.since(self.called)
    }

    /// A transfer ended.
    pub fn ended(&self, at: WallTime, end: TransferEnd) -> Fact {
        let is_elsewhere = matches!(end, TransferEnd::Completed | TransferEnd::TakenOver);
        Fact::Ended { end, asked: self.asks, who: self.who(at), owner: self.owner.clone().filter(|_| is_elsewhere) }
    }

    /// Somebody is responsible.
    pub fn owned(&mut self, at: WallTime, seat: &Name) -> Fact {
        let accepted = self.owner.replace(seat.clone()).is_some();
        Fact::Owns { seat: seat.clone(), who: accepted.then(|| self.who_or(at, seat)) }
    }

    /// Who ordered what happens at this instant.
    pub fn who(&self, at: WallTime) -> Option<Who> {
        self.ordered.as_ref().filter(|(ordered, ..)| *ordered == at).map(|(_, who, _)| who.clone())
    }

    /// The same, or the seat itself.
    pub fn who_or(&self, at: WallTime, seat: &Name) -> Who {
        self.who(at).unwrap_or_else(|| Who::of(seat))
    }

    /// What is told before a call's end.
    pub fn end(&self, record: &Record) -> Option<Fact> {
        let (owner, holder) = (self.owner.clone()?, record.seat.clone()?);
        (owner != holder).then_some(Fact::OwnerKept { owner, holder })
    }
}

impl Who {
    fn of(seat: &Name) -> Self {
        Self { seat: seat.clone(), by: None }
    }
}

/// An order in a word or two.
fn order(lang: Lang, order: &DeskOrder) -> &'static str {
    let (en, zh) = match order {
        DeskOrder::SignIn => ("sign in", "签入"),
        DeskOrder::SignOut => ("sign out", "签出"),
        DeskOrder::Ready => ("ready", "就绪"),
        DeskOrder::NotReady(_) => ("not ready", "未就绪"),
        DeskOrder::BreakAfterCall => ("break after this call", "话后小休"),
        DeskOrder::WrapUpDone => ("end the wrap-up", "结束话后"),
        DeskOrder::FirstCommunication => ("first communication done", "首次沟通完成"),
        DeskOrder::Classify(_) => ("classify", "修改分类"),
        DeskOrder::Assess { .. } => ("assess", "判断范围和影响"),
        DeskOrder::Dispose(_) => ("disposition", "登记处理结果"),
        DeskOrder::Hold => ("hold", "保持"),
        DeskOrder::Resume => ("resume", "取回"),
        DeskOrder::Transfer { .. } => ("transfer", "转接"),
        DeskOrder::Consult { .. } => ("consult", "咨询"),
        DeskOrder::Complete { .. } => ("complete the transfer", "完成转接"),
        DeskOrder::Cancel => ("take the caller back", "收回"),
        DeskOrder::ThreeWay => ("three-way call", "三方通话"),
        DeskOrder::Back => ("give the caller back", "退回"),
        DeskOrder::AcceptOwnership => ("accept ownership", "接受首问负责"),
        DeskOrder::HangUp => ("hang up", "挂机"),
    };
    lang.of(en, zh)
}

fn receiver(lang: Lang, receiver: &Receiver) -> String {
    match (lang, receiver) {
        (Lang::En, Receiver::Seat(seat)) => format!("seat {seat}"),
        (Lang::Zh, Receiver::Seat(seat)) => format!("坐席 {seat}"),
        (Lang::En, Receiver::Outside { to, trunk }) => format!("{} through trunk {trunk}", words::masked(to)),
        (Lang::Zh, Receiver::Outside { to, trunk }) => format!("外部 {}（中继 {trunk}）", words::masked(to)),
    }
}

fn mode(lang: Lang, mode: TransferMode) -> &'static str {
    match mode {
        TransferMode::Attended => lang.of("attended", "协商转接"),
        TransferMode::BlindWithReturn => lang.of("at once, with return", "盲转，无人接听则退回"),
    }
}

fn role(lang: Lang, role: LegRole) -> &'static str {
    match role {
        LegRole::Caller => lang.of("The caller", "客户"),
        LegRole::Agent => lang.of("The agent", "坐席"),
        LegRole::Consult => lang.of("The receiver", "接收方"),
        LegRole::Supervisor => lang.of("A supervisor", "主管"),
        LegRole::External => lang.of("The side outside", "外部一方"),
    }
}

/// What was changed, in the words of the rules.
fn changes(lang: Lang, change: &Reclassified) -> String {
    let fields = [
        (lang.of("class", "问题分类"), change.class.map(|word| lang.of(word.word(), class(word)))),
        (lang.of("nature", "问题性质"), change.nature.map(|word| lang.of(word.word(), nature(word)))),
        (lang.of("kind", "诉求类型"), change.kind.map(|word| lang.of(word.word(), kind(word)))),
        (lang.of("category", "投诉类别"), change.category.map(|word| lang.of(word.word(), category(word)))),
        (lang.of("priority", "优先级"), change.priority.map(|word| lang.of(word.word(), zh::priority(word)))),
        (lang.of("sensitive", "敏感"), change.sensitive.map(|yes| if yes { lang.of("yes", "是") } else { lang.of("no", "否") })),
    ];
    let said = fields.into_iter().filter_map(|(name, value)| Some(format!("{name} {}", value?)));
    said.collect::<Vec<_>>().join(lang.of(", ", "、"))
}

/// Whose problem it is and how far it reaches, in words.
pub fn assessment(lang: Lang, found: Assessment) -> String {
    let scope = found.scope.map(|scope| match scope {
        Remit::Inside => lang.of("inside our own scope (R34)", "在服务范围内（R34）"),
        Remit::Outside => lang.of("outside our own scope (R34)", "不在服务范围内（R34）"),
    });
    let reaches = found.impact.map(|reach| lang.of(format!("it reaches {reach} (R33)"), format!("影响{}（R33）", impact(reach))));
    scope.map(str::to_owned).into_iter().chain(reaches).collect::<Vec<_>>().join(lang.of(", ", "，"))
}

/// How far a problem reaches, in Chinese.
pub fn impact(impact: Impact) -> &'static str {
    match impact {
        Impact::One => "一人",
        Impact::Several => "几人",
        Impact::Department => "整个部门或片区",
        Impact::Everybody => "所有人",
    }
}

pub fn class(class: Class) -> &'static str {
    match class {
        Class::Common => "常见",
        Class::Complex => "复杂",
        Class::Major => "重大",
    }
}

pub fn nature(nature: Nature) -> &'static str {
    match nature {
        Nature::Technical => "技术",
        Nature::Process => "流程",
        Nature::System => "系统",
    }
}

pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Enquiry => "咨询",
        Kind::Complaint => "投诉",
        Kind::Suggestion => "建议",
        Kind::ProblemReport => "问题反馈",
        Kind::InfoQuery => "信息查询",
        Kind::Account => "账户业务",
        Kind::TechnicalSupport => "技术支持",
    }
}

pub fn category(category: Category) -> &'static str {
    match category {
        Category::ServiceAttitude => "服务态度",
        Category::ServiceQuality => "服务质量",
        Category::Service => "服务",
        Category::Product => "产品",
        Category::Process => "流程",
        Category::System => "系统",
        Category::Environment => "环境",
        Category::AfterSales => "售后",
    }
}

/// A fact in English.
pub fn en(fact: &Fact) -> String {
    let who = |who: &Who| who.by.as_ref().map_or(format!("Seat {}", who.seat), |by| format!("Seat {} ({by})", who.seat));
    let by = |by: &Option<Who>| by.as_ref().map_or(String::new(), |by| format!(", by s{}", &who(by)[1..]));
    match fact {
        Fact::Refused { who: by, order: asked, why } => {
            let asked = asked.as_ref().map_or(String::new(), |asked| format!(" asked for \"{}\" and", order(Lang::En, asked)));
            format!("{}{asked} was refused: {}.", who(by), words::desk(*why).1)
        }
        Fact::ReferRefused { by_caller: true, status } => format!("The caller's own transfer key (REFER) was refused with {status}."),
        Fact::ReferRefused { by_caller: false, status } => format!("A phone's own transfer key (REFER) was refused with {status}."),
        Fact::Began { who: by, to, mode: how, reason: Some(why) } => {
            let (to, why) = (transfers::target(Lang::En, to), transfers::reason(Lang::En, *why));
            format!("{} transfers it to {to}, {}: {why} (R53).", who(by), mode(Lang::En, *how))
        }
        Fact::Began { who: by, to, reason: None, .. } => format!("{} consults {}.", who(by), transfers::target(Lang::En, to)),
        Fact::Limit { limit } => format!("K9: there are {} for an answer.", words::seconds(*limit)),
        Fact::Meant { reason: why } => format!("It became a transfer: {} (R53).", transfers::reason(Lang::En, *why)),
        Fact::Called { receiver: to } => format!("Called: {}.", receiver(Lang::En, to)),
        Fact::NoAnswer { receiver: to, after, why } => {
            let why = if to.seat().is_some() { words::offer_end(*why) } else { words::outside_end(Lang::En, *why) };
            format!("{}: {why} after {}.", capital(&receiver(Lang::En, to)), words::seconds(*after))
        }
        Fact::Answered { receiver: to, after } => {
            format!("{} answered after {}.", capital(&receiver(Lang::En, to)), words::seconds(*after))
        }
        Fact::ThreeWay { on: true, who: of } => format!("Caller, agent and receiver talk in three{}.", by(of)),
        Fact::ThreeWay { on: false, who: of } => format!("The three-way call ended{}.", by(of)),
        Fact::Ended { end, asked, who: of, owner } => {
            let owner =
                owner.as_ref().map_or(String::new(), |owner| format!(" Seat {owner} stays the owner until the receiver accepts (R57)."));
            let what = if *asked { "consultation" } else { "transfer" };
            format!("The {what}: {} (R56){}.{owner}", transfers::end(Lang::En, *end), by(of))
        }
        Fact::GivesBack { who: by } => format!("{} gives the caller back to the first agent.", who(by)),
        Fact::HangsUp { who: by } => format!("{} hangs up by an order.", who(by)),
        Fact::Hold { on, by: side, who: of } => {
            let what = if *on { "put the call on hold" } else { "took the call back from hold" };
            of.as_ref().map_or_else(|| format!("{} {what}.", role(Lang::En, *side)), |of| format!("{} {what}.", who(of)))
        }
        Fact::FirstCommunication { who: of } => format!("t4: first communication done{}.", by(of)),
        Fact::Handled { disposition, who: of } => format!("t5: disposition `{disposition}`{}.", by(of)),
        Fact::Reclassified { who: by, change } => format!("{} set {}.", who(by), changes(Lang::En, change)),
        Fact::Assessed { who: by, found } => format!("{} found: {}.", who(by), assessment(Lang::En, *found)),
        Fact::Owns { seat, who: None } => format!("Seat {seat} owns the matter: the first who answered (R57)."),
        Fact::Owns { seat, who: Some(by) } => format!("{} accepted the matter: seat {seat} owns it from now on (R57).", who(by)),
        Fact::OwnerKept { owner, holder } => format!("Seat {holder} had not accepted the matter: seat {owner} still owns it (R57)."),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// A fact in Chinese.
pub fn zh(fact: &Fact) -> String {
    let who = |who: &Who| who.by.as_ref().map_or(format!("坐席 {} ", who.seat), |by| format!("坐席 {}（{by}）", who.seat));
    let by = |by: &Option<Who>| match by {
        None => String::new(),
        Some(Who { seat, by: None }) => format!("，由坐席 {seat} 操作"),
        Some(Who { seat, by: Some(by) }) => format!("，由坐席 {seat}（{by}）操作"),
    };
    let receiver = |of: &Receiver| receiver(Lang::Zh, of);
    let spaced = |of: &Receiver| words::spaced(&receiver(of));
    match fact {
        Fact::Refused { who: by, order: asked, why } => {
            let asked = asked.as_ref().map_or("操作", |asked| order(Lang::Zh, asked));
            format!("{}的“{asked}”未执行：{}。", who(by), words::desk(*why).2)
        }
        Fact::ReferRefused { by_caller: true, status } => format!("客户话机的转接请求（REFER）被拒绝（{status}）。"),
        Fact::ReferRefused { by_caller: false, status } => format!("话机自身的转接（REFER）被拒绝（{status}）。"),
        Fact::Began { who: by, to, mode: how, reason: Some(why) } => {
            let (to, why) = (transfers::target(Lang::Zh, to), transfers::reason(Lang::Zh, *why));
            format!("{}转接{to}（{}），原因：{why}（R53）。", who(by), mode(Lang::Zh, *how))
        }
        Fact::Began { who: by, to, reason: None, .. } => format!("{}咨询{}。", who(by), transfers::target(Lang::Zh, to)),
        Fact::Limit { limit } => format!("K9：须在 {} 内接听。", zh::seconds(*limit)),
        Fact::Meant { reason: why } => format!("咨询转为转接，原因：{}（R53）。", transfers::reason(Lang::Zh, *why)),
        Fact::Called { receiver: to } => format!("呼叫{}。", receiver(to)),
        Fact::NoAnswer { receiver: to, after, why } => {
            let why = if to.seat().is_some() { zh::offer_end(*why) } else { words::outside_end(Lang::Zh, *why) };
            format!("{}：{why}，历时 {}。", receiver(to), zh::seconds(*after))
        }
        Fact::Answered { receiver: to, after } => format!("{}接听，历时 {}。", spaced(to), zh::seconds(*after)),
        Fact::ThreeWay { on: true, who: of } => format!("客户、坐席、接收方三方通话{}。", by(of)),
        Fact::ThreeWay { on: false, who: of } => format!("三方通话结束{}。", by(of)),
        Fact::Ended { end, asked, who: of, owner } => {
            let owner = owner.as_ref().map_or(String::new(), |owner| format!("接收方接受之前，仍由坐席 {owner} 首问负责（R57）。"));
            let what = if *asked { "咨询" } else { "转接" };
            format!("{what}结果：{}（R56）{}。{owner}", transfers::end(Lang::Zh, *end), by(of))
        }
        Fact::GivesBack { who: by } => format!("{}将客户退回首接坐席。", who(by)),
        Fact::HangsUp { who: by } => format!("{}通过指令挂机。", who(by)),
        Fact::Hold { on, by: side, who: of } => {
            let what = if *on { "保持通话" } else { "取回通话" };
            of.as_ref().map_or_else(|| format!("{}{what}。", role(Lang::Zh, *side)), |of| format!("{}{what}。", who(of)))
        }
        Fact::FirstCommunication { who: of } => format!("t4：首次沟通完成{}。", by(of)),
        Fact::Handled { disposition, who: of } => format!("t5：处理结果 {disposition}{}。", by(of)),
        Fact::Reclassified { who: by, change } => format!("{}修改：{}。", who(by), changes(Lang::Zh, change)),
        Fact::Assessed { who: by, found } => format!("{}判断：{}。", who(by), assessment(Lang::Zh, *found)),
        Fact::Owns { seat, who: None } => format!("坐席 {seat} 最先接听，首问负责（R57）。"),
        Fact::Owns { seat, who: Some(by) } => format!("{}接受此事：此后由坐席 {seat} 负责（R57）。", who(by)),
        Fact::OwnerKept { owner, holder } => format!("坐席 {holder} 未接受此事：仍由坐席 {owner} 首问负责（R57）。"),
    }
}
