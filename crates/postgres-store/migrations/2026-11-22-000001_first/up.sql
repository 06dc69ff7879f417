-- The first schema: two clinics or two hundred in one database, each seeing its own rows only.
-- The database holds sealed content, keyed tokens and pseudonyms; nothing in it names a person.
-- Vocabularies are domains, so that a word outside the closed lists cannot be stored; a test holds each
-- equal to its list in records-model. The role statements at the end are the security boundary: the
-- application can neither change nor remove what was written, and destruction has one door.

CREATE SCHEMA resguardo;

CREATE SCHEMA keystore;
SET LOCAL search_path = resguardo, pg_catalog;

CREATE DOMAIN actor_role AS text CHECK (VALUE IN (
    'physician', 'nurse', 'laboratory-staff', 'pharmacist', 'reception', 'patient-coordinator',
    'billing', 'marketing', 'records-custodian', 'systems-administrator', 'privacy-officer', 'director',
    'researcher', 'person', 'representative', 'visitor', 'system'));
COMMENT ON DOMAIN actor_role IS 'The role list of records-model; a test holds the two equal.';

CREATE DOMAIN collection_context AS text CHECK (VALUE IN (
    'website', 'services', 'treatment'));
COMMENT ON DOMAIN collection_context IS 'The collection context list of records-model; a test holds the two equal.';

CREATE DOMAIN data_category AS text CHECK (VALUE IN (
    'identity-contact', 'birth-date', 'emergency-contact', 'payment', 'travel', 'medical-history',
    'medications', 'treatment-notes', 'laboratory', 'outcomes', 'web-network', 'web-pages', 'web-referral', 'web-device', 'clinical-images', 'cell-traceability', 'staff-record', 'unclassified'));
COMMENT ON DOMAIN data_category IS 'The data category list of records-model; a test holds the two equal.';

CREATE DOMAIN content_kind AS text CHECK (VALUE IN (
    'contact-details', 'birth-date', 'condition', 'allergy', 'medication', 'administration',
    'immunization', 'procedure', 'encounter', 'note', 'result', 'report', 'document', 'care-plan',
    'care-team', 'provenance-statement', 'follow-up', 'invoice', 'settlement', 'stay', 'image',
    'testimonial', 'cell-product', 'web-event', 'staff-entry', 'other'));
COMMENT ON DOMAIN content_kind IS 'The content kind list of records-model; a test holds the two equal.';

CREATE DOMAIN content_form AS text CHECK (VALUE IN (
    'coded', 'free-text', 'mixed'));
COMMENT ON DOMAIN content_form IS 'The content form list of records-model; a test holds the two equal.';

CREATE DOMAIN anchor_event AS text CHECK (VALUE IN (
    'last-medical-act', 'document-date', 'end-of-stay', 'event', 'last-contact', 'consent-end', 'end-of-employment', 'case-closed'));
COMMENT ON DOMAIN anchor_event IS 'The anchor event list of records-model; a test holds the two equal.';

CREATE DOMAIN consent_form AS text CHECK (VALUE IN (
    'tacit', 'express', 'express-written'));
COMMENT ON DOMAIN consent_form IS 'The consent form list of records-model without the form of no consent; a test holds the two equal.';

CREATE DOMAIN restriction_kind AS text CHECK (VALUE IN (
    'agreed', 'must-agree', 'refusal', 'opposition'));
COMMENT ON DOMAIN restriction_kind IS 'The restriction kind list of records-model; a test holds the two equal.';

CREATE DOMAIN retention_class AS text CHECK (VALUE IN (
    'clinical', 'clinical-image', 'traceability', 'identity', 'emergency-contact', 'prospect',
    'payment', 'voucher', 'travel', 'marketing', 'website', 'consent-evidence', 'request', 'accounting',
    'staff'));
COMMENT ON DOMAIN retention_class IS 'The retention class list of records-model; a test holds the two equal.';

CREATE DOMAIN subject_kind AS text CHECK (VALUE IN (
    'patient', 'emergency-contact', 'representative', 'staff', 'visitor', 'enquirer'));
COMMENT ON DOMAIN subject_kind IS 'The subject kind list of records-model; a test holds the two equal.';

CREATE FUNCTION current_clinic() RETURNS uuid LANGUAGE sql STABLE AS
$$ SELECT nullif(current_setting('resguardo.clinic_id', true), '')::uuid $$;
-- The second integer of the advisory locks, as the application computes it (lock.rs); a test holds the two equal.
CREATE FUNCTION lock_key(clinic uuid, id uuid) RETURNS integer LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || encode(substring(sha256(uuid_send(clinic) || uuid_send(id)) FOR 4), 'hex'))::bit(32)::integer $$;
COMMENT ON FUNCTION lock_key IS 'The first four bytes, big-endian, of SHA-256(clinic id || id).';

COMMENT ON FUNCTION current_clinic IS 'The clinic this transaction works for, set with SET LOCAL; without it no row is seen.';

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The disposer is the one door through which anything leaves, and its function checks the papers.
    IF current_user = 'resguardo_disposer' AND TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% on % is refused: its rows are written once', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- ---------------------------------------------------------------------------------------------------------
-- The clinic, its documents, and who acts.
-- ---------------------------------------------------------------------------------------------------------

CREATE TABLE clinics (
    clinic_id         uuid        PRIMARY KEY,
    facts_generation  bigint      NOT NULL DEFAULT 0 CHECK (facts_generation >= 0),
    created_at        timestamptz NOT NULL
);
COMMENT ON TABLE clinics IS 'One row a clinic. The generation counts the changes of what every decision of the clinic rests on: its policy and its providers.';

CREATE TABLE clinic_documents (
    clinic_id     uuid        NOT NULL REFERENCES clinics,
    path          text        NOT NULL CHECK (path ~ '^[a-z0-9][a-z0-9./-]{0,99}$'),
    version_no    integer     NOT NULL CHECK (version_no >= 1),
    content       text        NOT NULL CHECK (content <> ''),
    content_hash  bytea       NOT NULL CHECK (length(content_hash) = 32),
    activated_at  timestamptz NOT NULL,
    PRIMARY KEY (clinic_id, path, version_no)
);
COMMENT ON TABLE clinic_documents IS 'The documents that a clinic runs on, by file name, every version; the highest number of each is in force.';

CREATE TABLE subjects (
    subject_id        uuid         PRIMARY KEY,
    clinic_id         uuid         NOT NULL REFERENCES clinics,
    kind              subject_kind NOT NULL,
    residence         text         CHECK (residence ~ '^[A-Z]{2}(-[A-Z0-9]{1,3})?$'),
    -- What minors' retention needs of the date of birth, which itself is sealed: a year's end, and for whoever
    -- has long been of age not even that.
    age_mark          text         NOT NULL CHECK (age_mark IN ('unknown', 'long-of-age', 'born-by')),
    born_by           date         CHECK (extract(month FROM born_by) = 12 AND extract(day FROM born_by) = 31),
    facts_generation  bigint       NOT NULL DEFAULT 0 CHECK (facts_generation >= 0),
    registered_at     timestamptz  NOT NULL,
    UNIQUE (subject_id, clinic_id),
    CHECK ((age_mark = 'born-by') = (born_by IS NOT NULL))
);
COMMENT ON TABLE subjects IS 'One row a person whose data is held, without anything that names them. The generation counts the changes of what decisions about them rest on.';
CREATE INDEX subjects_by_clinic ON subjects (clinic_id, kind);

CREATE TABLE actors (
    actor_id          uuid        PRIMARY KEY,
    clinic_id         uuid        NOT NULL REFERENCES clinics,
    subject_id        uuid        NOT NULL,
    role              actor_role  NOT NULL,
    facts_generation  bigint      NOT NULL DEFAULT 0 CHECK (facts_generation >= 0),
    pseudonym         bytea       NOT NULL CHECK (length(pseudonym) > 16),
    created_at        timestamptz NOT NULL,
    UNIQUE (actor_id, clinic_id),
    FOREIGN KEY (subject_id, clinic_id) REFERENCES subjects (subject_id, clinic_id)
);
COMMENT ON TABLE actors IS 'Who may act, in which role. The pseudonym under which the log knows them is sealed with their staff key.';

CREATE TABLE actor_logins (
    actor_id       uuid        PRIMARY KEY,
    clinic_id      uuid        NOT NULL,
    login          text        NOT NULL CHECK (login ~ '^[a-z0-9.-]{2,64}$'),
    password_hash  text        NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
    changed_at     timestamptz NOT NULL,
    UNIQUE (clinic_id, login),
    FOREIGN KEY (actor_id, clinic_id) REFERENCES actors (actor_id, clinic_id)
);
COMMENT ON TABLE actor_logins IS 'How an actor signs in.';

CREATE TABLE sessions (
    clinic_id     uuid        NOT NULL,
    session_hash  bytea       NOT NULL CHECK (length(session_hash) = 32),
    actor_id      uuid        NOT NULL,
    started_at    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    PRIMARY KEY (clinic_id, session_hash),
    FOREIGN KEY (actor_id, clinic_id) REFERENCES actors (actor_id, clinic_id),
    CHECK (expires_at > started_at)
);
COMMENT ON TABLE sessions IS 'Signed-in sessions, by the hash of their token.';

CREATE TABLE clearance_entries (
    actor_id     uuid        NOT NULL,
    entry_no     integer     NOT NULL CHECK (entry_no >= 1),
    clinic_id    uuid        NOT NULL,
    kind         text        NOT NULL CHECK (kind IN ('training', 'background-clear', 'background-not-clear', 'undertaking', 'left')),
    module       text        CHECK (module <> ''),
    done_on      date        NOT NULL,
    expires_on   date,
    recorded_at  timestamptz NOT NULL,
    PRIMARY KEY (actor_id, entry_no),
    FOREIGN KEY (actor_id, clinic_id) REFERENCES actors (actor_id, clinic_id),
    CHECK ((kind = 'training') = (module IS NOT NULL)),
    CHECK (expires_on > done_on)
);
COMMENT ON TABLE clearance_entries IS 'Training, background check (its outcome, never the report) and undertaking, one row each time.';

