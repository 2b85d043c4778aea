//! By when what a call left open is to be done (manual.md B2, B3; H4-H8, H11, H32, H33).

use crate::Calendar;
use hotline_model::{Class, ComplaintLevel, Due, DueWhat, Kind, Name, Profile, WallTime};
use std::time::Duration;

const fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours * 3_600)
}

const fn within(first: u64, completion: u64) -> ComplaintLimits {
    ComplaintLimits { first: hours(first), completion: hours(completion) }
}

/// The deadlines in force: a profile of the manual, or one of the rules' own.
#[derive(Clone, Debug)]
pub struct Deadlines {
    /// `manual`, `m2`, `m3`, or a name of one's own.
    pub profile: Name,
    /// Whose figures a profile of one's own begins with, and may not go beyond.
    pub basis: Basis,
    /// How long each thing may take.
    pub limits: Limits,
    /// How long a complaint may go without an initial investigation (K29, R80): `timers.complaint_investigation`.
    pub investigation: Duration,
    /// Only the open time of this calendar counts; `None`: the wall clock (H11).
    pub business: Option<Calendar>,
}

/// Which document's figures hold where several speak (H5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The first document's: 2, 4 and 24 hours.
    Manual,
    /// The second's: complex problems in 2 hours, hard ones in 48.
    M2,
    /// The third's: all in 24 hours, the result within 48 (R66; H32 reads its detailed clause).
    M3,
}

impl Basis {
    /// Its word in the files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::M2 => "m2",
            Self::M3 => "m3",
        }
    }
}

/// How long each thing may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A common problem is handled.
    pub common: Duration,
    /// A complex problem is handled; of a complaint, the first substantive step (H6).
    pub complex: Duration,
    /// A major problem is handled.
    pub major: Duration,
    /// A complex problem that turned out hard is closed; `None`: there is no such limit.
    pub hard: Option<Duration>,
    /// Who complained hears from us for the first time (K28, R81).
    pub contact: Duration,
    /// Response and completion of complaints of level 1, 2 and 3.
    pub complaint: [ComplaintLimits; 3],
    /// From completion until the customer knows the result (K23, R67).
    pub result_feedback: Duration,
    /// From completion until the customer is asked afterwards (K43, R92).
    pub follow_up: Duration,
}

/// How long a complaint may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComplaintLimits {
    /// Until it is responded to.
    pub first: Duration,
    /// Until it is completed.
    pub completion: Duration,
}

impl Limits {
    /// The figures of a document.
    pub const fn of(basis: Basis) -> Self {
        let manual = Self {
            common: hours(2),
            complex: hours(4),
            major: hours(24),
            hard: None,
            contact: hours(2),
            complaint: [within(48, 72), within(24, 36), within(12, 24)],
            result_feedback: hours(24),
            follow_up: hours(72),
        };
        match basis {
            Basis::Manual => manual,
            Basis::M2 => Self { complex: hours(2), hard: Some(hours(48)), ..manual },
            Basis::M3 => Self { common: hours(24), complex: hours(24), major: hours(24), complaint: [within(48, 72); 3], ..manual },
        }
    }
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            profile: Basis::Manual.word().into(),
            basis: Basis::Manual,
            limits: Limits::of(Basis::Manual),
            investigation: hours(2),
            business: None,
        }
    }
}

/// What a call left behind, as far as deadlines are concerned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moments {
    /// A class was set for the first time.
    pub classed: Option<WallTime>,
    /// It was known to be a complaint (c0).
    pub complained: Option<WallTime>,
    /// A person answered (t3).
    pub answered: Option<WallTime>,
}

impl Deadlines {
    /// By when the problem of a call is to be handled, if its class is known; `since` is when that became known (K15-K18, K20).
    pub fn due(&self, profile: &Profile, since: WallTime) -> Option<WallTime> {
        profile.class.map(|class| self.after(since, self.of_class(class)))
    }

