//! The command line.

use crate::assess::{assess, AssessArgs};
use crate::backup;
use crate::books::Books;
use crate::call::{self, CallRequest, Called};
use crate::conductor::prepare_process;
use crate::demo::{demo, Demo};
use crate::doctor::Node::{Silent, Stopped};
use crate::doctor::{Facts, Report};
use crate::export::{self, Export, Source};
use crate::failure::{bad_input, ended, say};
use crate::folder::{self, default_root, Folder};
use crate::held;
use crate::keys;
use crate::local::{open_keys, Node, Remote, APP};
use crate::meeting::MeetingPoint;
use crate::member::CallError;
use crate::replay::{replay, Replay};
use crate::restore::{self, restore, Restore};
use crate::run::{asked_to_stop, run, Run};
use crate::score::{score, Score};
use crate::sim::{sim, Sim};
use crate::{web, Embedded};
use anyhow::{anyhow, bail, Result};
use clap::{Args, Parser, Subcommand};
use holochain::prelude::AgentPubKey;
use indicatif::ProgressBar;
use serde_json::{json, Value};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;
use weir_exports::{Day, Format};
use weir_wire::names::ZOME_ACCOUNTS;
use weir_wire::MyCard;

/// Mutual credit for a community and its place.
///
/// Exit codes: 0 done, 1 failed, 2 the input was wrong and nothing was changed. With --json the
/// answer is one line of JSON on stdout; everything else goes to stderr. RUST_LOG=info tells more.
#[derive(Parser)]
#[command(name = "weir", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run your node: your account, and your page in the browser.
    Run(RunArgs),
    /// Run a whole village on this machine, to try Weir out.
    Demo(DemoArgs),
    /// Replay payments of a CSV file in a village, and print what came of them.
    Replay(ReplayArgs),
    /// Add up everything this node holds and counts sound: it must come to zero.
    Books(MemberArgs),
    /// Write your account for another program: CSV, hledger, beancount or a bank's statement.
    Export(ExportArgs),
    /// Call one function as this member; its input and answer are JSON.
    Call(CallArgs),
    /// Say how the running node is doing.
    Status(MemberArgs),
    /// Look for what is wrong with your node, and say what to do: exit code 0 when all is well.
    Doctor(DoctorArgs),
    /// Show the 24 words of your key. Whoever has them can act as you.
    Words(MemberArgs),
    /// Write a backup: your key and the way back to your community, in one small file.
    Backup(BackupArgs),
    /// Come back from a backup, on a computer where you are not yet.
    Restore(RestoreArgs),
    /// Show your key, making it when there is none: founders are named by it in a charter.
    Key(MemberArgs),
    /// Run a meeting point, where the members of a community find each other.
    Meet(MeetArgs),
    /// Learn scorecards from closed loans, score rows, and explain the scores.
    #[command(subcommand)]
    Score(Score),
    /// Assess a request for credit: scores, risk, who decides, and what would improve it.
    Assess(AssessArgs),
    /// Simulate communities with faults and hostile members, and check the books at every step.
    Sim(Sim),
}

#[derive(Args)]
struct RunArgs {
    #[command(flatten)]
    member: MemberArgs,
    /// Port of your page on this machine.
    #[arg(long, default_value_t = 4500)]
    port: u16,
    /// Address of the community's meeting point; remembered. Without one your node is alone.
    #[arg(long, value_name = "URL")]
    meet: Option<String>,
    /// The community's charter (YAML); needed at the first start.
    #[arg(long, value_name = "FILE")]
    charter: Option<PathBuf>,
    /// The community's shared word: communities with another are apart; needed at the first start.
    #[arg(long, value_name = "TEXT")]
    network_seed: Option<String>,
    #[command(flatten)]
    page: PageArgs,
}

