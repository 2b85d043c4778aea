//! What is shown over the wire: the nouns of the model as JSON, and their words.

use crate::cli::words;
use crate::folder::FirstError;
use crate::rules_history::{Line, Tested};
use hotline_engine::AnnouncementState;
use hotline_model::history::Untold;
use hotline_model::{
    Activity, Category, Class, Impact, Intent, Kind, Name, Nature, NotReadyReason, Priority, Record, Remit, SeatState, TransferEnd,
    TransferMode, TransferReason, TransferRecord, WallTime,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

/// Most calls on a page.
pub const PAGE: u32 = 1_000;

/// Two-way words between the model's enums and the API's.
macro_rules! same_words {
    ($(#[$doc:meta])* $name:ident = $model:ty { $($(#[$vdoc:meta])* $variant:ident = $value:path),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl From<$model> for $name {
            fn from(value: $model) -> Self {
                match value { $($value => Self::$variant),+ }
            }
        }

        impl From<$name> for $model {
            fn from(value: $name) -> Self {
                match value { $($name::$variant => $value),+ }
            }
        }
    };
}

same_words!(/** Why a seat is not ready. */ ReasonWord = NotReadyReason {
    /** 小休 */ Break = NotReadyReason::Break, /** a meal */ Meal = NotReadyReason::Meal, /** a meeting */ Meeting = NotReadyReason::Meeting,
    /** training */ Training = NotReadyReason::Training, /** other work */ Other = NotReadyReason::Other,
    /** a full ring went unanswered; nobody can choose it */ Rona = NotReadyReason::Rona, /** the shift is over */ OffShift = NotReadyReason::OffShift });
same_words!(/** What a seat is engaged in. */ ActivityWord = Activity {
    /** nothing */ Free = Activity::Free, /** a call rings or is about to */ Offered = Activity::Offered, /** in a call */ OnCall = Activity::OnCall,
    /** 话后 */ WrapUp = Activity::WrapUp });
same_words!(/** Problem class (R23). */ ClassWord = Class { /** 常见 */ Common = Class::Common, /** 复杂 */ Complex = Class::Complex, /** 重大 */ Major = Class::Major });
same_words!(/** Problem nature (R28). */ NatureWord = Nature { /** technical */ Technical = Nature::Technical, /** 流程 */ Process = Nature::Process, /** system */ System = Nature::System });
same_words!(/** Request kind. */ KindWord = Kind {
    /** 咨询 */ Enquiry = Kind::Enquiry, /** 投诉 */ Complaint = Kind::Complaint, /** 建议 */ Suggestion = Kind::Suggestion,
    /** 问题反馈 */ ProblemReport = Kind::ProblemReport, /** information */ InfoQuery = Kind::InfoQuery, /** account */ Account = Kind::Account,
    /** technical support */ TechnicalSupport = Kind::TechnicalSupport });
same_words!(/** Complaint category (R29). */ CategoryWord = Category {
    /** attitude */ ServiceAttitude = Category::ServiceAttitude, /** quality of service */ ServiceQuality = Category::ServiceQuality,
    /** service in general */ Service = Category::Service, /** product */ Product = Category::Product, /** process */ Process = Category::Process,
    /** system */ System = Category::System, /** environment */ Environment = Category::Environment, /** after sales */ AfterSales = Category::AfterSales });
same_words!(/** Inside our own scope or not (R34). */ ScopeWord = Remit { /** 内 */ Inside = Remit::Inside, /** 外 */ Outside = Remit::Outside });
same_words!(/** How far a problem reaches (R33). */ ImpactWord = Impact {
    /** the caller alone */ One = Impact::One, /** several people */ Several = Impact::Several,
    /** a whole department or area */ Department = Impact::Department, /** everybody */ Everybody = Impact::Everybody });
same_words!(/** Priority (R24). */ PriorityWord = Priority { /** 紧急 */ Urgent = Priority::Urgent, /** 重要 */ Important = Priority::Important, /** 普通 */ Ordinary = Priority::Ordinary });
same_words!(/** Why a call is transferred (R53). */ TransferReasonWord = TransferReason {
    /** 问题复杂 */ TooComplex = TransferReason::TooComplex, /** 涉及多个部门 */ MultiDepartment = TransferReason::MultiDepartment,
    /** 能力不足 */ AbilityInsufficient = TransferReason::AbilityInsufficient });
same_words!(/** How a call is transferred (R55). */ TransferModeWord = TransferMode {
    /** the first agent talks with the receiver first */ Attended = TransferMode::Attended,
    /** the caller goes at once, and comes back if nobody answers */ BlindWithReturn = TransferMode::BlindWithReturn });
same_words!(/** Why no wait is told. */ UntoldWord = Untold {
    /** too few calls were answered of late */ TooFew = Untold::TooFew, /** nobody who may serve it takes calls */ NobodySignedIn = Untold::NobodySignedIn,
    /** the number of seats had just changed */ SeatsChanged = Untold::SeatsChanged, /** calls that go first take most of the time */ OthersFirst = Untold::OthersFirst,
    /** beyond half an hour */ TooLong = Untold::TooLong, /** too uncertain */ TooWide = Untold::TooWide, /** no better than before */ NoBetter = Untold::NoBetter });

/// What a seat's agent chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChosenWord {
    /// Takes calls.
    Available,
    /// Signed in, takes none.
    NotReady,
    /// Not at work.
    SignedOut,
}