    /// What is to be done for a call that ended without a solution, the earliest first.
    pub fn of_open(&self, profile: &Profile, moments: &Moments) -> Vec<Due> {
        let mut all = Vec::new();
        if let (Some(class), Some(since)) = (profile.class, moments.classed) {
            let (clock, rule) = self.ids_of_class(class);
            all.push(self.item(DueWhat::Handled, since, self.of_class(class), (clock, rule)));
            let hard = self.limits.hard.filter(|_| class == Class::Complex);
            all.extend(hard.map(|limit| self.item(DueWhat::ClosedLoop, since, limit, (19, 65))));
        }
        if let Some(since) = moments.complained.filter(|_| profile.kind == Some(Kind::Complaint)) {
            match moments.answered {
                None => all.push(self.item(DueWhat::Contacted, since, self.limits.contact, (28, 81))),
                Some(answered) => all.push(self.item(DueWhat::Investigated, answered, self.investigation, (29, 80))),
            }
            if let Some(level) = profile.level {
                let ids = self.ids_of_level(level);
                let limits = self.of_level(level);
                all.push(self.item(DueWhat::Responded, since, limits.first, ids));
                all.push(self.item(DueWhat::Completed, since, limits.completion, ids));
            }
        }
        all.sort_by_key(|due| due.by);
        all
    }

    /// What is to be done for a call whose matter was solved: who complained, or had it handled first and told later (R68), is told the
    /// result; who complained is asked afterwards.
    pub fn of_solved(&self, profile: &Profile, solved: WallTime) -> Vec<Due> {
        let complaint = profile.kind == Some(Kind::Complaint);
        let told = complaint || profile.sensitive;
        let told = told.then(|| self.item(DueWhat::ResultTold, solved, self.limits.result_feedback, (23, 67)));
        let asked = complaint.then(|| self.item(DueWhat::FollowedUp, solved, self.limits.follow_up, (43, 92)));
        told.into_iter().chain(asked).collect()
    }

    /// By when whoever gave a low score is asked by a person (R105), as after a complaint (K43).
    pub fn of_low_score(&self, given: WallTime) -> Due {
        self.item(DueWhat::FollowedUp, given, self.limits.follow_up, (43, 105))
    }

    /// A time after which so much of wall or business time is over (H11).
    pub fn after(&self, since: WallTime, limit: Duration) -> WallTime {
        let by_wall = || WallTime(since.0.saturating_add(i64::try_from(limit.as_micros()).unwrap_or(i64::MAX)));
        match &self.business {
            None => by_wall(),
            Some(calendar) => calendar.after_open(since, limit).unwrap_or_else(by_wall),
        }
    }

    fn item(&self, what: DueWhat, since: WallTime, limit: Duration, (clock, rule): (u8, u16)) -> Due {
        Due { what, by: self.after(since, limit), clock, rule, profile: self.profile.clone() }
    }

    fn of_class(&self, class: Class) -> Duration {
        match class {
            Class::Common => self.limits.common,
            Class::Complex => self.limits.complex,
            Class::Major => self.limits.major,
        }
    }

    /// The limits of a complaint's level.
    pub fn of_level(&self, level: ComplaintLevel) -> ComplaintLimits {
        self.limits.complaint[level as usize]
    }

    fn ids_of_class(&self, class: Class) -> (u8, u16) {
        match (self.basis, class) {
            (Basis::M3, _) => (20, 66),
            (Basis::M2, Class::Complex) => (18, 65),
            (_, Class::Common) => (15, 62),
            (_, Class::Complex) => (16, 63),
            (_, Class::Major) => (17, 64),
        }
    }

    fn ids_of_level(&self, level: ComplaintLevel) -> (u8, u16) {
        match (self.basis, level) {
            (Basis::M3, _) => (39, 94),
            (_, ComplaintLevel::L1) => (34, 82),
            (_, ComplaintLevel::L2) => (35, 83),
            (_, ComplaintLevel::L3) => (36, 84),
        }
    }
}