-- ---------------------------------------------------------------------------------------------------------
-- The keystore: apart, because a data backup must not hold it.
-- ---------------------------------------------------------------------------------------------------------

CREATE FUNCTION current_epoch() RETURNS integer LANGUAGE sql STABLE AS
$$ SELECT nullif(current_setting('resguardo.epoch', true), '')::integer $$;
COMMENT ON FUNCTION current_epoch IS 'The epoch whose key this server holds, set with SET LOCAL; keys are read as that key wraps them.';

CREATE TABLE keystore.deks (
    subject_id   uuid            NOT NULL,
    class        retention_class NOT NULL,
    version      integer         NOT NULL CHECK (version >= 1),
    clinic_id    uuid            NOT NULL,
    month        date            CHECK (extract(day FROM month) = 1),
    state        text            NOT NULL CHECK (state IN ('active', 'decrypt-only', 'held', 'shred-pending', 'destroyed')),
    first_epoch  integer         NOT NULL CHECK (first_epoch >= 1),
    created_at   timestamptz     NOT NULL,
    PRIMARY KEY (subject_id, class, version),
    UNIQUE (subject_id, class, version, clinic_id)
);
COMMENT ON TABLE keystore.deks IS 'Data keys: one a person, retention class and version. A destroyed key keeps its row and loses its wrappings. The subject may be the clinic itself (website events, its own log entries).';
CREATE INDEX deks_by_clinic ON keystore.deks (clinic_id, state);

CREATE TABLE keystore.wrappings (
    subject_id  uuid            NOT NULL,
    class       retention_class NOT NULL,
    version     integer         NOT NULL,
    epoch       integer         NOT NULL CHECK (epoch >= 1),
    clinic_id   uuid            NOT NULL,
    wrapped     bytea           NOT NULL CHECK (length(wrapped) > 32),
    PRIMARY KEY (subject_id, class, version, epoch),
    FOREIGN KEY (subject_id, class, version, clinic_id) REFERENCES keystore.deks (subject_id, class, version, clinic_id)
);
COMMENT ON TABLE keystore.wrappings IS 'The bytes of a data key as the key of one epoch wraps them. A rotation adds rows and takes none away: no login can lose a key by wrapping it badly. They go with the key, of every epoch at once.';

CREATE TABLE keystore.key_minimums (
    subject_id  uuid            NOT NULL,
    class       retention_class NOT NULL,
    minimum     integer         NOT NULL CHECK (minimum >= 2),
    clinic_id   uuid            NOT NULL,
    raised_at   timestamptz     NOT NULL,
    PRIMARY KEY (subject_id, class, minimum)
);
COMMENT ON TABLE keystore.key_minimums IS 'The lowest version of a key whose content is read still: everything was resealed from it on, so that what an older version seals was put back from an older copy. It only rises: the highest row counts.';

CREATE TABLE keystore.clinic_secrets (
    clinic_id    uuid        NOT NULL,
    kind         text        NOT NULL CHECK (kind IN ('index-root', 'log-signing')),
    version      integer     NOT NULL CHECK (version >= 1),
    epoch        integer     NOT NULL CHECK (epoch >= 1),
    wrapped      bytea       NOT NULL CHECK (length(wrapped) > 32),
    check_value  bytea       NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (clinic_id, kind, version, epoch)
);
COMMENT ON TABLE keystore.clinic_secrets IS 'Secrets of a clinic as the key of one epoch wraps them: the root of its blind indexes and the key that signs its log.';

CREATE TABLE keystore.erasures (
    subject_id     uuid            NOT NULL,
    class          retention_class NOT NULL,
    version        integer         NOT NULL CHECK (version >= 1),
    clinic_id      uuid            NOT NULL,
    erased_at      timestamptz     NOT NULL,
    ground         text            NOT NULL CHECK (ground IN ('whole-class', 'survivors-resealed')),
    rows_count     bigint          NOT NULL CHECK (rows_count >= 0),
    first_epoch    integer         NOT NULL CHECK (first_epoch >= 1),
    last_epoch     integer         NOT NULL CHECK (last_epoch >= first_epoch),
    -- The version of the blind indexes whose tokens (of names, or of where a record came from) were removed with it, and may
    -- be in backups of the data.
    index_version  integer         CHECK (index_version >= 1),
    PRIMARY KEY (subject_id, class, version)
);
COMMENT ON TABLE keystore.erasures IS 'The erasure ledger: every key that was destroyed, with what its certificate says. It stands with the keys, so that whoever restores an older copy of the data has it, and it is replayed before anything is answered.';

CREATE TABLE keystore.epoch_ends (
    clinic_id  uuid        NOT NULL,
    epoch      integer     NOT NULL CHECK (epoch >= 1),
    ended_at   timestamptz NOT NULL,
    outcome    text        NOT NULL CHECK (outcome IN ('destroyed', 'unproved')),
    PRIMARY KEY (clinic_id, epoch)
);
COMMENT ON TABLE keystore.epoch_ends IS 'Epochs whose key was given up, and whether its end is proved.';

CREATE TABLE keystore.epoch_closings (
    clinic_id  uuid        NOT NULL,
    epoch      integer     NOT NULL CHECK (epoch >= 1),
    closed_at  timestamptz NOT NULL,
    PRIMARY KEY (clinic_id, epoch)
);
COMMENT ON TABLE keystore.epoch_closings IS 'Epochs under which nothing is wrapped any more, entered while nobody could make a key, and before the key of the epoch is given up.';

CREATE TABLE keystore.epoch_holds (
    clinic_id  uuid        NOT NULL,
    hold_id    uuid        NOT NULL,
    epoch      integer     NOT NULL CHECK (epoch >= 1),
    authority  text        NOT NULL CHECK (authority <> ''),
    placed_at  timestamptz NOT NULL,
    PRIMARY KEY (clinic_id, hold_id)
);
COMMENT ON TABLE keystore.epoch_holds IS 'Holds on the key of a whole epoch: what only older copies of the keystore still open has to stay.';

CREATE TABLE keystore.epoch_hold_releases (
    clinic_id    uuid        NOT NULL,
    hold_id      uuid        NOT NULL,
    released_at  timestamptz NOT NULL,
    PRIMARY KEY (clinic_id, hold_id),
    FOREIGN KEY (clinic_id, hold_id) REFERENCES keystore.epoch_holds (clinic_id, hold_id)
);
COMMENT ON TABLE keystore.epoch_hold_releases IS 'Holds on an epoch that were released.';

CREATE TABLE keystore.copies (
    clinic_id    uuid        NOT NULL,
    copy_id      uuid        NOT NULL,
    epoch        integer     NOT NULL CHECK (epoch >= 1),
    live_count   bigint      NOT NULL CHECK (live_count >= 0),
    digest       bytea       NOT NULL CHECK (length(digest) = 32),
    verified_at  timestamptz NOT NULL,
    place        text        NOT NULL CHECK (place <> ''),
    PRIMARY KEY (clinic_id, copy_id)
);
COMMENT ON TABLE keystore.copies IS 'Copies of the keystore that were read back and opened whole.';

CREATE TABLE keystore.recoveries (
    clinic_id      uuid        NOT NULL,
    recovery_id    uuid        NOT NULL,
    step           text        NOT NULL CHECK (step IN ('split', 'verified', 'destroyed')),
    epoch          integer     NOT NULL CHECK (epoch >= 1),
    index_version  integer     NOT NULL CHECK (index_version >= 1),
    needed         integer     NOT NULL CHECK (needed >= 2),
    holders        integer     NOT NULL CHECK (holders >= needed),
    taken_at       timestamptz NOT NULL,
    PRIMARY KEY (clinic_id, recovery_id)
);
COMMENT ON TABLE keystore.recoveries IS 'When the epoch and index keys were shared out among people, when the shares were last tried, and when people said that all of an epoch are destroyed. No share is stored.';

CREATE TABLE keystore.data_backups (
    clinic_id      uuid        NOT NULL,
    backup_id      uuid        NOT NULL,
    taken_at       timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    index_version  integer     NOT NULL CHECK (index_version >= 1),
    PRIMARY KEY (clinic_id, backup_id),
    CHECK (expires_at > taken_at)
);
COMMENT ON TABLE keystore.data_backups IS 'Backups of the data, and when each is to be destroyed: until then, search tokens of the erased may survive in them.';

CREATE TABLE keystore.backup_ends (
    clinic_id   uuid        NOT NULL,
    backup_id   uuid        NOT NULL,
    written_at  timestamptz NOT NULL,
    PRIMARY KEY (clinic_id, backup_id),
    FOREIGN KEY (clinic_id, backup_id) REFERENCES keystore.data_backups (clinic_id, backup_id)
);
COMMENT ON TABLE keystore.backup_ends IS 'Backups of the data that stand whole where they were to be written. One without a line here may be no backup.';

CREATE TABLE keystore.erased_items (
    subject_id   uuid            NOT NULL,
    record_id    uuid            NOT NULL,
    class        retention_class NOT NULL,
    disposal_id  uuid            NOT NULL,
    clinic_id    uuid            NOT NULL,
    erased_at    timestamptz     NOT NULL,
    PRIMARY KEY (subject_id, record_id, disposal_id)
);
COMMENT ON TABLE keystore.erased_items IS 'Records that were destroyed one by one, beside the ledger of keys: so that it is known, also once an older copy of the data is back, that they are not lost.';

CREATE VIEW keystore.keys WITH (security_invoker = true) AS
    SELECT d.subject_id, d.class, d.version, d.clinic_id, d.month, d.state, d.first_epoch, w.wrapped
    FROM keystore.deks d
    LEFT JOIN keystore.wrappings w ON w.subject_id = d.subject_id AND w.class = d.class AND w.version = d.version
        AND w.epoch = resguardo.current_epoch()
    WHERE d.version >= coalesce((SELECT max(m.minimum) FROM keystore.key_minimums m
        WHERE m.subject_id = d.subject_id AND m.class = d.class), 1);
