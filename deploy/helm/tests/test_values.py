"""The values: their documentation, their schema, and what is refused."""

import json
import re
import tomllib
import unittest

import yaml

from support import CHART, VALUES, Refused, environment, helm, of_kind, read, rendered, rendered_with
from values_table import HEADING, documented_values, table

SCHEMA = json.loads((CHART / "values.schema.json").read_text())

# Settings that are values of their own.
FIRST_CLASS = {
    "mongo_url", "time_zone", "http.bind_ip", "http.port", "http.root_url", "http.forwarded_count", "metrics.bind_ip", "metrics.port",
}


def is_free(schema):
    """Kubernetes' own objects, whose fields its API server checks."""
    return "$comment" in schema


class Documentation(unittest.TestCase):
    def test_the_readme_has_every_value(self):
        _, shown = (CHART / "README.md").read_text().split(HEADING)
        self.assertEqual(shown.strip(), table().strip(), "run deploy/helm/tests/values_table.py")

    def test_every_value_says_what_it_is(self):
        rows = documented_values()
        self.assertGreater(len(rows), 60)
        for name, _, meaning in rows:
            self.assertRegex(meaning, r"^[A-Z`].{5,}\.$", name)

    def test_the_values_that_the_guide_and_the_readme_show_are_right(self):
        guide = read("docs/operations.md").split("\n## Kubernetes\n")[1].split("\n## ")[0]
        shown = [guide.split("<<'END'\n")[1].split("END\n")[0], (CHART / "README.md").read_text().split("```yaml\n")[1].split("```")[0]]
        for values in shown:
            objects = rendered_with(yaml.safe_load(values), base=None)
            self.assertEqual(of_kind(objects, "Ingress")["spec"]["rules"][0]["host"], "chat.example.org")
            reference = environment(of_kind(objects, "Deployment"))["MONGO_URL"]["valueFrom"]["secretKeyRef"]
            self.assertIn(f"secret generic {reference['name']} --from-file={reference['key']}=", guide)

    def test_the_versions(self):
        chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
        self.assertEqual((chart["version"], chart["kubeVersion"]), (chart["appVersion"], ">=1.25.0-0"))
        with self.assertRaisesRegex(Refused, "requires kubeVersion: >=1.25.0-0"):
            rendered("default", version="1.24.17")


class Schema(unittest.TestCase):
    def test_values_and_schema_have_the_same_names(self):
        def compare(values, schema, path):
            if is_free(schema) or not isinstance(values, dict) or "properties" not in schema or not values:
                return
            self.assertEqual(set(values), set(schema["properties"]) - {"global"}, path or "values.yaml")
            for name in values:
                compare(values[name], schema["properties"][name], f"{path}.{name}".strip("."))

        compare(yaml.safe_load((CHART / "values.yaml").read_text()), SCHEMA, "")

    def test_no_object_takes_unknown_names(self):
        def look(schema, path):
            if schema.get("type") == "object" and not is_free(schema) and path != "items":
                self.assertIn("additionalProperties", schema, path)
                self.assertIsNot(schema["additionalProperties"], True, path)
            for name, inner in schema.get("properties", {}).items():
                look(inner, f"{path}.{name}")

        look(SCHEMA, "")

    def test_every_setting_of_the_service_can_be_set_and_has_its_range(self):
        defaults = tomllib.loads(read("config/default.toml"))
        known = {name for name, value in defaults.items() if not isinstance(value, dict)}
        known |= {f"{table}.{name}" for table, inner in defaults.items() if isinstance(inner, dict) for name in inner}
        tables = SCHEMA["properties"]["config"]["properties"]
        config = {f"{table}.{name}": schema for table in tables for name, schema in tables[table]["properties"].items()}
        self.assertEqual(set(config) | FIRST_CLASS, known)
        self.assertEqual(set(config) & FIRST_CLASS, set())
        text = read("config/default.toml")
        ranges = 0
        for name, schema in config.items():
            table, key = name.split(".")
            section = text.split(f"\n[{table}]\n")[1].split("\n[")[0]
            [comment] = re.findall(rf"((?:^#.*\n)+){key} = ", section, re.MULTILINE)
            said = re.findall(r"From (\d+)\s+to\s+(\d+)", comment.replace("#", " "))
            if schema["type"] == "integer":
                self.assertEqual(said, [(str(schema["minimum"]), str(schema["maximum"]))], name)
                ranges += 1
            else:
                self.assertEqual(said, [], name)
        self.assertGreater(ranges, 7)

    def test_the_services_own_defaults_are_allowed(self):
        defaults = tomllib.loads(read("config/default.toml"))
        tables = SCHEMA["properties"]["config"]["properties"]
        config = {table: {name: defaults[table][name] for name in tables[table]["properties"]} for table in tables}
        self.assertTrue(rendered("default", "--set-json", f"config={json.dumps(config)}"))


class Lint(unittest.TestCase):
    def test_helm_has_nothing_to_complain_about(self):
        for name, file in VALUES.items():
            try:
                said = helm("lint", "--strict", "--quiet", CHART, "--values", file)
            except Refused as refusal:
                self.fail(f"{name}.yaml: {refusal}")
            self.assertEqual(said.strip(), "", name)


