//! What a person is told, as they read it: hidden while a suspension holds and back by itself, in both languages.

#[cfg(test)]
mod accounting {
    use audit_log::testing::sample_history;
    use audit_log::{
        AccountingHeadings, Event, Leaf, LeafParts, Moves, Names, OpenGlass, Opened, Outcome, Preimage,
        ReaderWords, Recipient, RecipientId, RecipientLines, ReviewState, Salt, Statement, Suspension,
        SuspensionError, accounting_csv, accounting_html, accounting_window, glass_to_review, looks_csv,
        looks_html, open_accounting, shown_looks, who_looked,
    };
    use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
    use expect_test::expect;
    use proptest::prelude::*;
    use records_model::{
        Action, ActorId, Category, EntryId, ProviderId, Purpose, RecipientClass, Role, Set, SubjectId,
        UndescribedPurposeId, Vocabulary,
    };
    use uuid::Uuid;

    fn day(number: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(number)
    }

    fn person(number: u128) -> SubjectId {
        SubjectId::from_uuid(Uuid::from_u128(number))
    }

    fn staff(number: u128) -> ActorId {
        ActorId::from_uuid(Uuid::from_u128(number))
    }

    fn opened(number: u128, at: DateTime<Utc>, event: Event, outcome: Outcome, row: Preimage) -> Opened {
        let salt = Salt::from_bytes([3; 32]);
        let base = sample_history(1, 1).remove(0).into_parts();
        let leaf = Leaf::new(LeafParts {
            entry: EntryId::from_uuid(Uuid::from_u128(number)),
            at,
            event,
            outcome,
            action: Some(Action::Read),
            moves: event.moved_chain().unwrap_or(Moves::None),
            commitment: row.commitment(&salt).unwrap(),
            ..base
        });
        Opened::new(leaf.unwrap(), row, &salt).unwrap()
    }

    fn recipient(class: RecipientClass, provider: u128) -> Recipient {
        let id = RecipientId::Provider(ProviderId::from_uuid(Uuid::from_u128(provider)));
        Recipient { class, id: Some(id) }
    }

    fn given(number: u128, at: i64, recipient: Recipient) -> Opened {
        let row = Preimage {
            subject: Some(person(1)),
            actor: Some(staff(9)),
            recipient: Some(recipient),
            categories: Set::of(&[Category::Laboratory, Category::Medications]),
            ..Preimage::default()
        };
        opened(number, day(at), Event::DisclosureMade, Outcome::Permit, row)
    }

    /// A clinic whose every name tries to break out of a cell or a tag.
    struct Words;
    impl ReaderWords for Words {
        fn day(&self, at: DateTime<Utc>) -> NaiveDate {
            at.date_naive()
        }
        fn recipient(&self, recipient: &Recipient) -> RecipientLines {
            match recipient.class {
                RecipientClass::Hotel => RecipientLines {
                    name: "Hotel \"El Faro\", S.A. <b>".to_owned(),
                    address: Some("=Calle 1, Tijuana".to_owned()),
                },
                class => RecipientLines { name: class.code().to_owned(), address: None },
            }
        }
        fn category(&self, category: Category) -> String {
            category.code().to_owned()
        }
        fn purpose(&self, purpose: Option<Purpose>, other: Option<&UndescribedPurposeId>) -> String {
            let other = other.map(|other| other.as_str().to_owned());
            other.or(purpose.map(|purpose| purpose.code().to_owned())).unwrap_or_default()
        }
        fn role(&self, role: Role) -> String {
            role.code().to_owned()
        }
        fn unit(&self, actor: ActorId) -> Option<String> {
            (actor == staff(9)).then(|| "Hospitalización".to_owned())
        }
        fn name(&self, actor: ActorId) -> Option<String> {
            (actor == staff(9)).then(|| "Ana Ruiz".to_owned())
        }
    }

    #[test]
    fn the_window_is_six_years_with_its_first_instant_and_without_its_last() {
        let asked_at = DateTime::parse_from_rfc3339("2031-03-01T10:00:00Z").unwrap().to_utc();
        let start = DateTime::parse_from_rfc3339("2025-03-01T10:00:00Z").unwrap().to_utc();
        assert_eq!(accounting_window(asked_at), start..asked_at);
        let leap = DateTime::parse_from_rfc3339("2028-02-29T00:00:00Z").unwrap().to_utc();
        assert_eq!(accounting_window(leap).start.to_rfc3339(), "2022-02-28T00:00:00+00:00");
        let made = |number, at| {
            let row = given(1, 0, recipient(RecipientClass::Hotel, 1)).preimage().clone();
            opened(number, at, Event::DisclosureMade, Outcome::Permit, row)
        };
        let second = TimeDelta::seconds(1);
        let entries =
            [made(1, start - second), made(2, start), made(3, asked_at - second), made(4, asked_at)];
        let told = open_accounting(&entries, person(1), &[], asked_at);
        assert_eq!(told.disclosures.iter().map(|run| run.count).sum::<u64>(), 2);
    }

