//! Keys that a service wraps, at a terminal: from the founding to the end of an epoch.

use std::path::Path;

use clinic_runtime::KeyAccess;
use key_providers::testing::{OpenBao, PIN, ROOT_TOKEN, SoftHsm, TOKEN};

use crate::support::{Terminal, fresh_folder};

/// How a clinic of these tests has its keys kept.
struct Service {
    settings: String,
    transit_token: Option<&'static str>,
    pin: Option<&'static str>,
}

impl Service {
    fn transit(bao: &OpenBao) -> Self {
        let (address, authority) = (bao.address(), bao.authority());
        let settings = format!(
            "provider = \"transit\"\naddress = \"{address}\"\nkey = \"clinica\"\nca-file = \"{}\"\n",
            authority.display()
        );
        Self { settings, transit_token: Some(ROOT_TOKEN), pin: None }
    }

    fn pkcs11(hsm: &SoftHsm) -> Self {
        let module = hsm.module().display();
        let settings =
            format!("provider = \"pkcs11\"\nmodule = \"{module}\"\ntoken = \"{TOKEN}\"\nkey = \"clinica\"\n");
        Self { settings, transit_token: None, pin: Some(PIN) }
    }

    /// As a command line and the environment would give it.
    fn access(&self, folder: &Path) -> KeyAccess {
        let file = folder.join("keys.toml");
        std::fs::write(&file, &self.settings).unwrap();
        let environment = |name: &str| match name {
            "RESGUARDO_TRANSIT_TOKEN" => self.transit_token.map(str::to_owned),
            "RESGUARDO_PKCS11_PIN" => self.pin.map(str::to_owned),
            _ => None,
        };
        KeyAccess::gather(Some(&file), None, environment).unwrap()
    }
}

