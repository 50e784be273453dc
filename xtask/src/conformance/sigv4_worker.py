"""Signs requests with botocore: one JSON array of requests a line in, one of what would be sent out."""

import datetime
import json
import sys
from types import SimpleNamespace
from urllib.parse import urlsplit

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SIGNED = ("authorization", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token")


class Recording:
    def string_to_sign(self, request, canonical_request):
        self.seen = canonical_request
        return super().string_to_sign(request, canonical_request)


class General(Recording, botocore.auth.SigV4Auth):
    pass


class S3(Recording, botocore.auth.S3SigV4Auth):
    pass


class GeneralUrl(Recording, botocore.auth.SigV4QueryAuth):
    pass


class S3Url(Recording, botocore.auth.S3SigV4QueryAuth):
    pass


def sign(case):
    at = datetime.datetime.fromtimestamp(case["at"], datetime.timezone.utc)
    botocore.auth.get_current_datetime = lambda: at
    url, params = case["url"], case["parameters"]
    if not params and case["query"]:
        url += "?" + case["query"]
    presigned = case["expires_in"] is not None
    if params:
        params = dict(params) if presigned else [tuple(pair) for pair in params]
    request = AWSRequest(method=case["method"], url=url, data=bytes(case["body"]), params=params or {})
    for name, value in case["headers"]:
        request.headers[name] = value
    if case["payload"] == "unsigned" and not presigned:
        request.context["payload_signing_enabled"] = False
        request.context["client_config"] = SimpleNamespace(s3={"payload_signing_enabled": False})
    if case["payload"] == "unsigned_trailer":
        request.context["checksum"] = {"request_algorithm": {"in": "trailer"}}
    credentials = Credentials(case["access_key_id"], case["secret_access_key"], case["session_token"])
    place = (credentials, case["service"], case["region"])
    if presigned:
        auth = (S3Url if case["service"] == "s3" else GeneralUrl)(*place, expires=case["expires_in"])
    else:
        auth = (S3 if case["service"] == "s3" else General)(*place)
    auth.add_auth(request)
    if presigned:
        query = sorted(urlsplit(request.url).query.split("&"))
        return {"headers": {}, "query": query, "canonical_request": auth.seen}
    headers = {name: ", ".join(request.headers.get_all(name)) for name in SIGNED if name in request.headers}
    return {"headers": headers, "query": [], "canonical_request": auth.seen}


for line in sys.stdin:
    sys.stdout.write(json.dumps([sign(case) for case in json.loads(line)]) + "\n")
    sys.stdout.flush()
