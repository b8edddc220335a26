"""What the chart renders."""

import base64
import functools
import re
import shutil
import tempfile
import tomllib
import unittest
from pathlib import Path

import kubernetes_validate
import yaml
from kubernetes_validate import utils

from support import (
    CHART, LATEST, VALUES, Refused, container, environment, of_kind, paths_of_nginx, pod, privileges_of_script, read,
    rendered, rendered_text, rendered_with,
)

# Each object is held against a file of one megabyte, which is the same for all.
utils.schema_contents = functools.cache(utils.schema_contents)

# Kinds that Kubernetes itself does not know.
CUSTOM = {"ServiceMonitor", "PrometheusRule", "HTTPRoute"}

SERVER = {
    "app.kubernetes.io/name": "rocketchat-engagement",
    "app.kubernetes.io/instance": "chat",
    "app.kubernetes.io/component": "server",
}


def is_selected(labels, selector):
    return selector.items() <= labels.items()


def namespace(name):
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


class Everywhere(unittest.TestCase):
    def test_objects_are_valid_in_every_version_of_kubernetes(self):
        versions = utils.all_versions()
        self.assertEqual((versions[0], versions[-1]), ("1.25.0", LATEST))
        for version in versions:
            for name in VALUES:
                for each in rendered(name, version=version):
                    about = f"{name}.yaml, Kubernetes {version}: {each['kind']} {each['metadata']['name']}"
                    try:
                        kubernetes_validate.validate(each, version, strict=True)
                        self.assertNotIn(each["kind"], CUSTOM)
                    except utils.SchemaNotFoundError as error:
                        self.assertIn(each["kind"], CUSTOM, f"{about}: {error.message}")
                    except utils.ValidationError as error:
                        self.fail(f"{about}: {'.'.join(map(str, error.path))}: {error.message}")

    def test_kinds(self):
        few = ["Deployment", "NetworkPolicy", "Service"]
        self.assertEqual(sorted(each["kind"] for each in rendered("default")), few)
        everything = few + [
            "ConfigMap", "ConfigMap", "HTTPRoute", "Ingress", "Job", "NetworkPolicy", "PodDisruptionBudget", "PrometheusRule",
            "Secret", "ServiceMonitor",
        ]
        self.assertEqual(sorted(each["kind"] for each in rendered("everything")), sorted(everything))

    def test_everything_is_in_the_namespace_of_the_release(self):
        for each in rendered("everything"):
            self.assertEqual(each["metadata"]["namespace"], "rocketchat", each["kind"])

    def test_selectors_find_the_pods_of_the_service_and_no_others(self):
        objects = rendered("everything")
        pods = of_kind(objects, "Deployment")["spec"]["template"]["metadata"]["labels"]
        others = of_kind(objects, "Job", "-role")["spec"]["template"]["metadata"]["labels"]
        selectors = {
            "Service": of_kind(objects, "Service")["spec"]["selector"],
            "Deployment": of_kind(objects, "Deployment")["spec"]["selector"]["matchLabels"],
            "NetworkPolicy": of_kind(objects, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
            "PodDisruptionBudget": of_kind(objects, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        }
        [spread] = pod(of_kind(objects, "Deployment"))["topologySpreadConstraints"]
        selectors["topologySpreadConstraints"] = spread["labelSelector"]["matchLabels"]
        for name, selector in selectors.items():
            self.assertEqual(selector, SERVER, name)
            self.assertTrue(is_selected(pods, selector), name)
            self.assertFalse(is_selected(others, selector), name)
        role = of_kind(objects, "NetworkPolicy", "-role")["spec"]["podSelector"]["matchLabels"]
        self.assertTrue(is_selected(others, role))
        self.assertFalse(is_selected(pods, role))

    def test_releases_in_one_namespace_share_no_name_and_names_are_short_enough(self):
        releases = ["a", "b", "rocketchat-engagement", "a-rocketchat-engagement", "r" * 52 + "a", "r" * 52 + "b", "r" * 37, "r" * 37 + "-rocketchat"]
        seen = {}
        for release in releases:
            for each in rendered("everything", release=release):
                name = each["metadata"]["name"]
                self.assertRegex(name, r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$")
                other = seen.setdefault((each["kind"], name), release)
                self.assertEqual(other, release, f"{each['kind']} {name}")
                for key, value in each["metadata"]["labels"].items():
                    self.assertRegex(value, r"^[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$", key)

    def test_a_name_that_a_service_cannot_have_is_refused(self):
        with self.assertRaisesRegex(Refused, "cannot be the name of a Service: set fullnameOverride"):
            rendered("default", release="1chat")
        self.assertTrue(rendered("default", "--set", "fullnameOverride=chat-engagement", release="1chat"))


class Pods(unittest.TestCase):
    def test_they_may_do_nothing_that_they_need_not(self):
        for name in VALUES:
            objects = rendered(name)
            for workload in [each for each in objects if each["kind"] in ["Deployment", "Job"]]:
                self.assertIs(pod(workload)["automountServiceAccountToken"], False)
                self.assertIs(pod(workload)["enableServiceLinks"], False)
                expected = {
                    "runAsNonRoot": True, "runAsUser": 65532, "runAsGroup": 65532, "fsGroup": 65532,
                    "seccompProfile": {"type": "RuntimeDefault"},
                }
                self.assertEqual(pod(workload)["securityContext"], expected)
                expected = {
                    "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
                }
                self.assertEqual(container(workload)["securityContext"], expected)
                self.assertEqual(container(workload)["resources"]["limits"], {"memory": "512Mi"})
                self.assertEqual(set(container(workload)["resources"]["requests"]), {"cpu", "memory"})
                for mount in container(workload).get("volumeMounts", []):
                    self.assertTrue(mount.get("readOnly") or mount["name"] == "tmp", mount)
                for forbidden in ["hostNetwork", "hostPID", "hostIPC"]:
                    self.assertNotIn(forbidden, pod(workload))

    def test_probes(self):
        server = container(of_kind(rendered("default"), "Deployment"))
        self.assertEqual(server["livenessProbe"]["httpGet"], {"path": "/healthz", "port": "http"})
        self.assertEqual(server["readinessProbe"]["httpGet"], {"path": "/readyz", "port": "http"})
        self.assertIn({"name": "http", "containerPort": 3000}, server["ports"])
        # /readyz waits a second for MongoDB.
        self.assertGreater(server["readinessProbe"]["timeoutSeconds"], 1)
        changed = container(of_kind(rendered("everything"), "Deployment"))
        self.assertEqual(changed["readinessProbe"]["httpGet"]["path"], "/healthz")

    def test_the_end_is_as_long_as_in_compose_and_waits_where_kubernetes_can(self):
        compose = yaml.safe_load(read("docker-compose.yml"))["services"]["engagement"]
        server = of_kind(rendered("default"), "Deployment")
        self.assertEqual(f"{pod(server)['terminationGracePeriodSeconds']}s", compose["stop_grace_period"])
        for version, waits in [("1.29.9", False), ("1.30.0", True), ("1.31.4-gke.1", True)]:
            server = container(of_kind(rendered("default", version=version), "Deployment"))
            self.assertEqual(server.get("lifecycle"), {"preStop": {"sleep": {"seconds": 3}}} if waits else None, version)
        server = container(of_kind(rendered("default", "--set", "preStopSleepSeconds=0"), "Deployment"))
        self.assertNotIn("lifecycle", server)

    def test_image(self):
        images = {
            "default": "rocketchat-engagement:0.2.0",
            "everything": "images.example.org/chat/rocketchat-engagement@sha256:" + "0123456789abcdef" * 4,
        }
        for name, image in images.items():
            self.assertEqual(container(of_kind(rendered(name), "Deployment"))["image"], image)

    def test_what_concerns_the_scheduler_is_passed_on(self):
        values = yaml.safe_load(VALUES["everything"].read_text())
        server = pod(of_kind(rendered("everything"), "Deployment"))
        for name in ["nodeSelector", "tolerations", "affinity", "priorityClassName", "serviceAccountName", "imagePullSecrets"]:
            self.assertEqual(server[name], values[name], name)
        self.assertEqual(of_kind(rendered("everything"), "Deployment")["spec"]["replicas"], 3)


class Settings(unittest.TestCase):
    def variables(self, name):
        found = environment(of_kind(rendered(name), "Deployment"))
        return {name: variable.get("value") for name, variable in found.items()}

    def test_values_are_variables_of_the_service(self):
        default = {
            "MONGO_URL": None, "HTTP_FORWARDED_COUNT": "1", "BIND_IP": "0.0.0.0", "PORT": "3000", "METRICS_BIND_IP": "0.0.0.0",
            "METRICS_PORT": "9459",
        }
        self.assertEqual(self.variables("default"), default)
        everything = default | {
            "HTTP_FORWARDED_COUNT": "2", "METRICS_PORT": "9500", "ROOT_URL": "https://example.org/chat/", "TZ": "Europe/Berlin",
            "CONFIG_FILE": "/etc/rocketchat-engagement/config/config.toml", "RUST_LOG": "info",
        }
        self.assertEqual(self.variables("everything"), everything)
        known = set(re.findall(r"^# ([A-Z_]+)(?:,|$)", read("config/default.toml"), re.MULTILINE)) | {"CONFIG_FILE", "RUST_LOG"}
        self.assertEqual(set(everything) - known, set())
        without = default | {"METRICS_PORT": "off"}
        del without["METRICS_BIND_IP"]
        self.assertEqual(self.variables("existing-secret"), without)

    def test_ipv6(self):
        variables = self.variables("ipv6")
        self.assertEqual((variables["BIND_IP"], variables["METRICS_BIND_IP"]), ("::", "::"))
        service = of_kind(rendered("ipv6"), "Service")["spec"]
        self.assertEqual((service["ipFamilyPolicy"], service["ipFamilies"]), ("RequireDualStack", ["IPv6", "IPv4"]))

    def test_the_file_of_settings_says_what_the_values_say(self):
        for name in ["everything", "ipv6"]:
            objects = rendered(name)
            settings = tomllib.loads(of_kind(objects, "ConfigMap")["data"]["config.toml"])
            self.assertEqual(settings, yaml.safe_load(VALUES[name].read_text())["config"])
            known = tomllib.loads(read("config/default.toml"))
            for table in settings:
                self.assertEqual(set(settings[table]) - set(known[table]), set())
            deployment = of_kind(objects, "Deployment")
            [volume] = [each for each in pod(deployment)["volumes"] if each["name"] == "config"]
            self.assertEqual(volume["configMap"]["name"], of_kind(objects, "ConfigMap")["metadata"]["name"])
            mounts = {mount["name"]: mount["mountPath"] for mount in container(deployment)["volumeMounts"]}
            file = environment(deployment)["CONFIG_FILE"]["value"]
            self.assertEqual(file, f"{mounts['config']}/config.toml")

    def test_texts_in_the_file_of_settings_stay_what_they_are(self):
        odd = ['a"b', "c\\d", "<&>", "ä", "#", "'", "[x]", "a\nb = 1"]
        objects = rendered_with({"config": {"permission": {"default_roles": odd}}})
        settings = tomllib.loads(of_kind(objects, "ConfigMap")["data"]["config.toml"])
        self.assertEqual(settings, {"permission": {"default_roles": odd}})

    def test_changed_settings_start_new_pods(self):
        def template(*arguments):
            return of_kind(rendered("everything", *arguments), "Deployment")["spec"]["template"]

        self.assertNotEqual(template(), template("--set", "config.tally.pause_ms=10"))
        url = "mongodb://b/rocketchat?tlsCAFile=/etc/rocketchat-engagement/tls/ca.crt"
        self.assertNotEqual(template(), template("--set", f"mongodb.url={url}"))
        self.assertEqual(template(), template("--set", "replicas=4"))


class Secrets(unittest.TestCase):
    def test_the_connection_string_is_in_a_secret_and_nowhere_else(self):
        objects = rendered("everything")
        url = yaml.safe_load(VALUES["everything"].read_text())["mongodb"]["url"]
        secret = of_kind(objects, "Secret")
        self.assertEqual(base64.b64decode(secret["data"]["MONGO_URL"]).decode(), url)
        variable = environment(of_kind(objects, "Deployment"))["MONGO_URL"]
        reference = {"name": secret["metadata"]["name"], "key": "MONGO_URL"}
        self.assertEqual(variable, {"name": "MONGO_URL", "valueFrom": {"secretKeyRef": reference}})
        text = rendered_text("everything")
        self.assertNotIn("hunter2", text)
        encoded = base64.b64encode(url.encode()).decode()
        self.assertEqual(text.count(encoded), 1)

    def test_variables_with_secrets_are_references(self):
        for name in VALUES:
            for workload in [each for each in rendered(name) if each["kind"] in ["Deployment", "Job"]]:
                for variable in container(workload)["env"]:
                    self.assertNotRegex(variable.get("value", ""), "mongodb(\\+srv)?://")
                    if re.search("URL$|PASSWORD", variable["name"]) and variable["name"] != "ROOT_URL":
                        self.assertEqual(list(variable["valueFrom"]), ["secretKeyRef"], variable)

    def test_an_existing_secret_is_used_and_none_is_made(self):
        objects = rendered("existing-secret")
        self.assertNotIn("Secret", [each["kind"] for each in objects])
        reference = environment(of_kind(objects, "Deployment"))["MONGO_URL"]["valueFrom"]["secretKeyRef"]
        self.assertEqual(reference, {"name": "mongodb-rocketchat-engagement", "key": "connectionString.standard"})

    def test_certificates_are_mounted_read_only_and_only_those(self):
        for name, keys in [("existing-secret", ["ca.crt"]), ("everything", ["ca.crt", "client.pem"])]:
            deployment = of_kind(rendered(name), "Deployment")
            secret = yaml.safe_load(VALUES[name].read_text())["mongodb"]["tls"]["existingSecret"]
            [volume] = [each["secret"] for each in pod(deployment)["volumes"] if each["name"] == "mongodb-tls"]
            items = [{"key": key, "path": key} for key in keys]
            self.assertEqual(volume, {"secretName": secret, "defaultMode": 0o440, "items": items})
            mount = {"name": "mongodb-tls", "mountPath": "/etc/rocketchat-engagement/tls", "readOnly": True}
            self.assertIn(mount, container(deployment)["volumeMounts"])


class Network(unittest.TestCase):
    def test_only_those_that_are_named_come_in_and_only_names_and_mongodb_go_out(self):
        names_only = [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]
        database = [{"protocol": "TCP", "port": 27017}]
        default = {
            "podSelector": {"matchLabels": SERVER},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"ports": [{"protocol": "TCP", "port": 3000}], "from": [namespace("ingress-nginx")]}],
            "egress": [{"ports": names_only}, {"ports": database}],
        }
        self.assertEqual(of_kind(rendered("default"), "NetworkPolicy")["spec"], default)
        clients = [namespace("ingress-nginx"), namespace("rocketchat"), {"ipBlock": {"cidr": "10.1.0.0/16"}}]
        name_servers = [{"protocol": protocol, "port": port} for port in [53, 5353] for protocol in ["UDP", "TCP"]]
        databases = [{"protocol": "TCP", "port": port} for port in [27017, 27018]]
        everything = default | {
            "ingress": [
                {"ports": [{"protocol": "TCP", "port": 3000}], "from": clients},
                {"ports": [{"protocol": "TCP", "port": 9500}], "from": [namespace("monitoring")]},
            ],
            "egress": [
                {"ports": name_servers, "to": [namespace("kube-system")]}, {"ports": databases, "to": [namespace("mongodb")]},
            ],
        }
        self.assertEqual(of_kind(rendered("everything"), "NetworkPolicy")["spec"], everything)
        role = of_kind(rendered("everything"), "NetworkPolicy", "-role")["spec"]
        self.assertEqual((role["ingress"], role["egress"]), ([], everything["egress"]))

    def test_no_rule_is_for_everybody(self):
        for name in VALUES:
            for policy in [each for each in rendered(name) if each["kind"] == "NetworkPolicy"]:
                for rule in policy["spec"]["ingress"]:
                    self.assertTrue(rule["from"] and all(rule["from"]), f"{name}: {rule}")

    def test_it_can_be_left_out(self):
        objects = rendered("everything", "--set", "networkPolicy.enabled=false")
        self.assertNotIn("NetworkPolicy", [each["kind"] for each in objects])


class Routes(unittest.TestCase):
    def test_the_ingress_leads_the_paths_of_nginx_and_the_page_to_the_service(self):
        paths = paths_of_nginx()
        self.assertEqual(len(paths), 9)
        for arguments, base, page in [
            ([], "/chat", "/chat/insight"),
            (["--set", "rootUrl=https://example.org"], "", "/insight"),
            (["--set", "rootUrl="], "", "/insight"),
            (["--set", "rootUrl=https://example.org/a/b//"], "/a/b", "/a/b/insight"),
            (["--set", "config.page.path=/engagement"], "/chat", "/chat/engagement"),
            (["--set", "config.page.enabled=false"], "/chat", None),
        ]:
            objects = rendered("everything", *arguments)
            ingress, service = of_kind(objects, "Ingress"), of_kind(objects, "Service")
            [rule] = ingress["spec"]["rules"]
            self.assertEqual(rule["host"], "example.org")
            found = rule["http"]["paths"]
            expected = [(base + path, "Exact") for path in paths] + ([(page, "Prefix")] if page else [])
            self.assertEqual([(each["path"], each["pathType"]) for each in found], expected)
            for each in found:
                backend = {"service": {"name": service["metadata"]["name"], "port": {"name": "http"}}}
                self.assertEqual(each["backend"], backend)
            self.assertIn("http", [port["name"] for port in service["spec"]["ports"]])

            route = of_kind(objects, "HTTPRoute")["spec"]
            found = []
            for rule in route["rules"]:
                self.assertLessEqual(len(rule["matches"]), 8)
                self.assertEqual(rule["backendRefs"], [{"name": service["metadata"]["name"], "port": 80}])
                found += [(match["path"]["value"], match["path"]["type"]) for match in rule["matches"]]
            self.assertEqual(found, [(path, {"Prefix": "PathPrefix"}.get(kind, kind)) for path, kind in expected])

    def test_the_page_is_where_nginx_has_it(self):
        page = tomllib.loads(read("config/default.toml"))["page"]["path"]
        self.assertIn(f"\nlocation = {page} ", read("deploy/nginx/snippets/rocketchat-engagement.conf"))
        ingress = of_kind(rendered("default", "--set", "ingress.enabled=true,ingress.host=example.org"), "Ingress")
        self.assertEqual(ingress["spec"]["rules"][0]["http"]["paths"][-1]["path"], page)

    def test_class_and_tls_of_the_ingress_are_passed_on(self):
        values = yaml.safe_load(VALUES["everything"].read_text())["ingress"]
        ingress = of_kind(rendered("everything"), "Ingress")
        self.assertEqual(ingress["spec"]["ingressClassName"], values["className"])
        self.assertEqual(ingress["spec"]["tls"], values["tls"])
        self.assertEqual(ingress["metadata"]["annotations"], values["annotations"])

    def test_the_route_has_the_gateways_and_hosts(self):
        values = yaml.safe_load(VALUES["everything"].read_text())["httpRoute"]
        route = of_kind(rendered("everything"), "HTTPRoute")
        self.assertEqual(route["apiVersion"], "gateway.networking.k8s.io/v1")
        self.assertEqual(set(route["spec"]), {"parentRefs", "hostnames", "rules"})
        self.assertEqual((route["spec"]["parentRefs"], route["spec"]["hostnames"]), (values["parentRefs"], values["hostnames"]))


class Monitoring(unittest.TestCase):
    def test_the_monitor_finds_the_metrics_and_calls_the_job_as_the_alerts_do(self):
        objects = rendered("everything")
        monitor, service = of_kind(objects, "ServiceMonitor"), of_kind(objects, "Service")
        self.assertEqual(monitor["apiVersion"], "monitoring.coreos.com/v1")
        self.assertEqual(set(monitor["spec"]), {"selector", "endpoints"})
        self.assertTrue(is_selected(service["metadata"]["labels"], monitor["spec"]["selector"]["matchLabels"]))
        self.assertEqual(monitor["spec"]["selector"]["matchLabels"], SERVER)
        [job] = set(re.findall(r'job="([^"]+)"', read("deploy/alerts.yml")))
        relabeling = {"action": "replace", "targetLabel": "job", "replacement": job}
        endpoint = {
            "port": "metrics", "path": "/metrics", "interval": "30s", "scrapeTimeout": "5s", "relabelings": [relabeling],
        }
        self.assertEqual(monitor["spec"]["endpoints"], [endpoint])
        [port] = [port for port in service["spec"]["ports"] if port["name"] == "metrics"]
        self.assertEqual((port["port"], port["targetPort"]), (9500, "metrics"))
        self.assertIn({"name": "metrics", "containerPort": 9500}, container(of_kind(objects, "Deployment"))["ports"])
        self.assertEqual(monitor["metadata"]["labels"]["release"], "prometheus")

    def test_the_rule_has_the_shipped_alerts(self):
        rule = of_kind(rendered("everything"), "PrometheusRule")
        self.assertEqual(rule["apiVersion"], "monitoring.coreos.com/v1")
        self.assertEqual(rule["spec"], yaml.safe_load(read("deploy/alerts.yml")))
        self.assertEqual(rule["metadata"]["labels"]["release"], "prometheus")

    def test_without_metrics_there_is_no_port_for_them(self):
        objects = rendered("existing-secret")
        self.assertEqual([port["name"] for port in of_kind(objects, "Service")["spec"]["ports"]], ["http"])
        self.assertEqual([port["name"] for port in container(of_kind(objects, "Deployment"))["ports"]], ["http"])


class Notes(unittest.TestCase):
    """What helm tells after an installation. It shows that only where there is a cluster, so that here a template shows it."""

    def notes(self, values):
        with tempfile.TemporaryDirectory() as scratch:
            chart = shutil.copytree(CHART, f"{scratch}/chart")
            shutil.copy(CHART / "templates/NOTES.txt", f"{chart}/notes")
            Path(f"{chart}/templates/notes.yaml").write_text('{kind: Notes, text: {{ tpl (.Files.Get "notes") . | quote }}}')
            [notes] = [each["text"] for each in rendered(values, chart=chart) if each["kind"] == "Notes"]
        return notes

    def test_they_name_what_is_there(self):
        for values, port in [("default", 3000), ("everything", 80), ("existing-secret", 3000)]:
            objects, notes = rendered(values), self.notes(values)
            service, deployment = of_kind(objects, "Service"), of_kind(objects, "Deployment")
            self.assertIn(f" {service['metadata']['name']}.rocketchat:{port}.", notes)
            self.assertEqual(set(re.findall(r"deployment/(\S+)", notes)), {deployment["metadata"]["name"]})
            self.assertEqual(set(re.findall(r"--namespace (\S+)", notes)), {"rocketchat"})
            self.assertEqual("Nothing leads to it yet" in notes, values != "everything", values)
            self.assertEqual("rollout restart" in notes, values != "everything", values)
            self.assertNotIn("hunter2", notes)


class Role(unittest.TestCase):
    def test_the_job_runs_the_shipped_script_before_the_service_is_installed_or_upgraded(self):
        objects = rendered("everything")
        scripts, job = of_kind(objects, "ConfigMap", "-role"), of_kind(objects, "Job", "-role")
        self.assertEqual(scripts["data"]["mongodb-role.js"].strip(), read("deploy/mongodb-role.js").strip())
        [volume] = [each for each in pod(job)["volumes"] if each["name"] == "scripts"]
        self.assertEqual(volume["configMap"]["name"], scripts["metadata"]["name"])
        command = container(job)["command"]
        self.assertEqual([f"/scripts/{name}" for name in scripts["data"]], command[-2:])
        weights = {}
        for each in [scripts, job, of_kind(objects, "NetworkPolicy", "-role")]:
            annotations = each["metadata"]["annotations"]
            self.assertEqual(annotations["helm.sh/hook"], "pre-install,pre-upgrade")
            self.assertEqual(annotations["helm.sh/hook-delete-policy"], "before-hook-creation,hook-succeeded")
            weights[each["kind"]] = int(annotations["helm.sh/hook-weight"])
        self.assertTrue(max(weights["ConfigMap"], weights["NetworkPolicy"]) < weights["Job"], weights)
        read_by_scripts = set(re.findall(r"process\.env\.(\w+)", "".join(scripts["data"].values())))
        self.assertEqual(set(environment(job)) - {"HOME"}, read_by_scripts)
        self.assertNotIn("Job", [each["kind"] for each in rendered("default")])

    def test_the_role_for_the_operator_in_the_guide_is_the_scripts(self):
        _, section = read("docs/operations.md").split("\n### MongoDB's Kubernetes operator\n")
        spec = yaml.safe_load(section.split("```yaml\n")[1].split("```")[0])["spec"]
        [role] = spec["security"]["roles"]
        shown = [
            (privilege["resource"]["collection"], action) for privilege in role["privileges"] for action in privilege["actions"]
        ]
        self.assertEqual(sorted(shown), sorted(privileges_of_script()))
        self.assertEqual({privilege["resource"]["db"] for privilege in role["privileges"]}, {"rocketchat"})
        self.assertEqual(role["roles"], [])
        [user] = spec["users"]
        self.assertEqual(user["roles"], [{"name": role["role"], "db": role["db"]}])
