//! What the rules notice, what they leave alone, and how an alert ends.

#[cfg(test)]
mod alerts {
    use std::collections::BTreeSet;

    use audit_log::testing::{SampleMonth, sample_month};
    use audit_log::{
        Act, ActKind, Alert, AlertRule, CloseError, Closing, ContactToken, DutyHours, DutyHoursError, Event,
        StaffFacts, Thresholds, Verdict, find_alerts, glass_to_review, new_alerts, precision_by_rule,
    };
    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::*;
    use records_model::{ActorId, EntryId, SubjectId};
    use uuid::Uuid;

    fn found_in(month: &SampleMonth) -> Vec<Alert> {
        let acts: Vec<Act> = month.entries.iter().filter_map(Act::of).collect();
        let waiting = glass_to_review(&month.entries, TimeDelta::days(3), month.end);
        find_alerts(&acts, &waiting, &month.facts, &Thresholds::default())
    }

    fn is_planted(month: &SampleMonth, alert: &Alert) -> bool {
        month.planted.contains(&(alert.rule(), alert.actor()))
    }

    #[test]
    fn all_six_abuses_of_a_month_are_found_with_at_most_five_false_alerts() {
        for seed in 0..10 {
            let month = sample_month(seed);
            let is_read = |event| matches!(event, Event::Decision | Event::BreakGlassOpened);
            let permits = month.entries.iter().map(|opened| opened.leaf().parts());
            let permits = permits.filter(|leaf| is_read(leaf.event) && !leaf.outcome.is_refusal());
            assert_eq!(permits.count(), 3_000);
            let alerts = found_in(&month);
            let found: BTreeSet<_> = alerts
                .iter()
                .filter(|alert| is_planted(&month, alert))
                .map(|alert| (alert.rule(), alert.actor()))
                .collect();
            let wrong: Vec<_> = alerts.iter().filter(|alert| !is_planted(&month, alert)).collect();
            assert_eq!(found, month.planted, "seed {seed}");
            assert!(wrong.len() <= 5, "seed {seed}: {wrong:?}");
            let closed: Vec<Alert> = alerts
                .iter()
                .map(|alert| {
                    let verdict =
                        if is_planted(&month, alert) { Verdict::Confirmed } else { Verdict::Explained };
                    alert.clone().close(Closing { verdict, by: actor(900), at: month.end }).unwrap()
                })
                .collect();
            println!("seed {seed:2}: {} of 6 abuses found, {} false alerts", found.len(), wrong.len());
            for precision in precision_by_rule(&closed).iter().filter(|_| seed == 0) {
                println!(
                    "  {:18} {} confirmed, {} explained, precision {}",
                    precision.rule.to_string(),
                    precision.confirmed,
                    precision.explained,
                    precision.percent().map_or("-".to_owned(), |percent| format!("{percent} %")),
                );
            }
        }
    }

    fn actor(number: u128) -> ActorId {
        ActorId::from_uuid(Uuid::from_u128(number))
    }

    fn person(number: u128) -> SubjectId {
        SubjectId::from_uuid(Uuid::from_u128(number))
    }

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn act(entry: u128, minutes: i64, subject: u128, kind: ActKind) -> Act {
        let entry = EntryId::from_uuid(Uuid::from_u128(entry));
        Act { entry, at: at(minutes), actor: actor(1), subject: person(subject), kind }
    }

    fn rules(acts: &[Act], facts: &StaffFacts) -> Vec<(AlertRule, usize)> {
        let alerts = find_alerts(acts, &[], facts, &Thresholds::default());
        alerts.iter().map(|alert| (alert.rule(), alert.entries().len())).collect()
    }

    /// Eight hours of duty every day from 08:00.
    fn duty(days: i64) -> StaffFacts {
        let stretch = |day| at(day * 1440 + 480)..at(day * 1440 + 960);
        let hours = DutyHours::new((0..days).map(stretch).collect()).unwrap();
        StaffFacts { duty: [(actor(1), hours)].into(), ..StaffFacts::default() }
    }

    /// So many people in the duty of that day, one every minute.
    fn day_of(day: i64, people: u32) -> Vec<Act> {
        let one = |number: u32| {
            let minutes = day * 1440 + 480 + i64::from(number);
            act(
                u128::from(number) + u128::from(1000 * day.unsigned_abs()),
                minutes,
                u128::from(number),
                ActKind::Opened,
            )
        };
        (0..people).map(one).collect()
    }

