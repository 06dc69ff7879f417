//! The words that stored rows use besides the vocabularies of the policy.

/// What a piece of evidence shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EvidenceKind {
    /// The glass was broken (policy section 4.1).
    BreakGlass,
    /// The person cannot consent now (LAW.md T-03 VI).
    Incapacity,
    /// Serious harm threatens the person.
    EmergencyToSelf,
    /// A demand of an authority.
    LegalDemand,
    /// A court order.
    CourtOrder,
    /// A named risk to somebody else.
    NamedRisk,
    /// Agreement to telehealth.
    TelehealthConsent,
    /// A norm that lays a duty on the clinic.
    CitedNorm,
    /// Two approvers signed.
    TwoApprovers,
    /// The asker proved who they are.
    IdentityProof,
}

impl EvidenceKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::BreakGlass,
        Self::Incapacity,
        Self::EmergencyToSelf,
        Self::LegalDemand,
        Self::CourtOrder,
        Self::NamedRisk,
        Self::TelehealthConsent,
        Self::CitedNorm,
        Self::TwoApprovers,
        Self::IdentityProof,
    ];

    /// The stored code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BreakGlass => "break-glass",
            Self::Incapacity => "incapacity",
            Self::EmergencyToSelf => "emergency-to-self",
            Self::LegalDemand => "legal-demand",
            Self::CourtOrder => "court-order",
            Self::NamedRisk => "named-risk",
            Self::TelehealthConsent => "telehealth-consent",
            Self::CitedNorm => "cited-norm",
            Self::TwoApprovers => "two-approvers",
            Self::IdentityProof => "identity-proof",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// How a consent was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentEvidence {
    /// Signed on paper.
    SignedPaper,
    /// Signed on a screen.
    SignedScreen,
    /// Clicked.
    Click,
    /// Said.
    Spoken,
    /// Shown by conduct after notice: tacit, never more.
    Conduct,
}

impl ConsentEvidence {
    /// Every way.
    pub const ALL: [Self; 5] =
        [Self::SignedPaper, Self::SignedScreen, Self::Click, Self::Spoken, Self::Conduct];

    /// The stored code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::SignedPaper => "signed-paper",
            Self::SignedScreen => "signed-screen",
            Self::Click => "click",
            Self::Spoken => "spoken",
            Self::Conduct => "conduct",
        }
    }

    /// The way with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.code() == code)
    }
}

/// Which secret of the clinic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretRowKind {
    /// The root of the blind indexes.
    IndexRoot,
    /// The key that signs the log.
    LogSigning,
}

impl SecretRowKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::IndexRoot, Self::LogSigning];

    /// The stored code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::IndexRoot => "index-root",
            Self::LogSigning => "log-signing",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// By what a person is found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenField {
    /// One word of a name.
    Name,
    /// Telephone.
    Phone,
    /// E-mail.
    Email,
    /// One word of the name with the date of birth.
    NameBirthDate,
    /// An id in another system.
    SourceIdentity,
}

impl TokenField {
    /// Every field.
    pub const ALL: [Self; 5] =
        [Self::Name, Self::Phone, Self::Email, Self::NameBirthDate, Self::SourceIdentity];

    /// The stored code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::NameBirthDate => "name-birth-date",
            Self::SourceIdentity => "source-identity",
        }
    }
}

/// The officer's verdict on a broken glass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewVerdict {
    /// It was justified.
    Justified,
    /// It was not.
    NotJustified,
}

impl ReviewVerdict {
    /// Every verdict.
    pub const ALL: [Self; 2] = [Self::Justified, Self::NotJustified];

    /// The stored code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Justified => "justified",
            Self::NotJustified => "not-justified",
        }
    }

    /// The verdict with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Justified, Self::NotJustified].into_iter().find(|verdict| verdict.code() == code)
    }
}