    #[test]
    fn a_suspension_hides_its_authority_alone_and_releases_by_itself() {
        let authority = recipient(RecipientClass::Authority, 1);
        let entries = [
            given(1, 100, authority),
            given(2, 101, recipient(RecipientClass::Authority, 2)),
            given(3, 102, recipient(RecipientClass::Laboratory, 1)),
        ];
        let until = day(160);
        let written = Suspension::new(person(1), authority, day(110), Statement::Written { until }).unwrap();
        let told = |at: DateTime<Utc>| {
            let told = open_accounting(&entries, person(1), &[written], at);
            (told.disclosures.len(), told.hidden)
        };
        let second = TimeDelta::seconds(1);
        assert_eq!(told(day(110) - second), (3, 0));
        assert_eq!(told(day(110)), (2, 1));
        assert_eq!(told(until - second), (2, 1));
        assert_eq!(told(until), (3, 0));
        // A whole class, and another person's suspension.
        let class = Recipient { id: None, ..authority };
        let all = Suspension::new(person(1), class, day(110), Statement::Oral).unwrap();
        assert_eq!(open_accounting(&entries, person(1), &[all], day(120)).hidden, 2);
        let other = Suspension::new(person(2), class, day(110), Statement::Oral).unwrap();
        assert_eq!(open_accounting(&entries, person(1), &[other], day(120)).hidden, 0);
    }

    proptest! {
        /// Whatever is suspended: once all of it is over the accounting is what it was without, and before that
        /// it only ever lacks something.
        #[test]
        fn a_suspension_takes_nothing_away_for_good(
            made in prop::collection::vec((0..60_i64, 0..3_u128), 0..12),
            suspended in prop::collection::vec((0..90_i64, 0..3_u128, prop::option::of(1..60_i64)), 0..4),
            at in 60..400_i64,
        ) {
            let entries: Vec<Opened> = (0..).zip(&made)
                .map(|(number, (at, who))| given(number, *at, recipient(RecipientClass::Authority, *who)))
                .collect();
            let suspensions: Vec<Suspension> = suspended.iter().map(|(from, who, days)| {
                let statement = days.map_or(Statement::Oral, |days| {
                    Statement::Written { until: day(from + days) }
                });
                Suspension::new(person(1), recipient(RecipientClass::Authority, *who), day(*from), statement).unwrap()
            }).collect();
            let open = open_accounting(&entries, person(1), &[], day(at));
            let told = open_accounting(&entries, person(1), &suspensions, day(at));
            let count = |runs: &[audit_log::Disclosure]| runs.iter().map(|run| run.count).sum::<u64>();
            prop_assert_eq!(count(&told.disclosures) + told.hidden, count(&open.disclosures));
            prop_assert!(told.disclosures.iter().all(|run| open.disclosures.contains(run)));
            if suspensions.iter().all(|suspension| suspension.until() <= day(at)) {
                prop_assert_eq!(told, open);
            }
        }

        #[test]
        fn an_oral_statement_holds_thirty_days_at_most(from in 0..10_000_i64) {
            let authority = recipient(RecipientClass::Authority, 1);
            let oral = Suspension::new(person(1), authority, day(from), Statement::Oral).unwrap();
            prop_assert_eq!(oral.until(), day(from + 30));
            let until = day(from);
            prop_assert_eq!(
                Suspension::new(person(1), authority, day(from), Statement::Written { until }),
                Err(SuspensionError::EndsBeforeStart)
            );
        }
    }