    #[test]
    fn volume_is_measured_by_the_actors_own_habit_and_hours() {
        let week = |people| (0..6).flat_map(|day| day_of(day, people)).collect::<Vec<_>>();
        let with = |mut acts: Vec<Act>, people| {
            acts.extend(day_of(6, people));
            rules(&acts, &duty(7))
        };
        assert_eq!(with(week(6), 18), []);
        assert_eq!(with(week(6), 19), [(AlertRule::Volume, 19)]);
        assert_eq!(with(week(30), 80), [], "somebody who always sees many may see many");
        assert_eq!(with(week(1), 14), [], "few people never draw attention");
        // Without a habit only a very high number does; one stretch of duty is no habit.
        assert_eq!(rules(&day_of(0, 39), &duty(1)), []);
        assert_eq!(rules(&day_of(0, 40), &duty(1)), [(AlertRule::Volume, 40)]);
        // Half the hours, the same people: twice the rate.
        let mut half = duty(6);
        let mut stretches: Vec<_> = (0..6).map(|day| at(day * 1440 + 480)..at(day * 1440 + 960)).collect();
        stretches.push(at(6 * 1440 + 480)..at(6 * 1440 + 720));
        half.duty.insert(actor(1), DutyHours::new(stretches).unwrap());
        let mut acts = week(8);
        acts.extend(day_of(6, 15));
        assert_eq!(rules(&acts, &duty(7)), []);
        assert_eq!(rules(&acts, &half), [(AlertRule::Volume, 15)]);
    }

    #[test]
    fn the_same_record_many_times_is_no_volume() {
        let acts: Vec<Act> = (0..100).map(|number| act(number, 480, 5, ActKind::Opened)).collect();
        assert_eq!(rules(&acts, &duty(1)), []);
    }

    #[test]
    fn outside_duty_begins_an_hour_after_it_and_needs_two_acts() {
        let opened = |entry, minutes| act(entry, minutes, 5, ActKind::Opened);
        assert_eq!(rules(&[opened(1, 420), opened(2, 1020)], &duty(1)), []);
        assert_eq!(rules(&[opened(1, 419)], &duty(1)), []);
        assert_eq!(rules(&[opened(1, 419), opened(2, 419)], &duty(1)), [], "one instant is one act");
        assert_eq!(rules(&[opened(1, 419), opened(2, 1021)], &duty(1)), [(AlertRule::OutsideDuty, 2)]);
        // An emergency is left to its review, and nobody is off duty whose hours nobody knows.
        let glass = |entry, minutes| act(entry, minutes, 5, ActKind::BrokeGlass);
        assert_eq!(rules(&[glass(1, 1), glass(2, 2)], &duty(1)), []);
        assert_eq!(rules(&[opened(1, 1), opened(2, 2)], &StaffFacts::default()), []);
    }

    #[test]
    fn own_records_declared_relations_and_shared_contacts_are_told_also_when_refused() {
        let token = |number| ContactToken::from_bytes([number; 32]);
        let facts = StaffFacts {
            own_person: [(actor(1), person(1))].into(),
            declared_relations: [(actor(1), person(2)), (actor(9), person(4))].into(),
            staff_contacts: [(actor(1), [token(1), token(2)].into())].into(),
            subject_contacts: (1..=4)
                .map(|number| (person(number), [token(u8::try_from(number).unwrap().min(3))].into()))
                .chain((10..15).map(|number| (person(number), [token(2)].into())))
                .chain([(person(20), [token(2)].into())])
                .collect(),
            ..StaffFacts::default()
        };
        let told = |subject, kind| rules(&[act(1, 0, subject, kind)], &facts);
        for kind in [ActKind::Opened, ActKind::Refused, ActKind::BrokeGlass] {
            assert_eq!(told(1, kind), [(AlertRule::SelfAccess, 1)]);
            assert_eq!(told(2, kind), [(AlertRule::DeclaredRelation, 1)]);
            assert_eq!(told(4, kind), [], "somebody else's relation");
            // The token of more than six people is a building.
            assert_eq!(told(20, kind), []);
        }
        let mut few = facts.clone();
        (10..15).for_each(|number| drop(few.subject_contacts.remove(&person(number))));
        assert_eq!(rules(&[act(1, 0, 20, ActKind::Opened)], &few), [(AlertRule::SharedContact, 1)]);
    }