COMMENT ON VIEW keystore.keys IS 'Data keys as the key of the current epoch wraps them, from the lowest version on whose content is read still.';

-- ---------------------------------------------------------------------------------------------------------
-- What is held about a person.
-- ---------------------------------------------------------------------------------------------------------

CREATE TABLE blind_tokens (
    subject_id     uuid    NOT NULL,
    index_version  integer NOT NULL CHECK (index_version >= 1),
    field          text    NOT NULL CHECK (field IN ('name', 'phone', 'email', 'name-birth-date', 'source-identity')),
    token          bytea   NOT NULL CHECK (length(token) = 32),
    clinic_id      uuid    NOT NULL,
    PRIMARY KEY (subject_id, index_version, field, token),
    FOREIGN KEY (subject_id, clinic_id) REFERENCES subjects (subject_id, clinic_id)
);
COMMENT ON TABLE blind_tokens IS 'Keyed tokens by which a person is found again; without the clinic''s index key they say nothing.';
CREATE INDEX blind_tokens_search ON blind_tokens (clinic_id, field, token);

CREATE TABLE records (
    subject_id          uuid               NOT NULL,
    record_id           uuid               NOT NULL,
    version             integer            NOT NULL CHECK (version >= 1),
    clinic_id           uuid               NOT NULL,
    category            data_category      NOT NULL,
    kind                content_kind       NOT NULL,
    form                content_form       NOT NULL,
    context             collection_context NOT NULL,
    class               retention_class    NOT NULL,
    reveals_health      boolean            NOT NULL,
    genetic             boolean            NOT NULL,
    origin              text               NOT NULL CHECK (origin IN ('authored', 'external')),
    author_id           uuid,
    external_author     text               CHECK (external_author IN ('known', 'not-stated')),
    source_system       text               CHECK (source_system <> ''),
    source_resource     text               CHECK (source_resource <> ''),
    source_token        bytea              CHECK (length(source_token) = 32),
    source_fingerprint  bytea              CHECK (length(source_fingerprint) = 32),
    anchor              anchor_event       NOT NULL,
    anchor_at           timestamptz        NOT NULL,
    recorded_at         timestamptz        NOT NULL,
    dek_version         integer            NOT NULL CHECK (dek_version >= 1),
    sealed              bytea              NOT NULL CHECK (length(sealed) > 80),
    content_hash        bytea              NOT NULL CHECK (length(content_hash) = 32),
    PRIMARY KEY (subject_id, record_id, version),
    UNIQUE (subject_id, source_token, version),
    FOREIGN KEY (subject_id, clinic_id) REFERENCES subjects (subject_id, clinic_id),
    CHECK ((origin = 'authored') = (author_id IS NOT NULL)),
    CHECK ((origin = 'external') = (source_token IS NOT NULL)),
    CHECK ((origin = 'external') = (source_system IS NOT NULL AND source_resource IS NOT NULL
        AND source_fingerprint IS NOT NULL AND external_author IS NOT NULL))
);
COMMENT ON TABLE records IS 'Every version of every record, sealed. A correction is the next version; nothing is overwritten. The clear columns are bound into the sealed fields: editing one makes the record fail to open.';
CREATE INDEX records_by_category ON records (subject_id, category, anchor_at);

CREATE TABLE record_seals (
    subject_id    uuid        NOT NULL,
    record_id     uuid        NOT NULL,
    version       integer     NOT NULL,
    dek_version   integer     NOT NULL CHECK (dek_version >= 2),
    clinic_id     uuid        NOT NULL,
    sealed        bytea       NOT NULL CHECK (length(sealed) > 80),
    content_hash  bytea       NOT NULL CHECK (length(content_hash) = 32),
    sealed_at     timestamptz NOT NULL,
    class         retention_class NOT NULL,
    PRIMARY KEY (subject_id, record_id, version, dek_version),
    FOREIGN KEY (subject_id, record_id, version) REFERENCES records (subject_id, record_id, version),
    FOREIGN KEY (subject_id, clinic_id) REFERENCES subjects (subject_id, clinic_id)
);
COMMENT ON TABLE record_seals IS 'The content of a record as a later version of its key seals it; the newest is read. The record itself stays as it was written.';

CREATE TABLE attachments (
    subject_id    uuid            NOT NULL,
    record_id     uuid            NOT NULL,
    version       integer         NOT NULL,
    dek_version   integer         NOT NULL CHECK (dek_version >= 1),
    clinic_id     uuid            NOT NULL,
    class         retention_class NOT NULL,
    header        bytea           NOT NULL CHECK (length(header) = 64),
    -- Head and chunks; a chunk is 16400 bytes, the last one shorter and at least its tag.
    sealed_bytes  bigint          NOT NULL CHECK (sealed_bytes >= 80 AND (sealed_bytes - 64) % 16400 >= 16),
    content_hash  bytea           NOT NULL CHECK (length(content_hash) = 32),
    stored_at     timestamptz     NOT NULL,
    PRIMARY KEY (subject_id, record_id, version, dek_version),
    UNIQUE (subject_id, record_id, version, dek_version, clinic_id),
    FOREIGN KEY (subject_id, record_id, version) REFERENCES records (subject_id, record_id, version),
    FOREIGN KEY (subject_id, clinic_id) REFERENCES subjects (subject_id, clinic_id)
);
COMMENT ON TABLE attachments IS 'The file of a version of a record, one row for each version of the key that sealed it; the newest is read. What it is called and how its bytes are read is sealed in the record. The clear columns of the record that decide are bound into the file too: editing one makes it fail to open.';

