//! A meeting point: where members' computers find each other and pass messages on.
//!
//! It keeps nothing that matters; one that is lost is replaced by another at the same address.

use anyhow::{Context, Result};
use kitsune2_bootstrap_srv::{BootstrapSrv, Config};
use std::net::{Ipv4Addr, SocketAddr};

/// A meeting point in this process. It ends when it is dropped.
pub struct MeetingPoint {
    server: BootstrapSrv,
}

impl MeetingPoint {
    /// Opens one on this machine alone; port 0 takes any free one.
    pub async fn local(port: u16) -> Result<Self> {
        Self::open(Config {
            listen_address_list: vec![(Ipv4Addr::LOCALHOST, port).into()],
            // The relay works without it, and it needs a certificate.
            quic_bind_addr: None,
            ..Config::testing()
        })
        .await
    }

    /// Opens one for a community. It speaks plain http: put it behind a proxy that has a
    /// certificate, or keep it to a network of your own.
    pub async fn public(address: SocketAddr) -> Result<Self> {
        Self::open(Config {
            listen_address_list: vec![address],
            quic_bind_addr: None,
            max_entries_per_space: 1_500,
            ..Config::production()
        })
        .await
    }

    async fn open(config: Config) -> Result<Self> {
        let server = tokio::task::spawn_blocking(move || BootstrapSrv::new(config))
            .await?
            .context("cannot open a meeting point")?;
        Ok(Self { server })
    }

    /// Address of the first place it listens at.
    pub fn url(&self) -> String {
        self.server
            .listen_addrs()
            .first()
            .map(|address| format!("http://{address}"))
            .unwrap_or_default()
    }

    pub fn port(&self) -> u16 {
        self.server.listen_addrs().first().map(SocketAddr::port).unwrap_or_default()
    }
}
