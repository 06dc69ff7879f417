//! Keys at a terminal: shared out among people, and tried; what was destroyed, and what proves it.

use std::os::unix::fs::PermissionsExt as _;

use crate::support::Terminal;

#[tokio::test]
async fn shares_are_files_for_their_holders_alone_and_wrong_ones_are_told_apart() {
    let terminal = Terminal::found("recovery").await;
    let (officer, nurse) = (terminal.staff("privacy-officer").await, terminal.staff("nurse").await);
    let (one, other, refused) = (terminal.path("one"), terminal.path("other"), terminal.path("refused"));
    let split = ["vault", "recovery", "split", "--holders", "3", "--needed", "2", "--as"];
    let shared = terminal.run(&[split.as_slice(), &[&officer, "--out", &one]].concat()).await;
    assert_eq!(shared.status, 0, "{}", shared.text);
    let files: Vec<String> = (1..=3).map(|holder| format!("{one}/share-{holder}.txt")).collect();
    for file in &files {
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
        let text = std::fs::read_to_string(file).unwrap();
        let secret = text.lines().find_map(|line| line.strip_prefix("share: ")).unwrap();
        assert!(!shared.text.contains(secret));
    }
    let again = terminal.run(&[split.as_slice(), &[&officer, "--out", &one]].concat()).await;
    assert_eq!(again.status, 2, "{}", again.text);
    let by_nurse = terminal.run(&[split.as_slice(), &[&nurse, "--out", &refused]].concat()).await;
    assert_eq!((by_nurse.status, std::fs::read_dir(&refused).unwrap().count()), (3, 0), "{}", by_nurse.text);

    let verify = ["vault", "recovery", "verify", "--as", &officer];
    let tried = terminal.run(&[verify.as_slice(), &[&files[0], &files[2]]].concat()).await;
    assert_eq!(tried.status, 0, "{}", tried.text);
    let alone = terminal.run(&[verify.as_slice(), &[&files[0]]].concat()).await;
    assert!(alone.status == 1 && alone.text.contains("2 are needed"), "{}", alone.text);
    assert_eq!(terminal.run(&[split.as_slice(), &[&officer, "--out", &other]].concat()).await.status, 0);
    let theirs = format!("{other}/share-2.txt");
    let mixed = terminal.run(&[verify.as_slice(), &[&files[0], &theirs]].concat()).await;
    assert!(mixed.status == 1 && mixed.text.contains("different splits"), "{}", mixed.text);
    let mistyped = std::fs::read_to_string(&files[1]).unwrap().replace("holder: 2", "holder: 3");
    let mistyped = terminal.write("mistyped.txt", &mistyped);
    let damaged = terminal.run(&[verify.as_slice(), &[&files[0], &mistyped]].concat()).await;
    assert!(damaged.status == 2 && damaged.text.contains("check does not fit"), "{}", damaged.text);
}

#[tokio::test]
async fn nothing_due_and_nothing_destroyed_is_said_and_the_looking_is_decided() {
    let terminal = Terminal::found("vault").await;
    let (officer, nurse) = (terminal.staff("privacy-officer").await, terminal.staff("nurse").await);
    let text = async |words: &[&str]| {
        let printed = terminal.run(words).await;
        (printed.status, printed.text.lines().next().unwrap_or_default().to_owned())
    };
    let proposed = text(&["retention", "propose", "all", "--as", &officer]).await;
    assert_eq!(proposed, (0, "nothing is due that was not proposed before".to_owned()));
    let listed = text(&["retention", "list", "--as", &officer]).await;
    assert_eq!(listed, (0, "nothing was proposed for destruction".to_owned()));
    assert_eq!(text(&["retention", "list", "--as", &nurse]).await.0, 3);
    let unknown = "00000000-0000-7000-8000-00000000d15b";
    for verb in [["retention", "approve"], ["retention", "dispose"], ["vault", "shred"]] {
        let refused = text(&[verb.as_slice(), &[unknown, "--as", &officer]].concat()).await;
        assert!(refused.0 == 1 && refused.1.contains("`retention list` shows"), "{refused:?}");
    }
    let certificates = ["vault", "certificate", "list", "--as"];
    let found = text(&[certificates.as_slice(), &[&officer]].concat()).await;
    assert_eq!(found, (0, "nothing was destroyed".to_owned()));
    assert_eq!(text(&[certificates.as_slice(), &[&nurse]].concat()).await.0, 3);
    let key = terminal.path("key");
    let export = terminal.path("log.jsonl");
    assert_eq!(text(&["audit", "export", "--out", &export, "--key-out", &key]).await.0, 0);
    let forged = terminal.write("forged.txt", "resguardo erasure certificate v1\n{}\n");
    let checked = text(&["vault", "certificate", "verify", &forged, "--key", &key]).await;
    assert!(checked.0 == 3 && checked.1.starts_with("not genuine"), "{checked:?}");
}
