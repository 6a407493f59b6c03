"""Signs the Azure CLI in at the emulator and has it get tokens for Azure DevOps.

Everything comes from the environment: see ../README.md. One line a case, exit code 1 on any difference.
"""

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

AZURE_DEVOPS = "499b84ac-1321-427f-aa17-267ca6975798"
ENVIRONMENTS = json.loads(os.environ["LIFEGUARD_ENVIRONMENTS"])
# The component, ready to be given its arguments.
COMPONENT = json.loads(os.environ["LIFEGUARD_COMMAND"])
FIELDS = {"accessToken", "expiresOn", "expires_on", "tenant", "tokenType"}
SETTINGS = {
    "AZURE_CORE_COLLECT_TELEMETRY": "0",
    # It would ask the public cloud whether this authority exists.
    "AZURE_CORE_INSTANCE_DISCOVERY": "false",
    # Nothing listens there: what isn't for this machine fails at once.
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "localhost,127.0.0.1",
}


def environment(name):
    """Ours with the variables of one of the scenario's environments, and none of another's."""
    everyone = {key for variables in ENVIRONMENTS.values() for key in variables}
    # A proxy's lower-case name would win over the settings'.
    proxies = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}
    ours = {
        key: value
        for key, value in os.environ.items()
        if key not in everyone and key.lower() not in proxies and not key.startswith("AZURE_")
    }
    return ours | ENVIRONMENTS[name]


def run(arguments, variables):
    """stdout of a program; its error where it failed."""
    done = subprocess.run(arguments, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"exit code {done.returncode}: {done.stderr.strip()}"
    return done.stdout


def az(folder, variables, *arguments):
    settings = SETTINGS | {"AZURE_CONFIG_DIR": str(folder)}
    return run([sys.executable, "-m", "azure.cli", *arguments, "--output", "json"], variables | settings)


def register(folder, variables):
    """Makes the emulator the cloud of this folder."""
    base = variables["AZURE_AUTHORITY_HOST"]
    endpoints = {
        "active-directory": base,
        "active-directory-resource-id": "https://management.azure.com",
        "resource-manager": f"{base}/arm",
    }
    flags = [f"--endpoint-{name}={value}" for name, value in endpoints.items()]
    az(folder, variables, "cloud", "register", "--name", "emulator", "--skip-endpoint-discovery", *flags)
    az(folder, variables, "cloud", "set", "--name", "emulator")


def app(variables):
    return ["--service-principal", "--tenant", variables["AZURE_TENANT_ID"], "--username", variables["AZURE_CLIENT_ID"]]


def client_secret(variables):
    return [*app(variables), "--password", variables["AZURE_CLIENT_SECRET"]]


def client_certificate(variables):
    return [*app(variables), "--certificate", variables["AZURE_CLIENT_CERTIFICATE_PATH"]]


def workload_identity(variables):
    token = Path(variables["AZURE_FEDERATED_TOKEN_FILE"]).read_text(encoding="utf-8")
    return [*app(variables), "--federated-token", token.strip()]


def managed_identity(variables):
    client = variables.get("AZURE_CLIENT_ID")
    return ["--identity", *(["--client-id", client] if client else [])]


def check(document, variables):
    """What both the CLI and the component must say."""
    assert document["tokenType"] == "Bearer", f"tokenType {document['tokenType']!r}"
    assert isinstance(document["expires_on"], int), f"expires_on {document['expires_on']!r}"
    payload = document["accessToken"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["aud"] == AZURE_DEVOPS, f"a token for {claims['aud']}"
    assert claims["appid"] == variables.get("AZURE_CLIENT_ID", claims["appid"]), f"a token of {claims['appid']}"
    assert claims["tid"] == document["tenant"], f"tenant {document['tenant']!r}, tid {claims['tid']!r}"
    # The CLI adds the answer's `expires_in` to its own clock.
    assert abs(claims["exp"] - document["expires_on"]) < 60, f"expires_on {document['expires_on']}, exp {claims['exp']}"
    return datetime.strptime(document["expiresOn"], "%Y-%m-%d %H:%M:%S.%f")


def signed_in(folder, variables, login):
    """The CLI's token after that login, found to be as expected."""
    az(folder, variables, "login", "--allow-no-subscriptions", *login)
    document = json.loads(az(folder, variables, "account", "get-access-token", "--resource", AZURE_DEVOPS))
    assert document.keys() - {"subscription"} == FIELDS, f"fields {sorted(document)}"
    local = check(document, variables)
    assert local == datetime.fromtimestamp(document["expires_on"]), f"expiresOn {document['expiresOn']}"
    return document


def component(variables):
    """The component's own document, which has the CLI's names; its `expiresOn` is in UTC."""
    document = json.loads(run([*COMPONENT, "token", "--format", "json"], variables))
    assert document.keys() == FIELDS, f"fields {sorted(document)}"
    utc = check(document, variables).replace(tzinfo=timezone.utc)
    assert utc.timestamp() == document["expires_on"], f"expiresOn {document['expiresOn']}"
    return document


CASES = [
    ("client-secret", client_secret),
    ("client-certificate", client_certificate),
    ("workload-identity", workload_identity),
    ("app-service", managed_identity),
    ("imds", managed_identity),
    ("imds-user-assigned", managed_identity),
]


def main():
    failures = 0

    def case(name, work):
        nonlocal failures
        try:
            fields = ", ".join(sorted(work()))
            print(f"ok      azure-cli {name}: {fields}", flush=True)
        except Exception as error:  # one case must not hide the next
            failures += 1
            print(f"FAILED  azure-cli {name}: {type(error).__name__}: {error}", flush=True)

    with tempfile.TemporaryDirectory() as temporary:
        registered = Path(temporary, "registered")
        register(registered, environment("client-secret"))
        for name, login in CASES:
            variables = environment(name)
            # A folder each: a token that another login left there would prove nothing.
            folder = shutil.copytree(registered, Path(temporary, name))
            case(name, lambda: signed_in(folder, variables, login(variables)))
    case("names in the component's `token --format json`", lambda: component(environment("client-secret")))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
