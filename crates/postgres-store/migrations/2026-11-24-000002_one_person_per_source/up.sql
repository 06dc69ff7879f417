-- Two imports at the same moment must not register one person twice: whoever comes second sees the first.
CREATE UNIQUE INDEX blind_tokens_one_person_per_source
    ON resguardo.blind_tokens (clinic_id, index_version, token) WHERE field = 'source-identity';
COMMENT ON INDEX resguardo.blind_tokens_one_person_per_source
    IS 'A source identity belongs to one person of a clinic.';