CREATE TABLE attachment_chunks (
    subject_id   uuid            NOT NULL,
    record_id    uuid            NOT NULL,
    version      integer         NOT NULL,
    dek_version  integer         NOT NULL,
    chunk_no     bigint          NOT NULL CHECK (chunk_no >= 0),
    clinic_id    uuid            NOT NULL,
    class        retention_class NOT NULL,
    sealed       bytea           NOT NULL CHECK (length(sealed) BETWEEN 16 AND 16400),
    PRIMARY KEY (subject_id, record_id, version, dek_version, chunk_no),
    -- Chunks come first and their row last, in one transaction: without the row none of them stays.
    FOREIGN KEY (subject_id, record_id, version, dek_version, clinic_id)
        REFERENCES attachments (subject_id, record_id, version, dek_version, clinic_id) DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE attachment_chunks IS 'The sealed bytes of a file, chunk by chunk, each bound to its place in it.';
-- Sealed bytes do not compress.
ALTER TABLE attachment_chunks ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE TABLE retention_floors (
    subject_id    uuid            NOT NULL,
    class         retention_class NOT NULL,
    clinic_id     uuid            NOT NULL,
    anchor        anchor_event    NOT NULL,
    anchor_at     timestamptz     NOT NULL,
    keep_through  date            NOT NULL,
    PRIMARY KEY (subject_id, class),
    FOREIGN KEY (subject_id, clinic_id) REFERENCES subjects (subject_id, clinic_id)
);
COMMENT ON TABLE retention_floors IS 'Until when a class of a person''s records must be kept, as the retention rules worked it out. The date may move later, never earlier; a minor''s is rounded up to the end of a year, so that it tells no birthday.';

CREATE FUNCTION refuse_earlier_floor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.keep_through < OLD.keep_through OR NEW.anchor_at < OLD.anchor_at THEN
        RAISE EXCEPTION 'a retention floor never moves earlier' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER retention_floors_only_later BEFORE UPDATE ON retention_floors
    FOR EACH ROW EXECUTE FUNCTION refuse_earlier_floor();

-- A floor is counted from its anchor, so none lies before it: an old date cannot be planted to destroy early.
ALTER TABLE retention_floors ADD CONSTRAINT retention_floors_after_anchor
    CHECK (keep_through >= (anchor_at AT TIME ZONE 'UTC')::date);


CREATE TABLE item_floors (
    subject_id    uuid            NOT NULL,
    record_id     uuid            NOT NULL,
    clinic_id     uuid            NOT NULL,
    class         retention_class NOT NULL CHECK (class IN ('payment', 'voucher', 'travel', 'website')),
    anchor        anchor_event    NOT NULL,
    anchor_at     timestamptz     NOT NULL,
    keep_through  date            NOT NULL CHECK (keep_through >= (anchor_at AT TIME ZONE 'UTC')::date),
    PRIMARY KEY (subject_id, record_id),
    FOREIGN KEY (subject_id, clinic_id) REFERENCES subjects (subject_id, clinic_id)
);
COMMENT ON TABLE item_floors IS 'Until when one record must be kept, where the items of a class end one by one. As with a class, the date may move later, never earlier.';
CREATE TRIGGER item_floors_only_later BEFORE UPDATE ON item_floors
    FOR EACH ROW EXECUTE FUNCTION refuse_earlier_floor();

CREATE TABLE care_relations (
    subject_id  uuid        NOT NULL,
    actor_id    uuid        NOT NULL,
    starts_at   timestamptz NOT NULL,
    clinic_id   uuid        NOT NULL,
    ends_at     timestamptz,
    PRIMARY KEY (subject_id, actor_id, starts_at),
    FOREIGN KEY (subject_id, clinic_id) REFERENCES subjects (subject_id, clinic_id),
    FOREIGN KEY (actor_id, clinic_id) REFERENCES actors (actor_id, clinic_id),
    CHECK (ends_at > starts_at)
);
COMMENT ON TABLE care_relations IS 'Which staff take part in whose care, and when.';

CREATE TABLE consents (
    subject_id      uuid         NOT NULL,
    consent_id      uuid         NOT NULL,
    clinic_id       uuid         NOT NULL,
    notice_version  text         NOT NULL CHECK (notice_version ~ '^[a-z0-9.-]{1,64}$'),
    form            consent_form NOT NULL,
    atoms           jsonb        NOT NULL CHECK (jsonb_typeof(atoms) = 'array' AND atoms <> '[]'),
    minus           jsonb        NOT NULL CHECK (jsonb_typeof(minus) = 'array'),
    evidence        text         NOT NULL CHECK (evidence IN ('signed-paper', 'signed-screen', 'click', 'spoken', 'conduct')),
    signer          text         NOT NULL CHECK (signer IN ('person', 'representative')),
    recorded_by     uuid         NOT NULL,
    given_at        timestamptz  NOT NULL,
    starts_at       timestamptz  NOT NULL,
    expires_at      timestamptz,
    receipt         bytea        CHECK (length(receipt) > 80),
    PRIMARY KEY (subject_id, consent_id),
    UNIQUE (subject_id, consent_id, clinic_id),
    FOREIGN KEY (subject_id, clinic_id) REFERENCES subjects (subject_id, clinic_id),
    CHECK (expires_at > starts_at),
    -- Notice by conduct is tacit, never more (policy section 1).
    CHECK (evidence <> 'conduct' OR form = 'tacit'),
    CHECK (form <> 'express-written' OR evidence IN ('signed-paper', 'signed-screen'))
);
COMMENT ON TABLE consents IS 'What a person agreed to, one row each time; a row is history and is never overwritten. The receipt is sealed.';

CREATE TABLE consent_ends (
    subject_id  uuid        NOT NULL,
    consent_id  uuid        NOT NULL,
    clinic_id   uuid        NOT NULL,
    ended_at    timestamptz NOT NULL,
    cause       text        NOT NULL CHECK (cause IN ('withdrawn', 'superseded', 'annulled')),
    PRIMARY KEY (subject_id, consent_id),
    FOREIGN KEY (subject_id, consent_id, clinic_id) REFERENCES consents (subject_id, consent_id, clinic_id)
);
COMMENT ON TABLE consent_ends IS 'How a consent ended. An end is final: nothing revives a consent.';

CREATE TABLE restrictions (
    subject_id      uuid             NOT NULL,
    restriction_id  uuid             NOT NULL,
    clinic_id       uuid             NOT NULL,
    kind            restriction_kind NOT NULL,
    scope           jsonb            NOT NULL CHECK (jsonb_typeof(scope) = 'object'),
    unless          jsonb            NOT NULL CHECK (jsonb_typeof(unless) = 'array'),
    starts_at       timestamptz      NOT NULL,
    PRIMARY KEY (subject_id, restriction_id),
    UNIQUE (subject_id, restriction_id, clinic_id),
    FOREIGN KEY (subject_id, clinic_id) REFERENCES subjects (subject_id, clinic_id)
);
COMMENT ON TABLE restrictions IS 'What a person asked to be spared; it beats every consent.';

CREATE TABLE restriction_lifts (
    subject_id      uuid        NOT NULL,
    restriction_id  uuid        NOT NULL,
    clinic_id       uuid        NOT NULL,
    lifted_at       timestamptz NOT NULL,
    PRIMARY KEY (subject_id, restriction_id),
    FOREIGN KEY (subject_id, restriction_id, clinic_id) REFERENCES restrictions (subject_id, restriction_id, clinic_id)
);
COMMENT ON TABLE restriction_lifts IS 'The end of a restriction, by the person''s wish.';

CREATE TABLE evidence (
    subject_id   uuid        NOT NULL,
    evidence_id  uuid        NOT NULL,
    clinic_id    uuid        NOT NULL,
    kind         text        NOT NULL CHECK (kind IN ('break-glass', 'incapacity', 'emergency-to-self', 'legal-demand', 'court-order',
        'named-risk', 'telehealth-consent', 'cited-norm', 'two-approvers', 'identity-proof')),
    recorded_by  uuid        NOT NULL,
    -- For whom it counts; null counts for every actor.
    actor_id     uuid,
    starts_at    timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL,
    reason       bytea       NOT NULL CHECK (length(reason) > 80),
    dek_version  integer     NOT NULL CHECK (dek_version >= 1),
    PRIMARY KEY (subject_id, evidence_id),
    UNIQUE (subject_id, evidence_id, clinic_id),
    FOREIGN KEY (subject_id, clinic_id) REFERENCES subjects (subject_id, clinic_id),
    CHECK (ends_at > starts_at)
);
COMMENT ON TABLE evidence IS 'Typed evidence that a decision may rest on, each with a reason (sealed) and an end.';

CREATE TABLE evidence_reviews (
    subject_id   uuid        NOT NULL,
    evidence_id  uuid        NOT NULL,
    clinic_id    uuid        NOT NULL,
    reviewed_by  uuid        NOT NULL,
    reviewed_at  timestamptz NOT NULL,
    verdict      text        NOT NULL CHECK (verdict IN ('justified', 'not-justified')),
    PRIMARY KEY (subject_id, evidence_id),
    FOREIGN KEY (subject_id, evidence_id, clinic_id) REFERENCES evidence (subject_id, evidence_id, clinic_id)
);
COMMENT ON TABLE evidence_reviews IS 'The officer''s verdict on a broken glass.';

CREATE TABLE cases (
    subject_id     uuid        NOT NULL,
    case_id        uuid        NOT NULL,
    clinic_id      uuid        NOT NULL,
    received_at    timestamptz NOT NULL,
    case_document  jsonb       NOT NULL CHECK (jsonb_typeof(case_document) = 'object'),
    words          bytea       CHECK (length(words) > 80),
    dek_version    integer     NOT NULL CHECK (dek_version >= 1),
    PRIMARY KEY (subject_id, case_id),
    UNIQUE (subject_id, case_id, clinic_id),
    FOREIGN KEY (subject_id, clinic_id) REFERENCES subjects (subject_id, clinic_id)
);
COMMENT ON TABLE cases IS 'Rights requests as received, with their dates and how each was worked out; the person''s own words are sealed.';

CREATE TABLE case_steps (
    subject_id  uuid        NOT NULL,
    case_id     uuid        NOT NULL,
    step_no     integer     NOT NULL CHECK (step_no >= 1),
    clinic_id   uuid        NOT NULL,
    taken_at    timestamptz NOT NULL,
    taken_by    uuid        NOT NULL,
    step        jsonb       NOT NULL CHECK (jsonb_typeof(step) = 'object'),
    PRIMARY KEY (subject_id, case_id, step_no),
    FOREIGN KEY (subject_id, case_id, clinic_id) REFERENCES cases (subject_id, case_id, clinic_id)
);
COMMENT ON TABLE case_steps IS 'Every step of a case: the case as it was after it; the newest is how it stands.';

CREATE TABLE record_blocks (
    subject_id   uuid        NOT NULL,
    block_id     uuid        NOT NULL,
    clinic_id    uuid        NOT NULL,
    case_id      uuid        NOT NULL,
    classes      jsonb       NOT NULL CHECK (jsonb_typeof(classes) = 'array' AND jsonb_array_length(classes) >= 1),
    extent       text        NOT NULL CHECK (extent IN ('blocked', 'secondary-uses')),
    recorded_by  uuid        NOT NULL,
    starts_at    timestamptz NOT NULL,
    PRIMARY KEY (subject_id, block_id),
    UNIQUE (subject_id, block_id, clinic_id),
    FOREIGN KEY (subject_id, case_id, clinic_id) REFERENCES cases (subject_id, case_id, clinic_id),
    FOREIGN KEY (recorded_by, clinic_id) REFERENCES actors (actor_id, clinic_id)
);
COMMENT ON TABLE record_blocks IS 'Classes of a person''s records that the answer to a cancellation or an objection keeps away: locked away, or out of secondary uses.';

CREATE TABLE record_block_lifts (
    subject_id  uuid        NOT NULL,
    block_id    uuid        NOT NULL,
    clinic_id   uuid        NOT NULL,
    lifted_at   timestamptz NOT NULL,
    PRIMARY KEY (subject_id, block_id),
    FOREIGN KEY (subject_id, block_id, clinic_id) REFERENCES record_blocks (subject_id, block_id, clinic_id)
);
COMMENT ON TABLE record_block_lifts IS 'The end of such an order, by the person''s own wish.';

CREATE TABLE legal_holds (
    subject_id  uuid        NOT NULL,
    hold_id     uuid        NOT NULL,
    clinic_id   uuid        NOT NULL,
    classes     jsonb       NOT NULL CHECK (jsonb_typeof(classes) = 'array'),
    authority   text        NOT NULL CHECK (authority <> ''),
    starts_at   timestamptz NOT NULL,
    PRIMARY KEY (subject_id, hold_id),
    UNIQUE (subject_id, hold_id, clinic_id),
    FOREIGN KEY (subject_id, clinic_id) REFERENCES subjects (subject_id, clinic_id)
);
COMMENT ON TABLE legal_holds IS 'Duties to keep what would otherwise be destroyed.';

CREATE TABLE legal_hold_releases (
    subject_id   uuid        NOT NULL,
    hold_id      uuid        NOT NULL,
    clinic_id    uuid        NOT NULL,
    released_at  timestamptz NOT NULL,
    PRIMARY KEY (subject_id, hold_id),
    FOREIGN KEY (subject_id, hold_id, clinic_id) REFERENCES legal_holds (subject_id, hold_id, clinic_id)
);
COMMENT ON TABLE legal_hold_releases IS 'The end of a hold.';

-- ---------------------------------------------------------------------------------------------------------
-- Disposal: two officers, then one function.
-- ---------------------------------------------------------------------------------------------------------

CREATE TABLE disposals (
    subject_id    uuid            NOT NULL,
    disposal_id   uuid            NOT NULL,
    class         retention_class NOT NULL,
    extent        text            NOT NULL CHECK (extent IN ('class', 'items')),
    clinic_id     uuid            NOT NULL,
    proposed_by   uuid            NOT NULL,
    -- Both by the database's clock: the application may not say when it proposed something.
    proposed_at   timestamptz     NOT NULL DEFAULT clock_timestamp(),
    -- The waiting period, seven days (a choice of this project): nothing is destroyed before.
    not_before    timestamptz     NOT NULL DEFAULT clock_timestamp() + interval '168 hours',
    PRIMARY KEY (subject_id, disposal_id),
    UNIQUE (subject_id, disposal_id, clinic_id),
    FOREIGN KEY (subject_id, clinic_id) REFERENCES subjects (subject_id, clinic_id),
    FOREIGN KEY (proposed_by, clinic_id) REFERENCES actors (actor_id, clinic_id),
    CHECK (not_before >= proposed_at + interval '168 hours'),
    CHECK ((extent = 'items') = (class IN ('payment', 'voucher', 'travel', 'website')))
);
COMMENT ON TABLE disposals IS 'What was proposed for destruction, by whom: a class, or items of one whose items end one by one.';

CREATE TABLE disposal_items (
    subject_id   uuid        NOT NULL,
    disposal_id  uuid        NOT NULL,
    record_id    uuid        NOT NULL,
    clinic_id    uuid        NOT NULL,
    added_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (subject_id, disposal_id, record_id),
    FOREIGN KEY (subject_id, disposal_id, clinic_id) REFERENCES disposals (subject_id, disposal_id, clinic_id)
);
COMMENT ON TABLE disposal_items IS 'The records that a disposal of items destroys; one that was added after somebody approved stops it.';

CREATE TABLE disposal_approvals (
    subject_id   uuid        NOT NULL,
    disposal_id  uuid        NOT NULL,
    officer_id   uuid        NOT NULL,
    clinic_id    uuid        NOT NULL,
    approved_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (subject_id, disposal_id, officer_id),
    FOREIGN KEY (subject_id, disposal_id, clinic_id) REFERENCES disposals (subject_id, disposal_id, clinic_id),
    FOREIGN KEY (officer_id, clinic_id) REFERENCES actors (actor_id, clinic_id)
);
COMMENT ON TABLE disposal_approvals IS 'Who approved a disposal; two different people who are officers or directors are needed.';

CREATE TABLE disposal_outcomes (
    subject_id     uuid        NOT NULL,
    disposal_id    uuid        NOT NULL,
    clinic_id      uuid        NOT NULL,
    destroyed_at   timestamptz NOT NULL,
    records_count  bigint      NOT NULL CHECK (records_count >= 0),
    -- Through which day the last of it had to be kept, when it went.
    kept_through   date        NOT NULL,
    PRIMARY KEY (subject_id, disposal_id),
    FOREIGN KEY (subject_id, disposal_id, clinic_id) REFERENCES disposals (subject_id, disposal_id, clinic_id)
);
COMMENT ON TABLE disposal_outcomes IS 'A disposal that was carried out; its approval is consumed by this row.';

CREATE TABLE disposal_withdrawals (
    subject_id    uuid        NOT NULL,
    disposal_id   uuid        NOT NULL,
    clinic_id     uuid        NOT NULL,
    officer_id    uuid        NOT NULL,
    withdrawn_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (subject_id, disposal_id),
    FOREIGN KEY (subject_id, disposal_id, clinic_id) REFERENCES disposals (subject_id, disposal_id, clinic_id),
    FOREIGN KEY (officer_id, clinic_id) REFERENCES actors (actor_id, clinic_id)
);
COMMENT ON TABLE disposal_withdrawals IS 'Proposals that an officer took back: final, and nothing was destroyed.';

-- ---------------------------------------------------------------------------------------------------------
-- The log.
-- ---------------------------------------------------------------------------------------------------------

CREATE TABLE subject_pseudonyms (
    subject_id   uuid    PRIMARY KEY,
    clinic_id    uuid    NOT NULL,
    dek_version  integer NOT NULL CHECK (dek_version >= 1),
    sealed       bytea   NOT NULL CHECK (length(sealed) > 16),
    FOREIGN KEY (subject_id, clinic_id) REFERENCES subjects (subject_id, clinic_id)
);
COMMENT ON TABLE subject_pseudonyms IS 'The random name under which the log knows a person, sealed with their accounting key; when that key goes, nothing links the log to the person.';

CREATE TABLE log_entries (
    clinic_id          uuid        NOT NULL REFERENCES clinics,
    entry_id           uuid        NOT NULL,
    leaf               bytea       NOT NULL CHECK (length(leaf) BETWEEN 32 AND 65536),
    PRIMARY KEY (clinic_id, entry_id)
);
COMMENT ON TABLE log_entries IS 'The leaves of the log: canonical bytes, under pseudonyms. Order is in log_positions.';

CREATE TABLE log_queue (
    clinic_id  uuid NOT NULL,
    entry_id   uuid NOT NULL,
    PRIMARY KEY (clinic_id, entry_id),
    FOREIGN KEY (clinic_id, entry_id) REFERENCES log_entries (clinic_id, entry_id)
);
COMMENT ON TABLE log_queue IS 'Entries that wait for a place in the tree; the sequencer empties it.';

CREATE TABLE log_sides (
    subject_id   uuid            NOT NULL,
    entry_id     uuid            NOT NULL,
    clinic_id    uuid            NOT NULL,
    class        retention_class NOT NULL CHECK (class IN ('accounting', 'staff')),
    dek_version  integer         NOT NULL CHECK (dek_version >= 1),
    sealed       bytea           NOT NULL CHECK (length(sealed) > 80),
    PRIMARY KEY (subject_id, entry_id),
    FOREIGN KEY (clinic_id, entry_id) REFERENCES log_entries (clinic_id, entry_id)
);
COMMENT ON TABLE log_sides IS 'What a leaf commits to (who, whose, what), sealed under the accounting key of the person, or the staff key where no person is concerned.';

CREATE TABLE log_positions (
    clinic_id   uuid   NOT NULL,
    tree_index  bigint NOT NULL CHECK (tree_index >= 0),
    entry_id    uuid   NOT NULL,
    PRIMARY KEY (clinic_id, tree_index),
    UNIQUE (clinic_id, entry_id),
    FOREIGN KEY (clinic_id, entry_id) REFERENCES log_entries (clinic_id, entry_id)
);
COMMENT ON TABLE log_positions IS 'Where each entry stands in the tree: written once.';

CREATE TABLE log_chains (
    clinic_id  uuid   NOT NULL REFERENCES clinics,
    chain      bytea  NOT NULL CHECK (length(chain) IN (1, 17)),
    changes    bigint NOT NULL CHECK (changes >= 1),
    PRIMARY KEY (clinic_id, chain)
);
COMMENT ON TABLE log_chains IS 'How many changes of each chain of facts have a place; a chain is its kind and the pseudonym of whose it is. The sequencer holds every new entry against it.';

CREATE TABLE log_checkpoints (
    clinic_id  uuid        NOT NULL REFERENCES clinics,
    signed_at  timestamptz NOT NULL,
    tree_size  bigint      NOT NULL CHECK (tree_size >= 0),
    frontier   bytea       NOT NULL,
    note       text        NOT NULL CHECK (note <> ''),
    PRIMARY KEY (clinic_id, tree_size, signed_at)
);
COMMENT ON TABLE log_checkpoints IS 'Signed heads of the tree, and the hashes from which it grows on.';

CREATE TABLE accounting_suspensions (
    subject_id     uuid        NOT NULL,
    suspension_id  uuid        NOT NULL,
    clinic_id      uuid        NOT NULL,
    -- Which authority, if it is in the register; null stands for every authority.
    authority_id   uuid,
    form           text        NOT NULL CHECK (form IN ('written', 'oral')),
    stated_at      timestamptz NOT NULL,
    ends_at        timestamptz NOT NULL,
    recorded_by    uuid        NOT NULL,
    recorded_at    timestamptz NOT NULL,
    words          bytea       NOT NULL CHECK (length(words) > 80),
    dek_version    integer     NOT NULL CHECK (dek_version >= 1),
    PRIMARY KEY (subject_id, suspension_id),
    FOREIGN KEY (subject_id, clinic_id) REFERENCES subjects (subject_id, clinic_id),
    CHECK (ends_at > stated_at),
    CHECK (stated_at <= recorded_at),
    -- Thirty days of 24 hours: an interval in days would follow the clock of the session's zone.
    CHECK (form <> 'oral' OR ends_at <= stated_at + interval '720 hours')
);
COMMENT ON TABLE accounting_suspensions IS 'Statements by which an authority has disclosures to it left out of a person''s accounting for a time. Each ends by itself; what it hid stands in the log all along.';

CREATE TABLE alerts (
    subject_id   uuid        NOT NULL,
    alert_id     uuid        NOT NULL,
    clinic_id    uuid        NOT NULL,
    rule         text        NOT NULL CHECK (rule IN ('volume', 'outside-duty', 'self-access', 'declared-relation', 'shared-contact',
        'denial-burst', 'unreviewed-glass')),
    raised_at    timestamptz NOT NULL,
    sealed       bytea       NOT NULL CHECK (length(sealed) > 80),
    dek_version  integer     NOT NULL CHECK (dek_version >= 1),
    PRIMARY KEY (subject_id, alert_id),
    UNIQUE (subject_id, alert_id, clinic_id),
    FOREIGN KEY (subject_id, clinic_id) REFERENCES subjects (subject_id, clinic_id)
);
COMMENT ON TABLE alerts IS 'Patterns in the log that somebody should look at. Whose acts and which entries is sealed with the accounting key of the person concerned, or else of the person who acted.';
CREATE INDEX alerts_by_clinic ON alerts (clinic_id, raised_at);

CREATE TABLE alert_verdicts (
    subject_id  uuid        NOT NULL,
    alert_id    uuid        NOT NULL,
    clinic_id   uuid        NOT NULL,
    verdict     text        NOT NULL CHECK (verdict IN ('confirmed', 'explained')),
    judged_by   uuid        NOT NULL,
    judged_at   timestamptz NOT NULL,
    PRIMARY KEY (subject_id, alert_id),
    FOREIGN KEY (subject_id, alert_id, clinic_id) REFERENCES alerts (subject_id, alert_id, clinic_id),
    FOREIGN KEY (judged_by, clinic_id) REFERENCES actors (actor_id, clinic_id)
);
COMMENT ON TABLE alert_verdicts IS 'What somebody found who looked at an alert; final. From these the precision of each rule is counted.';

-- ---------------------------------------------------------------------------------------------------------
-- Written once: by grants below, and by a trigger as an extra.
-- ---------------------------------------------------------------------------------------------------------
DO $$
DECLARE one text;
BEGIN
    FOREACH one IN ARRAY ARRAY['clinic_documents', 'clearance_entries', 'records', 'record_seals', 'attachments', 'attachment_chunks', 'consents',
        'consent_ends', 'restrictions', 'restriction_lifts', 'evidence', 'evidence_reviews', 'cases', 'case_steps', 'record_blocks',
        'record_block_lifts', 'legal_holds', 'legal_hold_releases', 'disposals', 'disposal_items', 'disposal_approvals', 'disposal_outcomes', 'disposal_withdrawals',
        'accounting_suspensions', 'alerts', 'alert_verdicts', 'log_entries', 'log_sides', 'log_positions', 'log_checkpoints']
    LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()', one || '_written_once', one);
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', one || '_never_emptied', one);
    END LOOP;
    FOREACH one IN ARRAY ARRAY['wrappings', 'key_minimums', 'clinic_secrets', 'erasures', 'epoch_ends', 'epoch_closings', 'epoch_holds', 'epoch_hold_releases', 'copies', 'recoveries', 'data_backups', 'backup_ends', 'erased_items']
    LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON keystore.%I FOR EACH ROW EXECUTE FUNCTION refuse_change()', one || '_written_once', one);
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON keystore.%I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', one || '_never_emptied', one);
    END LOOP;
END $$;

-- A generation counts changes: it goes up by one, and never back.
CREATE FUNCTION refuse_other_generation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.facts_generation <> OLD.facts_generation + 1 THEN
        RAISE EXCEPTION 'a generation goes up by one' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER clinics_count_up BEFORE UPDATE ON clinics FOR EACH ROW EXECUTE FUNCTION refuse_other_generation();
CREATE TRIGGER subjects_count_up BEFORE UPDATE ON subjects FOR EACH ROW EXECUTE FUNCTION refuse_other_generation();
CREATE TRIGGER actors_count_up BEFORE UPDATE ON actors FOR EACH ROW EXECUTE FUNCTION refuse_other_generation();

-- ---------------------------------------------------------------------------------------------------------
-- Row-level security: every table, by clinic.
-- ---------------------------------------------------------------------------------------------------------
DO $$
DECLARE one record;
BEGIN
    FOR one IN SELECT table_schema, table_name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
        WHERE column_name = 'clinic_id' AND table_schema IN ('resguardo', 'keystore') AND table_type = 'BASE TABLE'
    LOOP
        EXECUTE format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY', one.table_schema, one.table_name);
        EXECUTE format('CREATE POLICY own_clinic ON %I.%I USING (clinic_id = resguardo.current_clinic()) WITH CHECK (clinic_id = resguardo.current_clinic())',
            one.table_schema, one.table_name);
    END LOOP;
END $$;

-- Which versions of a key a disposal destroys: those that ever sealed something of what goes, and where nothing of the
-- class stays all of them, whatever they sealed. Asked by the door below and by whoever wants to know before.
CREATE FUNCTION keys_of_disposal(which_subject uuid, which_disposal uuid) RETURNS integer[]
LANGUAGE plpgsql STABLE SET search_path = resguardo, keystore, pg_temp AS $$
DECLARE
    plan   disposals%ROWTYPE;
    chosen uuid[];
BEGIN
    SELECT * INTO plan FROM disposals WHERE subject_id = which_subject AND disposal_id = which_disposal;
    chosen := ARRAY(SELECT record_id FROM disposal_items WHERE subject_id = which_subject AND disposal_id = which_disposal);
    IF plan.extent = 'class' OR NOT EXISTS (SELECT 1 FROM records
            WHERE subject_id = which_subject AND class = plan.class AND record_id <> ALL (chosen)) THEN
        RETURN ARRAY(SELECT version FROM keystore.deks WHERE subject_id = which_subject AND class = plan.class);
    END IF;
    RETURN ARRAY(SELECT dek_version FROM records WHERE subject_id = which_subject AND class = plan.class AND record_id = ANY (chosen)
        UNION SELECT dek_version FROM record_seals WHERE subject_id = which_subject AND class = plan.class AND record_id = ANY (chosen)
        UNION SELECT dek_version FROM attachments WHERE subject_id = which_subject AND class = plan.class AND record_id = ANY (chosen));
END $$;

-- ---------------------------------------------------------------------------------------------------------
-- The one door through which anything is destroyed.
-- ---------------------------------------------------------------------------------------------------------
CREATE FUNCTION dispose(which_subject uuid, which_disposal uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = resguardo, keystore, pg_temp AS $$
DECLARE
    plan   disposals%ROWTYPE;
    floor  retention_floors%ROWTYPE;
    today  date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
    kept   date;
    gone   bigint;
    tokens integer;
    -- What goes, the versions of the key that ever sealed it, and those of them that sealed something else too.
    chosen uuid[];
    doomed integer[];
    shared integer[];
    -- When the last of what stays was sealed anew.
    sealed timestamptz;
    -- How many rows name each version of the key.
    counts jsonb;
BEGIN
    -- As every transaction: the lock in a statement of its own, and only then what it guards. A hold that is being
    -- placed is waited for, and seen.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'a disposal runs under READ COMMITTED: a stronger level would not see a hold placed meanwhile'
            USING ERRCODE = 'invalid_transaction_state';
    END IF;
    PERFORM pg_advisory_xact_lock(3, lock_key(current_clinic(), which_subject));
    SELECT * INTO plan FROM disposals
        WHERE subject_id = which_subject AND disposal_id = which_disposal AND clinic_id = current_clinic();
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such disposal' USING DETAIL = 'unknown', ERRCODE = 'no_data_found';
    END IF;
    IF EXISTS (SELECT 1 FROM disposal_outcomes WHERE subject_id = which_subject AND disposal_id = which_disposal) THEN
        RAISE EXCEPTION 'this disposal was already carried out' USING DETAIL = 'done', ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM disposal_withdrawals WHERE subject_id = which_subject AND disposal_id = which_disposal) THEN
        RAISE EXCEPTION 'the proposal of this disposal was taken back' USING DETAIL = 'withdrawn', ERRCODE = 'integrity_constraint_violation';
    END IF;
    -- Two people, not two roles of one person, and both of the roles that answer for it.
    IF (SELECT count(DISTINCT a.subject_id) FROM disposal_approvals p JOIN actors a ON a.actor_id = p.officer_id
            WHERE p.subject_id = which_subject AND p.disposal_id = which_disposal
            AND a.role IN ('privacy-officer', 'director')) < 2 THEN
        RAISE EXCEPTION 'a disposal needs the approval of two different officers' USING DETAIL = 'approvals', ERRCODE = 'insufficient_privilege';
    END IF;
    IF clock_timestamp() < plan.not_before THEN
        RAISE EXCEPTION 'the waiting period of this disposal is not over' USING DETAIL = 'waiting', ERRCODE = 'insufficient_privilege';
    END IF;
    -- Every class needs a floor, also one that only has an end: its proposal set the day before that end. Without a row
    -- nobody has said until when it is kept. A floor that was counted from something older than what there is says nothing
    -- about the rest.
    IF plan.extent = 'class' THEN
        chosen := ARRAY(SELECT DISTINCT record_id FROM records WHERE subject_id = which_subject AND class = plan.class);
        SELECT * INTO floor FROM retention_floors WHERE subject_id = which_subject AND class = plan.class;
        IF NOT FOUND OR today <= floor.keep_through + 1 THEN
            RAISE EXCEPTION 'the retention floor of this class is not reached' USING DETAIL = 'floor', ERRCODE = 'insufficient_privilege';
        END IF;
        kept := floor.keep_through;
        IF EXISTS (SELECT 1 FROM records WHERE subject_id = which_subject AND class = plan.class AND anchor_at > floor.anchor_at) THEN
            RAISE EXCEPTION 'something newer of this class is on file than its retention floor was counted from'
                USING DETAIL = 'newer', ERRCODE = 'insufficient_privilege';
        END IF;
    ELSE
        IF EXISTS (SELECT 1 FROM disposal_items i WHERE i.subject_id = which_subject AND i.disposal_id = which_disposal
                AND i.added_at > (SELECT min(p.approved_at) FROM disposal_approvals p WHERE (p.subject_id, p.disposal_id) = (i.subject_id, i.disposal_id))) THEN
            RAISE EXCEPTION 'something was added to this disposal after it was approved' USING DETAIL = 'added', ERRCODE = 'insufficient_privilege';
        END IF;
        chosen := ARRAY(SELECT record_id FROM disposal_items WHERE subject_id = which_subject AND disposal_id = which_disposal);
        IF EXISTS (SELECT 1 FROM records r LEFT JOIN item_floors f USING (subject_id, record_id) WHERE r.subject_id = which_subject
                AND r.class = plan.class AND r.record_id = ANY (chosen) AND (f.record_id IS NULL OR today <= f.keep_through + 1)) THEN
            RAISE EXCEPTION 'the retention floor of a record is not reached' USING DETAIL = 'floor', ERRCODE = 'insufficient_privilege';
        END IF;
        IF EXISTS (SELECT 1 FROM records r JOIN item_floors f USING (subject_id, record_id) WHERE r.subject_id = which_subject
                AND r.class = plan.class AND r.record_id = ANY (chosen) AND r.anchor_at > f.anchor_at) THEN
            RAISE EXCEPTION 'something newer was added to a record than its retention floor was counted from'
                USING DETAIL = 'newer', ERRCODE = 'insufficient_privilege';
        END IF;
        kept := coalesce((SELECT max(keep_through) FROM item_floors WHERE subject_id = which_subject AND record_id = ANY (chosen)), today);
    END IF;
    IF EXISTS (SELECT 1 FROM records r WHERE r.subject_id = which_subject AND r.class = plan.class AND r.record_id = ANY (chosen)
            AND r.recorded_at > (SELECT min(p.approved_at) FROM disposal_approvals p WHERE (p.subject_id, p.disposal_id) = (plan.subject_id, plan.disposal_id))) THEN
        RAISE EXCEPTION 'something was added to this disposal after it was approved' USING DETAIL = 'added', ERRCODE = 'insufficient_privilege';
    END IF;
    IF EXISTS (SELECT 1 FROM legal_holds h WHERE h.subject_id = which_subject
            AND (h.classes = '[]' OR h.classes ? plan.class::text)
            AND NOT EXISTS (SELECT 1 FROM legal_hold_releases r WHERE r.subject_id = h.subject_id AND r.hold_id = h.hold_id)) THEN
        RAISE EXCEPTION 'a legal hold covers this class' USING DETAIL = 'hold', ERRCODE = 'insufficient_privilege';
    END IF;
    doomed := keys_of_disposal(which_subject, which_disposal);
    IF EXISTS (SELECT 1 FROM keystore.deks WHERE subject_id = which_subject AND class = plan.class AND version = ANY (doomed) AND state = 'held') THEN
        RAISE EXCEPTION 'a key of this class is held' USING DETAIL = 'key-held', ERRCODE = 'insufficient_privilege';
    END IF;
    -- What stays must open without the keys that go.
    IF EXISTS (SELECT 1 FROM records r WHERE r.subject_id = which_subject AND r.class = plan.class AND r.record_id <> ALL (chosen)
            AND coalesce((SELECT max(s.dek_version) FROM record_seals s
                WHERE (s.subject_id, s.record_id, s.version) = (r.subject_id, r.record_id, r.version)), r.dek_version) = ANY (doomed))
        OR EXISTS (SELECT 1 FROM attachments a WHERE a.subject_id = which_subject AND a.class = plan.class AND a.record_id <> ALL (chosen)
            GROUP BY a.record_id, a.version HAVING max(a.dek_version) = ANY (doomed)) THEN
        RAISE EXCEPTION 'what stays of this class is sealed under a key that goes' USING DETAIL = 'survivors', ERRCODE = 'insufficient_privilege';
    END IF;
    shared := ARRAY(SELECT dek_version FROM records r WHERE r.subject_id = which_subject AND r.class = plan.class
            AND r.record_id <> ALL (chosen) AND r.dek_version = ANY (doomed)
        UNION SELECT dek_version FROM record_seals s WHERE s.subject_id = which_subject AND s.class = plan.class
            AND s.record_id <> ALL (chosen) AND s.dek_version = ANY (doomed)
        UNION SELECT dek_version FROM attachments a WHERE a.subject_id = which_subject AND a.class = plan.class
            AND a.record_id <> ALL (chosen) AND a.dek_version = ANY (doomed));
    -- From copies of before, what stays comes back sealed under a key that is gone, or its new key does not come back: of
    -- the data and of the keystore one of after is needed, that stands whole and is not expired, where there are any at all.
    IF shared <> '{}' THEN
        sealed := greatest((SELECT max(s.sealed_at) FROM record_seals s WHERE s.subject_id = which_subject AND s.class = plan.class),
            (SELECT max(a.stored_at) FROM attachments a WHERE a.subject_id = which_subject AND a.class = plan.class));
        IF (EXISTS (SELECT 1 FROM keystore.data_backups b WHERE b.clinic_id = plan.clinic_id)
                AND NOT EXISTS (SELECT 1 FROM keystore.data_backups b JOIN keystore.backup_ends e USING (clinic_id, backup_id)
                    WHERE b.clinic_id = plan.clinic_id AND b.taken_at > sealed AND b.expires_at > clock_timestamp()))
            OR (EXISTS (SELECT 1 FROM keystore.copies c WHERE c.clinic_id = plan.clinic_id)
                AND NOT EXISTS (SELECT 1 FROM keystore.copies c WHERE c.clinic_id = plan.clinic_id AND c.verified_at > sealed)) THEN
            RAISE EXCEPTION 'every backup is from before what stays was sealed under another key' USING DETAIL = 'backup', ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    -- Without the accounting key nothing about the person can be entered in the log any more: it goes last.
    IF plan.class = 'accounting' AND EXISTS (SELECT 1 FROM keystore.deks WHERE subject_id = which_subject
            AND class <> 'accounting' AND state <> 'destroyed') THEN
        RAISE EXCEPTION 'the accounting of a person goes last, after every other class' USING DETAIL = 'accounting-last', ERRCODE = 'insufficient_privilege';
    END IF;
    -- What came from elsewhere carries a keyed token of where it was, which backups of the data hold too.
    IF EXISTS (SELECT 1 FROM records WHERE subject_id = which_subject AND class = plan.class AND record_id = ANY (chosen) AND source_token IS NOT NULL) THEN
        tokens := coalesce((SELECT max(index_version) FROM blind_tokens WHERE clinic_id = plan.clinic_id), 1);
    END IF;
    -- Each row counts once, under the key that sealed it last.
    SELECT jsonb_object_agg(n.newest, n.rows) INTO counts FROM (SELECT coalesce((SELECT max(s.dek_version) FROM record_seals s
            WHERE (s.subject_id, s.record_id, s.version) = (r.subject_id, r.record_id, r.version)), r.dek_version) AS newest, count(*) AS rows
        FROM records r WHERE r.subject_id = which_subject AND r.class = plan.class AND r.record_id = ANY (chosen) GROUP BY 1) n;
    IF plan.extent = 'items' THEN
        INSERT INTO keystore.erased_items (subject_id, record_id, class, disposal_id, clinic_id, erased_at)
            SELECT DISTINCT r.subject_id, r.record_id, r.class, plan.disposal_id, plan.clinic_id, clock_timestamp() FROM records r
            WHERE r.subject_id = which_subject AND r.class = plan.class AND r.record_id = ANY (chosen);
    END IF;
    DELETE FROM attachment_chunks c USING records r WHERE c.subject_id = which_subject AND r.class = plan.class
        AND (r.subject_id, r.record_id, r.version) = (c.subject_id, c.record_id, c.version) AND c.record_id = ANY (chosen);
    DELETE FROM attachments a USING records r WHERE a.subject_id = which_subject AND r.class = plan.class
        AND (r.subject_id, r.record_id, r.version) = (a.subject_id, a.record_id, a.version) AND a.record_id = ANY (chosen);
    DELETE FROM record_seals s USING records r WHERE s.subject_id = which_subject AND r.class = plan.class
        AND (r.subject_id, r.record_id, r.version) = (s.subject_id, s.record_id, s.version) AND s.record_id = ANY (chosen);
    DELETE FROM records WHERE subject_id = which_subject AND class = plan.class AND record_id = ANY (chosen);
    GET DIAGNOSTICS gone = ROW_COUNT;
    -- Whoever is no longer known by name is not found by name either.
    IF plan.class = 'identity' THEN
        tokens := coalesce((SELECT max(index_version) FROM blind_tokens WHERE subject_id = which_subject), tokens);
        DELETE FROM blind_tokens WHERE subject_id = which_subject;
    END IF;
    -- The ledger comes before the bytes go. The keys are marked before their wrappings are counted: a wrapping that is
    -- being added is waited for, and none is added afterwards.
    UPDATE keystore.deks SET state = 'destroyed'
        WHERE subject_id = which_subject AND class = plan.class AND version = ANY (doomed) AND state <> 'destroyed';
    INSERT INTO keystore.erasures (subject_id, class, version, clinic_id, erased_at, ground, rows_count, first_epoch, last_epoch, index_version)
        SELECT d.subject_id, d.class, d.version, d.clinic_id, clock_timestamp(),
            CASE WHEN d.version = ANY (shared) THEN 'survivors-resealed' ELSE 'whole-class' END,
            coalesce((counts ->> d.version::text)::bigint, 0), d.first_epoch,
            coalesce(max(w.epoch), d.first_epoch), tokens
        FROM keystore.deks d LEFT JOIN keystore.wrappings w USING (subject_id, class, version)
        WHERE d.subject_id = which_subject AND d.class = plan.class AND d.version = ANY (doomed)
        GROUP BY d.subject_id, d.class, d.version
        ON CONFLICT DO NOTHING;
    DELETE FROM keystore.wrappings WHERE subject_id = which_subject AND class = plan.class AND version = ANY (doomed);
    INSERT INTO disposal_outcomes (subject_id, disposal_id, clinic_id, destroyed_at, records_count, kept_through)
        VALUES (which_subject, which_disposal, plan.clinic_id, clock_timestamp(), gone, kept);
    RETURN gone;
END $$;
COMMENT ON FUNCTION dispose IS 'Destroys one class of one person''s records, or items of one whose items end one by one, and the keys that sealed them, and with the class of identity the tokens by which the person is found: only with an approval by two different officers, after the waiting period, past the floor by the database clock, and free of holds. One day is added to the floor because the database counts in UTC.';

-- The ledger over what was restored: an older copy of the data may hold what was erased since.
CREATE FUNCTION replay_erasures() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = resguardo, keystore, pg_temp AS $$
DECLARE
    gone   bigint;
    found  bigint;
BEGIN
    UPDATE keystore.deks d SET state = 'destroyed' FROM keystore.erasures e
        WHERE e.clinic_id = current_clinic() AND (d.subject_id, d.class, d.version) = (e.subject_id, e.class, e.version)
        AND d.state <> 'destroyed';
    DELETE FROM keystore.wrappings w USING keystore.erasures e
        WHERE e.clinic_id = current_clinic() AND (w.subject_id, w.class, w.version) = (e.subject_id, e.class, e.version);
    -- What was sealed anew under a key that lives keeps its earlier seals: they open nothing, and the log counts on them.
    DELETE FROM attachment_chunks c USING keystore.erasures e
        WHERE e.clinic_id = current_clinic() AND (c.subject_id, c.class, c.dek_version) = (e.subject_id, e.class, e.version)
        AND NOT EXISTS (SELECT 1 FROM attachments n WHERE (n.subject_id, n.record_id, n.version) = (c.subject_id, c.record_id, c.version)
            AND n.dek_version > c.dek_version AND NOT EXISTS (SELECT 1 FROM keystore.erasures x
                WHERE (x.subject_id, x.class, x.version) = (n.subject_id, n.class, n.dek_version)));
    DELETE FROM attachments a USING keystore.erasures e
        WHERE e.clinic_id = current_clinic() AND (a.subject_id, a.class, a.dek_version) = (e.subject_id, e.class, e.version)
        AND NOT EXISTS (SELECT 1 FROM attachments n WHERE (n.subject_id, n.record_id, n.version) = (a.subject_id, a.record_id, a.version)
            AND n.dek_version > a.dek_version AND NOT EXISTS (SELECT 1 FROM keystore.erasures x
                WHERE (x.subject_id, x.class, x.version) = (n.subject_id, n.class, n.dek_version)));
    DELETE FROM record_seals s USING keystore.erasures e
        WHERE e.clinic_id = current_clinic() AND (s.subject_id, s.class, s.dek_version) = (e.subject_id, e.class, e.version)
        AND NOT EXISTS (SELECT 1 FROM record_seals n WHERE (n.subject_id, n.record_id, n.version) = (s.subject_id, s.record_id, s.version)
            AND n.dek_version > s.dek_version AND NOT EXISTS (SELECT 1 FROM keystore.erasures x
                WHERE (x.subject_id, x.class, x.version) = (n.subject_id, n.class, n.dek_version)));
    DELETE FROM records r USING keystore.erasures e
        WHERE e.clinic_id = current_clinic() AND (r.subject_id, r.class, r.dek_version) = (e.subject_id, e.class, e.version)
        AND NOT EXISTS (SELECT 1 FROM record_seals s WHERE (s.subject_id, s.record_id, s.version) = (r.subject_id, r.record_id, r.version))
        AND NOT EXISTS (SELECT 1 FROM attachments a WHERE (a.subject_id, a.record_id, a.version) = (r.subject_id, r.record_id, r.version));
    GET DIAGNOSTICS gone = ROW_COUNT;
    DELETE FROM blind_tokens t USING keystore.erasures e
        WHERE e.clinic_id = current_clinic() AND e.class = 'identity' AND e.subject_id = t.subject_id
        AND NOT EXISTS (SELECT 1 FROM keystore.deks d WHERE d.subject_id = e.subject_id AND d.class = 'identity' AND d.state <> 'destroyed');
    GET DIAGNOSTICS found = ROW_COUNT;
    RETURN gone + found;
END $$;
COMMENT ON FUNCTION replay_erasures IS 'Removes again what the erasure ledger names, and returns how many rows had come back. Run twice, it changes nothing more.';

-- A wrapping is added to a key that lives, under an epoch that is not closed. The row lock makes a disposal wait, or be
-- waited for: no destroyed key keeps a wrapping.
CREATE FUNCTION refuse_dead_wrapping() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = resguardo, keystore, pg_temp AS $$
BEGIN
    PERFORM 1 FROM keystore.deks WHERE (subject_id, class, version) = (NEW.subject_id, NEW.class, NEW.version)
        AND state NOT IN ('shred-pending', 'destroyed') FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a key that is destroyed is not wrapped again' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM keystore.epoch_closings WHERE clinic_id = NEW.clinic_id AND epoch = NEW.epoch) THEN
        RAISE EXCEPTION 'epoch % is closed: start again with the key of the epoch in force', NEW.epoch
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER wrappings_of_living_keys AFTER INSERT ON keystore.wrappings
    FOR EACH ROW EXECUTE FUNCTION refuse_dead_wrapping();

-- A hold keeps an epoch open, and comes before its closing: the key is given up right after that.
CREATE FUNCTION refuse_closing_held() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = resguardo, keystore, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM keystore.epoch_holds h WHERE h.clinic_id = NEW.clinic_id AND h.epoch = NEW.epoch
            AND NOT EXISTS (SELECT 1 FROM keystore.epoch_hold_releases r WHERE (r.clinic_id, r.hold_id) = (h.clinic_id, h.hold_id))) THEN
        RAISE EXCEPTION 'a legal hold keeps epoch % open', NEW.epoch USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER closings_free_of_holds AFTER INSERT ON keystore.epoch_closings
    FOR EACH ROW EXECUTE FUNCTION refuse_closing_held();