/// A seat now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeatShown {
    /// Its name.
    pub name: String,
    /// The word for people, as on screens.
    pub state: String,
    /// What its agent chose.
    pub chosen: ChosenWord,
    /// Why it is not ready, if that was chosen.
    pub reason: Option<ReasonWord>,
    /// What it is engaged in.
    pub activity: ActivityWord,
    /// Whether its phone can be reached.
    pub reachable: bool,
    /// The call that it is offered, in, or wraps up.
    pub call: Option<String>,
}

impl SeatShown {
    /// A seat in a state.
    pub fn of(name: &str, state: SeatState, call: Option<String>) -> Self {
        let (chosen, reason) = match state.intent {
            Intent::Available => (ChosenWord::Available, None),
            Intent::NotReady(reason) => (ChosenWord::NotReady, Some(reason.into())),
            Intent::SignedOut => (ChosenWord::SignedOut, None),
        };
        let (name, word) = (name.to_owned(), state.word().to_owned());
        Self { name, state: word, chosen, reason, activity: state.activity.into(), reachable: state.reachable, call }
    }

    /// The model's noun.
    pub fn state(&self) -> SeatState {
        let intent = match (self.chosen, self.reason) {
            (ChosenWord::Available, _) => Intent::Available,
            (ChosenWord::SignedOut, _) => Intent::SignedOut,
            (ChosenWord::NotReady, reason) => Intent::NotReady(reason.map_or(NotReadyReason::Other, Into::into)),
        };
        SeatState { intent, activity: self.activity.into(), reachable: self.reachable }
    }
}

/// The seats of the rules, or of them the own one.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SeatList {
    /// In the order of the rules.
    pub seats: Vec<SeatShown>,
}

/// A queue now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QueueShown {
    /// Its name.
    pub name: String,
    /// Calls waiting in it.
    pub waiting: u64,
    /// The next ordinary caller's expected wait, in milliseconds: one in ten is shorter.
    pub low_ms: Option<u64>,
    /// Its mean.
    pub likely_ms: Option<u64>,
    /// One in ten is longer.
    pub high_ms: Option<u64>,
    /// Why it can't be told.
    pub untold: Option<UntoldWord>,
}

/// Waits that callers were told against what came true (R75), since the start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Waits {
    /// Calls answered that had been told a wait.
    pub answered: u64,
    /// The share answered inside the interval of four in five, 0 to 1.
    pub inside: Option<f64>,
    /// The share answered later than announced, 0 to 1.
    pub later: Option<f64>,
    /// The median difference between announced and real wait, in seconds, rounded up.
    pub median_error_s: Option<u64>,
}

/// The queues.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QueueList {
    /// In the order of the rules.
    pub queues: Vec<QueueShown>,
    /// How announced waits came true.
    pub announced_waits: Waits,
}

