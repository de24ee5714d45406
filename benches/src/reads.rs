//! Reading one's own account against a call that does nothing.

use crate::figures::Figures;
use crate::node::Node;
use anyhow::Result;
use holochain::sweettest::SweetCell;
use weir_wire as wire;

pub async fn measure(
    figures: &mut Figures,
    node: &Node,
    cell: &SweetCell,
    rounds: usize,
    entries: &str,
) -> Result<()> {
    let (mut noop, mut position, mut activity) = (vec![], vec![], vec![]);
    let mut search = vec![];
    // The dearest search: every note is opened, and nothing is found that would end it.
    let text = Some("what no note says".to_string());
    let filter = wire::ActivityFilter { text, ..Default::default() };
    for n in 0..rounds {
        let (_, time): (u64, _) = node.timed(cell, ("probe", "nothing"), n as u64).await?;
        noop.push(time);
        let (_, time): (wire::Position, _) = node.timed(cell, ("accounts", "position"), ()).await?;
        position.push(time);
        let first = wire::ActivityPage::default();
        let (_, time): (wire::Activity, _) =
            node.timed(cell, ("accounts", "activity"), first).await?;
        activity.push(time);
        let nothing = wire::ActivityPage { from: None, filter: filter.clone() };
        let (_, time): (wire::Activity, _) =
            node.timed(cell, ("accounts", "activity"), nothing).await?;
        search.push(time);
    }
    for (what, times) in [("position", position), ("activity", activity), ("search", search)] {
        figures.ratio(&format!("{what}_over_noop_{entries}"), &times, &noop);
    }
    Ok(())
}
