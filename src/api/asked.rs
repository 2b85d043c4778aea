//! What clients ask for, as JSON: the bodies of orders, as nouns of the model.

use crate::api::nouns::{
    CategoryWord, ClassWord, ImpactWord, KindWord, NatureWord, PriorityWord, ScopeWord, TransferModeWord, TransferReasonWord,
};
use hotline_model::{Assessment, DeskOrder, Name, NotReadyReason, PhoneNumber, Reclassified, Switch, Target, WallTime};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an agent may choose: all but `rona`, which happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChoiceWord {
    /// 小休
    Break,
    /// A meal.
    Meal,
    /// A meeting.
    Meeting,
    /// Training.
    Training,
    /// Other work.
    Other,
    /// The shift is over.
    OffShift,
}

impl From<ChoiceWord> for NotReadyReason {
    fn from(word: ChoiceWord) -> Self {
        match word {
            ChoiceWord::Break => Self::Break,
            ChoiceWord::Meal => Self::Meal,
            ChoiceWord::Meeting => Self::Meeting,
            ChoiceWord::Training => Self::Training,
            ChoiceWord::Other => Self::Other,
            ChoiceWord::OffShift => Self::OffShift,
        }
    }
}

/// `{"reason": "break"}`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NotReadyBody {
    /// Why.
    pub reason: ChoiceWord,
}

/// `{"call": "3-0-42"}`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PullBody {
    /// The call.
    #[schema(pattern = "^(0|[1-9][0-9]{0,6})-(0|[1-9][0-9]?|1[0-9]{2})-(0|[1-9][0-9]{0,8})$")]
    pub call: String,
}

/// What the call turned out to be; what is absent stays.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1)]
pub struct ClassifyBody {
    /// Problem class.
    #[serde(default, deserialize_with = "said")]
    #[schema(nullable = false)]
    pub class: Option<ClassWord>,
    /// Problem nature.
    #[serde(default, deserialize_with = "said")]
    #[schema(nullable = false)]
    pub nature: Option<NatureWord>,
    /// Request kind.
    #[serde(default, deserialize_with = "said")]
    #[schema(nullable = false)]
    pub kind: Option<KindWord>,
    /// Complaint category.
    #[serde(default, deserialize_with = "said")]
    #[schema(nullable = false)]
    pub category: Option<CategoryWord>,
    /// Priority, should it wait again.
    #[serde(default, deserialize_with = "said")]
    #[schema(nullable = false)]
    pub priority: Option<PriorityWord>,
    /// Only cleared seats.
    #[serde(default, deserialize_with = "said")]
    #[schema(nullable = false)]
    pub sensitive: Option<bool>,
    /// Inside our own scope or not.
    #[serde(default, deserialize_with = "said")]
    #[schema(nullable = false)]
    pub scope: Option<ScopeWord>,
    /// How far the problem reaches.
    #[serde(default, deserialize_with = "said")]
    #[schema(nullable = false)]
    pub impact: Option<ImpactWord>,
}

impl ClassifyBody {
    /// The order that it means; `None` if nothing is said.
    pub fn order(self) -> Option<DeskOrder> {
        let found = Assessment { scope: self.scope.map(Into::into), impact: self.impact.map(Into::into) };
        let change: Reclassified = self.into();
        match (found.is_empty(), change == Reclassified::default()) {
            (true, true) => None,
            (true, false) => Some(DeskOrder::Classify(change)),
            (false, _) => Some(DeskOrder::Assess { found, change }),
        }
    }
}

impl From<ClassifyBody> for Reclassified {
    fn from(body: ClassifyBody) -> Self {
        Self {
            class: body.class.map(Into::into),
            nature: body.nature.map(Into::into),
            kind: body.kind.map(Into::into),
            category: body.category.map(Into::into),
            priority: body.priority.map(Into::into),
            sensitive: body.sensitive,
        }
    }
}

/// `{"disposition": "solved"}`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DispositionBody {
    /// One of the rules' dispositions.
    #[schema(min_length = 1, max_length = 64, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")]
    pub disposition: String,
}

/// Whom: exactly one of the five.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1, max_properties = 1)]
pub struct TargetBody {
    /// A seat.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 64, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")]
    pub seat: Option<String>,
    /// A queue.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 64, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")]
    pub queue: Option<String>,
    /// A department of the rules.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 64, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")]
    pub department: Option<String>,
    /// A responsible person of the rules.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 64, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")]
    pub person: Option<String>,
    /// A number outside that the rules allow the seat.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, pattern = "^\\+?[0-9]{3,20}$")]
    pub number: Option<String>,
}

impl TargetBody {
    /// The model's noun.
    ///
    /// # Errors
    /// None or several, a name of no length or with control characters, or a number that nobody could dial.
    pub fn target(self) -> Result<Target, String> {
        let name = |name: Option<String>, of: fn(Name) -> Target| name.map(|name| named(name).map(of));
        let number = |text: String| {
            PhoneNumber::parse(&text).map(Target::Number).map_err(|_| "that is no number: digits, one + before them".to_owned())
        };
        let all = [
            name(self.seat, Target::Seat),
            name(self.queue, Target::Queue),
            name(self.department, Target::Department),
            name(self.person, Target::Person),
            self.number.map(number),
        ];
        let mut given = all.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(target), None) => target,
            (_, _) => Err("name exactly one of seat, queue, department, person, number".into()),
        }
    }
}

