{{/* The name of everything. A Service's begins with a letter and has 63 characters at the most; a release's has up to 53. Cut to 58 it
has all of the release's, so that no two releases share one, and leaves room for "-role". */}}
{{- define "rocketchat-engagement.fullname" -}}
{{- $name := .Values.fullnameOverride -}}
{{- if not $name -}}
{{- $name = ternary .Chart.Name (printf "%s-%s" .Release.Name .Chart.Name) (eq .Release.Name .Chart.Name) | trunc 58 | trimSuffix "-" -}}
{{- end -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]{0,56}[a-z0-9])?$" $name) -}}
{{- fail (printf "%q cannot be the name of a Service: set fullnameOverride to up to 58 letters (a-z), digits and -, a letter first" $name) -}}
{{- end -}}
{{- $name -}}
{{- end }}

{{- define "rocketchat-engagement.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* Of the service's pods, and of no Job's. */}}
{{- define "rocketchat-engagement.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: server
{{- end }}

{{- define "rocketchat-engagement.roleSelectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: mongodb-role
{{- end }}

{{/* The account is right before a new version of the service needs it. If it cannot be made, the release fails and what ran goes on. */}}
{{- define "rocketchat-engagement.roleHook" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}

{{/* The settings as config/default.toml writes them. JSON's texts and lists of texts are TOML's. Helm reads whole numbers as
floating-point ones, which would be printed as 1e+06. */}}
{{- define "rocketchat-engagement.config" -}}
{{- range $table, $settings := .Values.config }}
[{{ $table }}]
{{- range $key, $value := $settings }}
{{ $key }} = {{ if kindIs "float64" $value }}{{ int64 $value }}{{ else }}{{ toJson $value }}{{ end }}
{{- end }}
{{ end }}
{{- end }}

{{- define "rocketchat-engagement.basePath" -}}
{{- regexReplaceAll "/+$" (get (urlParse .Values.rootUrl) "path") "" -}}
{{- end }}

{{- define "rocketchat-engagement.paths" -}}
/api/v1/engagement-dashboard/messages/messages-sent
/api/v1/engagement-dashboard/messages/origin
/api/v1/engagement-dashboard/messages/top-five-popular-channels
/api/v1/engagement-dashboard/channels/list
/api/v1/engagement-dashboard/users/new-users
/api/v1/engagement-dashboard/users/active-users
/api/v1/engagement-dashboard/users/chat-busier/hourly-data
/api/v1/engagement-dashboard/users/chat-busier/weekly-data
/api/v1/engagement-dashboard/users/users-by-time-of-the-day-in-a-week
{{- end }}

{{/* The page's path, empty without a page. */}}
{{- define "rocketchat-engagement.pagePath" -}}
{{- if dig "page" "enabled" true .Values.config -}}
{{- include "rocketchat-engagement.basePath" . }}{{ dig "page" "path" "/engagement" .Values.config -}}
{{- end -}}
{{- end }}

{{/* Peers of a NetworkPolicy: all pods of the namespaces, and whatever else. */}}
{{- define "rocketchat-engagement.peers" -}}
{{- range .namespaces }}
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: {{ quote . }}
{{- end }}
{{- with .from }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Egress for names and MongoDB. */}}
{{- define "rocketchat-engagement.egress" -}}
{{- with .Values.networkPolicy }}
- ports:
    {{- range .dns.ports }}
    - { protocol: UDP, port: {{ int64 . }} }
    - { protocol: TCP, port: {{ int64 . }} }
    {{- end }}
  {{- with .dns.to }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
- ports:
    {{- range .mongodb.ports }}
    - { protocol: TCP, port: {{ int64 . }} }
    {{- end }}
  {{- with .mongodb.to }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}

{{/* What the schema cannot say: values that need or exclude each other. */}}
{{- define "rocketchat-engagement.validate" -}}
{{- with .Values.mongodb -}}
{{- if and .url .existingSecret -}}
{{- fail "mongodb.url and mongodb.existingSecret are both set: leave one out" -}}
{{- end -}}
{{- if not (or .url .existingSecret) -}}
{{- fail "mongodb.existingSecret is needed: the name of a Secret whose key MONGO_URL is the connection string (or mongodb.url, the connection string itself)" -}}
{{- end -}}
{{- if and .url .tls.existingSecret (not (contains "/etc/rocketchat-engagement/tls/" .url)) -}}
{{- fail "mongodb.tls.existingSecret is set, but mongodb.url names none of its files: add tls=true&tlsCAFile=/etc/rocketchat-engagement/tls/ca.crt" -}}
{{- end -}}
{{- if and .role.enabled (not (and .role.adminSecret .role.passwordSecret)) -}}
{{- fail "mongodb.role.enabled needs mongodb.role.adminSecret (a Secret with an administrator's connection string) and mongodb.role.passwordSecret (one with the new account's password)" -}}
{{- end -}}
{{- end -}}
{{- if not (contains ":" .Values.bindIp) -}}
{{- if or (has "IPv6" .Values.service.ipFamilies) (has .Values.service.ipFamilyPolicy (list "PreferDualStack" "RequireDualStack")) -}}
{{- fail (printf "the Service has IPv6 (service.ipFamilies, service.ipFamilyPolicy), but the service listens on %s: set bindIp to \"::\", which serves both families" .Values.bindIp) -}}
{{- end -}}
{{- end -}}
{{- $own := list "MONGO_URL" "ROOT_URL" "TZ" "HTTP_FORWARDED_COUNT" "BIND_IP" "PORT" "METRICS_BIND_IP" "METRICS_PORT" "CONFIG_FILE" -}}
{{- range .Values.extraEnv -}}
{{- if has .name $own -}}
{{- fail (printf "extraEnv must not have %s: the chart sets it from a value of its own" .name) -}}
{{- end -}}
{{- end -}}
{{- with .Values.metrics -}}
{{- if and .serviceMonitor.enabled (not .enabled) -}}
{{- fail "metrics.serviceMonitor.enabled needs metrics.enabled" -}}
{{- end -}}
{{- if and .enabled (has (int .port) (list 3000 (int $.Values.service.port))) -}}
{{- fail (printf "metrics.port is %d, which the endpoints have already: choose another" (int .port)) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) -}}
{{- fail "ingress.enabled needs ingress.host, the host of Rocket.Chat" -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- fail "httpRoute.enabled needs httpRoute.parentRefs, the Gateways of Rocket.Chat's own HTTPRoute" -}}
{{- end -}}
{{- with .Values.networkPolicy -}}
{{- if and .enabled (not (or .http.namespaces .http.from)) -}}
{{- fail "networkPolicy.http.namespaces is needed, or nobody could ask the service: name the namespaces of the ingress controller and of Rocket.Chat (or set networkPolicy.enabled to false)" -}}
{{- end -}}
{{- if and .enabled $.Values.metrics.serviceMonitor.enabled (not (or .metrics.namespaces .metrics.from)) -}}
{{- fail "networkPolicy.metrics.namespaces is needed, or Prometheus could not read the metrics: name the namespace that it runs in" -}}
{{- end -}}
{{- end -}}
{{- if lt (int .Values.terminationGracePeriodSeconds) (add 10 .Values.preStopSleepSeconds | int) -}}
{{- fail "terminationGracePeriodSeconds must be 10 more than preStopSleepSeconds at least: running requests get nine seconds" -}}
{{- end -}}
{{- end }}