impl QueueList {
    /// The queues of a look.
    pub fn of(look: &crate::engine_thread::Look) -> Self {
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let queues = look.figures.queues.iter().filter(|queue| !queue.retired || queue.waiting > 0);
        let queues = queues.map(|queue| {
            let [low_ms, likely_ms, high_ms] =
                queue.expected.map_or([None; 3], |wait| [wait.low, wait.likely, wait.high].map(ms).map(Some));
            let untold = queue.expected.err().map(Into::into);
            QueueShown { name: queue.name.to_string(), waiting: queue.waiting as u64, low_ms, likely_ms, high_ms, untold }
        });
        let told = look.counters.foretold;
        let error = told.median_error().map(|error| error.as_secs());
        let waits = Waits { answered: told.answered, inside: told.share_inside(), later: told.share_later(), median_error_s: error };
        Self { queues: queues.collect(), announced_waits: waits }
    }
}

/// Where a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// In the menus, or hearing a goodbye: whom a queue turned away or let go waits no more.
    InMenu,
    /// In a queue, or ringing at a seat.
    Waiting,
    /// A call-back that waits for its time or its turn.
    CallBack,
    /// With an agent, or with somebody outside.
    Talking,
    /// With an agent who transfers it or asks somebody about it.
    Transferring,
    /// The agent is gone, and the caller is asked how it was (R72).
    Survey,
    /// The caller is gone, the seat has after-call work.
    WrapUp,
    /// Over.
    Ended,
}

impl CallState {
    /// Where a recorded call is.
    pub fn of(record: &Record) -> Self {
        match record {
            Record { t7: Some(_), .. } => Self::Ended,
            Record { t6: Some(_), .. } => Self::WrapUp,
            Record { left: Some(_), .. } => Self::InMenu,
            again if again.waits_again() => Self::Waiting,
            Record { t3: Some(_), transfers, .. } if transfers.last().is_some_and(|transfer| transfer.end.is_none()) => Self::Transferring,
            Record { survey: Some(_), .. } => Self::Survey,
            Record { t3: Some(_), .. } => Self::Talking,
            Record { calls_back: Some(_), .. } => Self::CallBack,
            Record { t2: Some(_), .. } => Self::Waiting,
            _ => Self::InMenu,
        }
    }
}

/// A call. Times are t0 to t7 of the manual, in UTC; what has not happened or was not stated is null.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CallShown {
    /// Its id.
    pub id: String,
    /// Where it is.
    pub state: CallState,
    /// The caller's number, masked unless it was asked for with `reveal=true`.
    pub from: String,
    /// What was dialled.
    pub dialled: String,
    /// The queue last entered.
    pub queue: Option<String>,
    /// Its priority there, or what an agent found it to be since.
    pub priority: Option<PriorityWord>,
    /// The seat that has the caller, or had last.
    pub seat: Option<String>,
    /// The seat whose agent is responsible for the matter (R57).
    pub owner: Option<String>,
    /// Transfers and consultations, in order (R56).
    pub transfers: Vec<TransferShown>,
    /// Who has the caller outside.
    pub outside: Option<String>,
    /// Problem class.
    pub class: Option<ClassWord>,
    /// Problem nature.
    pub nature: Option<NatureWord>,
    /// Request kind.
    pub kind: Option<KindWord>,
    /// Complaint category.
    pub category: Option<CategoryWord>,
    /// Only cleared seats (R68).
    pub sensitive: bool,
    /// What the caller said of it afterwards: queue, seat, when it began and ended and how, and the scores by dimension with what each means (low, fair, high; R72, R106); null if nobody was asked.
    #[schema(value_type = Option<Object>)]
    pub survey: Option<serde_json::Value>,
    /// The message that was left in it: voicemail, queue, when, how long, and who heard, took and closed it (R19); null if there is none.
    #[schema(value_type = Option<Object>)]
    pub message: Option<serde_json::Value>,
    /// Inside our own scope or not (R34).
    pub scope: Option<ScopeWord>,
    /// How far the problem reaches (R33).
    pub impact: Option<ImpactWord>,
    /// What became of the matter.
    pub disposition: Option<String>,
    /// First INVITE.
    #[schema(format = DateTime)]
    pub t0: String,
    /// Picked up.
    #[schema(format = DateTime)]
    pub t1: Option<String>,
    /// Entered a queue.
    #[schema(format = DateTime)]
    pub t2: Option<String>,
    /// A seat rang.
    #[schema(format = DateTime)]
    pub t2r: Option<String>,
    /// A person answered.
    #[schema(format = DateTime)]
    pub t3: Option<String>,
    /// First communication, as the agent stated.
    #[schema(format = DateTime)]
    pub t4: Option<String>,
    /// Handled, as the agent stated.
    #[schema(format = DateTime)]
    pub t5: Option<String>,
    /// Ended.
    #[schema(format = DateTime)]
    pub t6: Option<String>,
    /// Record complete.
    #[schema(format = DateTime)]
    pub t7: Option<String>,
    /// Why it ended.
    pub cause: Option<String>,
    /// The rules it goes by.
    pub revision: String,
}

