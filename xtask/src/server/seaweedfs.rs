//! SeaweedFS: master, volume, filer, S3 and STS in one process, with one named identity, so that signatures are
//! checked, and roles that trust certain sessions only.

use std::path::PathBuf;

use super::{Held, Started, free_ports, fresh_folder, wait_until_ready};
use crate::arguments::Failure;
use crate::venv::{SEAWEEDFS, Venv};

/// The server of most tests; `issuer` is the OpenID Connect provider whose tokens are taken.
pub(super) fn start(issuer: &str) -> Result<Started, Failure> {
    let variables = ["TUCUXI_TEST_SEAWEEDFS", "TUCUXI_TEST_SEAWEEDFS_KEY", "TUCUXI_TEST_SEAWEEDFS_SECRET"];
    start_with("seaweedfs", &ROLES.replace("ISSUER", issuer), variables)
}

/// One whose sessions end after 4 seconds.
pub(super) fn start_short() -> Result<Started, Failure> {
    let variables = ["TUCUXI_TEST_SHORT", "TUCUXI_TEST_SHORT_KEY", "TUCUXI_TEST_SHORT_SECRET"];
    start_with("seaweedfs-short", SHORT, variables)
}

fn start_with(name: &str, roles: &str, [url, key, secret]: [&'static str; 3]) -> Result<Started, Failure> {
    let venv = Venv::install(SEAWEEDFS)?;
    let folder = fresh_folder(name)?;
    let identities = serde_json::json!({"identities": [{
        "name": "admin",
        "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }]});
    for (name, text) in [("identities.json", identities.to_string()), ("roles.json", roles.to_owned())] {
        let config = folder.join(name);
        std::fs::write(&config, text).map_err(|error| Failure::new(format!("{}: {error}", config.display())))?;
    }

    let [s3, s3_grpc, filer, filer_grpc, volume, volume_grpc, master, master_grpc, admin, admin_grpc] = free_ports()?;
    let mut arguments: Vec<String> = FIXED.iter().map(|word| (*word).to_owned()).collect();
    let ports = [
        ("s3.port", s3),
        ("s3.port.grpc", s3_grpc),
        ("filer.port", filer),
        ("filer.port.grpc", filer_grpc),
        ("volume.port", volume),
        ("volume.port.grpc", volume_grpc),
        ("master.port", master),
        ("master.port.grpc", master_grpc),
        ("admin.port", admin),
        ("admin.port.grpc", admin_grpc),
    ];
    arguments.extend(ports.map(|(name, port)| format!("-{name}={port}")));

    let sockets = [("s3", s3_grpc), ("filer", filer_grpc), ("volume", volume_grpc), ("master", master_grpc)]
        .into_iter()
        .chain([("admin", admin_grpc)])
        .map(|(name, port)| PathBuf::from(format!("/tmp/seaweedfs-{name}-grpc-{port}.sock")))
        .collect();
    let log = folder.join("log");
    let mut held = Held::start(&folder, &log, &venv.program("weed"), &arguments, &[])?.removing(sockets);
    wait_until_ready(name, &mut held, s3, "/healthz", &log)?;
    let variables = vec![(url, format!("http://127.0.0.1:{s3}")), (key, KEY.to_owned()), (secret, SECRET.to_owned())];
    Ok(Started { variables, held })
}

/// Loopback only, no report home, nothing that the tests do not use.
const FIXED: &[&str] = &[
    "-logdir=.",
    "mini",
    "-dir=.",
    "-ip=127.0.0.1",
    "-ip.bind=127.0.0.1",
    "-master.telemetry=false",
    "-s3.config=identities.json",
    "-s3.iam.config=roles.json",
    "-s3.autoCreateBucket=false",
    "-filer.localSocket=filer.sock",
    "-s3.localSocket=s3.sock",
    "-webdav=false",
    "-admin.ui=false",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
];
const ROLES: &str = include_str!("seaweedfs-roles.json");
const SHORT: &str = include_str!("seaweedfs-short.json");
const KEY: &str = "AKIASEAWEEDTEST00001";
const SECRET: &str = "seaweedfsTestSecret000000000000000000001";
