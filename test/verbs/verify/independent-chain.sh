#!/usr/bin/env bash
# Writes a chain of digests with openssl, gzip and this shell alone, as the CloudTrail user guide documents it:
#   independent-chain.sh FOLDER
# FOLDER/objects/KEY is an object, FOLDER/signatures/KEY is a digest's signature, FOLDER/key-N.der are the public keys.
set -euo pipefail
export LC_ALL=C TZ=UTC

folder=$1
account=111122223333
region=us-east-1
trail=independent-trail
bucket=trail-bucket
mkdir -p "$folder"

# Two keys: one in PKCS#1 and one in SPKI.
openssl genrsa -out "$folder/key-1.pem" 2048 2>/dev/null
openssl genrsa -out "$folder/key-2.pem" 2048 2>/dev/null
openssl rsa -in "$folder/key-1.pem" -RSAPublicKey_out -outform DER -out "$folder/key-1.der" 2>/dev/null
openssl rsa -in "$folder/key-2.pem" -pubout -outform DER -out "$folder/key-2.der" 2>/dev/null

sha256() { openssl dgst -sha256 -r "$1" | cut -d' ' -f1; }
fingerprint() { openssl dgst -md5 -r "$1" | cut -d' ' -f1; }
hex() { od -An -v -tx1 | tr -d ' \n'; }

# put FILE KEY: stores a file, zipped.
put() {
  mkdir -p "$folder/objects/$(dirname "$2")"
  gzip -c "$1" >"$folder/objects/$2"
}

previous_key=
# Periods from 14:01:31 on. The number says how many logs a period has.
hour=14
for logs in 2 0 3 1; do
  end_hour=$((hour + 1))
  start="2026-11-03T${hour}:01:31Z"
  end="2026-11-03T${end_hour}:01:31Z"
  key="AWSLogs/$account/CloudTrail-Digest/$region/2026/11/03/${account}_CloudTrail-Digest_${region}_${trail}_${region}_20261103T${end_hour}0131Z.json.gz"
  number=$((hour < 16 ? 1 : 2))

  list=
  for ((log = 1; log <= logs; log++)); do
    log_key="AWSLogs/$account/CloudTrail/$region/2026/11/03/${account}_CloudTrail_${region}_20261103T${hour}${log}5Z_Independent00${hour}${log}.json.gz"
    printf '{"Records":[{"eventVersion":"1.11","eventID":"%s-%s"}]}' "$hour" "$log" >"$folder/plain"
    put "$folder/plain" "$log_key"
    list+="${list:+,}{\"s3Bucket\":\"$bucket\",\"s3Object\":\"$log_key\",\"hashValue\":\"$(sha256 "$folder/plain")\",\"hashAlgorithm\":\"SHA-256\",\"newestEventTime\":\"$start\",\"oldestEventTime\":\"$start\"}"
  done

  if [ -z "$previous_key" ]; then
    previous='"previousDigestS3Bucket":null,"previousDigestS3Object":null,"previousDigestHashValue":null,"previousDigestHashAlgorithm":null,"previousDigestSignature":null'
  else
    previous="\"previousDigestS3Bucket\":\"$bucket\",\"previousDigestS3Object\":\"$previous_key\",\"previousDigestHashValue\":\"$previous_hash\",\"previousDigestHashAlgorithm\":\"SHA-256\",\"previousDigestSignature\":\"$previous_signature\""
  fi
  printf '{"awsAccountId":"%s","digestStartTime":"%s","digestEndTime":"%s","digestS3Bucket":"%s","digestS3Object":"%s","digestPublicKeyFingerprint":"%s","digestSignatureAlgorithm":"SHA256withRSA","newestEventTime":null,"oldestEventTime":null,%s,"logFiles":[%s]}' \
    "$account" "$start" "$end" "$bucket" "$key" "$(fingerprint "$folder/key-$number.der")" "$previous" "$list" >"$folder/plain"
  put "$folder/plain" "$key"

  hash=$(sha256 "$folder/plain")
  printf '%s\n%s\n%s\n%s' "$end" "$bucket/$key" "$hash" "${previous_signature:-null}" >"$folder/text"
  signature=$(openssl dgst -sha256 -sign "$folder/key-$number.pem" "$folder/text" | hex)
  mkdir -p "$folder/signatures/$(dirname "$key")"
  printf '%s' "$signature" >"$folder/signatures/$key"

  previous_key=$key previous_hash=$hash previous_signature=$signature
  hour=$end_hour
done
rm "$folder/plain" "$folder/text"