impl CallShown {
    /// A recorded call.
    pub fn of(record: &Record, reveal: bool) -> Self {
        let text = |name: &Option<Name>| name.as_deref().map(str::to_owned);
        let at = |time: Option<WallTime>| time.map(words::iso);
        let classified = record.classified.as_ref();
        Self {
            id: record.call.to_string(),
            state: CallState::of(record),
            from: words::number(record, reveal),
            dialled: record.dialled.to_string(),
            queue: text(&record.queue),
            priority: record.priority.map(Into::into),
            seat: text(&record.seat),
            owner: text(&record.owner),
            transfers: record.transfers.iter().map(TransferShown::of).collect(),
            outside: words::outside(record, reveal),
            class: classified.and_then(|known| known.class).map(Into::into),
            nature: classified.and_then(|known| known.nature).map(Into::into),
            kind: classified.and_then(|known| known.kind).map(Into::into),
            category: classified.and_then(|known| known.category).map(Into::into),
            sensitive: classified.is_some_and(|known| known.sensitive),
            survey: record.survey.as_ref().map(crate::cli::surveys::json),
            message: record.message.as_deref().map(crate::cli::messages::json),
            scope: record.assessed.scope.map(Into::into),
            impact: record.assessed.impact.map(Into::into),
            disposition: text(&record.disposition),
            t0: words::iso(record.t0),
            t1: at(record.t1),
            t2: at(record.t2),
            t2r: at(record.t2r),
            t3: at(record.t3),
            t4: at(record.t4),
            t5: at(record.t5),
            t6: at(record.t6),
            t7: at(record.t7),
            cause: record.cause.map(words::cause).map(str::to_owned),
            revision: record.revision.to_string(),
        }
    }
}

/// A transfer or consultation.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TransferShown {
    /// The first agent's seat.
    pub from: String,
    /// Who is to take the call over, or is asked; a number is masked.
    #[schema(value_type = Object)]
    pub to: serde_json::Value,
    /// How.
    pub mode: TransferModeWord,
    /// Why; null in a consultation that stayed one.
    pub reason: Option<TransferReasonWord>,
    /// When it began.
    #[schema(format = DateTime)]
    pub began: String,
    /// When the receiver answered.
    #[schema(format = DateTime)]
    pub answered: Option<String>,
    /// When it ended; null while it is under way.
    #[schema(format = DateTime)]
    pub ended: Option<String>,
    /// How it ended: completed, cancelled, not_answered, rejected, unreachable, caller_gone, taken_over, first_gone, given_back, failed, not_cleared, hung_up.
    pub end: Option<String>,
}

impl TransferShown {
    fn of(record: &TransferRecord) -> Self {
        let at = |time: Option<WallTime>| time.map(words::iso);
        Self {
            from: record.from.to_string(),
            to: crate::api::told::target(&record.to),
            mode: record.mode.into(),
            reason: record.reason.map(Into::into),
            began: words::iso(record.began),
            answered: at(record.answered),
            ended: at(record.ended),
            end: record.end.map(end_word).map(str::to_owned),
        }
    }
}

