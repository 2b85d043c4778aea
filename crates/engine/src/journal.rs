use hotline_model::history::{Classified, Registration};
use hotline_model::{Name, Profile};
use hotline_rules::Plan;
use hotline_sip::Binding;

/// A binding as the journal and the state file keep it; `wall_offset` is wall minus monotonic time, in microseconds.
pub fn registration(binding: Binding, wall_offset: i64) -> Registration {
    let Binding { account: _, contact, flow, expires, call_id, cseq, q, instance } = binding;
    Registration { contact, flow, expires: expires.to_wall(wall_offset), call_id, cseq, q, instance }
}

/// The other way round.
pub fn binding(account: Name, registration: Registration, wall_offset: i64) -> Binding {
    let Registration { contact, flow, expires, call_id, cseq, q, instance } = registration;
    Binding { account, contact, flow, expires: expires.to_monotonic(wall_offset), call_id, cseq, q, instance }
}

/// A profile in names that outlive the plan's ids.
pub(crate) fn classified(plan: &Plan, profile: &Profile) -> Classified {
    Classified {
        class: profile.class,
        nature: profile.nature,
        kind: profile.kind,
        category: profile.category,
        topic: profile.topic,
        priority: profile.priority,
        language: plan.language(profile.language).code.clone(),
        region: profile.region.map(|region| plan.regions[region.index()].name.clone()),
        skills: profile.skills.iter().map(|need| (plan.skills[need.skill.index()].name.clone(), need.at_least)).collect(),
        sensitive: profile.sensitive,
    }
}

/// A profile from the journal's names; what the plan no longer has is left out.
pub fn profile(plan: &Plan, classified: &Classified) -> Profile {
    let language = plan.languages.iter().position(|language| language.code == classified.language).unwrap_or(0);
    let mut profile = Profile::unknown(hotline_model::LanguageId(u8::try_from(language).unwrap_or(0)));
    profile.class = classified.class;
    profile.nature = classified.nature;
    profile.kind = classified.kind;
    profile.category = classified.category;
    profile.topic = classified.topic;
    profile.priority = classified.priority;
    profile.sensitive = classified.sensitive;
    profile.region = classified.region.as_ref().and_then(|name| {
        let index = plan.regions.iter().position(|region| region.name == *name)?;
        u16::try_from(index).ok().map(hotline_model::RegionId)
    });
    profile.skills = classified
        .skills
        .iter()
        .filter_map(|(name, at_least)| {
            let index = plan.skills.iter().position(|skill| skill.name == *name)?;
            Some(hotline_model::Need { skill: hotline_model::SkillId(u16::try_from(index).ok()?), at_least: *at_least })
        })
        .collect();
    profile
}
