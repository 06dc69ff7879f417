//! What a person is told: everything that left, everybody who looked, and nothing of anybody else.

#[cfg(test)]
mod projection {
    use audit_log::testing::sample_history;
    use audit_log::{
        Event, Leaf, LeafParts, Moves, Opened, OpenedError, Outcome, Preimage, Recipient, RecipientId, Salt,
        accounting_of_disclosures, who_looked,
    };
    use chrono::{DateTime, TimeDelta, Utc};
    use records_model::{
        Action, ActorId, Category, EntryId, ProviderId, RecipientClass, Role, Set, SubjectId,
    };
    use uuid::Uuid;

    fn day(number: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(number)
    }

    fn person(number: u128) -> SubjectId {
        SubjectId::from_uuid(Uuid::from_u128(number))
    }

    fn opened(number: u128, at: i64, event: Event, outcome: Outcome, row: Preimage) -> Opened {
        let salt = Salt::from_bytes([3; 32]);
        let base = sample_history(1, 1).remove(0).into_parts();
        let leaf = Leaf::new(LeafParts {
            entry: EntryId::from_uuid(Uuid::from_u128(number)),
            at: day(at),
            event,
            outcome,
            action: Some(Action::Read),
            moves: event.moved_chain().unwrap_or(Moves::None),
            commitment: row.commitment(&salt).unwrap(),
            ..base
        });
        Opened::new(leaf.unwrap(), row, &salt).unwrap()
    }

    fn to(class: RecipientClass, provider: u128) -> Preimage {
        Preimage {
            subject: Some(person(1)),
            actor: Some(ActorId::from_uuid(Uuid::from_u128(9))),
            role: Some(Role::Nurse),
            recipient: Some(Recipient {
                class,
                id: Some(RecipientId::Provider(ProviderId::from_uuid(Uuid::from_u128(provider)))),
            }),
            categories: Set::of(&[Category::Laboratory]),
            ..Preimage::default()
        }
    }

    #[test]
    fn the_same_disclosure_again_is_told_once_with_first_last_and_count() {
        let made = |number, at, row| opened(number, at, Event::DisclosureMade, Outcome::Permit, row);
        let entries = [
            made(1, 30, to(RecipientClass::TreatingProvider, 7)),
            made(2, 10, to(RecipientClass::TreatingProvider, 7)),
            made(3, 20, to(RecipientClass::TreatingProvider, 8)),
        ];
        let told = accounting_of_disclosures(&entries, person(1), &(day(0)..day(100)));
        let runs: Vec<_> = told.iter().map(|run| (run.first_at, run.last_at, run.count)).collect();
        assert_eq!(runs, [(day(10), day(30), 2), (day(20), day(20), 1)]);
    }

    #[test]
    fn the_accounting_holds_what_left_and_nothing_else() {
        let made = |number, at, row| opened(number, at, Event::DisclosureMade, Outcome::Permit, row);
        let outside = to(RecipientClass::Laboratory, 7);
        let entries = [
            made(1, 10, to(RecipientClass::Internal, 7)),
            made(2, 10, to(RecipientClass::ThePerson, 7)),
            made(3, 10, Preimage { subject: Some(person(2)), ..outside.clone() }),
            made(4, 9, outside.clone()),
            made(5, 20, outside.clone()),
            opened(6, 10, Event::DisclosureMade, Outcome::Deny, outside.clone()),
            opened(7, 10, Event::Decision, Outcome::Permit, outside.clone()),
            made(8, 10, outside),
        ];
        let told = accounting_of_disclosures(&entries, person(1), &(day(10)..day(20)));
        let ids: Vec<u128> =
            told.iter().flat_map(|run| &run.entries).map(|id| id.as_uuid().as_u128()).collect();
        assert_eq!(ids, [8]);
    }

    #[test]
    fn who_looked_tells_refused_attempts_and_broken_glass_too() {
        let row = to(RecipientClass::Internal, 7);
        let entries = [
            opened(1, 3, Event::Decision, Outcome::Permit, row.clone()),
            opened(2, 2, Event::Decision, Outcome::Deny, row.clone()),
            opened(3, 1, Event::BreakGlassOpened, Outcome::Permit, row.clone()),
            opened(4, 1, Event::RecordWritten, Outcome::Permit, row.clone()),
            opened(5, 1, Event::Decision, Outcome::Permit, Preimage { subject: Some(person(2)), ..row }),
        ];
        let told: Vec<_> = who_looked(&entries, person(1))
            .into_iter()
            .map(|look| (look.at, look.outcome, look.is_break_glass))
            .collect();
        let expected = [
            (day(1), Outcome::Permit, true),
            (day(2), Outcome::Deny, false),
            (day(3), Outcome::Permit, false),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_side_row_of_another_entry_is_refused() {
        let one = opened(1, 1, Event::Decision, Outcome::Permit, to(RecipientClass::Hotel, 1));
        let salt = Salt::from_bytes([3; 32]);
        let swapped = Opened::new(one.leaf().clone(), to(RecipientClass::Hotel, 2), &salt);
        assert_eq!(swapped, Err(OpenedError::OtherEntry));
        let other_salt = Opened::new(one.leaf().clone(), one.preimage().clone(), &Salt::from_bytes([4; 32]));
        assert_eq!(other_salt, Err(OpenedError::OtherEntry));
    }
}