/// What may be absent, but not null.
fn said<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// A name of the rules, as somebody wrote it.
///
/// # Errors
/// No length, more than 64 characters, or control characters.
pub fn named(name: String) -> Result<Name, String> {
    let good = (1..=64).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if good { Ok(name.into()) } else { Err("a name has 1 to 64 characters and no control characters".into()) }
}

/// `{"to": {"queue": "tech"}, "reason": "too_complex"}`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "to": { "queue": "technical" }, "reason": "too_complex" }))]
pub struct TransferBody {
    /// Who is to take the call over.
    pub to: TargetBody,
    /// Why; needed unless the rules have one for the target.
    #[serde(default, deserialize_with = "said")]
    #[schema(nullable = false)]
    pub reason: Option<TransferReasonWord>,
    /// How; else as the rules say.
    #[serde(default, deserialize_with = "said")]
    #[schema(nullable = false)]
    pub mode: Option<TransferModeWord>,
}

impl TransferBody {
    /// The order.
    ///
    /// # Errors
    /// See [`TargetBody::target`].
    pub fn order(self) -> Result<DeskOrder, String> {
        Ok(DeskOrder::Transfer { to: self.to.target()?, mode: self.mode.map(Into::into), reason: self.reason.map(Into::into) })
    }
}

/// `{"to": {"seat": "1002"}}`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "to": { "seat": "1002" } }))]
pub struct ConsultBody {
    /// Who is asked.
    pub to: TargetBody,
}

/// `{}`, or `{"reason": "too_complex"}`
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteBody {
    /// Why, if it was not said before.
    #[serde(default, deserialize_with = "said")]
    #[schema(nullable = false)]
    pub reason: Option<TransferReasonWord>,
}

/// `{"seat": "1001"}`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignBody {
    /// The seat.
    #[schema(min_length = 1, max_length = 64, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")]
    pub seat: String,
}

/// `{"priority": "urgent"}`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriorityBody {
    /// What it is worth from now on.
    pub priority: PriorityWord,
}

/// `{"note": "holiday list of 2027"}`; may be left out.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReloadBody {
    /// Why, for whoever reads the history of the rules.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub note: Option<String>,
}

/// `{"to": "r1a2b3c4d", "note": "the night shift could not be reached"}`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RollbackBody {
    /// The revision, or its beginning if no other kept one begins so; `running` for the files of the running one.
    #[schema(min_length = 1, max_length = 64)]
    pub to: String,
    /// Why.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub note: Option<String>,
}

/// `{"announcement": "network-fault", "on": true, "until": "2026-11-18T12:00:00Z", "note": "backbone down"}`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnounceBody {
    /// Its name in the rules.
    #[schema(min_length = 1, max_length = 64)]
    pub announcement: String,
    /// On or off.
    pub on: bool,
    /// Until when it is on, ISO 8601 with an offset; until it is switched off if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub until: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub note: Option<String>,
}

/// Longest note in characters.
const LONGEST_NOTE: usize = 200;

impl AnnounceBody {
    /// The switch, by somebody; its time is not known yet.
    ///
    /// # Errors
    /// In words.
    pub fn switch(self, by: Name) -> Result<Switch, String> {
        let moment = |text: String| {
            let at = text.parse::<jiff::Timestamp>().map_err(|_| format!("`{text}` is no time: 2026-11-18T12:00:00Z"))?;
            Ok::<_, String>(WallTime(at.as_microsecond()))
        };
        let until = self.until.map(moment).transpose()?;
        if !self.on && until.is_some() {
            return Err("until goes with on: true".into());
        }
        let note = self.note.filter(|note| !note.is_empty());
        if note.as_ref().is_some_and(|note| note.chars().count() > LONGEST_NOTE || note.chars().any(char::is_control)) {
            return Err(format!("a note has at most {LONGEST_NOTE} characters, in one line"));
        }
        Ok(Switch { at: WallTime(0), announcement: named(self.announcement)?, by, on: self.on, until, note })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_one_of_five_and_its_number_one_that_can_be_dialled() {
        let read = |text: &str| serde_json::from_str::<TargetBody>(text).map_err(|error| error.to_string()).and_then(TargetBody::target);
        assert_eq!(read(r#"{"queue":"tech"}"#), Ok(Target::Queue("tech".into())));
        for wrong in [
            "{}",
            r#"{"seat":"1","queue":"2"}"#,
            r#"{"trunk":"1"}"#,
            r#"{"seat":""}"#,
            r#"{"seat":"a\u0000b"}"#,
            r#"{"number":"１３８００１３８０００"}"#,
            r#"{"number":"138;phone-context=+86"}"#,
            r#"{"number":"sip:x@evil"}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