CREATE FUNCTION refuse_late_hold() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = resguardo, keystore, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM keystore.epoch_closings WHERE clinic_id = NEW.clinic_id AND epoch = NEW.epoch) THEN
        RAISE EXCEPTION 'epoch % is closed, and its key is given up: a hold comes too late', NEW.epoch
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER holds_in_time AFTER INSERT ON keystore.epoch_holds
    FOR EACH ROW EXECUTE FUNCTION refuse_late_hold();

-- A key seals no more once a later version does; nothing else about a key can be changed from outside.
CREATE FUNCTION keystore.retire(which_subject uuid, which_class text, which_version integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = resguardo, keystore, pg_temp AS $$
BEGIN
    UPDATE keystore.deks d SET state = 'decrypt-only'
        WHERE d.clinic_id = current_clinic() AND (d.subject_id, d.class::text, d.version) = (which_subject, which_class, which_version)
        AND d.state = 'active'
        AND EXISTS (SELECT 1 FROM keystore.deks l JOIN keystore.wrappings w USING (subject_id, class, version)
            WHERE l.subject_id = d.subject_id AND l.class = d.class AND l.version > d.version AND l.state = 'active'
            AND l.month IS NOT DISTINCT FROM d.month);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'only a key that seals, and has a later one that seals, is retired' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
END $$;
COMMENT ON FUNCTION keystore.retire IS 'From now on the key opens only. A later version has to seal in its place.';

-- ---------------------------------------------------------------------------------------------------------
-- Who may do what.
-- ---------------------------------------------------------------------------------------------------------
REVOKE ALL ON ALL TABLES IN SCHEMA resguardo, keystore FROM PUBLIC;
REVOKE ALL ON FUNCTION dispose, replay_erasures, keystore.retire FROM PUBLIC;
GRANT USAGE ON SCHEMA resguardo TO resguardo_app, resguardo_sequencer, resguardo_disposer, resguardo_reader;
GRANT USAGE ON SCHEMA keystore TO resguardo_app, resguardo_disposer;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA resguardo TO resguardo_app;
REVOKE INSERT ON log_positions, log_chains, log_checkpoints, disposals, disposal_items, disposal_approvals, disposal_outcomes, disposal_withdrawals FROM resguardo_app;
GRANT INSERT (subject_id, disposal_id, class, extent, clinic_id, proposed_by) ON disposals TO resguardo_app;
GRANT INSERT (subject_id, disposal_id, record_id, clinic_id) ON disposal_items TO resguardo_app;
GRANT INSERT (subject_id, disposal_id, officer_id, clinic_id) ON disposal_approvals, disposal_withdrawals TO resguardo_app;
GRANT UPDATE (facts_generation) ON clinics, subjects, actors TO resguardo_app;
GRANT UPDATE (anchor, anchor_at, keep_through) ON retention_floors, item_floors TO resguardo_app;
GRANT UPDATE (ends_at) ON care_relations TO resguardo_app;
GRANT UPDATE (password_hash, changed_at) ON actor_logins TO resguardo_app;
GRANT DELETE ON sessions TO resguardo_app;
GRANT SELECT, INSERT ON keystore.deks, keystore.wrappings, keystore.key_minimums, keystore.clinic_secrets, keystore.epoch_ends, keystore.epoch_closings,
    keystore.epoch_holds, keystore.epoch_hold_releases, keystore.copies, keystore.recoveries, keystore.data_backups, keystore.backup_ends TO resguardo_app;
GRANT SELECT ON keystore.keys, keystore.erasures, keystore.erased_items TO resguardo_app;
GRANT SELECT ON log_entries TO resguardo_sequencer;
GRANT SELECT, DELETE ON log_queue TO resguardo_sequencer;
GRANT SELECT, INSERT ON log_positions, log_chains, log_checkpoints TO resguardo_sequencer;
GRANT UPDATE (changes) ON log_chains TO resguardo_sequencer;
GRANT SELECT ON ALL TABLES IN SCHEMA resguardo TO resguardo_reader;
REVOKE SELECT ON actor_logins, sessions FROM resguardo_reader;
GRANT SELECT ON disposals, disposal_items, disposal_approvals, disposal_outcomes, disposal_withdrawals, retention_floors, item_floors, legal_holds, legal_hold_releases, records, record_seals, attachments, attachment_chunks, actors, blind_tokens
    TO resguardo_disposer;
GRANT DELETE ON records, record_seals, attachments, attachment_chunks, blind_tokens TO resguardo_disposer;
GRANT INSERT ON disposal_outcomes TO resguardo_disposer;
GRANT SELECT ON keystore.deks, keystore.wrappings, keystore.erasures, keystore.epoch_ends, keystore.epoch_closings, keystore.data_backups, keystore.backup_ends, keystore.copies TO resguardo_disposer;
GRANT UPDATE (state) ON keystore.deks TO resguardo_disposer;
GRANT DELETE ON keystore.wrappings TO resguardo_disposer;
GRANT INSERT ON keystore.erasures, keystore.erased_items TO resguardo_disposer;
GRANT CREATE ON SCHEMA resguardo, keystore TO resguardo_disposer;
ALTER FUNCTION dispose OWNER TO resguardo_disposer;
ALTER FUNCTION replay_erasures OWNER TO resguardo_disposer;
ALTER FUNCTION refuse_dead_wrapping OWNER TO resguardo_disposer;
ALTER FUNCTION keystore.retire OWNER TO resguardo_disposer;
REVOKE CREATE ON SCHEMA resguardo, keystore FROM resguardo_disposer;
GRANT EXECUTE ON FUNCTION dispose, replay_erasures, keystore.retire TO resguardo_app;

RESET search_path;
