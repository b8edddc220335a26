"""What OpenAPI cannot say of a period: it does not end before it begins."""

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    query = case.query or {}
    start, end = query.get("start"), query.get("end")
    if isinstance(start, str) and isinstance(end, str):
        query["start"], query["end"] = sorted([start, end])