fn end_word(end: TransferEnd) -> &'static str {
    match end {
        TransferEnd::Completed => "completed",
        TransferEnd::Cancelled => "cancelled",
        TransferEnd::NotAnswered => "not_answered",
        TransferEnd::Rejected(_) => "rejected",
        TransferEnd::Unreachable => "unreachable",
        TransferEnd::CallerGone => "caller_gone",
        TransferEnd::TakenOver => "taken_over",
        TransferEnd::FirstGone => "first_gone",
        TransferEnd::GivenBack => "given_back",
        TransferEnd::Failed => "failed",
        TransferEnd::NotCleared => "not_cleared",
        TransferEnd::HungUp => "hung_up",
    }
}

/// A page of live calls.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CallList {
    /// In the order of their ids.
    pub calls: Vec<CallShown>,
    /// Where the next page begins: send it as `after`. Null on the last page.
    pub next: Option<String>,
}

/// How the hotline is.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// Its version.
    pub version: String,
    /// It takes no new calls.
    pub draining: bool,
    /// Its clock, as ISO 8601; a demonstration may show another time than the wall.
    pub now: String,
    /// How long it has been running, in seconds.
    pub uptime_s: u64,
    /// The rules in force.
    pub revision: String,
    /// Live calls.
    pub calls: u64,
    /// Of these, in the menus.
    pub in_menu: u64,
    /// Waiting or ringing at a seat.
    pub waiting: u64,
    /// Talking.
    pub talking: u64,
    /// The longest wait, in milliseconds.
    pub oldest_wait_ms: u64,
    /// Open call-backs.
    pub call_backs: u64,
    /// RTP ports that are free.
    pub free_ports: u64,
    /// The audit log takes lines; if not, they wait in memory.
    pub audit_written: bool,
    /// Who listens to events.
    pub listeners: u64,
    /// The trunks.
    pub trunks: Vec<TrunkShown>,
}

/// A trunk now.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TrunkShown {
    /// Its name.
    pub name: String,
    /// Calls on it.
    pub calls: u32,
    /// Most of them.
    pub limit: u32,
    /// It can be called through.
    pub up: bool,
}

/// The announcements of the rules.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AnnouncementList {
    /// In the order of the rules.
    pub announcements: Vec<AnnouncementShown>,
}

/// An announcement.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AnnouncementShown {
    /// Its name.
    pub name: String,
    /// Whether it is said now.
    pub on: bool,
    /// Whoever switched it last, if anybody did.
    pub by: Option<String>,
    /// When that was.
    pub at: Option<String>,
    /// Until when it was switched on.
    pub until: Option<String>,
    /// Why.
    pub note: Option<String>,
}

impl AnnouncementShown {
    /// What an engine says of it.
    pub fn of(state: &AnnouncementState) -> Self {
        let switched = state.switched.as_ref();
        Self {
            name: state.name.to_string(),
            on: state.on,
            by: switched.map(|switch| switch.by.to_string()),
            at: switched.map(|switch| words::iso(switch.at)),
            until: switched.and_then(|switch| switch.until).map(words::iso),
            note: switched.and_then(|switch| switch.note.clone()),
        }
    }
}

/// The rules in force.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RulesShown {
    /// Their revision.
    pub revision: String,
    /// Seats in them.
    pub seats: u64,
    /// Queues in them.
    pub queues: Vec<String>,
    /// The files on disk are refused, so that these still run.
    pub refused: bool,
    /// What they are refused for first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_for: Option<FirstError>,
    /// A file on disk that keeps changing for 30 s and longer, so that none is loaded and these still run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changing: Option<String>,
    /// When rules were loaded last, in UTC.
    #[schema(format = DateTime)]
    pub loaded: String,
}

/// Which rules ran when.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RulesLog {
    /// The revision in force.
    pub running: String,
    /// Newest first.
    pub lines: Vec<Line>,
}

/// What is different between two revisions.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RulesDiff {
    /// The first.
    pub from: String,
    /// The second.
    pub to: String,
    /// A unified difference, file by file, without passwords and PINs; empty if they are alike.
    pub diff: String,
}

/// The files of a revision.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RulesFiles {
    /// It.
    pub revision: String,
    /// Rules, then their tests.
    pub files: Vec<RulesFile>,
}

/// A file of rules or of tests.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RulesFile {
    /// Its path.
    pub path: String,
    /// Its text without passwords and PINs.
    pub text: String,
}

