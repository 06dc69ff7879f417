//! A token of `SoftHSM`, through its PKCS#11 module. Each test runs in a process of its own, which finds the token.

use std::path::PathBuf;

use crypto_vault::WrappedEpoch;
use key_providers::testing::{PIN, SoftHsm, TOKEN};
use key_providers::{KeyEnd, KeyProvider, Pkcs11Token, ProviderError, Unproved};
use records_model::KeyLabel;

use crate::support::{clinic, epoch_key, fresh_folder, rng, same};

fn softhsm(test: &str) -> Option<SoftHsm> {
    let folder = std::env::temp_dir().join(format!("resguardo-{test}-{}", std::process::id()));
    let found = SoftHsm::in_a_process_of_its_own(&format!("pkcs11::{test}"), &folder);
    let _ = std::fs::remove_dir_all(folder);
    found.unwrap()
}

fn provider(hsm: &SoftHsm, pin: Option<&str>) -> KeyProvider {
    KeyProvider::Pkcs11(hsm.token("clinica", pin).unwrap())
}

#[test]
fn a_wrapped_key_opens_again_and_its_end_is_proved_for_it_alone() {
    let Some(hsm) = softhsm("a_wrapped_key_opens_again_and_its_end_is_proved_for_it_alone") else { return };
    let token = provider(&hsm, Some(PIN));
    let (first, second) = (epoch_key(1), epoch_key(2));
    let wrapped = token.wrap(clinic(1), &first, &mut rng(3)).unwrap();
    let next = token.wrap(clinic(1), &second, &mut rng(4)).unwrap();
    let read = WrappedEpoch::parse(&wrapped.format()).unwrap();
    assert!(same(&token.open(clinic(1), &read).ok().unwrap(), &first));
    assert_eq!(token.destroy(&wrapped).unwrap(), KeyEnd::Proved);
    let gone = token.open(clinic(1), &wrapped).err();
    assert!(matches!(gone, Some(ProviderError::KeyMissing { .. })), "{gone:?}");
    assert!(same(&token.open(clinic(1), &next).ok().unwrap(), &second));
    assert_eq!(token.destroy(&wrapped).unwrap(), KeyEnd::Unproved(Unproved::GoneBefore));
}

#[test]
fn what_was_wrapped_for_another_clinic_epoch_or_key_does_not_open() {
    let Some(hsm) = softhsm("what_was_wrapped_for_another_clinic_epoch_or_key_does_not_open") else { return };
    let token = provider(&hsm, Some(PIN));
    let text = token.wrap(clinic(1), &epoch_key(1), &mut rng(3)).unwrap().format();
    let other = token.wrap(clinic(1), &epoch_key(1), &mut rng(4)).unwrap().format();
    let line = |text: &str, name: &str| text.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    let opened = |text: &str, by| token.open(clinic(by), &WrappedEpoch::parse(text).unwrap()).err();
    let wrong = |error: Option<ProviderError>| matches!(error, Some(ProviderError::WrongKey { .. }));
    assert!(wrong(opened(&text.replace("epoch: 1", "epoch: 2"), 1)), "another epoch");
    assert!(wrong(opened(&text.replace("0000000001\n", "0000000002\n"), 2)), "another clinic");
    let another_key = text.replace(&line(&text, "version"), &line(&other, "version"));
    assert!(wrong(opened(&another_key, 1)), "another key");
    let at = text.find("wrapped: ").unwrap() + 60;
    for to in [at + 1, at + 2] {
        let mut changed = text.clone();
        let old = changed[at..to].to_owned();
        changed.replace_range(
            at..to,
            &old.chars().map(|c| if c == '0' { '1' } else { '0' }).collect::<String>(),
        );
        assert!(wrong(opened(&changed, 1)), "changed");
    }
    assert!(wrong(opened(&text.replace("wrapped: ", "wrapped: x"), 1)), "no digits");
    assert!(wrong(opened(&text.replace(&line(&text, "wrapped"), "wrapped: 00"), 1)), "cut");
}

#[test]
fn each_thing_that_is_missing_is_told_with_what_to_do_and_without_the_pin() {
    let Some(hsm) = softhsm("each_thing_that_is_missing_is_told_with_what_to_do_and_without_the_pin") else {
        return;
    };
    let wrapped = provider(&hsm, Some(PIN)).wrap(clinic(1), &epoch_key(1), &mut rng(3)).unwrap();
    let refusal = |provider: &KeyProvider| provider.open(clinic(1), &wrapped).err().unwrap().to_string();
    assert!(refusal(&provider(&hsm, None)).contains("RESGUARDO_PKCS11_PIN"));
    let wrong = refusal(&provider(&hsm, Some("9999-falso")));
    assert!(wrong.contains("refuses the PIN") && !wrong.contains("9999"), "{wrong}");
    let no_module =
        Pkcs11Token { module: PathBuf::from("/nowhere/lib.so"), ..hsm.token("clinica", Some(PIN)).unwrap() };
    assert!(refusal(&KeyProvider::Pkcs11(no_module)).contains("`/nowhere/lib.so` cannot be used"));
    let elsewhere = wrapped.format().replace(TOKEN, "another-token");
    let elsewhere = WrappedEpoch::parse(&elsewhere).unwrap();
    let no_token = provider(&hsm, Some(PIN)).open(clinic(1), &elsewhere).err().unwrap();
    assert!(no_token.to_string().contains("no token called `another-token`"), "{no_token}");
    hsm.init_token(TOKEN).unwrap();
    let two = provider(&hsm, Some(PIN)).open(clinic(1), &wrapped).err().unwrap();
    assert!(matches!(two, ProviderError::Ambiguous { .. }), "{two}");
    let shown = format!("{:?}", provider(&hsm, Some(PIN)));
    assert!(shown.contains(TOKEN) && !shown.contains(PIN), "{shown}");
}

#[test]
fn a_file_of_the_other_kind_of_service_is_refused() {
    let folder = fresh_folder("other-kind");
    let label = |text: &str| KeyLabel::parse(text).unwrap();
    let token = KeyProvider::Pkcs11(Pkcs11Token {
        module: folder.join("none.so"),
        token: label(TOKEN),
        key: label("clinica"),
        pin: None,
    });
    let text = "resguardo-wrapped-epoch-key-v1\nclinic: 01920000-0000-7000-8000-000000000001\nepoch: 1\n\
                provider: transit\nkey: transit/k\nversion: 1\nwrapped: vault:v1:x\ncheck: 00000000000000000000000000000000\n";
    let refused = token.open(clinic(1), &WrappedEpoch::parse(text).unwrap()).err().unwrap();
    assert!(refused.to_string().contains("made with the provider `transit`, and the settings name `pkcs11`"));
}
