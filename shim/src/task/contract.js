/**
 * All that this program knows of the component by name. What isn't named here or in task.json doesn't reach it.
 */

/** The folder of Azure Arc's agent is one that no input names: its program shows that the agent is there. */
export const ARC = { program: '/opt/azcmagent/bin/himds', challenges: '/var/opt/azcmagent/tokens' };

/** Where the component puts what the agent uploads, and how the names of those files begin */
export const TEMPORARY = { variable: 'AGENT_TEMPDIRECTORY', prefix: 'pool-lifeguard-' };

/**
 * Variables of the agent's machine, the job and the step's `env:` that the component reads (src/inputs/ecosystem.rs,
 * src/identity/). `AZP_*` and `AZDO_*` aren't among them: in a job they are the agent's own registration, and a pool
 * must not be looked at with that token because somebody left it in the agent's environment.
 */
export const VARIABLES = [
    // The job
    'SYSTEM_COLLECTIONURI',
    'SYSTEM_HOSTTYPE',
    'SYSTEM_JOBID',
    'SYSTEM_OIDCREQUESTURI',
    'SYSTEM_PLANID',
    'SYSTEM_TEAMFOUNDATIONCOLLECTIONURI',
    'SYSTEM_TEAMPROJECT',
    'SYSTEM_TEAMPROJECTID',
    // A container's image
    'TARGETARCH',
    // Managed identities
    'AZURE_POD_IDENTITY_AUTHORITY_HOST',
    'DEFAULT_IDENTITY_CLIENT_ID',
    'IDENTITY_ENDPOINT',
    'IDENTITY_HEADER',
    'IDENTITY_SERVER_THUMBPRINT',
    'IMDS_ENDPOINT',
    'MSI_ENDPOINT',
    'MSI_SECRET',
    'ProgramData',
    // Workload identity, and what the Azure SDKs, Terraform and the AzureCLI task use
    'ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID',
    'ARM_CLIENT_CERTIFICATE',
    'ARM_CLIENT_CERTIFICATE_PASSWORD',
    'ARM_CLIENT_CERTIFICATE_PATH',
    'ARM_CLIENT_ID',
    'ARM_CLIENT_SECRET',
    'ARM_CLIENT_SECRET_PATH',
    'ARM_OIDC_AZURE_SERVICE_CONNECTION_ID',
    'ARM_OIDC_TOKEN_FILE_PATH',
    'ARM_TENANT_ID',
    'AZURESUBSCRIPTION_CLIENT_ID',
    'AZURESUBSCRIPTION_SERVICE_CONNECTION_ID',
    'AZURESUBSCRIPTION_TENANT_ID',
    'AZURE_AUTHORITY_HOST',
    'AZURE_CLIENT_CERTIFICATE_PASSWORD',
    'AZURE_CLIENT_CERTIFICATE_PATH',
    'AZURE_CLIENT_ID',
    'AZURE_CLIENT_SECRET',
    'AZURE_CLIENT_SEND_CERTIFICATE_CHAIN',
    'AZURE_FEDERATED_TOKEN_FILE',
    'AZURE_TENANT_ID',
];

/** Those of them that name a file to read */
export const FILE_VARIABLES = [
    'ARM_CLIENT_CERTIFICATE_PATH',
    'ARM_CLIENT_SECRET_PATH',
    'ARM_OIDC_TOKEN_FILE_PATH',
    'AZURE_CLIENT_CERTIFICATE_PATH',
    'AZURE_FEDERATED_TOKEN_FILE',
];

/** Inputs whose file is written; any other `filePath` input is read */
export const WRITTEN_FILES = ['outFile'];

/** The input that holds any number of files to write, as `format=file` */
export const REPORTS = 'report';

/** What the component gets that must be masked before it is used (SECRETS in src/inputs/ecosystem.rs, and the job's own) */
export const SECRETS = [
    'ARM_CLIENT_CERTIFICATE',
    'ARM_CLIENT_CERTIFICATE_PASSWORD',
    'ARM_CLIENT_SECRET',
    'AZURE_CLIENT_CERTIFICATE_PASSWORD',
    'AZURE_CLIENT_SECRET',
    'CONNECTION_SERVICEPRINCIPALCERTIFICATE',
    'CONNECTION_SERVICEPRINCIPALKEY',
    'IDENTITY_HEADER',
    'INPUT_CLIENTCERTIFICATE',
    'INPUT_CLIENTCERTIFICATEPASSWORD',
    'INPUT_CLIENTSECRET',
    'INPUT_TOKEN',
    'MSI_SECRET',
    'SYSTEM_ACCESSTOKEN',
];

/** Which kind of service connection an input of this type chooses @type {Record<string, string>} */
export const CONNECTION_TYPES = {
    'connectedService:AzureRM': 'azurerm',
    'connectedService:WorkloadIdentityUser': 'azuredevops',
};

/** What of a service connection the component gets, and under which name */
export const CONNECTION_PARAMETERS = {
    CONNECTION_AUTHENTICATIONTYPE: 'authenticationType',
    CONNECTION_SERVICEPRINCIPALCERTIFICATE: 'servicePrincipalCertificate',
    CONNECTION_SERVICEPRINCIPALID: 'serviceprincipalid',
    CONNECTION_SERVICEPRINCIPALKEY: 'serviceprincipalkey',
    CONNECTION_TENANTID: 'tenantid',
};
export const CONNECTION_DATA = {
    CONNECTION_AUTHORITYURL: 'environmentAuthorityUrl',
    CONNECTION_ENVIRONMENT: 'environment',
};

/** The clouds' token services (src/identity/cloud.rs), of which one is asked where no input names another */
export const AUTHORITIES = [
    'https://login.microsoftonline.com',
    'https://login.microsoftonline.us',
    'https://login.partner.microsoftonline.cn',
];

/** The organization's host where it is given by its name alone */
export const SERVICES = 'https://dev.azure.com';

/** The instance metadata service, and Azure Arc's, where no variable names another */
export const METADATA = ['http://169.254.169.254', 'http://127.0.0.1:40342'];

/** The URLs that the component may ask; the first that is set of each list is the one that it uses */
export const ENDPOINTS = [
    ['INPUT_ORGANIZATION', 'SYSTEM_COLLECTIONURI', 'SYSTEM_TEAMFOUNDATIONCOLLECTIONURI'],
    ['SYSTEM_OIDCREQUESTURI', 'SYSTEM_COLLECTIONURI', 'SYSTEM_TEAMFOUNDATIONCOLLECTIONURI'],
    ['IDENTITY_ENDPOINT'],
    ['MSI_ENDPOINT'],
    ['AZURE_POD_IDENTITY_AUTHORITY_HOST'],
    ['CONNECTION_AUTHORITYURL'],
];
export const AUTHORITY = ['INPUT_AUTHORITYHOST', 'AZURE_AUTHORITY_HOST'];
export const STATUS = { wanted: 'INPUT_SERVICESTATUS', page: 'statusPage' };

/** The component's own bounds, by which it ends */
export const BOUNDS = { timeout: 'timeout', deadline: 'deadline', waiting: 'wait' };
