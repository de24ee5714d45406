//! The program as people start, stop and lose it: every node in a process of its own.

use serde_json::{json, Value};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;

/// A network takes its time; what takes longer than this does not happen.
const PATIENCE: Duration = Duration::from_secs(120);
const TRIAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/demo/trial.yaml");

fn weir<const N: usize>(args: [&str; N]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weir"));
    command.args(args).stdin(Stdio::null());
    command
}

/// A program that runs until it is stopped, or killed with the test.
struct Running {
    child: Child,
    /// The line with which it said that it is there.
    said: String,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut output = BufReader::new(child.stdout.take().expect("it has an output"));
        let mut said = String::new();
        output.read_line(&mut said).expect("it says something");
        assert!(!said.is_empty(), "{command:?} ended: {:?}", child.wait());
        // It may say more; what it says must go somewhere.
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        Self { child, said: said.trim().to_string() }
    }

    /// As when the power goes.
    fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it has ended");
    }

    /// As when its owner stops it.
    fn stop(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").arg(id).status().expect("kill runs").success());
        assert!(self.child.wait().expect("it has ended").success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A member with a folder and a passphrase.
struct Member {
    folder: TempDir,
    meet: String,
}

impl Member {
    fn new(meet: &str) -> Self {
        let folder = TempDir::new().expect("there is room for a folder");
        let data = folder.path().join("data");
        fs::create_dir(&data).expect("there is room for another");
        // These members take what they are paid by hand.
        let preferences = r#"{"take_up_to":"0"}"#;
        fs::write(data.join("preferences.json"), preferences).expect("it can be written");
        let member = Self { folder, meet: meet.to_string() };
        member.secret("passphrase", "a long passphrase\n");
        member
    }

    /// A file that only its owner can read.
    fn secret(&self, name: &str, text: &str) {
        let file = self.folder.path().join(name);
        fs::write(&file, text).expect("it can be written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("and hidden");
    }

    /// Tries a backup with another passphrase, in another folder.
    fn restore_into(&self, file: &Path, folder: &Path, passphrase: &str) -> ExitStatus {
        self.secret("other", passphrase);
        let mut command = weir(["restore", "--json"]);
        command.arg(file).arg("--data").arg(folder.join("data"));
        command.arg("--passphrase-file").arg(self.folder.path().join("other"));
        command.output().expect("the program starts").status
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command<const N: usize>(&self, args: [&str; N]) -> Command {
        let mut command = weir(args);
        command.arg("--json").arg("--data").arg(self.data());
        command.arg("--passphrase-file").arg(self.folder.path().join("passphrase"));
        command
    }

    fn run(&self) -> Running {
        let mut command = self.command(["run", "--port", "0", "--meet", &self.meet]);
        Running::start(command.args(["--charter", TRIAL, "--network-seed", "programs"]))
    }

    fn call(&self, function: &str, input: &Value) -> Command {
        self.command(["call", "accounts", function, &input.to_string()])
    }

    fn ask(&self, function: &str, input: Value) -> Value {
        let answer = answer(&mut self.call(function, &input));
        assert!(answer["ok"].is_object(), "{function}: {answer}");
        answer["ok"].clone()
    }

    /// Where the running node answers.
    fn url(&self) -> String {
        let address = fs::read(self.data().join("address.json")).expect("it is there");
        let address: Value = serde_json::from_slice(&address).expect("it is JSON");
        address["url"].as_str().expect("an address").to_string()
    }

    /// Newest of the times at which the conductor wrote into its databases.
    fn last_written(&self) -> SystemTime {
        newest(&self.data().join("conductor")).expect("the conductor has files")
    }
}

fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    let time = |path: PathBuf| match path.is_dir() {
        true => newest(&path),
        false => fs::metadata(&path).and_then(|about| about.modified()).ok(),
    };
    entries.filter_map(|entry| time(entry.path())).max()
}

/// The last line that a command prints.
fn answer(command: &mut Command) -> Value {
    let Output { stdout, stderr, .. } = command.output().expect("the program starts");
    serde_json::from_slice(&stdout)
        .unwrap_or_else(|_| panic!("{command:?} said {}", String::from_utf8_lossy(&stderr)))
}

fn request() -> String {
    uuid::Uuid::now_v7().to_string()
}

fn until(what: &str, is_true: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_true() {
        assert!(start.elapsed() < PATIENCE, "waited {PATIENCE:?} in vain: {what}");
    }
}

fn knows(member: &Member, count: usize) -> bool {
    let known = member.ask("members", json!({ "month": null }));
    known["members"].as_array().map(Vec::len) == Some(count)
}

#[test]
fn a_node_killed_in_the_middle_of_a_write_loses_and_doubles_nothing() {
    const ROUNDS: usize = 4;
    let meeting = Running::start(&mut weir(["meet", "--listen", "127.0.0.1:0"]));
    let meet = meeting.said.rsplit(' ').next().expect("it names its address");
    let (payer, payee) = (Member::new(meet), Member::new(meet));
    let (mut payers, _payees) = (payer.run(), payee.run());
    let mut keys = [&payer, &payee].map(|member| {
        let card = member.ask("open_account", json!({ "request": request() }));
        card["member"].as_str().expect("a key").to_string()
    });
    until("both know each other", || knows(&payer, 2) && knows(&payee, 2));

    for _ in 0..ROUNDS {
        let [_, payee] = &mut keys;
        let wish = json!({
            "request": request(), "payee": payee, "amount": "100", "category": 0, "memo": "honey",
        });
        let before = payer.last_written();
        let mut asking = payer.call("pay", &wish).stdout(Stdio::null()).spawn().expect("it starts");
        until("the write begins", || payer.last_written() > before);
        payers.kill();
        asking.wait().expect("the caller is told that nobody answers");
        payers = payer.run();
        // Written or not before: the same wish once more settles it.
        payer.ask("pay", wish);
    }
    assert_eq!(payer.ask("position", Value::Null)["balance"], "-400");
    assert_eq!(payer.ask("position", Value::Null)["entries"], 1 + ROUNDS);

    let waiting = || payee.ask("waiting", json!({}))["payments"].as_array().cloned();
    let arrived = |payments: &[Value]| payments.iter().all(|p| p["status"] == "arrived");
    until("all have arrived", || waiting().is_some_and(|p| p.len() == ROUNDS && arrived(&p)));
    let names: Vec<Value> = waiting().into_iter().flatten().map(|p| p["payment"].clone()).collect();
    let taken = payee.ask("receive", json!({ "request": request(), "payments": names }));
    assert_eq!(taken["position"]["balance"], "400");
    // The payer's node was lost so often that the receipt may take minutes to come back to it:
    // docs/threat-model.md.
    let books = answer(&mut payee.command(["books"]));
    assert_eq!((&books["difference"], &books["entries"]), (&json!(0), &json!(3 + ROUNDS)));
}

#[test]
fn a_member_whose_computer_is_lost_comes_back_from_a_backup() {
    let meeting = Running::start(&mut weir(["meet", "--listen", "127.0.0.1:0"]));
    let meet = meeting.said.rsplit(' ').next().expect("it names its address");
    let [lost, payee, neighbour] = [(); 3].map(|()| Member::new(meet));
    let running = lost.run();
    let _others = [payee.run(), neighbour.run()];
    let keys = [&lost, &payee, &neighbour].map(|member| {
        let card = member.ask("open_account", json!({ "request": request() }));
        card["member"].as_str().expect("a key").to_string()
    });
    let all = [&lost, &payee, &neighbour];
    until("all know each other", || all.iter().all(|member| knows(member, 3)));
    pay_and_take(&lost, &payee, &keys[1]);
    until("the neighbour holds it all", || held_entries(&neighbour) == 5);
    until("two others show it all", || status(&lost)["copies"]["enough"] == json!(true));

    // The backup is written, tried, and kept elsewhere.
    let elsewhere = TempDir::new().expect("there is room for a folder");
    let file = elsewhere.path().join("weir.backup");
    let named = file.to_str().expect("a name");
    answer(&mut lost.command(["backup", named]));
    assert!(fs::metadata(&file).expect("it is there").len() < 100_000);
    answer(&mut lost.command(["backup", "--test", named]));
    running.stop();
    answer(&mut lost.command(["backup", "--test", named]));
    let others = neighbour.restore_into(&file, elsewhere.path(), "another passphrase");
    assert_eq!(others.code(), Some(2), "a wrong passphrase opens nothing");
    assert!(!elsewhere.path().join("data").exists());
    let words = answer(&mut lost.command(["words"]))["words"].clone();
    fs::remove_dir_all(lost.data()).expect("the computer is lost");

    let back = Member { folder: elsewhere, meet: meet.to_string() };
    let words: Vec<&str> = words.as_array().into_iter().flatten().flat_map(Value::as_str).collect();
    back.secret("words", &words.join(" "));
    back.secret("passphrase", "a new passphrase");
    let words = back.folder.path().join("words");
    let words = words.to_str().expect("a name");
    let restored = answer(&mut back.command(["restore", named, "--words", "--words-file", words]));
    assert_eq!(restored["member"], json!(keys[0]));
    let _running = Running::start(&mut back.command(["run", "--port", "0"]));
    assert_eq!(back.ask("position", Value::Null)["balance"], "-100");
    pay_and_take(&back, &payee, &keys[1]);
    until("the neighbour holds the new ones too", || held_entries(&neighbour) == 7);
    let books = answer(&mut neighbour.command(["books"]));
    assert_eq!((&books["difference"], &books["not_counted"]), (&json!(0), &json!(0)));
}

#[test]
fn a_backup_of_a_running_node_is_for_whoever_knows_the_passphrase() {
    let member = Member::new("http://127.0.0.1:1");
    let running = member.run();
    let file = member.folder.path().join("weir.backup");
    let named = file.to_str().expect("a name");
    member.secret("other", "another passphrase");
    let mut wrong = weir(["backup", named, "--json"]);
    wrong.arg("--data").arg(member.data());
    wrong.arg("--passphrase-file").arg(member.folder.path().join("other"));
    let refused = wrong.output().expect("the program starts");
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("PASSPHRASE_WRONG"));
    assert!(!file.exists());

    let right = r#"{"passphrase":"a long passphrase"}"#;
    let own = member.url();
    let (foreign, none) = (posted(&member, "/backup", "http://evil.example", right), "");
    assert!(foreign.starts_with("HTTP/1.0 403"), "{foreign}");
    assert!(posted(&member, "/backup", none, right).starts_with("HTTP/1.0 403"));
    for body in ["", "{}", r#"{"passphrase":5}"#, r#"{"passphrase":"a","more":1}"#] {
        let refused = posted(&member, "/backup", &own, body);
        assert!(refused.starts_with("HTTP/1.0 400"), "{refused}");
        assert!(refused.contains("BACKUP_ASKED"), "{refused}");
    }
    assert!(posted(&member, "/backup", &own, right).starts_with("HTTP/1.0 200"));

    at_the_till(&member, right);
    answer(&mut member.command(["backup", named]));
    running.stop();
    answer(&mut member.command(["backup", "--test", named]));
    let code = wrong.output().expect("the program starts").status.code();
    assert_eq!(code, Some(2), "without the node too");
}

#[test]
fn the_doctor_says_what_is_not_well_with_a_node_and_without_one() {
    let member = Member::new("http://127.0.0.1:1");
    let finding = |report: &Value, about: &str| {
        let checks = report["checks"].as_array().cloned().unwrap_or_default();
        let check = checks.into_iter().find(|check| check["about"] == about);
        check.map(|check| check["finding"].as_str().unwrap_or_default().to_string())
    };
    let stopped = answer(&mut doctor(&member, "--json"));
    assert_eq!(finding(&stopped, "node").as_deref(), Some("unknown"));
    assert_eq!(finding(&stopped, "clock"), None);
    assert_eq!(stopped["well"], json!(false));

    let running = member.run();
    let card = member.ask("open_account", json!({ "request": request() }));
    let report = answer(&mut doctor(&member, "--json"));
    for (about, expected) in
        [("node", "well"), ("others", "unknown"), ("clock", "unknown"), ("copies", "unknown")]
    {
        assert_eq!(finding(&report, about).as_deref(), Some(expected), "{report}");
    }
    assert!(report["rules"].as_str().is_some_and(|rules| rules.starts_with("uhC0k")), "{report}");
    let said = doctor(&member, "--report").output().expect("the program starts");
    assert_eq!(said.status.code(), Some(1));
    let said = String::from_utf8(said.stdout).expect("it is text");
    let member_key = card["member"].as_str().expect("a key");
    for private in [member_key, &member.url(), "programs", "/"] {
        assert!(!said.contains(private), "{private} in {said}");
    }
    running.stop();
    fs::write(member.data().join("address.json"), "{").expect("it can be written");
    let silent = answer(&mut doctor(&member, "--json"));
    assert_eq!(finding(&silent, "node").as_deref(), Some("wrong"));
    let mut nowhere = weir(["doctor", "--data", "/nowhere"]);
    assert_eq!(nowhere.output().expect("the program starts").status.code(), Some(2));
}

fn doctor(member: &Member, how: &str) -> Command {
    let mut command = weir(["doctor", how]);
    command.arg("--data").arg(member.data());
    command
}

fn status(member: &Member) -> Value {
    answer(&mut member.command(["status"]))
}

/// On a full disk a call fails, the record stays as it was, and with room again it goes on.
#[test]
fn on_a_full_disk_a_call_fails_and_the_record_stays_as_it_was() {
    /// As many as are listed at once.
    const ASKS_MAX: usize = 64;
    let member = Member::new("http://127.0.0.1:1");
    let running = member.run();
    member.ask("open_account", json!({ "request": request() }));
    running.stop();
    // No file grows above half a megabyte: to the program it is a full disk.
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 1024; exec \"$@\"", "sh"]);
    let run = member.command(["run", "--port", "0", "--meet", &member.meet]);
    limited.arg(run.get_program()).args(run.get_args()).stdin(Stdio::null());
    let running = Running::start(&mut limited);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let until_ms = (now.as_secs() + 86_400) * 1_000;
    let ask = || {
        let wish = json!({
            "request": request(), "payer": null, "amount": "100", "category": 0, "memo": null,
            "due_ms": null, "until_ms": until_ms,
        });
        member.call("ask", &wish).output().expect("the program starts")
    };
    let mut written = 0;
    let failed = loop {
        let asked = ask();
        if !asked.status.success() {
            break asked;
        }
        written += 1;
        assert!(written < ASKS_MAX, "the disk is never full");
    };
    assert!(String::from_utf8_lossy(&failed.stdout).contains("FAILED"), "{failed:?}");
    assert_eq!(member.ask("position", Value::Null)["entries"], 1, "reading goes on");
    drop(running);

    let running = member.run();
    let own = || member.ask("asks", Value::Null)["own"].as_array().map(Vec::len);
    assert_eq!(own(), Some(written), "nothing is lost or half written");
    assert!(ask().status.success());
    assert_eq!(own(), Some(written + 1));
    running.stop();
}

