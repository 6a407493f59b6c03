"""Runs azure-identity and azure-devops against the emulator.

Everything comes from the environment: see ../README.md. One line a case, exit code 1 on any difference.
"""

import json
import logging
import os
import sys
from contextlib import contextmanager

from azure.core.exceptions import ClientAuthenticationError
from azure.devops.connection import Connection
from azure.identity import (
    AzurePipelinesCredential,
    CertificateCredential,
    ClientSecretCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)
from msrest.authentication import BasicAuthentication, BasicTokenAuthentication

SCOPE = "499b84ac-1321-427f-aa17-267ca6975798/.default"
ENVIRONMENTS = json.loads(os.environ["LIFEGUARD_ENVIRONMENTS"])
EXPECTED = {
    "pools": ["Azure Pipelines", "gpu-build", "linux-build", "windows-build"],
    "agents": 20,
    "online": 20,
    "busy": 6,
}


@contextmanager
def environment(name):
    """The variables of one of the scenario's environments, and none of another's."""
    mine = ENVIRONMENTS[name]
    everyone = {key for variables in ENVIRONMENTS.values() for key in variables}
    saved = {key: os.environ.pop(key) for key in everyone if key in os.environ}
    os.environ.update(mine)
    try:
        yield mine
    finally:
        for key in mine:
            os.environ.pop(key, None)
        os.environ.update(saved)


def bearer(credential):
    token = credential.get_token(SCOPE).token
    return BasicTokenAuthentication({"access_token": token})


def app(variables):
    return {
        "tenant_id": variables["AZURE_TENANT_ID"],
        "client_id": variables["AZURE_CLIENT_ID"],
        "authority": variables["AZURE_AUTHORITY_HOST"],
        # It would ask the public cloud whether this authority exists.
        "disable_instance_discovery": True,
    }


def client_secret(variables):
    return bearer(ClientSecretCredential(client_secret=variables["AZURE_CLIENT_SECRET"], **app(variables)))


def client_certificate(variables):
    password = variables.get("AZURE_CLIENT_CERTIFICATE_PASSWORD")
    return bearer(
        CertificateCredential(
            certificate_path=variables["AZURE_CLIENT_CERTIFICATE_PATH"],
            password=password.encode() if password else None,
            send_certificate_chain="AZURE_CLIENT_SEND_CERTIFICATE_CHAIN" in variables,
            **app(variables),
        )
    )


def managed_identity(variables):
    return bearer(ManagedIdentityCredential(client_id=variables.get("AZURE_CLIENT_ID")))


def azure_pipelines(variables):
    return bearer(
        AzurePipelinesCredential(
            service_connection_id=variables["AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"],
            system_access_token=variables["SYSTEM_ACCESSTOKEN"],
            **app(variables),
        )
    )


def workload_identity(variables):
    return bearer(WorkloadIdentityCredential(token_file_path=variables["AZURE_FEDERATED_TOKEN_FILE"], **app(variables)))


def pat(variables):
    return BasicAuthentication("", variables["AZP_TOKEN"])


def seen(authentication, url):
    client = Connection(base_url=url, creds=authentication).clients.get_task_agent_client()
    pools = client.get_agent_pools()
    linux = next(pool for pool in pools if pool.name == "linux-build")
    agents = client.get_agents(linux.id, include_capabilities=True, include_assigned_request=True)
    assert all(agent.system_capabilities["Agent.OS"] == "Linux" for agent in agents)
    return {
        "pools": sorted(pool.name for pool in pools),
        "agents": len(agents),
        "online": sum(agent.status == "online" for agent in agents),
        "busy": sum(agent.assigned_request is not None for agent in agents),
    }


def refused(credential, code):
    def run(variables):
        try:
            credential(variables)
        except ClientAuthenticationError as error:
            assert code in str(error), f"no {code} in: {error}"
            return None
        raise AssertionError("a token was issued")

    return run


CASES = [
    ("client-secret", client_secret),
    ("client-certificate", client_certificate),
    ("client-certificate-encrypted", client_certificate),
    ("client-certificate-pfx", client_certificate),
    ("client-certificate-chain", client_certificate),
    ("app-service", managed_identity),
    ("app-service-user-assigned", managed_identity),
    ("imds", managed_identity),
    ("imds-user-assigned", managed_identity),
    ("cloud-shell", managed_identity),
    ("azure-ml", managed_identity),
    ("azure-pipelines", azure_pipelines),
    ("azure-pipelines-vstoken", azure_pipelines),
    ("workload-identity", workload_identity),
    ("pat", pat),
    ("expired-secret", refused(client_secret, "AADSTS7000222")),
    ("secret-id", refused(client_secret, "AADSTS7000215")),
    ("wrong-tenant", refused(client_secret, "AADSTS700016")),
    ("client-certificate-unregistered", refused(client_certificate, "AADSTS700027")),
]


def main():
    logging.getLogger("azure.identity").setLevel(logging.CRITICAL)  # refusals are cases, not news
    failures = 0
    for name, authenticate in CASES:
        with environment(name) as variables:
            try:
                authentication = authenticate(variables)
                if authentication is None:
                    print(f"ok      python {name}: refused as expected")
                    continue
                found = seen(authentication, variables["AZP_URL"])
                assert found == EXPECTED, f"expected {EXPECTED}, found {found}"
                print(f"ok      python {name}: {len(found['pools'])} pools, {found['agents']} agents, {found['busy']} busy")
            except Exception as error:  # one case must not hide the next
                failures += 1
                print(f"FAILED  python {name}: {type(error).__name__}: {error}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
