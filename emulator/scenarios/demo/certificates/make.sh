#!/bin/sh
# Makes the certificates of this folder anew (OpenSSL 3), valid from 2020 to 2120: a pinned clock must fall within.
# They are worth nothing: every key here is public.
set -eu
cd "$(dirname "$0")"
password='demo-certificate-password-5b1e'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# `req -x509` of OpenSSL 3.0 can't set a start date, `ca` can.
cat > "$work/ca.cnf" <<CONFIG
[ca]
default_ca = own
[own]
dir = $work
new_certs_dir = $work
database = $work/index
serial = $work/serial
default_md = sha256
policy = anything
unique_subject = no
[anything]
organizationName = optional
commonName = supplied
[leaf]
basicConstraints = CA:FALSE
[issuer]
basicConstraints = critical, CA:TRUE
CONFIG
: > "$work/index"
echo 1001 > "$work/serial"

# certify NAME SUBJECT EXTENSIONS [SIGNER]
certify() {
    openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/$1.key" 2>/dev/null ||
        openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/$1.key" 2>/dev/null
    openssl req -new -key "$work/$1.key" -subj "$2" -out "$work/$1.csr"
    if [ $# -eq 4 ]; then signer="-cert $work/$4.crt -keyfile $work/$4.key"; else signer="-selfsign -keyfile $work/$1.key"; fi
    # shellcheck disable=SC2086 # two or four words on purpose
    openssl ca -batch -config "$work/ca.cnf" -extensions "$3" -notext $signer \
        -startdate 20200101000000Z -enddate 21200101000000Z -in "$work/$1.csr" -out "$work/$1.crt" 2>/dev/null
}

certify lifeguard /CN=lifeguard leaf
certify unregistered /CN=unregistered leaf
certify issuer '/O=Contoso/CN=Contoso Issuing CA' issuer
certify sni /CN=lifeguard.contoso.example leaf issuer

cp "$work/lifeguard.crt" lifeguard-public.pem
cat "$work/lifeguard.crt" "$work/lifeguard.key" > lifeguard.pem
{ cat "$work/lifeguard.crt"; openssl rsa -in "$work/lifeguard.key" -traditional 2>/dev/null; } > lifeguard-pkcs1.pem
{ cat "$work/lifeguard.crt"; openssl pkcs8 -topk8 -in "$work/lifeguard.key" -passout "pass:$password" \
    -v2 aes-256-cbc -v2prf hmacWithSHA256 -iter 64; } > lifeguard-encrypted.pem
openssl pkcs12 -export -inkey "$work/lifeguard.key" -in "$work/lifeguard.crt" -name lifeguard -passout "pass:$password" \
    -iter 64 -certpbe AES-256-CBC -keypbe AES-256-CBC -macalg sha256 -out lifeguard.pfx
openssl pkcs12 -export -legacy -inkey "$work/lifeguard.key" -in "$work/lifeguard.crt" -name lifeguard -passout "pass:$password" \
    -iter 64 -certpbe PBE-SHA1-RC2-40 -keypbe PBE-SHA1-3DES -macalg sha1 -out lifeguard-legacy.pfx
cat "$work/unregistered.crt" "$work/unregistered.key" > unregistered.pem
cp "$work/issuer.crt" sni-issuer.pem
cat "$work/sni.crt" "$work/issuer.crt" "$work/sni.key" > sni.pem
chmod 644 ./*.pem ./*.pfx