/// A damaged database is told at the start, before anything is written, with the way back.
#[test]
fn a_damaged_database_is_told_at_the_start() {
    let member = Member::new("http://127.0.0.1:1");
    let running = member.run();
    member.ask("open_account", json!({ "request": request() }));
    running.stop();
    let databases = member.data().join("conductor/databases");
    for file in fs::read_dir(databases).expect("the conductor has databases") {
        let path = file.expect("a file").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if !name.starts_with("dht-") {
            continue;
        }
        // What was not carried over from the log yet is lost with it.
        if name.ends_with(".db") {
            fs::write(&path, [0x57; 8_192]).expect("it can be overwritten");
        } else {
            fs::remove_file(&path).expect("it can be removed");
        }
    }
    let mut command = member.command(["run", "--port", "0", "--meet", &member.meet]);
    let started = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut node = started.expect("the program starts");
    // A node that runs says where; one that ends says nothing there.
    let mut said = String::new();
    let mut output = BufReader::new(node.stdout.take().expect("it has an output"));
    output.read_line(&mut said).expect("it can be read");
    if !said.is_empty() {
        let _ = node.kill();
        panic!("the node runs on a damaged database: {said}");
    }
    let ended = node.wait_with_output().expect("it has ended");
    assert_eq!(ended.status.code(), Some(2));
    let told = String::from_utf8_lossy(&ended.stderr);
    assert!(told.contains("DATABASE_DAMAGED: dht-") && told.contains("weir restore"), "{told}");
}