class Refusals(unittest.TestCase):
    def test_what_is_wrong_is_refused_and_the_message_tells(self):
        for arguments, message in [
            ("replicaCount=2", "Additional property replicaCount is not allowed"),
            ("mongodb.existingsecret=x", "Additional property existingsecret is not allowed"),
            ("config.http.keepalive=9", "Additional property keepalive is not allowed"),
            ("config.http.root_url=http://x", "Additional property root_url is not allowed"),
            ("config.mongo_url=mongodb://x/y", "Additional property mongo_url is not allowed"),
            ("config.tally.mode=fast", 'config.tally.mode must be one of the following: "auto", "pipeline"'),
            ("config.tally.history_days=0", "Must be greater than or equal to 1"),
            ("config.http.keep_alive=forever", "Invalid type. Expected: integer, given: string"),
            ("config.page.path=/api/page", "Must not validate the schema"),
            ("config.counting.room_types=c", "Invalid type. Expected: array, given: string"),
            ("replicas=two", "Invalid type. Expected: integer, given: string"),
            ("replicas=-1", "Must be greater than or equal to 0"),
            ("bindIp=localhost", "Must validate at least one schema"),
            ("rootUrl=chat.example.org", "rootUrl: Does not match pattern"),
            ("timeZone=Europe/Berlin; rm", "timeZone: Does not match pattern"),
            ("image.digest=abc", "image.digest: Does not match pattern"),
            ("image.pullPolicy=always", "image.pullPolicy must be one of the following"),
            ("service.ipFamilies={IPv5}", "service.ipFamilies.0 must be one of the following"),
            ("service.type=ExternalName", "service.type must be one of the following"),
            ("metrics.enabled=yes", "Invalid type. Expected: boolean, given: string"),
            ("networkPolicy.http.namespaces=x", "Invalid type. Expected: array, given: string"),
            ("mongodb.existingSecret=Secret", "mongodb.existingSecret: Does not match pattern"),
            ("mongodb.existingSecret=", "mongodb.existingSecret is needed"),
            ("mongodb.url=mongodb://x/y", "mongodb.url and mongodb.existingSecret are both set"),
            ("mongodb.url=http://x/y", "mongodb.url: Does not match pattern"),
            ("mongodb.existingSecret=,mongodb.url=mongodb://x/y,mongodb.tls.existingSecret=ca", "add tls=true&tlsCAFile="),
            ("mongodb.role.enabled=true", "mongodb.role.enabled needs mongodb.role.adminSecret"),
            ("mongodb.role.enabled=true,mongodb.role.adminSecret=x", "mongodb.role.passwordSecret"),
            ("service.ipFamilies={IPv6}", 'set bindIp to "::"'),
            ("service.ipFamilyPolicy=PreferDualStack", 'set bindIp to "::"'),
            ("extraEnv[0].name=MONGO_URL,extraEnv[0].value=x", "extraEnv must not have MONGO_URL"),
            ("extraEnv[0].name=TZ,extraEnv[0].value=x", "extraEnv must not have TZ"),
            ("extraEnv[0].nam=X", "name is required"),
            ("metrics.enabled=false,metrics.serviceMonitor.enabled=true", "metrics.serviceMonitor.enabled needs metrics.enabled"),
            ("metrics.serviceMonitor.enabled=true", "networkPolicy.metrics.namespaces is needed"),
            ("metrics.port=3000", "metrics.port is 3000, which the endpoints have already"),
            ("metrics.port=8080,service.port=8080", "metrics.port is 8080, which the endpoints have already"),
            ("ingress.enabled=true", "ingress.enabled needs ingress.host"),
            ("httpRoute.enabled=true", "httpRoute.enabled needs httpRoute.parentRefs"),
            ("networkPolicy.http.namespaces=null", "networkPolicy.http.namespaces is needed, or nobody could ask the service"),
            ("preStopSleepSeconds=6", "terminationGracePeriodSeconds must be 10 more"),
            ("readinessProbe.path=/ready", "readinessProbe.path must be one of the following"),
            ("podDisruptionBudget.maxUnavailable=half", "podDisruptionBudget.maxUnavailable"),
        ]:
            with self.subTest(arguments):
                with self.assertRaises(Refused) as refused:
                    rendered("default", "--set", arguments)
                self.assertIn(message, str(refused.exception))
                self.assertNotIn("nil pointer", str(refused.exception))

    def test_a_refusal_does_not_tell_the_password(self):
        for wrong in ["replicas=x", "mongodb.existingSecret=x", "mongodb.tls.existingSecret=ca"]:
            with self.assertRaises(Refused) as refused:
                rendered(None, "--set", f"mongodb.url=mongodb://a:hunter2@b/c,networkPolicy.enabled=false,{wrong}")
            self.assertNotIn("hunter2", str(refused.exception))
        with self.assertRaises(Refused) as refused:
            rendered(None, "--set", "mongodb.url=mongo://a:hunter2@b/c")
        self.assertNotIn("hunter2", str(refused.exception))

    def test_as_a_dependency_of_another_chart_it_takes_what_helm_adds(self):
        self.assertTrue(rendered("default", "--set", "global.imageRegistry=x"))
