//! The closed lists of words.

use std::io::Write;

use records_model::{
    Action, Category, ConsentForm, CountryClass, Detail, Fact, Ground, Purpose, RecipientClass, Role,
    Vocabulary,
};

use crate::{CliError, Verdict};

pub(super) fn write(out: &mut impl Write) -> Result<Verdict, CliError> {
    list::<Action>(out)?;
    list::<Role>(out)?;
    list::<Purpose>(out)?;
    list::<Category>(out)?;
    list::<RecipientClass>(out)?;
    list::<CountryClass>(out)?;
    list::<Ground>(out)?;
    list::<Detail>(out)?;
    list::<ConsentForm>(out)?;
    list::<Fact>(out)?;
    list::<jurisdiction::Right>(out)?;
    list::<rights_requests::Channel>(out)?;
    Ok(Verdict::Done)
}

fn list<V: Vocabulary>(out: &mut impl Write) -> std::io::Result<()> {
    let words: Vec<&str> = V::ALL.iter().map(|word| word.code()).collect();
    writeln!(out, "{}: {}", V::NAME, words.join(", "))
}