/// Whoever is left at the till gets nothing that the member alone may have, until the passphrase.
fn at_the_till(member: &Member, right: &str) {
    let own = member.url();
    let till = |body: &str| posted(member, "/till", &own, body);
    let refused = |answer: String, code: &str| {
        assert!(answer.starts_with("HTTP/1.0 4") && answer.contains(code), "{code}: {answer}");
    };
    let begin = r#"{"do":"begin","pin":"2580"}"#;
    refused(posted(member, "/till", "http://evil.example", begin), "Another site");
    refused(till("{}"), "TILL_ASKED");
    refused(till(r#"{"do":"begin","pin":"25"}"#), "PIN_MALFORMED");
    refused(till(r#"{"do":"open","pin":"2580"}"#), "TILL_OTHERWISE");
    assert!(till(begin).starts_with("HTTP/1.0 204"));
    assert_eq!(status(member)["till"], "open");
    refused(posted(member, "/backup", &own, right), "AT_THE_TILL");
    assert!(till(r#"{"do":"lock"}"#).starts_with("HTTP/1.0 204"));
    assert_eq!(status(member)["till"], "locked");
    refused(till(r#"{"do":"open","pin":"0000"}"#), "PIN_WRONG");
    assert!(till(r#"{"do":"open","pin":"2580"}"#).starts_with("HTTP/1.0 204"));
    refused(till(r#"{"do":"end","passphrase":"another passphrase"}"#), "PASSPHRASE_WRONG");
    assert!(till(r#"{"do":"end","passphrase":"a long passphrase"}"#).starts_with("HTTP/1.0 204"));
    assert_eq!(status(member)["till"], "off");
    assert!(posted(member, "/backup", &own, right).starts_with("HTTP/1.0 200"));
}

/// What a node answers to a page of this origin; without one when it is empty.
fn posted(member: &Member, path: &str, origin: &str, body: &str) -> String {
    let url = member.url();
    let host = url.trim_start_matches("http://");
    let origin = if origin.is_empty() { String::new() } else { format!("origin: {origin}\r\n") };
    let length = body.len();
    let mut stream = TcpStream::connect(host).expect("the node is there");
    let head = format!(
        "POST {path} HTTP/1.0\r\nhost: {host}\r\n{origin}content-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(head.as_bytes()).expect("it listens");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

#[test]
fn an_old_copy_of_a_folder_writes_only_on_top_of_the_newest() {
    let meeting = Running::start(&mut weir(["meet", "--listen", "127.0.0.1:0"]));
    let meet = meeting.said.rsplit(' ').next().expect("it names its address");
    let [member, neighbour] = [(); 2].map(|()| Member::new(meet));
    let running = member.run();
    let _neighbour = neighbour.run();
    let keys = [&member, &neighbour].map(|member| {
        let card = member.ask("open_account", json!({ "request": request() }));
        card["member"].as_str().expect("a key").to_string()
    });
    until("both know each other", || [&member, &neighbour].iter().all(|it| knows(it, 2)));
    running.stop();
    let copy = Member::new(meet);
    fs::remove_dir_all(copy.data()).expect("it can be removed");
    copy_folder(&member.data(), &copy.data());

    let running = member.run();
    pay_and_take(&member, &neighbour, &keys[1]);
    until("the neighbour holds it all", || held_entries(&neighbour) == 4);
    running.stop();
    let running = copy.run();
    // What the others hold comes back to the copy by itself; from then on it may write, on top.
    pay_on_top(&copy, &keys[1], "-101");
    until("the neighbour holds that too", || held_entries(&neighbour) == 5);
    running.stop();
    let _running = member.run();
    pay_on_top(&member, &keys[1], "-102");
    until("the neighbour holds one record", || held_entries(&neighbour) == 6);
}

/// A payment of 1, written on top of everything, which may have to come back first.
fn pay_on_top(payer: &Member, payee: &str, balance: &str) {
    let wish = json!({
        "request": request(), "payee": payee, "amount": "1", "category": 0, "memo": null,
    });
    until("the record is whole again", || {
        let said = answer(&mut payer.call("pay", &wish));
        assert!(said["ok"].is_object() || said["error"]["code"] == "RECORD_BEHIND", "{said}");
        said["ok"].is_object()
    });
    assert_eq!(payer.ask("position", Value::Null)["balance"], balance);
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("there is room for a copy");
    for entry in fs::read_dir(from).expect("it is a folder").flatten() {
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_folder(&path, &copy);
        } else {
            fs::copy(&path, &copy).expect("it can be copied");
        }
    }
}

/// A payment of 100, taken as soon as it has arrived.
fn pay_and_take(payer: &Member, payee: &Member, key: &str) {
    let wish = json!({
        "request": request(), "payee": key, "amount": "100", "category": 0, "memo": "honey",
    });
    let payment = payer.ask("pay", wish)["entry"].clone();
    let waiting = || payee.ask("waiting", json!({}))["payments"].as_array().cloned();
    let arrived = |p: &Value| p["payment"] == payment && p["status"] == "arrived";
    until("it has arrived", || waiting().is_some_and(|payments| payments.iter().any(arrived)));
    payee.ask("receive", json!({ "request": request(), "payments": [payment] }));
}

/// Ledger entries that this member's node holds and counts sound.
fn held_entries(member: &Member) -> u64 {
    answer(&mut member.command(["books"]))["entries"].as_u64().unwrap_or_default()
}

#[test]
fn a_village_is_there_again_after_a_stop() {
    let folder = TempDir::new().expect("there is room for a folder");
    let village = || {
        let mut command = weir(["demo", "--json", "--port", "0", "--data"]);
        let running = Running::start(command.arg(folder.path()));
        let about: Value = serde_json::from_str(&running.said).expect("it is JSON");
        (running, about["members"].as_array().cloned().unwrap_or_default())
    };
    let keys = |members: &[Value]| -> Vec<Value> {
        members.iter().map(|member| member["member"].clone()).collect()
    };
    // The first two wait for people; the others have accounts from the start.
    let ask = |members: &[Value], function: &str, input: Value| -> Value {
        let data = members[2]["data"].as_str().expect("a folder");
        let mut command = weir(["call", "accounts", function, &input.to_string(), "--json"]);
        let answer = answer(command.args(["--data", data]));
        assert!(answer["ok"].is_object(), "{function}: {answer}");
        answer["ok"].clone()
    };
    let (running, members) = village();
    assert_eq!(members.len(), 5);
    let payee = &members[3]["member"];
    until("the third knows the fourth", || {
        let known = ask(&members, "members", json!({ "month": null }))["members"].clone();
        known.as_array().is_some_and(|known| known.iter().any(|member| member["member"] == *payee))
    });
    let wish = json!({
        "request": request(), "payee": payee, "amount": "100", "category": 0, "memo": "honey",
    });
    let paid = ask(&members, "pay", wish.clone());
    running.stop();
    let (running, again) = village();
    assert_eq!(keys(&again), keys(&members));
    let repeated = ask(&again, "pay", wish);
    assert_eq!((&repeated["entry"], &repeated["repeated"]), (&paid["entry"], &json!(true)));
    running.stop();
}

#[test]
fn an_account_is_exported_by_the_running_node_and_without_one() {
    let meeting = Running::start(&mut weir(["meet", "--listen", "127.0.0.1:0"]));
    let member = Member::new(meeting.said.rsplit(' ').next().expect("it names its address"));
    let running = member.run();
    member.ask("open_account", json!({ "request": request() }));
    let export = || answer(&mut member.command(["export", "--format", "csv-full"]));
    let by_the_node = export();
    running.stop();
    assert_eq!((&by_the_node["rows"], &export()["text"]), (&json!(1), &by_the_node["text"]));

    let file = member.folder.path().join("account.journal");
    let mut to_a_file = member.command(["export", "--format", "hledger"]);
    let written = answer(to_a_file.arg("--out").arg(&file));
    assert_eq!((&written["rows"], &written["text"]), (&json!(1), &Value::Null));
    let journal = fs::read_to_string(&file).expect("it is there");
    assert!(journal.contains("Account opened"), "{journal}");
    assert_eq!(fs::metadata(&file).expect("it is there").permissions().mode() & 0o777, 0o600);
}

#[test]
fn an_export_that_cannot_be_made_is_refused_before_anything_is_read() {
    let nowhere = ["--out", "no-such-folder/account.csv"];
    let backwards = ["--from", "2026-02-01", "--to", "2026-01-31"];
    for (format, more, part) in [
        ("pdf", &nowhere[..0], "csv, csv-full, hledger, beancount, camt053"),
        ("csv", &["--from", "2026-02-30"][..], "write it like 2026-01-31"),
        ("csv", &backwards[..], "the first day, 2026-02-01, is after the last, 2026-01-31"),
        ("csv", &nowhere[..], "there is no folder no-such-folder"),
    ] {
        let Output { status, stderr, .. } =
            weir(["export", "--format", format]).args(more).output().expect("the program starts");
        let said = String::from_utf8_lossy(&stderr).into_owned();
        assert_eq!(status.code(), Some(2), "{said}");
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_malformed_row_is_refused_before_anything_is_written() {
    let folder = TempDir::new().expect("there is room for a folder");
    let file = folder.path().join("trades.csv");
    let rows = "at,payer,payee,amount,category\n1,ann,ben,100,food\n2,ben,cid,-7,food\n";
    fs::write(&file, rows).expect("it can be written");
    let Output { status, stderr, .. } =
        weir(["replay", "--json"]).arg(&file).output().expect("the program starts");
    let said = String::from_utf8_lossy(&stderr).into_owned();
    assert_eq!(status.code(), Some(2), "{said}");
    assert!(said.contains("trades.csv:3"), "{said}");
}

#[test]
fn a_replay_ends_with_the_sums_of_its_file() {
    let folder = TempDir::new().expect("there is room for a folder");
    let file = folder.path().join("trades.csv");
    let rows = "at,payer,payee,amount,category\n\
                1,ann,ben,100,food\n2,ben,cid,70,food\n3,cid,ann,250,care\n";
    fs::write(&file, rows).expect("it can be written");
    let report = answer(weir(["replay", "--json", "--conductors", "3"]).arg(&file));
    assert_eq!(report["payments"], 3);
    assert_eq!(report["sum"], 0);
    assert_eq!(report["refused"], json!([]));
    let balance = |name: &str| report["members"][name]["balance"].clone();
    assert_eq!([balance("ann"), balance("ben"), balance("cid")], [150, 30, -180]);
}