#[derive(Args)]
struct DemoArgs {
    /// How many members, 2 to 32 [default: 5].
    #[arg(long, value_name = "N")]
    members: Option<u8>,
    /// How many conductors they share, at least 2 [default: 2].
    #[arg(long, value_name = "K")]
    conductors: Option<u8>,
    /// Where the village keeps its data.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Begin a new village; the old one in that folder is removed.
    #[arg(long)]
    fresh: bool,
    /// Port of the first member's page, the others follow; 0 takes any free ones.
    #[arg(long, value_name = "BASE")]
    port: Option<u16>,
    /// Nobody acts by themselves.
    #[arg(long)]
    quiet_members: bool,
    #[command(flatten)]
    page: PageArgs,
    /// Print one line of JSON with the addresses when the village is ready.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct PageArgs {
    /// Serve another front end from this folder; every page says so.
    #[arg(long, value_name = "DIR")]
    ui: Option<PathBuf>,
    /// Admit a front end of another origin (http://localhost:5173); every page says so.
    #[arg(long, value_name = "URL")]
    allow_origin: Vec<String>,
    /// Use this bundle instead of the one inside the program.
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// Open the page in the browser.
    #[arg(long)]
    open: bool,
}

#[derive(Args)]
struct ReplayArgs {
    /// Columns at,payer,payee,amount,category; amounts in minor units.
    file: PathBuf,
    /// How many conductors the members are spread over.
    #[arg(long, value_name = "N", default_value_t = 2)]
    conductors: usize,
    /// Everybody's line in minor units [default: what the file needs, at least 100000].
    #[arg(long, value_name = "AMOUNT")]
    line: Option<i64>,
    /// Use this bundle instead of the one inside the program.
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct ExportArgs {
    /// One of csv, csv-full, hledger, beancount and camt053.
    #[arg(long, value_name = "FORMAT")]
    format: Format,
    /// The first day, such as 2026-01-31, in UTC [default: the opening].
    #[arg(long, value_name = "DATE", value_parser = export::day)]
    from: Option<Day>,
    /// The last day, in UTC [default: the newest entry].
    #[arg(long, value_name = "DATE", value_parser = export::day)]
    to: Option<Day>,
    /// The file to write, whole or not at all [default: the standard output].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    member: MemberArgs,
}

#[derive(Args)]
struct CallArgs {
    /// The zome: accounts or place.
    zome: String,
    /// The function.
    function: String,
    /// Its input as JSON.
    #[arg(default_value = "null")]
    input: String,
    #[command(flatten)]
    member: MemberArgs,
}

#[derive(Args)]
struct DoctorArgs {
    /// Print a report to give away: it holds no names, notes, amounts, keys, addresses or paths.
    #[arg(long)]
    report: bool,
    /// Your data folder.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct BackupArgs {
    /// The file to write, or with --test the one to try. Your node may run.
    file: PathBuf,
    /// Write nothing: show that this file opens and gives your key.
    #[arg(long)]
    test: bool,
    #[command(flatten)]
    member: MemberArgs,
}

#[derive(Args)]
struct RestoreArgs {
    /// The backup.
    file: PathBuf,
    /// You lost the passphrase: open it with your 24 words, and choose a new passphrase.
    #[arg(long)]
    words: bool,
    /// Read the 24 words from this file (mode 0600) instead of asking for them.
    #[arg(long, value_name = "FILE", requires = "words")]
    words_file: Option<PathBuf>,
    /// How many other computers must hold the same record of yours.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = 1..=9)]
    copies: i64,
    /// Use this bundle instead of the one inside the program.
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    #[command(flatten)]
    member: MemberArgs,
}

/// Whose node it is.
#[derive(Args, Clone)]
struct MemberArgs {
    /// Your data folder.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Read the passphrase from this file (mode 0600) instead of asking for it.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct MeetArgs {
    /// Where to listen. It speaks plain http: put it behind a proxy with a certificate.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4490")]
    listen: SocketAddr,
}

/// Runs the program.
pub fn main(embedded: &'static Embedded) -> ExitCode {
    // clap ends with 2 by itself when the command line is wrong.
    let cli = Cli::parse();
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("off,weir=warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    prepare_process();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return ended(Err(error.into())),
    };
    let result = runtime.block_on(dispatch(cli.command, embedded));
    // What still runs has nothing left to save.
    runtime.shutdown_background();
    ended(result)
}

async fn dispatch(command: Command, embedded: &'static Embedded) -> Result<()> {
    match command {
        Command::Run(args) => run(args.asked()?, embedded).await,
        Command::Demo(args) => demo(args.asked()?, embedded).await,
        Command::Replay(ReplayArgs { file, conductors, line, bundle, json }) => {
            replay(Replay { file, conductors, line, bundle, json }, embedded).await
        }
        Command::Books(member) => books(&member).await,
        Command::Export(args) => export_account(&args).await,
        Command::Call(args) => call_function(&args).await,
        Command::Status(member) => status(&member).await,
        Command::Doctor(args) => doctor(&args).await,
        Command::Words(member) => words(&member).await,
        Command::Backup(args) => write_backup(&args).await,
        Command::Restore(args) => restore(args.opened().await?, embedded).await,
        Command::Key(member) => key(&member).await,
        Command::Meet(MeetArgs { listen }) => meet(listen).await,
        Command::Score(asked) => score(asked),
        Command::Assess(args) => assess(&args),
        Command::Sim(asked) => sim(asked),
    }
}

impl RunArgs {
    fn asked(self) -> Result<Run> {
        let PageArgs { ui, allow_origin, bundle, open } = self.page;
        Ok(Run {
            data: self.member.root()?,
            port: self.port,
            passphrase_file: self.member.passphrase_file,
            meet: self.meet,
            charter: self.charter,
            network_seed: self.network_seed,
            ui,
            allow_origin,
            bundle,
            open,
            json: self.member.json,
        })
    }
}

impl DemoArgs {
    fn asked(self) -> Result<Demo> {
        let PageArgs { ui, allow_origin, bundle, open } = self.page;
        Ok(Demo {
            members: self.members.map(usize::from),
            conductors: self.conductors.map(usize::from),
            data: self.data.map_or_else(|| default_root("weir-demo"), Ok)?,
            fresh: self.fresh,
            port: self.port,
            quiet_members: self.quiet_members,
            ui,
            allow_origin,
            bundle,
            open,
            json: self.json,
        })
    }
}

impl MemberArgs {
    fn root(&self) -> Result<PathBuf> {
        root(self.data.as_deref())
    }

