use hotline_model::{LanguageId, Need, Number, Profile, QueueId, SeatId};
use hotline_rules::{CallerFacts, Changes, NumberId, Plan};

/// A profile under construction: keeps the needs that menus set apart from the language's, so that a language change replaces only that.
#[derive(Debug)]
pub(crate) struct Draft {
    profile: Profile,
    needs: Vec<Need>,
    priority_set: bool,
    /// The seats to one of which menus led the call.
    led: Vec<SeatId>,
    /// What menus have set, which counts more than what is learned of the caller afterwards.
    chosen: Changes,
}

impl Draft {
    pub(crate) fn new(plan: &Plan, number: NumberId, caller: &Number) -> Self {
        let mut profile = Profile::unknown(plan.number(number).language);
        profile.region = if caller.is_anonymous() { None } else { plan.region_of(caller.reveal()) };
        let mut draft = Self { profile, needs: Vec::new(), priority_set: false, led: Vec::new(), chosen: Changes::default() };
        let customer = plan.customer(caller.reveal()).filter(|_| !caller.is_anonymous());
        match customer {
            Some(customer) => {
                customer.introduce(&mut draft.profile);
                draft.apply(plan, &customer.set);
            }
            None => draft.renew_skills(plan),
        }
        draft
    }

    pub(crate) fn resume(plan: &Plan, number: NumberId, mut profile: Profile) -> Self {
        if profile.language.index() >= plan.languages.len() {
            profile.language = plan.number(number).language;
        }
        let of_language = language_need(plan, profile.language);
        let needs = profile.skills.iter().copied().filter(|need| Some(*need) != of_language).collect();
        let priority_set = profile.priority != hotline_model::Priority::Ordinary;
        let mut draft = Self { profile, needs, priority_set, led: Vec::new(), chosen: Changes::default() };
        draft.renew_skills(plan);
        draft
    }

    pub(crate) fn profile(&self) -> &Profile {
        &self.profile
    }

    pub(crate) fn led(&self) -> &[SeatId] {
        &self.led
    }

    pub(crate) fn language(&self) -> LanguageId {
        self.profile.language
    }

    /// Applies a branch's changes; gives the language if it became another one (R12).
    pub(crate) fn change(&mut self, plan: &Plan, set: &Changes) -> Option<LanguageId> {
        let chosen = &mut self.chosen;
        chosen.language = set.language.or(chosen.language);
        chosen.priority = set.priority.or(chosen.priority);
        chosen.customer_type = set.customer_type.or(chosen.customer_type);
        chosen.customer_level = set.customer_level.or(chosen.customer_level);
        chosen.sensitive = set.sensitive.or(chosen.sensitive);
        self.apply(plan, set)
    }

    /// Applies what a source knows of the caller, but for what a menu has set already.
    pub(crate) fn learn(&mut self, plan: &Plan, facts: &CallerFacts) -> Option<LanguageId> {
        let (set, chosen) = (&facts.set, &self.chosen);
        let fresh = Changes {
            language: set.language.filter(|_| chosen.language.is_none()),
            priority: set.priority.filter(|_| chosen.priority.is_none()),
            customer_type: set.customer_type.filter(|_| chosen.customer_type.is_none()),
            customer_level: set.customer_level.filter(|_| chosen.customer_level.is_none()),
            sensitive: set.sensitive.filter(|_| chosen.sensitive.is_none()),
            skills: set.skills.clone(),
            ..Changes::default()
        };
        self.profile.owner = self.led.first().copied().or(facts.agent).or(self.profile.owner);
        self.profile.preferred = facts.preferred.or(self.profile.preferred);
        self.apply(plan, &fresh)
    }

    fn apply(&mut self, plan: &Plan, set: &Changes) -> Option<LanguageId> {
        let before = self.profile.language;
        let profile = &mut self.profile;
        profile.language = set.language.unwrap_or(before);
        profile.class = set.class.or(profile.class);
        profile.nature = set.nature.or(profile.nature);
        profile.kind = set.kind.or(profile.kind);
        profile.category = set.category.or(profile.category);
        profile.level = set.level.or(profile.level);
        profile.topic = set.topic.or(profile.topic);
        profile.assessed = profile.assessed.corrected(set.assessed);
        profile.priority = set.priority.unwrap_or(profile.priority);
        profile.customer_type = set.customer_type.unwrap_or(profile.customer_type);
        profile.customer_level = set.customer_level.unwrap_or(profile.customer_level);
        profile.sensitive = set.sensitive.unwrap_or(profile.sensitive);
        profile.owner = set.seat.or(profile.owner);
        if let Some(seat) = set.seat {
            self.led = [&[seat], set.others.as_slice()].concat();
        }
        self.priority_set |= set.priority.is_some();
        for need in &set.skills {
            require(&mut self.needs, *need);
        }
        self.renew_skills(plan);
        (self.profile.language != before).then_some(self.profile.language)
    }

    /// The profile as it leaves the menus: its priority (the queue's where no menu set one), and the level of seats that its class needs.
    pub(crate) fn classified(&self, plan: &Plan, queue: Option<QueueId>) -> Profile {
        let mut profile = self.profile.clone();
        if !self.priority_set {
            profile.priority = queue.and_then(|queue| plan.queue(queue).priority).unwrap_or(profile.priority);
        }
        profile.priority = plan.priorities.of(&profile);
        let level = profile.class.and_then(|class| plan.assign.levels.iter().find(|(of, _)| *of == class));
        if let Some((_, need)) = level {
            require(&mut profile.skills, *need);
        }
        if profile.sensitive {
            plan.settings.sensitive.iter().for_each(|need| require(&mut profile.skills, *need));
        }
        profile
    }

    fn renew_skills(&mut self, plan: &Plan) {
        let mut skills = self.needs.clone();
        if let Some(need) = language_need(plan, self.profile.language) {
            require(&mut skills, need);
        }
        self.profile.skills = skills;
    }
}

fn language_need(plan: &Plan, language: LanguageId) -> Option<Need> {
    plan.languages.get(language.index()).and_then(|language| language.need)
}

fn require(needs: &mut Vec<Need>, need: Need) {
    match needs.iter_mut().find(|known| known.skill == need.skill) {
        Some(known) => known.at_least = known.at_least.max(need.at_least),
        None => needs.push(need),
    }
}
