use hotline_sim::{Fingerprint, RECOGNISED, Voice};
use std::fs;
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn committed(name: &str) -> Voice {
    let bytes = fs::read(fixtures().join("voices").join(format!("{name}.wav"))).expect("the voice is committed");
    Voice::from_wav(name, &bytes).expect("it is telephone speech")
}

#[test]
fn the_committed_voices_are_known_from_each_other() {
    let (agent, caller) = (committed("agent"), committed("caller"));
    let (known_agent, known_caller) = (Fingerprint::of(&agent).unwrap(), Fingerprint::of(&caller).unwrap());
    assert!(known_agent.is_in(&agent.samples) && known_caller.is_in(&caller.samples));
    assert!(!known_agent.is_in(&caller.samples) && !known_caller.is_in(&agent.samples));
}

#[test]
fn no_prompt_is_mistaken_for_a_person() {
    let known = ["agent", "caller"].map(|name| Fingerprint::of(&committed(name)).unwrap());
    let (mut heard, mut most_alike) = (0, 0.0f32);
    for language in ["zh-CN", "en"] {
        for file in fs::read_dir(fixtures().join("prompts").join(language)).unwrap() {
            let path = file.unwrap().path();
            let Ok(prompt) = Voice::from_wav("prompt", &fs::read(&path).unwrap()) else { continue };
            heard += 1;
            for voice in &known {
                let score = voice.find(&prompt.samples).map_or(0.0, |found| found.score);
                assert!(score < RECOGNISED - 0.1, "{}: {score}", path.display());
                most_alike = most_alike.max(score);
            }
        }
    }
    assert!(heard > 50, "{heard} prompts, the most alike {most_alike}");
}
