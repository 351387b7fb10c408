"""`{% load askfirst %}`: tags that ask for consent, and tags that write what a page carries."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import RequestContext

from ...errors import ConfigurationError
from ..site import consent_of, page_of, pins

register: template.Library = template.Library()


def _request(context: Any) -> HttpRequest:
    request = getattr(context, "request", None) or context.get("request")
    if request is None:
        raise ConfigurationError("the template was rendered without its request: render(request, ...)")
    return request


class IfConsent(template.Node):
    """One of two branches, by what the visitor allows."""

    def __init__(self, purpose: FilterExpression, allowed: NodeList, otherwise: NodeList) -> None:
        self.purpose = purpose
        self.nodelist = allowed
        self.otherwise = otherwise

    def render(self, context: Any) -> Any:
        """Return the branch's text."""
        allows = consent_of(_request(context)).allows(str(self.purpose.resolve(context)))
        return (self.nodelist if allows else self.otherwise).render(context)


@register.tag("if_consent")
def if_consent(parser: Parser, token: Token) -> IfConsent:
    """`{% if_consent "measurement" %} ... {% else %} ... {% endif_consent %}`."""
    parts = token.split_contents()
    if len(parts) != 2:
        raise template.TemplateSyntaxError('if_consent takes one purpose: {% if_consent "measurement" %}')
    allowed = parser.parse(("else", "endif_consent"))
    otherwise = NodeList()
    if parser.next_token().contents == "else":
        otherwise = parser.parse(("endif_consent",))
        parser.delete_first_token()
    return IfConsent(parser.compile_filter(parts[1]), allowed, otherwise)


@register.simple_tag(takes_context=True)
def askfirst_embed(context: RequestContext) -> str:
    """Write the line that brings the banner, pinned where the settings have `pins`."""
    return page_of(_request(context)).embed(pins())


@register.simple_tag(takes_context=True)
def askfirst_stub(context: RequestContext) -> str:
    """Write the inline script that goes before everything else."""
    return page_of(_request(context)).stub()


@register.simple_tag(takes_context=True)
def askfirst_banner(context: RequestContext) -> str:
    """Write the banner as HTML, for a visitor who has not answered."""
    return page_of(_request(context)).banner()


@register.simple_tag(takes_context=True)
def askfirst_settings_link(context: RequestContext, text: str | None = None) -> str:
    """Write a link that opens Information and Settings."""
    return page_of(_request(context)).settings_link(text)


@register.simple_tag(takes_context=True)
def askfirst_account_notice(context: RequestContext) -> str:
    """Write the words that an answer from another device begins to count here."""
    return page_of(_request(context)).account_notice()


@register.simple_tag(takes_context=True)
def askfirst_declaration(context: RequestContext) -> str:
    """Write the list of cookies."""
    return page_of(_request(context)).declaration()


@register.simple_tag(takes_context=True)
def askfirst_script(context: RequestContext, purpose: str, src: str, **attributes: Any) -> str:
    """Write a script that is live where its purpose is allowed, and held where not. An underscore in an attribute's
    name stands for a hyphen: `data_domain="example.org"`."""
    named = {name.replace("_", "-"): value for name, value in attributes.items()}
    return page_of(_request(context)).script(purpose, src=src, attributes=named)
