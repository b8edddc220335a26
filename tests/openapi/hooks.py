"""What OpenAPI cannot say of a period: it does not end before it begins, and not too long afterwards."""

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    query = case.query or {}
    start, end = query.get("start"), query.get("end")
    if isinstance(start, str) and isinstance(end, str):
        query["start"], query["end"] = sorted([start, end])
        # The page's days, of which a period has less than 36,600.
        if len(start) == 10 and len(end) == 10 and abs(int(start[:4]) - int(end[:4])) > 99:
            query["end"] = query["start"]