/// A clinic is founded, rotates its epoch and ends the first, all with this service. What was said of the end.
async fn from_founding_to_end(name: &str, service: &Service, place: &str) -> String {
    let folder = fresh_folder(&format!("{name}-settings"));
    let access = || service.access(&folder);
    let terminal = Terminal::found_with(name, access()).await;
    let keeper = terminal.staff("systems-administrator").await;
    let officer = terminal.staff("privacy-officer").await;
    let founded = terminal.run(&["vault", "init"]).await;
    assert!(founded.status == 0 && founded.text.contains(&format!("wrapped by {place}")), "{}", founded.text);
    let status = terminal.run(&["vault", "status"]).await.text;
    assert!(status.contains(&format!("its key is kept by: {place}")), "{status}");
    assert!(status.contains("its end can be proved"), "{status}");
    let there = |name: &str| Path::new(&terminal.path(name)).exists();
    assert!(there("epoch.wrapped") && !there("epoch.key"), "the key itself is in no file");
    let wrapped = std::fs::read_to_string(terminal.path("epoch.wrapped")).unwrap();

    let rotated = terminal.run(&["vault", "rotate-epoch", "--as", &keeper]).await;
    assert!(rotated.text.contains("epoch 2 is in force"), "{}", rotated.text);
    let terminal = terminal.opened_with(access()).await.unwrap();
    assert_eq!(std::fs::read_to_string(terminal.path("epoch-1.wrapped")).unwrap(), wrapped);
    let doctor = terminal.run(&["vault", "doctor", "--as", &officer]).await.text;
    assert!(!doctor.contains("key-"), "{doctor}");

    let shares = terminal.path("shares");
    let split = ["vault", "recovery", "split", "--as", &officer, "--out", &shares];
    assert_eq!(terminal.run(&split).await.status, 0);
    let (one, two) = (format!("{shares}/share-1.txt"), format!("{shares}/share-2.txt"));
    let tried = terminal.run(&["vault", "recovery", "verify", "--as", &officer, &one, &two]).await;
    assert_eq!(tried.status, 0, "{}", tried.text);
    for keystore in ["keys-one", "keys-two"] {
        terminal.backed_up(keystore).await;
    }
    let ended = terminal.run(&["vault", "rotate-epoch", "--end-old", "--as", &keeper]).await;
    assert_eq!(ended.status, 0, "{}", ended.text);
    assert!(!Path::new(&terminal.path("epoch-1.wrapped")).exists());
    // A copy of the first epoch's file opens nothing any more, and the clinic opens with the second's.
    let second = std::fs::read_to_string(terminal.path("epoch.wrapped")).unwrap();
    std::fs::write(terminal.path("epoch.wrapped"), &wrapped).unwrap();
    let refused = terminal.opened_with(access()).await.err().unwrap().to_string();
    assert!(refused.contains("is not there any more"), "{refused}");
    std::fs::write(terminal.path("epoch.wrapped"), &second).unwrap();
    terminal.opened_with(access()).await.unwrap();
    ended.text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transit_keeps_the_key_from_the_founding_to_the_end_of_an_epoch() {
    let bao = OpenBao::start(&fresh_folder("services-bao")).unwrap();
    let place = format!("transit {}/v1/transit/keys/clinica-..", bao.address());
    let ended = from_founding_to_end("services_transit", &Service::transit(&bao), &place).await;
    assert!(ended.starts_with("epoch 1 ended: its key was destroyed where it was kept"), "{ended}");
    let left = bao.run(&["list", "transit/keys"]).unwrap();
    assert!(left.contains("clinica-2-") && !left.contains("clinica-1-"), "{left}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_keeps_the_key_from_the_founding_to_the_end_of_an_epoch() {
    let folder = std::env::temp_dir().join(format!("resguardo-services-{}", std::process::id()));
    let test = "vault_services::a_token_keeps_the_key_from_the_founding_to_the_end_of_an_epoch";
    let hsm = SoftHsm::in_a_process_of_its_own(test, &folder);
    let _ = std::fs::remove_dir_all(&folder);
    let Some(hsm) = hsm.unwrap() else { return };
    let place = format!("pkcs11 token `{TOKEN}`, key `clinica`, by {}", hsm.module().display());
    let ended = from_founding_to_end("services_pkcs11", &Service::pkcs11(&hsm), &place).await;
    assert!(ended.starts_with("epoch 1 ended: its key was destroyed where it was kept"), "{ended}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_file_is_given_to_a_service_and_wrong_settings_say_what_to_do() {
    let bao = OpenBao::start(&fresh_folder("services-wrap-bao")).unwrap();
    let folder = fresh_folder("services-wrap-settings");
    let service = Service::transit(&bao);
    let terminal = Terminal::found("services_wrap").await;
    let keeper = terminal.staff("systems-administrator").await;
    let nurse = terminal.staff("nurse").await;
    let otherwise = terminal.opened_with(service.access(&folder)).await.err().unwrap().to_string();
    assert!(otherwise.contains("is kept in") && otherwise.contains("vault wrap-key"), "{otherwise}");
    let both = KeyAccess { passphrase: Some("una frase larga".to_owned().into()), ..service.access(&folder) };
    let both = terminal.opened_with(both).await.err().unwrap().to_string();
    assert!(both.contains("leave --passphrase-file out"), "{both}");

    let token = folder.join("token");
    std::fs::write(&token, format!("{ROOT_TOKEN}\n")).unwrap();
    let settings = format!("{}token-file = \"{}\"\n", service.settings, token.display());
    let file = terminal.write("service.toml", &settings);
    let wrap = ["vault", "wrap-key", "--with", &file, "--as"];
    std::fs::set_permissions(&token, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    let open_to_others = terminal.run(&[wrap.as_slice(), &[&keeper]].concat()).await;
    assert!(open_to_others.text.contains("run `chmod 600` on it"), "{}", open_to_others.text);
    std::fs::set_permissions(&token, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    assert_eq!(terminal.run(&[wrap.as_slice(), &[&nurse]].concat()).await.status, 3);
    assert!(Path::new(&terminal.path("epoch.key")).exists());
    let wrapped = terminal.run(&[wrap.as_slice(), &[&keeper]].concat()).await;
    assert!(wrapped.status == 0 && wrapped.text.contains("then rotate"), "{}", wrapped.text);
    assert!(!Path::new(&terminal.path("epoch.key")).exists());
    let terminal = terminal.opened_with(service.access(&folder)).await.unwrap();
    assert_eq!(terminal.run(&["vault", "status"]).await.status, 0);
    let back = terminal.opened_with(KeyAccess::default()).await.err().unwrap().to_string();
    assert!(back.contains("epoch.wrapped"), "{back}");
}
