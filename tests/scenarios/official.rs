//! The bundle as anybody installs it: a conductor by its own config file, orders over its admin
//! websocket, calls over its app websocket, signed by a key that was granted them.

use crate::harness::{receive, request, trial_charter, until};
use holochain::conductor::config::ConductorConfig;
use holochain::conductor::{Conductor, ConductorHandle};
use holochain::prelude::*;
use holochain::sweettest::*;
use holochain::test_utils::new_zome_call_params;
use holochain_conductor_api::*;
use holochain_types::websocket::AllowedOrigins;
use holochain_websocket::{connect, ConnectRequest, WebsocketConfig, WebsocketSender};
use serde::de::DeserializeOwned;
use serde::Serialize;
use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use weir_wire as wire;

const APP: &str = "weir";
/// Where the client says that it comes from.
const ORIGIN: &str = "scenario";

/// A member on a conductor of their own.
struct Member {
    conductor: ConductorHandle,
    client: AppClient,
    _folder: TempDir,
}

/// A client with a signing key of its own.
struct AppClient {
    socket: WebsocketSender,
    _polled: WsPollRecv,
    cell: CellId,
    conductor: ConductorHandle,
    key: AgentPubKey,
    secret: CapSecret,
}

async fn socket<D>(port: u16) -> (WebsocketSender, WsPollRecv)
where
    D: Debug,
    SerializedBytes: TryInto<D, Error = SerializedBytesError>,
{
    let at = ConnectRequest::new(([127, 0, 0, 1], port).into());
    let at = at.try_set_header("origin", ORIGIN).expect("a header");
    let (sender, receiver) =
        connect(Arc::new(WebsocketConfig::CLIENT_DEFAULT), at).await.expect("a websocket");
    (sender, WsPollRecv::new::<D>(receiver))
}

/// A conductor as its config file says. Nothing in the file is ours but the meeting point.
async fn start(folder: &TempDir, meet: &DynSweetRendezvous) -> ConductorHandle {
    let file = folder.path().join("conductor-config.yaml");
    let text = format!(
        "data_root_path: {data}
keystore: {{ type: lair_server_in_proc }}
admin_interfaces:
  - driver: {{ type: websocket, port: 0, allowed_origins: {ORIGIN} }}
network:
  bootstrap_url: {bootstrap}
  relay_url: {relay}
  advanced: {{ irohTransport: {{ relayAllowPlainText: true }} }}
",
        data = folder.path().join("data").display(),
        bootstrap = meet.bootstrap_addr(),
        relay = meet.relay_addr(),
    );
    std::fs::write(&file, text).expect("it can be written");
    let config = ConductorConfig::load_yaml(&file).expect("a config of the platform");
    let passphrase = Arc::new(Mutex::new(sodoken::LockedArray::from(b"a passphrase".to_vec())));
    Conductor::builder()
        .config(config)
        .passphrase(Some(passphrase))
        .no_print_setup()
        .build()
        .await
        .expect("the conductor starts")
}

async fn admin(socket: &WebsocketSender, order: AdminRequest) -> AdminResponse {
    let said = format!("{order:?}");
    match socket.request(order).await.expect("an answer") {
        AdminResponse::Error(error) => panic!("{said}: {error:?}"),
        answer => answer,
    }
}

/// What the admin interface is told to install: the packed file, with a charter for each DNA.
fn payload(agent: &AgentPubKey) -> InstallAppPayload {
    let charter = trial_charter();
    let commons = serde_json::json!({
        "name": charter.name, "bioregion": charter.bioregion,
        "founders": charter.founders, "trial": charter.trial,
    });
    let role = |properties: yaml_serde::Value| RoleSettings::Provisioned {
        membrane_proof: None,
        modifiers: Some(DnaModifiersOpt {
            network_seed: None,
            properties: Some(YamlProperties::new(properties)),
        }),
        init_properties: None,
    };
    let value = |properties: Result<_, yaml_serde::Error>| properties.expect("properties");
    let roles = HashMap::from([
        ("ledger".to_string(), role(value(yaml_serde::to_value(&charter)))),
        ("commons".to_string(), role(value(yaml_serde::to_value(&commons)))),
    ]);
    InstallAppPayload {
        source: AppBundleSource::Path(
            concat!(env!("CARGO_MANIFEST_DIR"), "/../workdir/weir.happ").into(),
        ),
        agent_key: Some(agent.clone()),
        installed_app_id: Some(APP.into()),
        network_seed: Some("the official way".into()),
        roles_settings: Some(roles),
        ignore_genesis_failure: false,
        restore_from_dht: false,
    }
}

impl Member {
    async fn join(meet: &DynSweetRendezvous) -> Self {
        let folder = TempDir::new().expect("there is room for a folder");
        let conductor = start(&folder, meet).await;
        let port = conductor.get_arbitrary_admin_websocket_port().expect("an admin interface");
        let (orders, _polled) = socket::<AdminResponse>(port).await;
        let AdminResponse::AgentPubKeyGenerated(agent) =
            admin(&orders, AdminRequest::GenerateAgentPubKey).await
        else {
            panic!("no key was made")
        };
        let install = AdminRequest::InstallApp(Box::new(payload(&agent)));
        let AdminResponse::AppInstalled(app) = admin(&orders, install).await else {
            panic!("nothing was installed")
        };
        let Some(CellInfo::Provisioned(cell)) = app.cell_info["ledger"].first() else {
            panic!("the bundle has a ledger: {app:?}")
        };
        let client = AppClient::granted(&conductor, &orders, cell.cell_id.clone()).await;
        Self { conductor, client, _folder: folder }
    }
}