    fn passphrase(&self) -> Result<String> {
        match &self.passphrase_file {
            Some(file) => keys::passphrase_from(file),
            None => Ok(rpassword::prompt_password("Passphrase: ")?),
        }
    }

    /// The folder of a member who is there already.
    fn existing(&self) -> Result<(Folder, String)> {
        let folder = Folder::open(existing(&self.root()?)?)?;
        if !keys::exists(&folder.keystore()) {
            return Err(bad_input(format!(
                "there is no member in {}: start with `weir run`",
                folder.root().display()
            )));
        }
        Ok((folder, self.passphrase()?))
    }

    /// Starts this member's node in this process, when none runs elsewhere.
    async fn start(&self) -> Result<(Node, Folder)> {
        let (folder, passphrase) = self.existing()?;
        let settings = folder.settings()?;
        if !settings.installed {
            return Err(bad_input("this member belongs to no community yet: use `weir run`"));
        }
        let node = Node::start(&folder, &passphrase, settings.meet.as_deref(), None).await?;
        Ok((node, folder))
    }
}

/// The data folder that was named, else the usual one.
fn root(named: Option<&Path>) -> Result<PathBuf> {
    named.map_or_else(|| default_root("weir"), |root| Ok(root.to_path_buf()))
}

fn existing(root: &Path) -> Result<&Path> {
    if root.is_dir() {
        Ok(root)
    } else {
        Err(bad_input(format!("there is no folder {}: name it with --data DIR", root.display())))
    }
}

async fn call_function(args: &CallArgs) -> Result<()> {
    let input: Value = serde_json::from_str(&args.input)
        .map_err(|error| bad_input(format!("the input is not JSON: {error}")))?;
    let request = CallRequest { zome: args.zome.clone(), function: args.function.clone(), input };
    let called = match Remote::of(&args.member.root()?).await? {
        Some(remote) => remote.post("/call", &request).await?,
        None => {
            let (node, _folder) = args.member.start().await?;
            let called = call::call(&node.member, &request).await;
            node.stop().await;
            called
        }
    };
    let refused = match &called {
        Called::Ok(_) => None,
        Called::Error(problem) => Some(format!("{} ({})", problem.message, problem.code)),
    };
    match (&called, args.member.json) {
        (called, true) => say(serde_json::to_string(called)?),
        (Called::Ok(value), false) => say(serde_json::to_string_pretty(value)?),
        (Called::Error(_), false) => {}
    }
    refused.map_or(Ok(()), |text| bail!("{text}"))
}

async fn export_account(args: &ExportArgs) -> Result<()> {
    let ExportArgs { format, from, to, out, member } = args;
    let asked = Export { format: *format, from: *from, to: *to }.check()?;
    out.as_deref().map_or(Ok(()), export::check_file)?;
    let bar = if member.json { ProgressBar::hidden() } else { export::bar() };
    let statement = match Remote::of(&member.root()?).await? {
        Some(remote) => export::read(&Source::There(&remote), asked, &bar).await,
        None => {
            let (node, _folder) = member.start().await?;
            let read = export::read(&Source::Here(&node.member), asked, &bar).await;
            node.stop().await;
            read
        }
    }?;
    let bytes = export::bytes(&statement, *format)?;
    let rows = statement.rows.len();
    if out.is_some() || !member.json {
        export::deliver(&bytes, out.as_deref())?;
    }
    if member.json {
        let text = out.is_none().then(|| String::from_utf8_lossy(&bytes));
        say(json!({ "format": format.name(), "rows": rows, "file": out, "text": text }));
    } else {
        let place = out.as_ref().map_or("".into(), |file| format!(" to {}", file.display()));
        eprintln!("weir: {rows} rows are written{place}");
    }
    Ok(())
}

async fn books(member: &MemberArgs) -> Result<()> {
    let books = match Remote::of(&member.root()?).await? {
        Some(remote) => remote.get::<Books>("/books").await?,
        None => {
            let (node, _folder) = member.start().await?;
            let held = held::read(node.member.conductor(), node.member.ledger()).await;
            node.stop().await;
            Books::of(&held?)
        }
    };
    if member.json {
        say(serde_json::to_string(&books)?);
    } else {
        say(serde_json::to_string_pretty(&books)?);
    }
    if !books.balanced() {
        bail!("the books do not come to zero: the difference is {}", books.difference);
    }
    Ok(())
}

async fn status(member: &MemberArgs) -> Result<()> {
    let Some(remote) = Remote::of(&member.root()?).await? else {
        bail!("no node runs on {}", member.root()?.display());
    };
    let status: Value = remote.get("/status").await?;
    if member.json {
        say(status);
    } else {
        say(serde_json::to_string_pretty(&status)?);
    }
    Ok(())
}

async fn doctor(args: &DoctorArgs) -> Result<()> {
    let root = root(args.data.as_deref())?;
    let root = existing(&root)?;
    let report = asked_doctor(root).await.noticed_by(env!("CARGO_PKG_VERSION"));
    match (args.json, args.report) {
        (true, _) => say(serde_json::to_string(&report)?),
        (false, true) => say(report.text().trim_end()),
        (false, false) => say(report.checked().trim_end()),
    }
    if !report.well {
        bail!("not all is well, or not all could be looked at");
    }
    Ok(())
}

/// What the running node says; where none answers, what can be seen without one.
async fn asked_doctor(root: &Path) -> Report {
    let node = match Remote::of(root).await {
        Ok(Some(remote)) => match remote.post::<_, web::doctor::Told>("/doctor", &()).await {
            Ok(told) => return told.report,
            Err(_) => Silent,
        },
        Ok(None) if folder::is_held(root) => Silent,
        Ok(None) => Stopped,
        // What says where it answers is damaged.
        Err(_) => Silent,
    };
    Report::of(&Facts::of_folder(root, node))
}

async fn words(member: &MemberArgs) -> Result<()> {
    let (folder, passphrase) = member.existing()?;
    let words = open_keys(&folder, &passphrase).await?.words(APP).await?;
    if member.json {
        say(json!({ "words": words }));
    } else {
        for (number, word) in words.iter().enumerate() {
            say(format!("{:>2}  {word}", number + 1));
        }
    }
    Ok(())
}

async fn write_backup(args: &BackupArgs) -> Result<()> {
    let BackupArgs { file, test, member } = args;
    let held = if *test { Some(backup::load(file)?) } else { None };
    let done = match (Remote::of(&member.root()?).await?, held) {
        (remote, Some(text)) => {
            test_backup(member, remote, text).await?;
            "This backup opens and gives your key."
        }
        (remote, None) => {
            export::check_file(file)?;
            backup::write(file, &made_backup(member, remote).await?)?;
            "Written. It holds no payments: those come back from other members' computers."
        }
    };
    if member.json {
        say(json!({ "file": file }));
    } else {
        say(done);
    }
    Ok(())
}

/// A backup from the node that runs, else from the keystore, which only one of them may open.
async fn made_backup(member: &MemberArgs, remote: Option<Remote>) -> Result<String> {
    let Some(remote) = remote else {
        let (folder, passphrase) = member.existing()?;
        let keystore = open_keys(&folder, &passphrase).await?;
        return restore::backup(&folder, &keystore, &passphrase).await;
    };
    let asked = web::backup::Asked { passphrase: member.passphrase()? };
    match remote.post::<_, web::backup::Made>("/backup", &asked).await {
        Ok(made) => Ok(made.backup),
        Err(error) => match error.downcast_ref::<CallError>() {
            // Nothing was written, and the input was wrong.
            Some(refused @ CallError::Refused(_)) => Err(bad_input(refused.to_string())),
            _ => Err(error),
        },
    }
}

async fn test_backup(member: &MemberArgs, remote: Option<Remote>, text: String) -> Result<()> {
    let Some(remote) = remote else {
        let (folder, passphrase) = member.existing()?;
        let (key, _) = open_keys(&folder, &passphrase).await?.member_key(APP).await?;
        return restore::test(text, passphrase, &key).await;
    };
    let (zome, function) = (ZOME_ACCOUNTS.into(), "my_card".into());
    let asked = CallRequest { zome, function, input: Value::Null };
    let card: MyCard = match remote.post("/call", &asked).await? {
        Called::Ok(card) => serde_json::from_value(card)?,
        Called::Error(problem) => return Err(CallError::Refused(problem).into()),
    };
    let key = AgentPubKey::try_from(card.member).map_err(|_| anyhow!("this is no key"))?;
    restore::test(text, member.passphrase()?, &key).await
}

impl RestoreArgs {
    /// Opens the backup before anything is made.
    async fn opened(self) -> Result<Restore> {
        let text = backup::load(&self.file)?;
        let data = self.member.root()?;
        let (opened, passphrase) = if self.words {
            let words = match &self.words_file {
                Some(file) => keys::secret_from(file)?,
                None => rpassword::prompt_password("Your 24 words: ")?,
            };
            let mut seed = keys::seed_from_words(&words)?;
            let opened = backup::open(&text, backup::Opener::Words(&mut seed))?;
            (opened, new_passphrase(&self.member)?)
        } else {
            let passphrase = self.member.passphrase()?;
            (restore::open(text, passphrase.clone()).await?, passphrase)
        };
        let copies = u8::try_from(self.copies)?;
        let (file, bundle, json) = (self.file, self.bundle, self.member.json);
        Ok(Restore { file, data, opened, passphrase, copies, bundle, json })
    }
}

async fn key(member: &MemberArgs) -> Result<()> {
    let folder = Folder::open(&member.root()?)?;
    let passphrase = if keys::exists(&folder.keystore()) {
        member.passphrase()?
    } else {
        new_passphrase(member)?
    };
    let (key, drawn) = open_keys(&folder, &passphrase).await?.member_key(APP).await?;
    if drawn {
        eprintln!("weir: a new key was made; write its 24 words down: `weir words`");
    }
    if member.json {
        say(json!({ "key": key.to_string() }));
    } else {
        say(key);
    }
    Ok(())
}

fn new_passphrase(member: &MemberArgs) -> Result<String> {
    let passphrase = member.passphrase()?;
    keys::check_length(&passphrase)?;
    if member.passphrase_file.is_none()
        && rpassword::prompt_password("The same once more: ")? != passphrase
    {
        return Err(bad_input("the two passphrases differ"));
    }
    Ok(passphrase)
}

async fn meet(listen: SocketAddr) -> Result<()> {
    let meeting = MeetingPoint::public(listen).await?;
    say(format!("The meeting point is at {}", meeting.url()));
    asked_to_stop().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent_and_every_flag_is_explained() {
        let mut command = Cli::command();
        command.build();
        command.clone().debug_assert();
        explained(&command);
    }

    fn explained(command: &clap::Command) {
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            assert!(sub.get_about().is_some(), "{}", sub.get_name());
            for arg in sub.get_arguments() {
                assert!(arg.get_help().is_some(), "{} {}", sub.get_name(), arg.get_id());
            }
            explained(sub);
        }
    }
}