/// An earlier revision runs again.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RolledBack {
    /// The revision in force now.
    pub revision: String,
    /// Seats in it.
    pub seats: u64,
    /// What could be better.
    pub warnings: Vec<Diagnosed>,
    /// The name of what was in the folder; it is kept.
    pub before: String,
    /// Files that were no text, under their new names.
    pub moved: Vec<String>,
}

/// What a reload found.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Reloaded {
    /// The revision in force now.
    pub revision: String,
    /// Seats in it.
    pub seats: u64,
    /// What could be better.
    pub warnings: Vec<Diagnosed>,
    /// What their tests gave; null if they were not run.
    pub tests: Option<Tested>,
    /// The revision that was to be loaded, if the files were saved anew while it was tested: `revision` is of the newer ones.
    #[serde(default)]
    pub instead_of: Option<String>,
}

/// A finding in the rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Diagnosed {
    /// HL and a number.
    pub code: String,
    /// `error` or `warning`.
    pub severity: String,
    /// What is wrong, in the language of `Accept-Language` (en or zh).
    pub message: String,
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The column, from 1.
    pub column: u64,
    /// The way out, if one is known.
    pub help: Option<String>,
    /// Another place that it is about, as where a name was first.
    pub related: Option<RelatedPlace>,
}

/// A second place of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RelatedPlace {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The column, from 1.
    pub column: u64,
    /// What is there, in the language of `Accept-Language` (en or zh).
    pub label: String,
}

/// An order was carried out.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Done {
    /// Always true; a refusal is a problem.
    pub done: bool,
    /// The seat at which it was, or the one that the call was given to.
    pub seat: Option<String>,
    /// The call.
    pub call: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_waits_again_after_a_transfer_that_nobody_took_waits_until_somebody_answers() {
        use hotline_model::history::{ClockChange, ClockEvent};
        use hotline_model::{CallEvent, CallId, EventKind, Number, Revision};
        let arrived = EventKind::Arrived {
            dialled: "hotline".into(),
            from: Number::new("13800138000"),
            source: ([127, 0, 0, 1], 5061).into(),
            sip_call_id: "x".into(),
            revision: Revision(1),
        };
        let clock = |change| EventKind::Clock(ClockEvent { clock: 3, change, limit_ms: 30_000 });
        let queued = || EventKind::Queued { queue: "line".into(), priority: Priority::Ordinary };
        let offered = || EventKind::Offered { seat: "1001".into(), decision: 1, ring_ms: 20_000 };
        let answered = || EventKind::Answered { seat: "1001".into() };
        let story = [
            (arrived, CallState::InMenu),
            (queued(), CallState::Waiting),
            (clock(ClockChange::Started), CallState::Waiting),
            (offered(), CallState::Waiting),
            (answered(), CallState::Talking),
            (clock(ClockChange::Met), CallState::Talking),
            (queued(), CallState::Talking),
            (clock(ClockChange::Started), CallState::Waiting),
            (offered(), CallState::Waiting),
            (EventKind::OfferEnded { seat: "1001".into(), why: hotline_model::history::OfferEnd::Rona }, CallState::Waiting),
            (clock(ClockChange::Breached), CallState::Waiting),
            (offered(), CallState::Talking),
            (answered(), CallState::Talking),
        ];
        let mut events = Vec::new();
        for (at, (kind, state)) in story.into_iter().enumerate() {
            events.push(CallEvent { call: CallId::new(1, 0, 1), at: WallTime(at as i64), kind });
            assert_eq!(CallState::of(&Record::fold(&events).unwrap()), state, "{:?}", events.last());
        }
    }

    #[test]
    fn a_seat_goes_over_the_wire_and_back() {
        for intent in [Intent::Available, Intent::SignedOut, Intent::NotReady(NotReadyReason::Meal), Intent::NotReady(NotReadyReason::Rona)]
        {
            for activity in [Activity::Free, Activity::Offered, Activity::OnCall, Activity::WrapUp] {
                let state = SeatState { intent, activity, reachable: activity == Activity::Free };
                let wire = serde_json::to_string(&SeatShown::of("1001", state, None)).unwrap();
                assert_eq!(serde_json::from_str::<SeatShown>(&wire).unwrap().state(), state);
            }
        }
    }
}
