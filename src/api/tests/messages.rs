//! Whose messages are whose, and what becomes of orders on them (R19, R68).

use super::*;

fn status(house: &House, token: &str, id: &str, word: &str) -> u16 {
    house.ask(token, "POST", &format!("/api/v1/messages/{id}/{word}"), "", "").0
}

const ORDERS: [&str; 5] = ["take", "take-over", "heard", "done", "delete"];

#[test]
fn nobody_answers_a_sensitive_message_that_they_may_not_hear_r68() {
    for cleared in [false, true] {
        let house = house_of(true, &RULES.replace("skills = { any = 5 }", &format!("cleared = {cleared}, skills = {{ any = 5 }}")));
        leave_message(&house, 6, true);
        let tokens = [Role::Agent, Role::TechSupport, Role::ComplaintOfficer, Role::Supervisor].map(|role| house.person(role));
        let of = |token: &String| ORDERS.map(|word| status(&house, token, "3-0-6", word));
        // 409: who may is told by this engine that it knows of no such message.
        let agent = if cleared { [409, 409, 409, 409, 403] } else { [403; 5] };
        let [supervisor, officer] = [&tokens[3], &tokens[2]].map(of);
        assert_eq!((of(&tokens[0]), of(&tokens[1])), (agent, [403; 5]), "cleared: {cleared}");
        assert_eq!((officer, supervisor[..4].to_vec()), ([409, 409, 409, 409, 403], vec![409; 4]));
        assert_eq!(house.written.load(Ordering::SeqCst), 0);
    }
}

#[test]
fn own_messages_are_those_of_a_queue_that_admits_the_seat_in_some_step_r19() {
    let rules = |step: &str, seats: &str| {
        let text = RULES.replace("step = [{ requires = \"any >= 1\" }]", &format!("{step}{seats}"));
        text.replacen("{ any = 5 }", "{ any = 3 }", 1)
    };
    let late = "step = [{ requires = \"any >= 5\" }, { after = \"1m\", requires = \"any >= 3\" }]";
    let never = "step = [{ requires = \"any >= 5\" }, { after = \"1m\", requires = \"any >= 4\" }]";
    for (step, seats, own) in [(late, "", true), (never, "", false), (late, ", seats = [\"1002\"]", false)] {
        let house = house_of(true, &rules(step, seats));
        leave_message(&house, 5, false);
        let agent = house.person(Role::Agent);
        let list = house.ask(&agent, "GET", "/api/v1/messages", "", "").1;
        assert_eq!(list.contains("3-0-5"), own, "{step}{seats}: {list}");
        assert_eq!(house.ask(&agent, "GET", "/api/v1/messages/3-0-5/audio", "", "").0, if own { 200 } else { 403 });
        assert_eq!(status(&house, &agent, "3-0-5", "take"), if own { 409 } else { 403 });
    }
}

/// The engine knows already that wang has taken 3-0-8 over; what is listed does not yet.
#[test]
fn a_message_that_is_taken_over_in_the_same_moment_keeps_its_recording_and_who_deletes_it_is_told_who_has_it_r129() {
    let house = house(true);
    for count in [behind::WANGS, behind::SUPERVISORS] {
        leave_message(&house, count, false);
        take_over(&house, count, "supervisor");
    }
    let supervisor = house.person(Role::Supervisor);
    let delete = |count: u32| {
        let (status, said) = house.ask(&supervisor, "POST", &format!("/api/v1/messages/{}/delete", call(count)), "", "");
        let path = crate::messages::folder(house.dir.path()).join(format!("{}.wav", call(count)));
        (status, said, path)
    };
    let (status, said, path) = delete(behind::WANGS);
    assert!(status == 409 && said.contains("\"taken\"") && said.contains("wang has this message") && path.exists(), "{said}");
    let (status, said, path) = delete(behind::SUPERVISORS);
    assert!(status == 200 && !path.exists(), "{said}");
    std::fs::create_dir(&path).unwrap();
    let (status, said, path) = delete(behind::SUPERVISORS);
    assert!(status == 500 && said.contains("recording_stays") && path.exists(), "it can't be deleted, and the message stays: {said}");
}

/// The list follows the engine a moment later: what is ordered next goes by what was just done.
#[test]
fn who_takes_a_message_may_delete_it_at_once_r19() {
    let house = house(true);
    leave_message(&house, behind::SUPERVISORS, false);
    let supervisor = house.person(Role::Supervisor);
    let order = |word: &str| status(&house, &supervisor, "3-0-9", word);
    let answers = std::thread::scope(|scope| {
        scope.spawn(|| {
            while house.written.load(Ordering::SeqCst) == 0 {
                std::thread::yield_now();
            }
            (0..20).for_each(|_| assert_eq!(house.ask(&supervisor, "GET", "/api/v1/messages", "", "").0, 200));
            take_over(&house, behind::SUPERVISORS, "supervisor");
        });
        ["take-over", "delete"].map(order)
    });
    assert_eq!(answers, [200, 200]);
}
