//! The tables as diesel sees them; generated from the migrated database, held equal to it by a test.

diesel::table! {
    resguardo.accounting_suspensions (subject_id, suspension_id) {
        subject_id -> Uuid,
        suspension_id -> Uuid,
        clinic_id -> Uuid,
        authority_id -> Nullable<Uuid>,
        form -> Text,
        stated_at -> Timestamptz,
        ends_at -> Timestamptz,
        recorded_by -> Uuid,
        recorded_at -> Timestamptz,
        words -> Bytea,
        dek_version -> Integer,
    }
}

diesel::table! {
    resguardo.actor_logins (actor_id) {
        actor_id -> Uuid,
        clinic_id -> Uuid,
        login -> Text,
        password_hash -> Text,
        changed_at -> Timestamptz,
    }
}

diesel::table! {
    resguardo.actors (actor_id) {
        actor_id -> Uuid,
        clinic_id -> Uuid,
        subject_id -> Uuid,
        role -> Text,
        facts_generation -> BigInt,
        pseudonym -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    resguardo.alert_verdicts (subject_id, alert_id) {
        subject_id -> Uuid,
        alert_id -> Uuid,
        clinic_id -> Uuid,
        verdict -> Text,
        judged_by -> Uuid,
        judged_at -> Timestamptz,
    }
}

diesel::table! {
    resguardo.alerts (subject_id, alert_id) {
        subject_id -> Uuid,
        alert_id -> Uuid,
        clinic_id -> Uuid,
        rule -> Text,
        raised_at -> Timestamptz,
        sealed -> Bytea,
        dek_version -> Integer,
    }
}

diesel::table! {
    resguardo.blind_tokens (subject_id, index_version, field, token) {
        subject_id -> Uuid,
        index_version -> Integer,
        field -> Text,
        token -> Bytea,
        clinic_id -> Uuid,
    }
}

diesel::table! {
    resguardo.care_relations (subject_id, actor_id, starts_at) {
        subject_id -> Uuid,
        actor_id -> Uuid,
        starts_at -> Timestamptz,
        clinic_id -> Uuid,
        ends_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    resguardo.case_steps (subject_id, case_id, step_no) {
        subject_id -> Uuid,
        case_id -> Uuid,
        step_no -> Integer,
        clinic_id -> Uuid,
        taken_at -> Timestamptz,
        taken_by -> Uuid,
        step -> Jsonb,
    }
}

diesel::table! {
    resguardo.cases (subject_id, case_id) {
        subject_id -> Uuid,
        case_id -> Uuid,
        clinic_id -> Uuid,
        received_at -> Timestamptz,
        case_document -> Jsonb,
        words -> Nullable<Bytea>,
        dek_version -> Integer,
    }
}

diesel::table! {
    resguardo.clearance_entries (actor_id, entry_no) {
        actor_id -> Uuid,
        entry_no -> Integer,
        clinic_id -> Uuid,
        kind -> Text,
        module -> Nullable<Text>,
        done_on -> Date,
        expires_on -> Nullable<Date>,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    resguardo.clinic_documents (clinic_id, path, version_no) {
        clinic_id -> Uuid,
        path -> Text,
        version_no -> Integer,
        content -> Text,
        content_hash -> Bytea,
        activated_at -> Timestamptz,
    }
}

diesel::table! {
    resguardo.clinics (clinic_id) {
        clinic_id -> Uuid,
        facts_generation -> BigInt,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    resguardo.consent_ends (subject_id, consent_id) {
        subject_id -> Uuid,
        consent_id -> Uuid,
        clinic_id -> Uuid,
        ended_at -> Timestamptz,
        cause -> Text,
    }
}

diesel::table! {
    resguardo.consents (subject_id, consent_id) {
        subject_id -> Uuid,
        consent_id -> Uuid,
        clinic_id -> Uuid,
        notice_version -> Text,
        form -> Text,
        atoms -> Jsonb,
        minus -> Jsonb,
        evidence -> Text,
        signer -> Text,
        recorded_by -> Uuid,
        given_at -> Timestamptz,
        starts_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        receipt -> Nullable<Bytea>,
    }
}

diesel::table! {
    resguardo.disposal_approvals (subject_id, disposal_id, officer_id) {
        subject_id -> Uuid,
        disposal_id -> Uuid,
        officer_id -> Uuid,
        clinic_id -> Uuid,
        approved_at -> Timestamptz,
    }
}

diesel::table! {
    resguardo.disposal_outcomes (subject_id, disposal_id) {
        subject_id -> Uuid,
        disposal_id -> Uuid,
        clinic_id -> Uuid,
        destroyed_at -> Timestamptz,
        records_count -> BigInt,
        kept_through -> Date,
    }
}

diesel::table! {
    resguardo.record_blocks (subject_id, block_id) {
        subject_id -> Uuid,
        block_id -> Uuid,
        clinic_id -> Uuid,
        case_id -> Uuid,
        classes -> Jsonb,
        extent -> Text,
        recorded_by -> Uuid,
        starts_at -> Timestamptz,
    }
}

diesel::table! {
    resguardo.record_block_lifts (subject_id, block_id) {
        subject_id -> Uuid,
        block_id -> Uuid,
        clinic_id -> Uuid,
        lifted_at -> Timestamptz,
    }
}

diesel::table! {
    resguardo.disposal_withdrawals (subject_id, disposal_id) {
        subject_id -> Uuid,
        disposal_id -> Uuid,
        clinic_id -> Uuid,
        officer_id -> Uuid,
        withdrawn_at -> Timestamptz,
    }
}

diesel::table! {
    resguardo.disposal_items (subject_id, disposal_id, record_id) {
        subject_id -> Uuid,
        disposal_id -> Uuid,
        record_id -> Uuid,
        clinic_id -> Uuid,
        added_at -> Timestamptz,
    }
}

diesel::table! {
    resguardo.disposals (subject_id, disposal_id) {
        subject_id -> Uuid,
        disposal_id -> Uuid,
        class -> Text,
        extent -> Text,
        clinic_id -> Uuid,
        proposed_by -> Uuid,
        proposed_at -> Timestamptz,
        not_before -> Timestamptz,
    }
}

diesel::table! {
    resguardo.evidence (subject_id, evidence_id) {
        subject_id -> Uuid,
        evidence_id -> Uuid,
        clinic_id -> Uuid,
        kind -> Text,
        recorded_by -> Uuid,
        actor_id -> Nullable<Uuid>,
        starts_at -> Timestamptz,
        ends_at -> Timestamptz,
        reason -> Bytea,
        dek_version -> Integer,
    }
}

diesel::table! {
    resguardo.evidence_reviews (subject_id, evidence_id) {
        subject_id -> Uuid,
        evidence_id -> Uuid,
        clinic_id -> Uuid,
        reviewed_by -> Uuid,
        reviewed_at -> Timestamptz,
        verdict -> Text,
    }
}

diesel::table! {
    resguardo.item_floors (subject_id, record_id) {
        subject_id -> Uuid,
        record_id -> Uuid,
        clinic_id -> Uuid,
        class -> Text,
        anchor -> Text,
        anchor_at -> Timestamptz,
        keep_through -> Date,
    }
}

diesel::table! {
    resguardo.legal_hold_releases (subject_id, hold_id) {
        subject_id -> Uuid,
        hold_id -> Uuid,
        clinic_id -> Uuid,
        released_at -> Timestamptz,
    }
}

diesel::table! {
    resguardo.legal_holds (subject_id, hold_id) {
        subject_id -> Uuid,
        hold_id -> Uuid,
        clinic_id -> Uuid,
        classes -> Jsonb,
        authority -> Text,
        starts_at -> Timestamptz,
    }
}

diesel::table! {
    resguardo.log_chains (clinic_id, chain) {
        clinic_id -> Uuid,
        chain -> Bytea,
        changes -> BigInt,
    }
}

diesel::table! {
    resguardo.log_checkpoints (clinic_id, tree_size, signed_at) {
        clinic_id -> Uuid,
        signed_at -> Timestamptz,
        tree_size -> BigInt,
        frontier -> Bytea,
        note -> Text,
    }
}

diesel::table! {
    resguardo.log_entries (clinic_id, entry_id) {
        clinic_id -> Uuid,
        entry_id -> Uuid,
        leaf -> Bytea,
    }
}

diesel::table! {
    resguardo.log_positions (clinic_id, tree_index) {
        clinic_id -> Uuid,
        tree_index -> BigInt,
        entry_id -> Uuid,
    }
}

diesel::table! {
    resguardo.log_queue (clinic_id, entry_id) {
        clinic_id -> Uuid,
        entry_id -> Uuid,
    }
}

diesel::table! {
    resguardo.log_sides (subject_id, entry_id) {
        subject_id -> Uuid,
        entry_id -> Uuid,
        clinic_id -> Uuid,
        class -> Text,
        dek_version -> Integer,
        sealed -> Bytea,
    }
}

diesel::table! {
    resguardo.records (subject_id, record_id, version) {
        subject_id -> Uuid,
        record_id -> Uuid,
        version -> Integer,
        clinic_id -> Uuid,
        category -> Text,
        kind -> Text,
        form -> Text,
        context -> Text,
        class -> Text,
        reveals_health -> Bool,
        genetic -> Bool,
        origin -> Text,
        author_id -> Nullable<Uuid>,
        external_author -> Nullable<Text>,
        source_system -> Nullable<Text>,
        source_resource -> Nullable<Text>,
        source_token -> Nullable<Bytea>,
        source_fingerprint -> Nullable<Bytea>,
        anchor -> Text,
        anchor_at -> Timestamptz,
        recorded_at -> Timestamptz,
        dek_version -> Integer,
        sealed -> Bytea,
        content_hash -> Bytea,
    }
}

diesel::table! {
    resguardo.restriction_lifts (subject_id, restriction_id) {
        subject_id -> Uuid,
        restriction_id -> Uuid,
        clinic_id -> Uuid,
        lifted_at -> Timestamptz,
    }
}

diesel::table! {
    resguardo.restrictions (subject_id, restriction_id) {
        subject_id -> Uuid,
        restriction_id -> Uuid,
        clinic_id -> Uuid,
        kind -> Text,
        scope -> Jsonb,
        unless -> Jsonb,
        starts_at -> Timestamptz,
    }
}

diesel::table! {
    resguardo.retention_floors (subject_id, class) {
        subject_id -> Uuid,
        class -> Text,
        clinic_id -> Uuid,
        anchor -> Text,
        anchor_at -> Timestamptz,
        keep_through -> Date,
    }
}

diesel::table! {
    resguardo.sessions (clinic_id, session_hash) {
        clinic_id -> Uuid,
        session_hash -> Bytea,
        actor_id -> Uuid,
        started_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    resguardo.subject_pseudonyms (subject_id) {
        subject_id -> Uuid,
        clinic_id -> Uuid,
        dek_version -> Integer,
        sealed -> Bytea,
    }
}

diesel::table! {
    resguardo.subjects (subject_id) {
        subject_id -> Uuid,
        clinic_id -> Uuid,
        kind -> Text,
        residence -> Nullable<Text>,
        age_mark -> Text,
        born_by -> Nullable<Date>,
        facts_generation -> BigInt,
        registered_at -> Timestamptz,
    }
}

diesel::table! {
    keystore.key_minimums (subject_id, class, minimum) {
        subject_id -> Uuid,
        class -> Text,
        minimum -> Integer,
        clinic_id -> Uuid,
        raised_at -> Timestamptz,
    }
}

diesel::table! {
    resguardo.record_seals (subject_id, record_id, version, dek_version) {
        subject_id -> Uuid,
        record_id -> Uuid,
        version -> Integer,
        dek_version -> Integer,
        clinic_id -> Uuid,
        sealed -> Bytea,
        content_hash -> Bytea,
        sealed_at -> Timestamptz,
        class -> Text,
    }
}

diesel::table! {
    resguardo.attachments (subject_id, record_id, version, dek_version) {
        subject_id -> Uuid,
        record_id -> Uuid,
        version -> Integer,
        dek_version -> Integer,
        clinic_id -> Uuid,
        class -> Text,
        header -> Bytea,
        sealed_bytes -> BigInt,
        content_hash -> Bytea,
        stored_at -> Timestamptz,
    }
}

diesel::table! {
    resguardo.attachment_chunks (subject_id, record_id, version, dek_version, chunk_no) {
        subject_id -> Uuid,
        record_id -> Uuid,
        version -> Integer,
        dek_version -> Integer,
        chunk_no -> BigInt,
        clinic_id -> Uuid,
        class -> Text,
        sealed -> Bytea,
    }
}

diesel::table! {
    keystore.clinic_secrets (clinic_id, kind, version, epoch) {
        clinic_id -> Uuid,
        kind -> Text,
        version -> Integer,
        epoch -> Integer,
        wrapped -> Bytea,
        check_value -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    keystore.copies (clinic_id, copy_id) {
        clinic_id -> Uuid,
        copy_id -> Uuid,
        epoch -> Integer,
        live_count -> BigInt,
        digest -> Bytea,
        verified_at -> Timestamptz,
        place -> Text,
    }
}

diesel::table! {
    keystore.backup_ends (clinic_id, backup_id) {
        clinic_id -> Uuid,
        backup_id -> Uuid,
        written_at -> Timestamptz,
    }
}

diesel::table! {
    keystore.data_backups (clinic_id, backup_id) {
        clinic_id -> Uuid,
        backup_id -> Uuid,
        taken_at -> Timestamptz,
        expires_at -> Timestamptz,
        index_version -> Integer,
    }
}

diesel::table! {
    keystore.deks (subject_id, class, version) {
        subject_id -> Uuid,
        class -> Text,
        version -> Integer,
        clinic_id -> Uuid,
        month -> Nullable<Date>,
        state -> Text,
        first_epoch -> Integer,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    keystore.epoch_ends (clinic_id, epoch) {
        clinic_id -> Uuid,
        epoch -> Integer,
        ended_at -> Timestamptz,
        outcome -> Text,
    }
}

diesel::table! {
    keystore.epoch_closings (clinic_id, epoch) {
        clinic_id -> Uuid,
        epoch -> Integer,
        closed_at -> Timestamptz,
    }
}

diesel::table! {
    keystore.epoch_holds (clinic_id, hold_id) {
        clinic_id -> Uuid,
        hold_id -> Uuid,
        epoch -> Integer,
        authority -> Text,
        placed_at -> Timestamptz,
    }
}

diesel::table! {
    keystore.epoch_hold_releases (clinic_id, hold_id) {
        clinic_id -> Uuid,
        hold_id -> Uuid,
        released_at -> Timestamptz,
    }
}

diesel::table! {
    keystore.erased_items (subject_id, record_id, disposal_id) {
        subject_id -> Uuid,
        record_id -> Uuid,
        class -> Text,
        disposal_id -> Uuid,
        clinic_id -> Uuid,
        erased_at -> Timestamptz,
    }
}

diesel::table! {
    keystore.erasures (subject_id, class, version) {
        subject_id -> Uuid,
        class -> Text,
        version -> Integer,
        clinic_id -> Uuid,
        erased_at -> Timestamptz,
        ground -> Text,
        rows_count -> BigInt,
        first_epoch -> Integer,
        last_epoch -> Integer,
        index_version -> Nullable<Integer>,
    }
}

diesel::table! {
    keystore.recoveries (clinic_id, recovery_id) {
        clinic_id -> Uuid,
        recovery_id -> Uuid,
        step -> Text,
        epoch -> Integer,
        index_version -> Integer,
        needed -> Integer,
        holders -> Integer,
        taken_at -> Timestamptz,
    }
}

diesel::table! {
    keystore.wrappings (subject_id, class, version, epoch) {
        subject_id -> Uuid,
        class -> Text,
        version -> Integer,
        epoch -> Integer,
        clinic_id -> Uuid,
        wrapped -> Bytea,
    }
}

diesel::table! {
    // A view: data keys as the key of the current epoch wraps them.
    keystore.keys (subject_id, class, version) {
        subject_id -> Uuid,
        class -> Text,
        version -> Integer,
        clinic_id -> Uuid,
        month -> Nullable<Date>,
        state -> Text,
        first_epoch -> Integer,
        wrapped -> Nullable<Bytea>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    alerts,
    alert_verdicts,
    consents,
    consent_ends,
    restrictions,
    restriction_lifts,
    legal_holds,
    legal_hold_releases,
    evidence,
    evidence_reviews,
    log_entries,
    log_queue,
    log_positions,
    subjects,
    records,
    retention_floors,
    actors,
    actor_logins,
    cases,
    case_steps,
    log_sides,
    sessions,
    disposals,
    disposal_items,
    item_floors,
    disposal_approvals,
    disposal_outcomes,
    disposal_withdrawals,
    deks,
    erasures,
);
diesel::allow_tables_to_appear_in_same_query!(deks, wrappings);
diesel::allow_tables_to_appear_in_same_query!(epoch_holds, epoch_hold_releases);
