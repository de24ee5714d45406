//! `weir sim sybil`: flow into a cluster of made-up members, on a graph from a file.

use crate::failure::{bad_input, say};
use anyhow::Result;
use clap::Args;
use indicatif::ProgressBar;
use serde_json::{json, Value};
use std::path::PathBuf;
use weir_credit::graph::{Graph, Person};
use weir_credit::sybil::{try_attack, Attack, Found, Wrong, STAKE};

#[derive(Args)]
pub struct SybilArgs {
    /// A CSV file with the columns from,to,rating,time; ratings from -10 to 10.
    #[arg(long, value_name = "FILE")]
    graph: PathBuf,
    /// Flows begin at so many of the early raters whom most others endorse.
    #[arg(long, value_name = "N", default_value_t = 10)]
    seeds_top: usize,
    /// How many made-up members there are.
    #[arg(long = "k", value_name = "K")]
    fakes: usize,
    /// How many honest members are deceived, each with a stake of 5.
    #[arg(long, value_name = "G", default_value_t = 1)]
    edges: usize,
    /// Name the deceived members instead of having them chosen.
    #[arg(long, value_name = "MEMBERS", value_delimiter = ',', conflicts_with = "edges")]
    endorsers: Vec<Person>,
    /// Print the flow to every member too.
    #[arg(long)]
    flows: bool,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
}

pub fn sybil(args: &SybilArgs) -> Result<()> {
    let file = args.graph.display();
    let bytes = std::fs::read(&args.graph)
        .map_err(|error| bad_input(format!("cannot read {file}: {error}")))?;
    let graph = Graph::parse(&bytes)
        .map_err(|wrong| bad_input(format!("{file}:{}: {}", wrong.line, wrong.reason)))?;
    let attack = Attack {
        seeds_top: args.seeds_top,
        fakes: args.fakes,
        edges: args.edges,
        endorsers: args.endorsers.clone(),
    };
    // Every member is looked at three times. It draws only on a terminal.
    let looks = 3 * graph.people().len() as u64;
    let bar = if args.json { ProgressBar::hidden() } else { ProgressBar::new(looks) };
    let found = try_attack(&graph, &attack, &mut || bar.inc(1));
    bar.finish_and_clear();
    let found = found.map_err(|wrong| bad_input(in_words(&wrong)))?;
    if args.json {
        say(as_json(args, &found));
    } else {
        tell(args, &found);
    }
    Ok(())
}

fn in_words(wrong: &Wrong) -> String {
    match wrong {
        Wrong::Seeds { found } => {
            format!("--seeds-top: there are {found} early raters, and one at least is needed")
        }
        Wrong::Fakes { max } => format!("--k must be 1 to {max}"),
        Wrong::Edges { most } => {
            format!("--edges must be 1 to {most}: so many members have {STAKE} to stake")
        }
        Wrong::Endorser { person } => {
            format!("--endorsers: {person} is named twice, a seed, or not in the graph")
        }
    }
}

/// None when half of the members are reached by nothing: then there is no line to compare with.
fn over_median(flow: u64, found: &Found) -> Option<f64> {
    (found.median > 0).then(|| flow as f64 / found.median as f64)
}

fn as_json(args: &SybilArgs, found: &Found) -> Value {
    let mut answer = json!({
        "k": args.fakes,
        "seeds": found.seeds,
        "endorsers": found.endorsers,
        "stake": STAKE,
        "attack_capacity": found.attack_capacity,
        "cluster_flow": found.cluster,
        "cluster_over_median": over_median(found.cluster, found),
        "each_alone_over_median": over_median(found.each_alone, found),
        "median_without_attack": found.median,
        "median_with_attack": found.median_attacked,
        "median_with_attack_reserved": found.median_reserved,
        "members": found.active,
    });
    if args.flows {
        let flow = |(node, flow): &(Person, u64)| json!({ "node": node, "flow": flow });
        answer["flows"] = found.flows.iter().map(flow).collect();
    }
    answer
}

fn tell(args: &SybilArgs, found: &Found) {
    let ratio = |flow| match over_median(flow, found) {
        Some(ratio) => format!("{ratio:.2} times the median"),
        None => "the median is 0".into(),
    };
    say(format!("Deceived: {:?}, with stakes of {STAKE} each.", found.endorsers));
    say(format!(
        "All {} made-up members together take {} of {} staked: {}.",
        args.fakes,
        found.cluster,
        found.attack_capacity,
        ratio(found.cluster)
    ));
    say(format!(
        "Were each looked at alone, they would take {}: {}.",
        found.each_alone,
        ratio(found.each_alone)
    ));
    say(format!(
        "Median flow to {} active members: {} without the attack, {} with it, {} once it is taken.",
        found.active, found.median, found.median_attacked, found.median_reserved
    ));
    if args.flows {
        for (member, flow) in &found.flows {
            say(format!("{member},{flow}"));
        }
    }
}
