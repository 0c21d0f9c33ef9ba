"""A form shown again because of what was typed into it is no success: 422, as on every page of ours."""


class RefusedForms:
    """Gives the pages of the sign-in and the administration, which answer 200 with the form again, their status."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_template_response(self, request, response):
        if (
            request.method == "POST"
            and response.status_code == 200
            and _is_refused(response.context_data or {})
        ):
            response.status_code = 422
        return response


def _is_refused(context):
    """`errors` is what the administration lists above its form and the rows below it."""
    return bool(context.get("errors") or getattr(context.get("form"), "errors", None))
