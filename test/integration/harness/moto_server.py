"""Serves moto on a free loopback port, prints the port, and ends when standard input closes.

The process that starts this keeps our standard input open: whatever way it dies, the server goes with it.
"""

import io
import json
import logging
import os
import sys
import threading
import time
import traceback
from functools import lru_cache

from jsonpath_ng import ext as jsonpath
from moto.core import responses
from moto.core.common_models import CloudFormationModel
from moto.core.config import default_user_config
from moto.core.responses import ActionResult
from moto.iam import models as iam_models
from moto.iam.responses import IamResponse
from moto.kms.models import Key
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.sqs import models as sqs_models
from werkzeug.serving import make_server


class KeepAliveHandler(MotoRequestHandler):
    """Keeps connections open.

    werkzeug 3.1.9 closes each after one answer, and before that waits 10 ms for what the client may send yet: every call
    took a connection, a thread and that time. Here a request is read whole before it is handled, so the next line of the
    connection is the next request.
    """

    protocol_version = "HTTP/1.1"
    # One write for headers and body, and none that waits for an acknowledgement of the one before.
    wbufsize = -1
    disable_nagle_algorithm = True

    def handle_expect_100(self):
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def run_wsgi(self):
        environ = self.make_environ()
        # A body without a length is sent in chunks, which werkzeug has put together.
        length = -1 if "wsgi.input_terminated" in environ else int(environ.get("CONTENT_LENGTH") or 0)
        environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(length))
        status, headers, body = "500 Internal Server Error", [], b""

        def start_response(its_status, its_headers, exc_info=None):
            nonlocal status, headers
            status, headers = its_status, its_headers

        try:
            body = b"".join(self.server.app(environ, start_response))
        except Exception:
            traceback.print_exc()
            status, headers = "500 Internal Server Error", []
        code, reason = status.split(" ", 1)
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if all(name.lower() != "content-length" for name, _ in headers) and code not in ("204", "304"):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code="-", size="-"):
        pass


class RememberingDispatcher(DomainDispatcherApplication):
    """moto 5.2.5 lists its own folder and tries hundreds of patterns for each request, under a lock: a third of its time."""

    @lru_cache(maxsize=1024)
    def get_backend_for_host(self, host):
        return super().get_backend_for_host(host)


def look_up_once():
    """moto 5.2.5 does for each call what it could do once, or not at all.

    It lists all methods of a service's class for each request. For whom a key belongs to, it makes an IAM of each partition
    in each account, every one with all AWS managed policies; here everything is in the partition aws. For the age of a
    message that is received or sent, it counts all messages of the queue three times, and for each makes dates to tell the
    time. For each event that matches a rule, it makes a parser from a grammar, and with it parses the same few paths again.
    """
    sqs_models.unix_time_millis = lambda: time.time() * 1000
    jsonpath.parse = lru_cache(maxsize=None)(jsonpath.parse)
    responses.method_names_from_class = lru_cache(maxsize=None)(responses.method_names_from_class)
    iam_models.PARTITION_NAMES = ["aws"]

    def is_retained(self, queue_name, message):
        retained = self.get_queue(queue_name).message_retention_period
        return message.sent_timestamp / 1000 + retained > time.time()

    sqs_models.SQSBackend.is_message_valid_based_on_retention_period = is_retained


def accept_key_tags():
    """moto 5.2.5 fails on the tags of an AWS::KMS::Key: it looks for the member names of KMS' own API."""
    create = Key.create_from_cloudformation_json.__func__

    def create_with_tags(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        tags = cloudformation_json["Properties"].get("Tags", [])
        tags[:] = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} if "Key" in tag else tag for tag in tags]
        return create(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs)

    Key.create_from_cloudformation_json = classmethod(create_with_tags)


def page_account_details():
    """moto 5.2.5 answers GetAccountAuthorizationDetails whole, with every AWS managed policy there is.

    IAM pages it, gives fewer items than asked for when it likes (here 100 at most), and of its own policies lists those
    that are attached to somebody. moto also keeps the documents of a stack's roles in a form that it cannot encode.
    """

    def details(self):
        found = self.backend.get_account_authorization_details(self._get_param("Filter", []))
        names = {"users": "UserDetailList", "groups": "GroupDetailList", "roles": "RoleDetailList"}
        for role in found["roles"]:
            for name, document in role.policies.items():
                role.policies[name] = document if isinstance(document, str) else json.dumps(document)
        items = [(names[kind], one) for kind in names for one in found[kind]]
        items += [
            ("Policies", one)
            for one in sorted(found["managed_policies"], key=lambda policy: policy.arn)
            if one.attachment_count > 0 or ":aws:policy/" not in one.arn
        ]
        for policy in found["managed_policies"]:
            # moto finds the id of a Policy, but not that of a ManagedPolicyDetail.
            policy.policy_id = policy.id
        start = int(self._get_param("Marker") or 0)
        end = start + min(100, int(self._get_param("MaxItems") or 100))
        page = {name: [] for name in [*names.values(), "Policies"]}
        for name, one in items[start:end]:
            page[name].append(one)
        page["IsTruncated"] = end < len(items)
        if end < len(items):
            page["Marker"] = str(end)
        return ActionResult(page)

    IamResponse.get_account_authorization_details = details


class Alarm(CloudFormationModel):
    """moto 5.2.5 leaves alarms of a template out, and then fails on whatever names one, such as a dashboard."""

    # Where moto looks for the service that a model belongs to.
    __module__ = "moto.cloudwatch.alarm"

    def __init__(self, name, arn):
        self.name = name
        self.arn = arn

    @property
    def physical_resource_id(self):
        return self.name

    @staticmethod
    def cloudformation_name_type():
        return "AlarmName"

    @staticmethod
    def cloudformation_type():
        return "AWS::CloudWatch::Alarm"

    @classmethod
    def has_cfn_attr(cls, attr):
        return attr == "Arn"

    def get_cfn_attribute(self, attribute_name):
        return self.arn

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        return cls(resource_name, f"arn:aws:cloudwatch:{region_name}:{account_id}:alarm:{resource_name}")

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, *args, **kwargs):
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(cls, *args, **kwargs):
        pass


def end_with_parent():
    sys.stdin.buffer.read()
    os._exit(0)


logging.getLogger("werkzeug").setLevel(logging.ERROR)
# The handlers run in processes of the tests; moto must not look for Docker.
default_user_config["lambda"]["use_docker"] = False
look_up_once()
accept_key_tags()
page_account_details()
server = make_server("127.0.0.1", 0, RememberingDispatcher(create_backend_app), True, request_handler=KeepAliveHandler)
threading.Thread(target=end_with_parent, daemon=True).start()
print(server.server_address[1], flush=True)
server.serve_forever()