    #[test]
    fn five_refusals_in_a_quarter_of_an_hour_are_a_burst_and_one_filtered_list_is_not() {
        let refused = |entry: u128, minutes| act(entry, minutes, entry, ActKind::Refused);
        let none = StaffFacts::default();
        let spread = |step: i64, count: u128| -> Vec<Act> {
            (0..count).map(|number| refused(number, step * i64::try_from(number).unwrap())).collect()
        };
        assert_eq!(rules(&spread(3, 4), &none), []);
        assert_eq!(rules(&spread(3, 5), &none), [(AlertRule::DenialBurst, 5)]);
        assert_eq!(rules(&spread(4, 20), &none), []);
        assert_eq!(rules(&spread(0, 20), &none), []);
    }

    #[test]
    fn the_order_of_acts_makes_no_difference() {
        let month = sample_month(5);
        let mut acts: Vec<Act> = month.entries.iter().filter_map(Act::of).collect();
        let forward = find_alerts(&acts, &[], &month.facts, &Thresholds::default());
        acts.reverse();
        assert_eq!(find_alerts(&acts, &[], &month.facts, &Thresholds::default()), forward);
        acts.sort_by_key(|act| (act.subject, act.entry));
        assert_eq!(find_alerts(&acts, &[], &month.facts, &Thresholds::default()), forward);
    }

    proptest! {
        /// Repeats within the fold are one alert with every entry in it; beyond it, the next alert.
        #[test]
        fn repeats_fold(gaps in prop::collection::vec(1..20_i64, 1..12)) {
            let facts = StaffFacts { own_person: [(actor(1), person(1))].into(), ..StaffFacts::default() };
            let mut days = 0;
            let acts: Vec<Act> = (0..).zip(&gaps).map(|(number, gap)| {
                days += gap;
                act(number, days * 1440, 1, ActKind::Opened)
            }).collect();
            let alerts = find_alerts(&acts, &[], &facts, &Thresholds::default());
            prop_assert_eq!(alerts.len(), 1 + gaps.iter().skip(1).filter(|gap| **gap > 7).count());
            prop_assert_eq!(alerts.iter().map(|alert| alert.entries().len()).sum::<usize>(), acts.len());
        }
    }

    #[test]
    fn an_alert_is_closed_once_by_somebody_else_and_not_raised_again_for_the_same_acts() {
        let facts = StaffFacts { own_person: [(actor(1), person(1))].into(), ..StaffFacts::default() };
        let found = |acts: &[Act]| find_alerts(acts, &[], &facts, &Thresholds::default());
        let first = act(1, 10, 1, ActKind::Opened);
        let alert = found(&[first]).remove(0);
        let closing = |by, minutes, verdict| Closing { verdict, by: actor(by), at: at(minutes) };
        let explained = |by, minutes| alert.clone().close(closing(by, minutes, Verdict::Explained));
        assert_eq!(explained(1, 20), Err(CloseError::OwnAlert));
        assert_eq!(explained(2, 9), Err(CloseError::BeforeLast));
        let closed = explained(2, 10).unwrap();
        assert_eq!(closed.clone().close(closing(3, 30, Verdict::Confirmed)), Err(CloseError::AlreadyClosed));
        // The same act again: nothing. Another one after the verdict: an alert. While it is open: the same alert.
        let again = [first, act(2, 20, 1, ActKind::Opened)];
        assert_eq!(new_alerts(found(&[first]), std::slice::from_ref(&closed)), []);
        assert_eq!(new_alerts(found(&again), std::slice::from_ref(&closed)).len(), 1);
        assert_eq!(new_alerts(found(&again), &[alert]), []);
    }

    #[test]
    fn overlapping_or_empty_duty_is_refused() {
        assert_eq!(DutyHours::new(vec![at(1)..at(1)]), Err(DutyHoursError::Empty));
        assert_eq!(DutyHours::new(vec![at(5)..at(9), at(0)..at(6)]), Err(DutyHoursError::Overlap));
        assert!(DutyHours::new(vec![at(5)..at(9), at(0)..at(5)]).is_ok());
    }
}