impl AppClient {
    async fn granted(conductor: &ConductorHandle, orders: &WebsocketSender, cell: CellId) -> Self {
        let attach = AdminRequest::AttachAppInterface {
            port: None,
            danger_bind_addr: None,
            allowed_origins: AllowedOrigins::Origins([ORIGIN.to_string()].into()),
            installed_app_id: Some(APP.into()),
        };
        let AdminResponse::AppInterfaceAttached { port } = admin(orders, attach).await else {
            panic!("no app interface")
        };
        let (socket, polled) = socket::<AppResponse>(port).await;
        let token = AdminRequest::IssueAppAuthenticationToken(APP.to_string().into());
        let AdminResponse::AppAuthenticationTokenIssued(issued) = admin(orders, token).await else {
            panic!("no token")
        };
        let token = AppAuthenticationRequest { token: issued.token };
        socket.authenticate(token).await.expect("the token is known");
        // The bundle lets a newcomer install before they are admitted. A trial admits everybody.
        for request in [AppRequest::ProvideMemproofs(HashMap::new()), AppRequest::EnableApp] {
            let said = format!("{request:?}");
            let answer: AppResponse = socket.request(request).await.expect("an answer");
            assert!(matches!(answer, AppResponse::Ok), "{said}: {answer:?}");
        }
        let key = conductor.keystore().new_sign_keypair_random().await.expect("a key");
        let secret = CapSecret::from([7; CAP_SECRET_BYTES]);
        let grant = GrantZomeCallCapabilityPayload {
            cell_id: cell.clone(),
            cap_grant: GrantZomeCallCapabilityGrant {
                tag: "signing".into(),
                constraint: (secret, key.clone()).into(),
                grant: ZomeCallGrant { functions: GrantedFunctions::All },
            },
        };
        admin(orders, AdminRequest::GrantZomeCallCapability(Box::new(grant))).await;
        Self { socket, _polled: polled, cell, conductor: conductor.clone(), key, secret }
    }

    async fn send<I: Serialize + Debug>(
        &self,
        name: &str,
        input: I,
        secret: CapSecret,
    ) -> AppResponse {
        let params = ZomeCallParams {
            provenance: self.key.clone(),
            cap_secret: Some(secret),
            ..new_zome_call_params(&self.cell, name, input, "accounts").expect("bytes")
        };
        let signed = ZomeCallParamsSigned::try_from_params(self.conductor.keystore(), params).await;
        let call = AppRequest::CallZome(Box::new(signed.expect("a signature")));
        self.socket.request(call).await.expect("an answer")
    }

    async fn call<I, O>(&self, name: &str, input: I) -> O
    where
        I: Serialize + Debug,
        O: DeserializeOwned + Debug,
    {
        match self.send(name, input, self.secret).await {
            AppResponse::ZomeCalled(answer) => answer.decode().expect("what the page reads too"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_packed_bundle_works_on_a_conductor_of_the_platform() {
    let meet = SweetLocalRendezvous::new().await;
    let (ana, ben) = (Member::join(&meet).await, Member::join(&meet).await);
    let mut keys = vec![];
    for member in [&ana, &ben] {
        let open = wire::OpenAccount { request: request() };
        let card: wire::MyCard = member.client.call("open_account", open).await;
        assert!(card.card.is_some());
        keys.push(card.member);
    }
    until("both know each other", async || {
        let page = wire::MembersPage { month: None };
        let members: wire::Members = ana.client.call("members", page).await;
        members.members.len() == 2
    })
    .await;
    let pay = wire::Pay {
        request: request(),
        first_try: true,
        payee: keys[1].clone(),
        amount: "2500".into(),
        category: 1,
        memo: None,
        ask: None,
    };
    // Who does not hold the secret can do nothing, whatever the key.
    let refused = ana.client.send("pay", pay.clone(), CapSecret::from([8; CAP_SECRET_BYTES])).await;
    let unauthorized = |error: &_| matches!(error, ExternalApiWireError::ZomeCallUnauthorized(_));
    assert!(matches!(&refused, AppResponse::Error(e) if unauthorized(e)), "{refused:?}");

    let paid: wire::Written = ana.client.call("pay", pay).await;
    assert_eq!(paid.position.balance, "-2500");
    until("the payment arrives", async || {
        let waiting: wire::Waiting = ben.client.call("waiting", wire::Look::default()).await;
        waiting.payments.iter().any(|payment| {
            payment.payment == paid.entry && payment.status == wire::PaymentStatus::Arrived
        })
    })
    .await;
    let taken: wire::Written = ben.client.call("receive", receive(&[&paid.entry])).await;
    assert_eq!(taken.position.balance, "2500");
    for member in [ana, ben] {
        member.conductor.shutdown().await.expect("it ends").expect("in order");
    }
}