    #[test]
    fn the_csv_survives_quotes_commas_and_formulas() {
        let hotel = recipient(RecipientClass::Hotel, 1);
        let entries =
            [given(1, 10, hotel), given(2, 40, hotel), given(3, 20, recipient(RecipientClass::Insurer, 2))];
        let told = open_accounting(&entries, person(1), &[], day(50));
        let csv = accounting_csv(&told, &AccountingHeadings::SPANISH, &Words, Some("note, one\n"));
        assert_eq!(csv.matches("\r\n").count(), 4);
        expect![[r#"
            Primera vez,Última vez,Veces,A quién,Domicilio,Qué se entregó,Para qué
            1970-01-11,1970-02-10,2,"Hotel ""El Faro"", S.A. <b>","'=Calle 1, Tijuana",medications; laboratory,treatment
            1970-01-21,1970-01-21,1,insurer,,medications; laboratory,treatment
            "Firma de la bitácora al momento de esta lista; consérvela, porque con ella se puede comprobar que nada se cambió después","note, one
            ",,,,,
        "#]]
        .assert_eq(&csv.replace("\r\n", "\n"));
    }

    #[test]
    fn the_page_is_whole_escaped_and_carries_the_signed_head() {
        let told =
            open_accounting(&[given(1, 10, recipient(RecipientClass::Hotel, 1))], person(1), &[], day(50));
        let page = accounting_html(&told, &AccountingHeadings::ENGLISH, &Words, Some("note <1>\n"));
        expect![[r#"
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><title>Who was given your information</title></head>
            <body>
            <h1>Who was given your information</h1>
            <p>from 1964-02-20 to 1970-02-20</p>
            <table>
            <thead><tr><th scope="col">First time</th><th scope="col">Last time</th><th scope="col">Times</th><th scope="col">Given to</th><th scope="col">Address</th><th scope="col">What was given</th><th scope="col">What for</th></tr></thead>
            <tbody>
            <tr><td>1970-01-11</td><td>1970-01-11</td><td>1</td><td>Hotel &quot;El Faro&quot;, S.A. &lt;b&gt;</td><td>=Calle 1, Tijuana</td><td>medications; laboratory</td><td>treatment</td></tr>
            </tbody>
            </table>
            <p>The log's signature when this list was made; keep it, because with it anybody can check that nothing was changed afterwards:</p>
            <pre>note &lt;1&gt;
            </pre>
            </body>
            </html>
        "#]]
        .assert_eq(&page);
        let nothing = open_accounting(&[], person(1), &[], day(50));
        let page = accounting_html(&nothing, &AccountingHeadings::SPANISH, &Words, None);
        assert!(page.contains("no se entregó su información a nadie") && !page.contains("<table>"));
    }

    #[test]
    fn names_are_shown_only_where_the_setting_says_so() {
        let row = Preimage {
            subject: Some(person(1)),
            actor: Some(staff(9)),
            role: Some(Role::Nurse),
            categories: Set::of(&[Category::Laboratory]),
            ..Preimage::default()
        };
        let entries = [
            opened(1, day(3), Event::Decision, Outcome::Deny, row.clone()),
            opened(2, day(4), Event::BreakGlassOpened, Outcome::Permit, row),
        ];
        let looks = who_looked(&entries, person(1));
        let hidden =
            looks_csv(&shown_looks(&looks, Names::Hidden, &Words), &AccountingHeadings::SPANISH, None);
        assert!(!hidden.contains("Ana") && hidden.contains("nurse,Hospitalización,,"));
        let shown = looks_csv(&shown_looks(&looks, Names::Shown, &Words), &AccountingHeadings::ENGLISH, None);
        expect![[r"
            When,Role,Unit,Name,What for,What,Outcome,Emergency
            1970-01-04T00:00:00Z,nurse,Hospitalización,Ana Ruiz,treatment,laboratory,refused,
            1970-01-05T00:00:00Z,nurse,Hospitalización,Ana Ruiz,treatment,laboratory,allowed,emergency access
        "]]
        .assert_eq(&shown.replace("\r\n", "\n"));
        let page =
            looks_html(&shown_looks(&looks, Names::Hidden, &Words), &AccountingHeadings::SPANISH, Some("n"));
        assert!(
            page.contains("<h1>Quién ha visto su expediente</h1>") && page.contains("<pre>n</pre>"),
            "{page}"
        );
        assert!(page.contains("<td>acceso de emergencia</td>") && !page.contains("Ana"), "{page}");
        let nothing = looks_html(&[], &AccountingHeadings::ENGLISH, None);
        assert!(nothing.contains("Nobody has looked") && !nothing.contains("<table>"), "{nothing}");
    }

    fn glass(number: u128, at: i64, event: Event, actor: u128, outcome: Outcome) -> Opened {
        let row = Preimage { subject: Some(person(1)), actor: Some(staff(actor)), ..Preimage::default() };
        opened(number, day(at), event, outcome, row)
    }

    #[test]
    fn a_broken_glass_waits_until_somebody_else_reviewed_it() {
        let broken = |number, at, actor| glass(number, at, Event::BreakGlassOpened, actor, Outcome::Permit);
        let reviewed =
            |number, at, actor| glass(number, at, Event::BreakGlassReviewed, actor, Outcome::Permit);
        let waiting = |entries: &[Opened], now: i64| {
            let queue = glass_to_review(entries, TimeDelta::days(3), day(now));
            queue
                .iter()
                .map(|OpenGlass { entry, state, .. }| (entry.as_uuid().as_u128(), *state))
                .collect::<Vec<_>>()
        };
        let one = broken(1, 10, 5);
        assert_eq!(waiting(std::slice::from_ref(&one), 12), [(1, ReviewState::Waiting)]);
        assert_eq!(waiting(std::slice::from_ref(&one), 13), [(1, ReviewState::Overdue)]);
        assert_eq!(waiting(&[one.clone(), reviewed(2, 11, 6)], 13), []);
        // By the same person, before the opening, or refused: nothing is settled.
        assert_eq!(waiting(&[one.clone(), reviewed(2, 11, 5)], 12), [(1, ReviewState::Waiting)]);
        assert_eq!(waiting(&[one.clone(), reviewed(2, 9, 6)], 12), [(1, ReviewState::Waiting)]);
        let refused = glass(2, 11, Event::BreakGlassReviewed, 6, Outcome::Deny);
        assert_eq!(waiting(&[one.clone(), refused], 12), [(1, ReviewState::Waiting)]);
        // One review settles one opening; overdue ones stand first.
        let two = [broken(7, 12, 6), one, reviewed(3, 13, 4), broken(8, 9, 5)];
        assert_eq!(waiting(&two, 14), [(1, ReviewState::Overdue), (7, ReviewState::Waiting)]);
    }
}
